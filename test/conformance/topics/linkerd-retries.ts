/** Linkerd: both retry systems, its waits, timeouts, classes of answers, and the annotations that ask for them. */
import { isGrpcFailure, isGrpcRateLimit, isHttpFailure, isHttpRateLimit } from '../../../src/engine/classify.ts';
import { EdgeRules } from '../../../src/engine/edge-rules.ts';
import { LinkerdBackoff } from '../../../src/engine/retry/linkerd-backoff.ts';
import { RetryCause } from '../../../src/engine/retry/retry-cause.ts';
import { RetryGate, Verdict } from '../../../src/engine/retry/retry-gate.ts';
import { TowerBudget } from '../../../src/engine/retry/tower-budget.ts';
import { StreamTimeout, StreamTimeouts } from '../../../src/engine/stream-timeouts.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import type { EdgePlan } from '../../../src/model/plan.ts';
import { NS_PER_MS } from '../../../src/model/units.ts';
import { accrualOf, type Annotations, grpcRetriesOf, httpRetriesOf, isMistake, timeoutsOf } from '../../../src/scenario/import/linkerd-annotations.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import type { Input, Topics } from '../topic.ts';
import { unitsOf } from './scripted-chance.ts';

export const linkerdRetries: Topics = {
  'linkerd/retry_budget': { run: retryBudget },
  'linkerd/http_retry': { run: httpRetry },
  'linkerd/stream_timeouts': { run: streamTimeouts, awaits: 'answers that come frame by frame' },
  'linkerd/classify': { run: classify, awaits: 'answers with a gRPC status' },
  'linkerd/exp_backoff': { run: expBackoff },
  'linkerd/annotations': { run: annotations, awaits: 'importing Linkerd configuration' },
};

function retryBudget({ ttl_ms: ttl, min_per_sec: minPerSecond, retry_ratio: ratio, ops }: Input): unknown {
  const budget = new TowerBudget(ratio, minPerSecond, ttl * NS_PER_MS);
  const results: (boolean | null)[] = [];
  const balances: number[] = [];
  for (const { t_ms: t, op } of ops) {
    if (op === 'deposit') budget.deposit(t * NS_PER_MS);
    results.push(op === 'deposit' ? null : budget.withdraw(t * NS_PER_MS));
    balances.push(budget.balance);
  }
  return { deposit_amount: budget.depositAmount, withdraw_amount: budget.withdrawAmount, reserve: budget.reserve, results, balances };
}

/** A world of one call: it answers attempts as the case says, and keeps the clock. Every decision is the engine's. */
function httpRetry({ policy, request_body_bytes: bytes, request_body_fully_read: isSentWhole, attempts, rand = [] }: Input): unknown {
  const edge = edgeOf({
    ...(policy.request_timeout_ms === undefined ? {} : { timeout: `${policy.request_timeout_ms}ms` }),
    retries: {
      attempts: policy.limit,
      on: [...policy.statuses.map(([low, high]: readonly [number, number]) => `${low}-${high}`), 'timeout', 'failfast', 'refusedStream'],
      ...(policy.retry_timeout_ms === undefined ? {} : { perTryTimeout: `${policy.retry_timeout_ms}ms`, lastTryTimeout: false }),
      backoff: policy.backoff ? { base: '25ms', max: '250ms', jitter: 'linkerd' } : { base: 0, jitter: 'none' },
      maxBody: '64KiB',
    },
  });
  const rules = new EdgeRules(edge, 1, []);
  const gate = new RetryGate(Infinity, null);
  const call = { retriesLeft: rules.maxAttempts - 1, hasRetrySlot: false, retryCause: RetryCause.none };
  const chance = unitsOf(rand);
  const sentAt: number[] = [];
  const done = (final: unknown, now: number): unknown => ({ attempts: sentAt.length, sent_at_ms: sentAt.map((at) => at / NS_PER_MS), final, done_at_ms: now / NS_PER_MS });
  let waitedNs = 0;
  for (let now = 0; ; ) {
    const { latency_ms: latency, status = 0, error = null } = attempts[sentAt.length];
    sentAt.push(now);
    const answeredAt = now + latency * NS_PER_MS;
    const patienceEndsAt = now + rules.patienceNs(call.retriesLeft);
    if (Math.min(answeredAt, patienceEndsAt) >= rules.timeoutNs) return done({ error: 'request_timeout' }, rules.timeoutNs);
    const isTimeout = patienceEndsAt <= answeredAt;
    now = isTimeout ? patienceEndsAt : answeredAt;
    const outcome = isTimeout ? Outcome.timeout : error === null ? (status < 400 ? Outcome.ok : Outcome.error) : ERRORS[error as string]!;
    const isRetriable = rules.mayReplay(bytes, isSentWhole) && rules.condition.allows(outcome, status);
    if (gate.decide(call, isRetriable, now) !== Verdict.granted) return done(isTimeout ? { error: 'retry_timeout' } : error === null ? { status } : { error }, now);
    waitedNs = rules.backoff.waitNs(sentAt.length - 1, waitedNs, chance);
    now += waitedNs;
    if (now >= rules.timeoutNs) return done({ error: 'request_timeout' }, rules.timeoutNs);
  }
}

const ERRORS: Readonly<Record<string, Outcome>> = { failfast: Outcome.noEndpoint, loadshed: Outcome.breakerOpen, other: Outcome.reset };

function edgeOf(policy: object): EdgePlan {
  const { plan, problems } = parseScenario(JSON.stringify({ duration: '1s', services: { S: { latency: 0 } }, traffic: [{ to: 'S', rate: '1/s', policy }] }));
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return plan.edges[0]!;
}

const STREAM_ERRORS: Readonly<Record<StreamTimeout, string>> = {
  [StreamTimeout.request]: 'request_timeout',
  [StreamTimeout.response]: 'response_timeout',
  [StreamTimeout.idle]: 'idle_timeout',
  [StreamTimeout.headers]: 'retry_timeout',
};

function streamTimeouts({ timeouts, events }: Input): unknown {
  const nsOf = (ms: number | null = null): number => (ms === null ? Infinity : ms * NS_PER_MS);
  const limits = { requestNs: nsOf(timeouts.request_ms), responseNs: nsOf(timeouts.response_ms), idleNs: nsOf(timeouts.idle_ms), headersNs: nsOf(timeouts.retry_ms) };
  const stream = new StreamTimeouts(limits, 0, 0);
  const steps: { readonly at: number; readonly happen: () => void; readonly isHeaders?: true }[] = [
    { at: nsOf(events.request_flushed_ms), happen: () => stream.requestSent(nsOf(events.request_flushed_ms)) },
    { at: nsOf(events.headers_ms), happen: () => stream.headersCame(nsOf(events.headers_ms)), isHeaders: true },
    ...(events.data_ms ?? []).map((ms: number) => ({ at: nsOf(ms), happen: () => stream.frameCame(nsOf(ms)) })),
  ];
  steps.sort((a, b) => a.at - b.at);
  let hasHeaders = false;
  const gaveUp = (): unknown => ({
    error: STREAM_ERRORS[stream.due], at_ms: stream.dueAt / NS_PER_MS, before_headers: !hasHeaders, ...(hasHeaders ? {} : { status: 504 }),
  });
  for (const { at, happen, isHeaders } of steps) {
    if (stream.dueAt <= at) return gaveUp();
    happen();
    hasHeaders ||= isHeaders === true;
  }
  return events.hangs ? gaveUp() : { ok: true, at_ms: steps.at(-1)!.at / NS_PER_MS };
}

function classify({ status, request_grpc: isGrpc = false, grpc_status: grpcStatus = null, stream_error: error }: Input): unknown {
  if (error !== undefined) return { classification: 'failure', counts_as_rate_limit: false };
  const isFailure = isGrpc ? isGrpcFailure(grpcStatus) : isHttpFailure(status);
  return { classification: isFailure ? 'failure' : 'success', counts_as_rate_limit: isGrpc ? isGrpcRateLimit(grpcStatus) : isHttpRateLimit(status) };
}

function expBackoff({ min_ms: min, max_ms: max, jitter_ratio: ratio, rand }: Input): unknown {
  const backoff = new LinkerdBackoff(min * NS_PER_MS, max * NS_PER_MS, ratio);
  const chance = unitsOf(rand);
  return { delays_ms: rand.map((_: number, retry: number) => backoff.waitNs(retry, 0, chance) / NS_PER_MS) };
}

function annotations({ family, annotations: given }: Input): unknown {
  const msOf = (ns: number | null): number | null => (ns === null ? null : ns / NS_PER_MS);
  switch (family) {
    case 'accrual': {
      const accrual = accrualOf(given as Annotations);
      if (accrual === null) return null;
      if (isMistake(accrual)) return { error: true };
      const { mode, maxFailures, minPenaltyNs, maxPenaltyNs, jitterRatio, successRate } = accrual;
      return {
        mode, max_failures: maxFailures, min_penalty_ms: msOf(minPenaltyNs), max_penalty_ms: msOf(maxPenaltyNs), jitter_ratio: jitterRatio,
        ...(successRate === null ? {} : { success_rate_threshold: successRate.threshold, window_ms: msOf(successRate.windowNs), min_requests: successRate.minRequests }),
      };
    }
    case 'http_retry':
    case 'grpc_retry': {
      const isHttp = family === 'http_retry';
      const retries = isHttp ? httpRetriesOf(given as Annotations) : grpcRetriesOf(given as Annotations);
      if (retries === null) return null;
      if (isMistake(retries)) return { error: true };
      const { limit, timeoutNs, conditions, maxBodyBytes, backoff } = retries;
      return {
        limit, timeout_ms: msOf(timeoutNs), [isHttp ? 'statuses' : 'codes']: conditions, max_request_bytes: maxBodyBytes,
        backoff: { min_ms: msOf(backoff.baseNs), max_ms: msOf(backoff.maxNs), jitter_ratio: backoff.jitterRatio },
      };
    }
    case 'timeouts': {
      const timeouts = timeoutsOf(given as Annotations);
      if (timeouts === null) return null;
      if (isMistake(timeouts)) return { error: true };
      return { request_ms: msOf(timeouts.requestNs), response_ms: msOf(timeouts.responseNs), idle_ms: msOf(timeouts.idleNs) };
    }
    default:
      throw new Error(`unknown family ${family}`);
  }
}
