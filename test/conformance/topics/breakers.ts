/** Connection limits, outlier detection, health checks, failure accrual, failfast, circuit breakers. */
import { CircuitBreaker } from '../../../src/engine/breaker/circuit-breaker.ts';
import { AgeClock, type AccrualPolicy, ConsecutiveFailures, EitherPolicy, LowSuccessRate, RequestClock } from '../../../src/engine/breaker/accrual-policy.ts';
import { DETECTION_NAMES, type Detection } from '../../../src/engine/breaker/detection.ts';
import type { BreakerTarget } from '../../../src/engine/breaker/endpoint-breaker.ts';
import { Failfast, Wait } from '../../../src/engine/breaker/failfast.ts';
import { failfastOptions } from '../../../src/engine/breaker/failfast-options.ts';
import { AccrualState, FailureAccrual, ResponseClass } from '../../../src/engine/breaker/failure-accrual.ts';
import { CheckResult, HealthChecks } from '../../../src/engine/breaker/health-checks.ts';
import { healthCheckOptions } from '../../../src/engine/breaker/health-check-options.ts';
import { listed } from '../../../src/engine/breaker/mark-dead.ts';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import { GrpcOutlierDetection } from '../../../src/engine/outlier/grpc-outlier-detection.ts';
import { OutlierDetection, Result } from '../../../src/engine/outlier/outlier-detection.ts';
import { outlierOptions } from '../../../src/engine/outlier/outlier-options.ts';
import { connectionPoolOptions } from '../../../src/engine/pool/connection-pool-options.ts';
import { ConnectionPools, connectionsToOpen, Place } from '../../../src/engine/pool/connection-pools.ts';
import { budgetKinds } from '../../../src/engine/retry/budget-options.ts';
import type { RetryLoad } from '../../../src/engine/retry/budget.ts';
import { ConcurrencyBudget } from '../../../src/engine/retry/concurrency-budget.ts';
import type { OptionSpecs, OptionValue, OptionValues } from '../../../src/model/kind.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { defaultsOf } from '../../support/defaults.ts';
import type { Input, Topics } from '../topic.ts';

const MS = 1e6;
const NOTHING = { setReady: () => undefined, tripped: () => undefined, recovered: () => undefined };

export const breakers: Topics = {
  'envoy/circuit_breakers': { run: runCircuitBreakers },
  'envoy/outlier_detection': { run: runOutlierDetection },
  'envoy/health_check': { run: runHealthCheck },
  'grpc/outlier_detection': { run: runGrpcOutlierDetection },
  'linkerd/failure_accrual_consecutive': { run: runFailureAccrual },
  'linkerd/failure_accrual_unified': { run: runFailureAccrual },
  'linkerd/failfast': { run: runFailfast },
  'other/finagle_failure_accrual': { run: runFinagleAccrual },
  'other/resilience4j_circuit_breaker': { run: runCircuitBreaker, tolerance: { absolute: 1e-5 } },
};

// --- Envoy's limits

function runCircuitBreakers(input: Input): unknown {
  switch (input.op) {
    case 'retry_budget_max':
      return { max_retries: new ConcurrencyBudget(input.budget_percent / 100, input.min_retry_concurrency, unloaded()).limit(input.active_requests + input.pending_requests) };
    case 'request':
      return runRequest(input);
    case 'preconnect':
      return {
        connections_opened: connectionsToOpen(input.pending_streams, input.active_streams, input.connecting_capacity, input.capacity_per_connection, input.per_upstream_preconnect_ratio, input.host_healthy),
      };
    case 'defaults': {
      const { maxConnections, maxPendingRequests, maxRequests, maxRetries, ...others } = defaultsOf(connectionPoolOptions);
      const { percent, minConcurrency } = defaultsOf(budgetKinds.concurrency.options);
      return {
        max_connections: maxConnections,
        max_pending_requests: maxPendingRequests,
        max_requests: maxRequests,
        max_retries: maxRetries,
        max_connection_pools: others['maxConnectionPools'] ?? null,
        retry_budget: { budget_percent: Number(percent) * 100, min_retry_concurrency: minConcurrency },
        track_remaining: others['trackRemaining'] ?? false,
      };
    }
    default:
      throw new Error(`op ${input.op}`);
  }
}

function unloaded(): RetryLoad {
  return { retries: 0, pending: 0, elsewhere: 0, asking: 1, set: new EndpointSet([1], 0) };
}

/** Endpoint 0 is the host of the case; the rest of the cluster is endpoint 1. */
function runRequest(input: Input): unknown {
  const { limits, cluster, host } = input;
  let openAtOnce = true;
  let opened = 0;
  const pools = new ConnectionPools(
    {
      maxConnections: limits.max_connections, maxPendingRequests: limits.max_pending_requests, maxRequests: limits.max_requests, maxRetries: Infinity, connectTimeoutNs: Infinity,
      idleTimeoutNs: Infinity, maxRequestsPerConnection: Infinity, protocol: input.protocol, maxConcurrentStreams: 1024, perUpstreamPreconnectRatio: input.preconnect_ratio,
    },
    new EndpointSet([1, 1], 0),
    {
      open: () => {
        opened++;
        return openAtOnce;
      },
      closed: () => undefined,
    },
  );
  const request = (endpoint: number): number => {
    const place = pools.request(endpoint, 0);
    return place === Place.waiting && openAtOnce ? pools.next(endpoint, 0) : place;
  };
  const attach = (endpoint: number): number => {
    if (request(endpoint) !== Place.attached) throw new Error('the case begins in a state that cannot be');
    return pools.attached;
  };
  // Connections of the host: ready ones, being opened for its pending requests, and busy ones.
  const ready = Array.from({ length: host.ready_connections }, () => attach(0));
  for (let i = 0; i < host.pool_connections - host.ready_connections - host.connecting_capacity; i++) attach(0);
  for (const connection of ready) pools.finished(connection, true, 0);
  for (let i = 0; i < cluster.requests; i++) attach(1);
  for (let i = pools.connections; i < cluster.connections; i++) pools.finished(attach(1), true, 0);
  openAtOnce = false;
  for (let i = 0; i < host.pool_pending; i++) request(0);
  for (let i = pools.pending; i < cluster.pending; i++) request(1);

  const before = { opened, overflows: pools.connectionOverflows };
  const place = pools.request(0, 0);
  const created = opened - before.opened;
  const overflows = pools.connectionOverflows - before.overflows;
  const isOverflow = place === Place.overflow;
  return {
    result: isOverflow ? 'reject' : place === Place.attached ? 'attach' : 'pending',
    ...(isOverflow ? { reason: 'overflow', response_flag: 'UO' } : {}),
    new_connection: created > 0,
    counters: {
      upstream_rq_total: place === Place.attached ? 1 : 0,
      upstream_rq_pending_total: place === Place.waiting ? 1 : 0,
      upstream_rq_pending_overflow: isOverflow ? 1 : 0,
      upstream_cx_total: created,
      upstream_cx_overflow: overflows,
    },
  };
}

// --- outlier detection

/** A field of a product's configuration as our option: `_ms` durations, percentages 0..100, names in snake case. */
function optionsOf(config: Readonly<Record<string, number | boolean | string>>, specs: OptionSpecs): OptionValues {
  const given = Object.entries(config).map(([key, value]): readonly [string, OptionValue] => {
    const name = key.replace(/_ms$/, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const spec = specs[name];
    if (spec === undefined) throw new Error(`no option ${name}`);
    return [name, spec.type === 'duration' ? Number(value) * MS : spec.type === 'ratio' ? Number(value) / 100 : value];
  });
  return { ...defaultsOf(specs), ...Object.fromEntries(given) };
}

/** Chance that must not matter. */
const NO_DICE = {
  unit: (): number => {
    throw new Error('no dice are expected');
  },
  below: (): number => {
    throw new Error('no dice are expected');
  },
};

const RESULTS: Readonly<Record<string, Result>> = {
  connect_success: Result.connectSuccess,
  connect_success_final: Result.connectSuccessFinal,
  connect_failed: Result.connectFailed,
  timeout: Result.timeout,
  request_failed: Result.requestFailed,
  request_success: Result.requestSuccess,
};

function runOutlierDetection(input: Input): unknown {
  const ejected = new Set<number>();
  const detection = new OutlierDetection(input.hosts, optionsOf(input.config, outlierOptions), { ...NO_DICE, unit: () => 0 }, {
    eject: (endpoint) => void ejected.add(endpoint),
    uneject: (endpoint) => void ejected.delete(endpoint),
  });
  let now = 0;
  const observations: number[][] = [];
  for (const step of input.steps) {
    if (step.advance_to_ms !== undefined) now = step.advance_to_ms * MS;
    else if (step.responses !== undefined) {
      for (const endpoint of [step.responses.hosts].flat()) for (let i = 0; i < step.responses.count; i++) detection.answered(endpoint, step.responses.status, now);
    } else if (step.result !== undefined) {
      for (let i = 0; i < step.result.count; i++) detection.report(step.result.host, RESULTS[step.result.kind]!, step.result.code ?? null, now);
    } else if (step.interval_tick_at_ms !== undefined) {
      now = step.interval_tick_at_ms * MS;
      detection.sweep(now);
    } else if (step.active_hc_pass !== undefined) detection.healthCheckPassed(step.active_hc_pass, now);
    else observations.push([...ejected].sort((a, b) => a - b));
  }
  return { observations, counters: countersOf(detection), ejections_active: detection.active, success_rate_average: detection.successRateAverage, success_rate_ejection_threshold: detection.successRateThreshold };
}

/** Names of Envoy's statistics. */
const STAT_NAMES: readonly (readonly [string, keyof typeof Detection])[] = [
  ['consecutive_5xx', 'consecutive5xx'],
  ['consecutive_gateway_failure', 'consecutiveGatewayFailure'],
  ['consecutive_local_origin_failure', 'consecutiveLocalOriginFailure'],
  ['success_rate', 'successRate'],
  ['local_origin_success_rate', 'successRateLocalOrigin'],
  ['failure_percentage', 'failurePercentage'],
  ['local_origin_failure_percentage', 'failurePercentageLocalOrigin'],
];

function countersOf(detection: OutlierDetection): Record<string, number> {
  const counts = STAT_NAMES.map(([stat, name]) => ({ stat, ...detection.count(DETECTION_NAMES.indexOf(name) as Detection) }));
  const total = (stats: readonly string[], field: 'allowed' | 'enforced'): number => counts.reduce((sum, count) => (stats.includes(count.stat) ? sum + count[field] : sum), 0);
  return {
    ...Object.fromEntries(counts.flatMap(({ stat, detected, enforced }) => [[`ejections_detected_${stat}`, detected], [`ejections_enforced_${stat}`, enforced]])),
    ejections_enforced_total: total(STAT_NAMES.map(([stat]) => stat), 'enforced'),
    // The old counter, of two detections only and whether or not they were enforced.
    ejections_total: total(['consecutive_5xx', 'success_rate'], 'allowed'),
    ejections_overflow: detection.overflows,
  };
}

const GRPC_NAMES: Readonly<Record<string, string>> = { interval_ms: 'interval', baseEjectionTime_ms: 'baseEjectionTime', maxEjectionTime_ms: 'maxEjectionTime' };
const PERCENTAGES: readonly string[] = ['maxEjectionPercent', 'enforcementPercentage', 'threshold'];

/** The service config's form: an algorithm that is there is on, with defaults of its own. */
function grpcOptions({ successRateEjection, failurePercentageEjection, ...config }: Input): OptionValues {
  const read = (fields: Readonly<Record<string, number>>, names: Readonly<Record<string, string>>): OptionValues =>
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [names[key] ?? key, key.endsWith('_ms') ? value * MS : PERCENTAGES.includes(key) ? value / 100 : value]));
  return {
    ...defaultsOf(outlierOptions),
    ...read(config, GRPC_NAMES),
    ...(successRateEjection === undefined
      ? { enforcingSuccessRate: 0 }
      : { enforcingSuccessRate: 1, ...read(successRateEjection, { stdevFactor: 'successRateStdevFactor', enforcementPercentage: 'enforcingSuccessRate', minimumHosts: 'successRateMinimumHosts', requestVolume: 'successRateRequestVolume' }) }),
    ...(failurePercentageEjection === undefined
      ? { enforcingFailurePercentage: 0 }
      : { enforcingFailurePercentage: 1, ...read(failurePercentageEjection, { threshold: 'failurePercentageThreshold', enforcementPercentage: 'enforcingFailurePercentage', minimumHosts: 'failurePercentageMinimumHosts', requestVolume: 'failurePercentageRequestVolume' }) }),
  };
}

function runGrpcOutlierDetection(input: Input): unknown {
  const names: readonly string[] = input.addresses;
  const draws: number[] = [...(input.rand ?? [])];
  const detection = new GrpcOutlierDetection(names.length, grpcOptions(input.config), { unit: () => draws.shift() ?? 0 }, { eject: () => undefined, uneject: () => undefined });
  return {
    after_each: input.intervals.map(({ t_ms, counts }: Input) => {
      for (const [name, [successes, failures]] of Object.entries(counts as Readonly<Record<string, readonly [number, number]>>)) {
        for (let i = 0; i < successes; i++) detection.record(names.indexOf(name), Outcome.ok, 200, t_ms * MS);
        for (let i = 0; i < failures; i++) detection.record(names.indexOf(name), Outcome.error, 500, t_ms * MS);
      }
      detection.sweep(t_ms * MS);
      return { ejected: names.filter((_, i) => detection.isEjected(i)), multipliers: Object.fromEntries(names.map((name, i) => [name, detection.multiplier(i)])) };
    }),
  };
}

// --- health checks

const CHECK_RESULTS: Readonly<Record<string, CheckResult>> = {
  success: CheckResult.pass,
  http_fail: CheckResult.fail,
  http_retriable: CheckResult.retriable,
  network: CheckResult.network,
  timeout: CheckResult.timeout,
};

function runHealthCheck(input: Input): unknown {
  let serial = 0;
  const probe = (_: number, its: number): void => void (serial = its);
  const target = { ...NOTHING, passed: () => undefined };
  if (input.op === 'jitter') {
    const draws = [...input.random];
    const options = { ...defaultsOf(healthCheckOptions), interval: input.interval_ms * MS, intervalJitter: input.interval_jitter_ms * MS, intervalJitterPercent: input.interval_jitter_percent / 100 };
    const checks = new HealthChecks(1, options, { below: (n) => draws.shift() % n }, target, { probe });
    checks.hasTraffic = true;
    checks.start(0, true);
    checks.answered(0, serial, CheckResult.pass, 0);
    return { delay_ms: checks.dueAt / MS };
  }
  const checks = new HealthChecks(1, optionsOf(durationsOf(input.config), healthCheckOptions), NO_DICE, target, { probe });
  checks.hasTraffic = input.upstream_connections;
  let now = 0;
  checks.start(now, !input.initially_failed);
  return {
    results: input.checks.map((word: string, i: number) => {
      const result = CHECK_RESULTS[word]!;
      if (result === CheckResult.timeout) checks.tick((now = checks.dueAt));
      else checks.answered(0, serial, result, now);
      const answer = { healthy: checks.isHealthy(0), next_interval_ms: (checks.dueAt - now) / MS };
      if (i === input.upstream_connections_after_check) {
        checks.hasTraffic = true;
      }
      checks.tick((now = checks.dueAt));
      return answer;
    }),
  };
}

/** Intervals of the file are in milliseconds, thresholds are not. */
function durationsOf(config: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.endsWith('interval') || key === 'timeout' ? `${key}_ms` : key, value]));
}

// --- failure accrual

const STATE_WORDS: Readonly<Record<AccrualState, string>> = { [AccrualState.open]: 'open', [AccrualState.shut]: 'shut', [AccrualState.probation]: 'probation' };
const REASON_WORDS: Readonly<Partial<Record<(typeof DETECTION_NAMES)[number], string>>> = { consecutiveFailures: 'consecutive_failures', lowSuccessRate: 'low_success_rate' };

function runFailureAccrual({ config, events }: Input): unknown {
  const draws: number[] = [...(config.rand ?? [])];
  const trips: unknown[] = [];
  const target: BreakerTarget = { ...NOTHING, tripped: (_, now, detection) => void trips.push({ t_ms: now / MS, reason: REASON_WORDS[DETECTION_NAMES[detection]!] }) };
  const options = {
    maxFailures: config.max_failures,
    minPenalty: config.min_penalty_ms * MS,
    maxPenalty: config.max_penalty_ms * MS,
    jitterRatio: config.jitter_ratio,
    ...(config.mode === 'unified'
      ? { successRateThreshold: config.success_rate_threshold, successRateWindow: config.window_ms * MS, successRateMinRequests: config.min_requests }
      : {}),
  };
  const accrual = new FailureAccrual(1, options, { unit: () => draws.shift()! }, target);
  const states = events.map((event: Input) => {
    const now = event.t_ms * MS;
    accrual.tick(now);
    if (event.op === 'response') accrual.answered(0, event.class === 'failure' ? ResponseClass.failure : event.rate_limited === true ? ResponseClass.rateLimited : ResponseClass.success, now);
    return STATE_WORDS[accrual.state(0)];
  });
  return { state_after_each_event: states, trips };
}

// --- failfast

interface Waiting {
  readonly t_ms: number;
  outcome: string;
  status?: number;
  at_ms: number;
}

function runFailfast(input: Input): unknown {
  const failfast = new Failfast({ ...defaultsOf(failfastOptions), timeout: input.failfast_timeout_ms * MS });
  const requests: Waiting[] = input.request_times_ms.map((t_ms: number) => ({ t_ms, outcome: '', at_ms: -1 }));
  const queue: Waiting[] = [];
  const intervals: readonly (readonly [number, number])[] = input.ready;
  const isReady = (t: number): boolean => intervals.some(([from, to]) => from <= t && t < to);
  const settle = (request: Waiting, outcome: string, at: number, status?: number): void => void Object.assign(request, { outcome, at_ms: at, ...(status === undefined ? {} : { status }) });
  const changes = [...new Set([...intervals.flat(), ...requests.map(({ t_ms }) => t_ms)])].sort((a, b) => a - b);
  const expireBy = (t: number): void => {
    if (failfast.dueAt > t * MS) return;
    const at = failfast.dueAt / MS;
    failfast.expire();
    for (const request of queue.splice(0)) settle(request, 'failfast', at, 504);
  };
  for (const t of changes) {
    expireBy(t);
    if (isReady(t)) {
      failfast.ready();
      for (const request of queue.splice(0)) settle(request, 'dispatched', t);
    }
    for (const request of requests.filter(({ t_ms }) => t_ms === t)) {
      const wait = failfast.arrive(isReady(t), queue.length, t * MS);
      if (wait === Wait.none) settle(request, 'dispatched', t);
      else if (wait === Wait.shed) settle(request, 'loadshed', t, 503);
      else queue.push(request);
    }
  }
  expireBy(Infinity);
  return { requests };
}

// --- Finagle and Resilience4j

function finaglePolicyOf(policy: Input): AccrualPolicy {
  const marks = listed((policy.mark_dead_ms ?? []).map((ms: number) => ms * MS));
  switch (policy.kind) {
    case 'consecutive':
      return new ConsecutiveFailures(1, policy.num_failures, marks);
    case 'success_rate':
      return new LowSuccessRate(1, policy.required, policy.window, new RequestClock(1), marks);
    case 'success_rate_within_duration':
      return new LowSuccessRate(1, policy.required, policy.window_ms, new AgeClock(1, policy.window_ms, policy.min_requests), marks);
    case 'hybrid':
      return policy.policies.map(finaglePolicyOf).reduce((one: AccrualPolicy, other: AccrualPolicy) => new EitherPolicy(one, other));
    default:
      throw new Error(`policy ${policy.kind}`);
  }
}

function runFinagleAccrual(input: Input): unknown {
  const policy = finaglePolicyOf(input.policy);
  const marks: (number | null)[] = [];
  for (const { t_ms, op } of input.ops) {
    const now = t_ms * MS;
    if (op === 'success') policy.recordSuccess(0, now);
    else if (op === 'revived') policy.revived(0, now);
    else {
      const deadNs = policy.markDeadOnFailure(0, now);
      marks.push(deadNs === 0 ? null : deadNs / MS);
    }
  }
  return { marks };
}

const BREAKER_STATES: readonly string[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];

function runCircuitBreaker({ config, ops }: Input): unknown {
  const breaker = new CircuitBreaker({
    failureRateThreshold: config.failure_rate / 100,
    slowCallRateThreshold: config.slow_rate / 100,
    slowCallDurationThreshold: config.slow_ms * MS,
    slidingWindowType: config.type,
    slidingWindowSize: config.window,
    minimumNumberOfCalls: config.min_calls,
    waitDurationInOpenState: config.wait_open_ms * MS,
    permittedNumberOfCallsInHalfOpenState: config.permitted_half_open,
    maxWaitDurationInHalfOpenState: 0,
    automaticTransitionFromOpenToHalfOpenEnabled: false,
  });
  return {
    after_each: ops.map(({ t_ms, op, duration_ms = 0 }: Input) => {
      const now = t_ms * MS;
      const permitted = op === 'acquire' ? breaker.tryAcquire(now) : null;
      if (op === 'ignored') breaker.release(now);
      else if (op !== 'acquire') breaker.record(op === 'error', duration_ms * MS, now);
      return { state: BREAKER_STATES[breaker.state(now)], permitted, failure_rate: breaker.failureRate(now) };
    }),
  };
}
