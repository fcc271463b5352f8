/** Envoy: conditions, limits, waits and timeouts of retries; gRPC statuses. */
import { grpcOfHttp, httpOfGrpc, isAdmissionSuccess } from '../../../src/engine/grpc-status.ts';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import { ConcurrencyBudget } from '../../../src/engine/retry/concurrency-budget.ts';
import { ResetReason, RetryCondition } from '../../../src/engine/retry/condition.ts';
import { EnvoyBackoff } from '../../../src/engine/retry/envoy-backoff.ts';
import { retryWordsOfEnvoy } from '../../../src/engine/retry/envoy-words.ts';
import { budgetKinds } from '../../../src/engine/retry/budget-options.ts';
import { EnvoyRateLimitPushback } from '../../../src/engine/retry/pushback.ts';
import { resetIntervalNs } from '../../../src/engine/retry/reset-header.ts';
import { RetryCause } from '../../../src/engine/retry/retry-cause.ts';
import { RetryGate, Verdict } from '../../../src/engine/retry/retry-gate.ts';
import { connectionPoolOptions } from '../../../src/engine/pool/connection-pool-options.ts';
import { expectedNs, timeoutsOf } from '../../../src/engine/timeouts.ts';
import { NS_PER_MS, NS_PER_S } from '../../../src/model/units.ts';
import type { Input, Topics } from '../topic.ts';
import { remaindersOf } from './scripted-chance.ts';

export const envoyRetries: Topics = {
  'envoy/retry_conditions': { run: retryCondition },
  'envoy/retry_state': { run: retryState },
  'envoy/retry_backoff': { run: retryBackoff },
  'envoy/timeouts': { run: (input: Input) => (input.op === 'final' ? finalTimeouts(input) : expectedHeader(input)) },
  'envoy/grpc_status': { run: grpcStatus },
};

function retryCondition(input: Input): unknown {
  const condition = new RetryCondition(retryWordsOfEnvoy(input.retry_on, input.retriable_status_codes ?? []), input.retriable_headers_present ?? []);
  if (input.reset !== undefined) {
    const camel = String(input.reset).replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    return { retry: condition.allowsReset(ResetReason[camel as keyof typeof ResetReason], input.request_started) };
  }
  const { status, headers = {}, grpc_status: grpc = null } = input.response;
  return { retry: condition.allowsAnswer({ status, headers, grpcStatus: grpc }) };
}

const RESULTS: Readonly<Record<Verdict, string>> = {
  [Verdict.granted]: 'yes',
  [Verdict.final]: 'no',
  [Verdict.limitReached]: 'no_limit_exceeded',
  [Verdict.overflow]: 'no_overflow',
  [Verdict.budgetRefused]: 'no_overflow',
};

/**
 * Envoy's counts hold the request that asks; the engine's do not, and the budget adds it. Where a case has no requests at
 * all, the one that asks is there nevertheless.
 */
function retryState({ num_retries = 1, max_retries_header: header, circuit_breaker: breaker, outstanding, steps }: Input): unknown {
  const load = {
    set: new EndpointSet([1], 0),
    pending: 0,
    elsewhere: 0, asking: 1,
    get retries(): number {
      return gate.active;
    },
  };
  const counts = { retries: outstanding.retries ?? 0, requests: outstanding.requests ?? 0, pending: outstanding.pending ?? 0 };
  const defaults = budgetKinds.concurrency.options;
  const percentOf = (budget: Input): number => budget.budget_percent ?? Number(defaults['percent']!.default) * 100;
  const call = { retriesLeft: header ?? num_retries, hasRetrySlot: false, retryCause: RetryCause.none };
  let percent = breaker.retry_budget === undefined ? null : percentOf(breaker.retry_budget);
  const makeGate = (active: number): RetryGate => {
    const least = breaker.retry_budget?.min_retry_concurrency ?? defaults['minConcurrency']!.default;
    const gate = percent === null ? new RetryGate(breaker.max_retries ?? connectionPoolOptions['maxRetries']!.default, null) : new RetryGate(Infinity, new ConcurrencyBudget(percent / 100, least, load));
    gate.active = active;
    return gate;
  };
  let gate = makeGate(counts.retries);
  const counters = { upstream_rq_retry: 0, upstream_rq_retry_success: 0, upstream_rq_retry_limit_exceeded: 0, upstream_rq_retry_overflow: 0 };
  const results = steps.map((step: Input) => {
    const { retries = 0, requests = 0, pending = 0 } = step.add_outstanding ?? {};
    counts.requests += requests;
    counts.pending += pending;
    gate.active += retries;
    if (step.set_budget_percent !== undefined) {
      percent = step.set_budget_percent;
      gate = makeGate(gate.active);
    }
    load.set.activeTotal = Math.max(0, counts.requests - 1);
    load.pending = counts.pending;
    const retried = call.hasRetrySlot;
    const verdict = gate.decide(call, step.retriable, 0);
    if (verdict === Verdict.granted) counters.upstream_rq_retry++;
    else if (verdict === Verdict.final) counters.upstream_rq_retry_success += retried ? 1 : 0;
    else if (verdict === Verdict.limitReached) counters.upstream_rq_retry_limit_exceeded++;
    else counters.upstream_rq_retry_overflow++;
    return RESULTS[verdict];
  });
  return { results, counters };
}

function retryBackoff(input: Input): unknown {
  const backoff = (): EnvoyBackoff => new EnvoyBackoff(input.base_interval_ms * NS_PER_MS, input.max_interval_ms * NS_PER_MS);
  switch (input.op) {
    case 'exponential': {
      const chance = remaindersOf(input.random);
      const waits = backoff();
      return { delays_ms: input.random.map((_: number, retry: number) => waits.waitNs(retry, 0, chance) / NS_PER_MS) };
    }
    case 'bounds': {
      const waits = backoff();
      return { exclusive_upper_bounds_ms: Array.from({ length: input.count }, (_, retry) => waits.intervalMs(retry)) };
    }
    case 'rate_limited': {
      const pushback = new EnvoyRateLimitPushback(new EnvoyBackoff(0, 0));
      return { delay_ms: pushback.nextNs({ backoffStep: 0, backoffNs: 0 }, input.interval_ms * NS_PER_MS, remaindersOf([input.random])) / NS_PER_MS };
    }
    case 'reset_header': {
      const ns = resetIntervalNs(input.response_headers, input.reset_headers, input.now_unix_s, input.max_interval_ms * NS_PER_MS);
      return { interval_ms: ns === null ? null : ns / NS_PER_MS };
    }
    case 'sequence': {
      const pushback = new EnvoyRateLimitPushback(backoff());
      const call = { backoffStep: 0, backoffNs: 0 };
      const maxNs = (input.reset_max_interval_ms ?? 300_000) * NS_PER_MS;
      return {
        delays_ms: input.responses.map(({ retry_after: after, random }: Input) => {
          const askedNs = after === null ? null : resetIntervalNs({ 'retry-after': after }, input.reset_headers, 0, maxNs);
          return pushback.nextNs(call, askedNs, remaindersOf([random])) / NS_PER_MS;
        }),
      };
    }
    default:
      throw new Error(`unknown op ${input.op}`);
  }
}

/** 0 is none there. */
const nsOf = (ms: number | undefined, absent: number): number => (ms === undefined ? absent : ms === 0 ? Infinity : ms * NS_PER_MS);
const msOf = (ns: number): number => (ns === Infinity ? 0 : ns / NS_PER_MS);
const headerOf = (ns: number): number | null => (ns === Infinity ? null : ns / NS_PER_MS);

function finalTimeouts({ route, headers, grpc, hedge_on_per_try_timeout: hedges, respect_expected_rq_timeout: respects }: Input): unknown {
  const bringsDeadline = grpc && route.max_grpc_timeout_ms !== undefined;
  const rules = {
    timeoutNs: nsOf(route.timeout_ms, 15 * NS_PER_S),
    perTryTimeoutNs: nsOf(route.per_try_timeout_ms, Infinity),
    maxGrpcTimeoutNs: route.max_grpc_timeout_ms === undefined ? null : nsOf(route.max_grpc_timeout_ms, Infinity),
    grpcTimeoutOffsetNs: (route.grpc_timeout_offset_ms ?? 0) * NS_PER_MS,
    respectsExpected: respects,
  };
  const timeouts = timeoutsOf(rules, grpc, headers);
  const expected = headerOf(expectedNs(timeouts, hedges, 0));
  return { global_ms: msOf(timeouts.wholeNs), per_try_ms: msOf(timeouts.perTryNs), expected_rq_timeout_ms: expected, grpc_timeout_ms: bringsDeadline ? expected : null };
}

function expectedHeader({ elapsed_ms: elapsed, global_ms: whole, per_try_ms: perTry, hedge_on_per_try_timeout: hedges }: Input): unknown {
  const timeouts = { wholeNs: nsOf(whole, Infinity), perTryNs: nsOf(perTry, Infinity) };
  return { expected_rq_timeout_ms: headerOf(expectedNs(timeouts, hedges, elapsed * NS_PER_MS)) };
}

function grpcStatus(input: Input): unknown {
  switch (input.op) {
    case 'grpc_to_http':
      return { http: httpOfGrpc(input.grpc_status) };
    case 'http_to_grpc':
      return { grpc_status: grpcOfHttp(input.http) };
    case 'success_default': {
      const codes = Array.from({ length: 17 }, (_, code) => code);
      return { success: codes.filter(isAdmissionSuccess), failure: codes.filter((code) => !isAdmissionSuccess(code)) };
    }
    default:
      throw new Error(`unknown op ${input.op}`);
  }
}
