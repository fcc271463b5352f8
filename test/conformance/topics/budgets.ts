/** Backoffs, budgets and hedges of gRPC, Finagle and AWS, and the published kinds of jitter. */
import { Hedging } from '../../../src/engine/hedge/hedging.ts';
import { AdaptiveRate } from '../../../src/engine/retry/adaptive-rate.ts';
import { createBackoff } from '../../../src/engine/retry/backoff.ts';
import { budgetKinds } from '../../../src/engine/retry/budget-options.ts';
import { GRPC_ATTEMPTS_MAX, GrpcPushback, NEVER } from '../../../src/engine/retry/pushback.ts';
import { Ended } from '../../../src/engine/retry/budget.ts';
import { QuotaBudget, type QuotaCosts } from '../../../src/engine/retry/quota-budget.ts';
import { RetryCause } from '../../../src/engine/retry/retry-cause.ts';
import { TokenBudget } from '../../../src/engine/retry/token-budget.ts';
import { WindowBudget } from '../../../src/engine/retry/window-budget.ts';
import { NS_PER_MS, NS_PER_S } from '../../../src/model/units.ts';
import { defaultsOf } from '../../support/defaults.ts';
import type { Input, Topics } from '../topic.ts';
import { unitsOf } from './scripted-chance.ts';

export const budgets: Topics = {
  'grpc/retry_backoff': { run: grpcBackoff },
  'grpc/retry_throttling': { run: grpcThrottling },
  'grpc/hedging': { run: grpcHedging },
  'other/hedged_request': { run: hedgedRequest },
  'other/jitter': { run: jitter },
  'other/aws_retry_quota': { run: awsQuota },
  'other/aws_adaptive_cubic': { run: awsAdaptive, awaits: 'a wait before an attempt' },
  'other/finagle_retry_budget': { run: finagleBudget },
};

function grpcBackoff({ initialBackoff_ms: initial, maxBackoff_ms: max, backoffMultiplier: multiplier, maxAttempts, rand, pushback_ms: pushbacks }: Input): unknown {
  const backoff = createBackoff({ baseNs: initial * NS_PER_MS, maxNs: max * NS_PER_MS, jitter: 'grpc', multiplier, jitterRatio: 0 });
  const pushback = new GrpcPushback(backoff);
  const call = { backoffStep: 0, backoffNs: 0 };
  const delays: (number | null)[] = [];
  for (let retry = 0; retry < Math.min(maxAttempts, GRPC_ATTEMPTS_MAX) - 1; retry++) {
    const asked = pushbacks[retry];
    const ns = pushback.nextNs(call, asked === null ? null : asked * NS_PER_MS, unitsOf([rand[retry]]));
    delays.push(ns === NEVER ? null : ns / NS_PER_MS);
    if (ns === NEVER) break;
  }
  return { delays_ms: delays };
}

function grpcThrottling({ maxTokens, tokenRatio, ops }: Input): unknown {
  const budget = new TokenBudget(maxTokens, tokenRatio);
  const allowed: (boolean | null)[] = [];
  const tokens: number[] = [];
  for (const op of ops) {
    if (op !== 'other') budget.ended(op === 'failure' ? Ended.retriable : Ended.well);
    allowed.push(op === 'failure' ? budget.withdraw(0) : null);
    tokens.push(budget.balance);
  }
  return { retry_allowed: allowed, tokens };
}

interface Sent {
  readonly number: number;
  readonly endsAt: number;
  readonly status: string;
  /** What the server asks for as it fails. */
  readonly askedNs: number | null;
}

function grpcHedging({ config, attempts, tokens = null }: Input): unknown {
  const throttle = tokens ?? (config.maxTokens === undefined ? null : config);
  const budget = throttle === null ? null : new TokenBudget(throttle.maxTokens, throttle.tokenRatio ?? 0.1);
  for (let left = throttle?.maxTokens ?? 0; left > (throttle?.tokens ?? Infinity); left--) budget!.ended(Ended.retriable);
  const hedging = new Hedging(Math.min(config.maxAttempts, GRPC_ATTEMPTS_MAX), config.hedgingDelay_ms * NS_PER_MS, budget);
  const answers = attempts.map(({ latency_ms: latency, status, pushback_ms: asked = null }: Input) => ({ latencyNs: latency * NS_PER_MS, status, askedNs: asked === null ? null : asked * NS_PER_MS }));
  const { sentAt, last, cancelled } = hedge(hedging, answers, (status) => config.nonFatal.includes(status), true);
  return { sent_at_ms: sentAt.map((at) => at / NS_PER_MS), winner: last.number, status: last.status, done_at_ms: last.endsAt / NS_PER_MS, cancelled };
}

function hedgedRequest({ hedge_after_ms: after, primary_latency_ms: primary, secondary_latency_ms: secondary }: Input): unknown {
  const answers = [primary, secondary].map((latency) => ({ latencyNs: latency * NS_PER_MS, status: 'OK', askedNs: null }));
  const { sentAt, last } = hedge(new Hedging(2, after * NS_PER_MS, null), answers, () => false, false);
  return { hedge_sent: sentAt.length === 2, winner: last.number === 0 ? 'primary' : 'secondary', done_at_ms: last.endsAt / NS_PER_MS };
}

/**
 * A world of one call, which answers the n-th attempt as the case says.
 * @param timerFirst  at one instant, the timer goes before the answer
 */
function hedge(hedging: Hedging, answers: readonly Omit<Sent & { latencyNs: number }, 'number' | 'endsAt'>[], mayContinue: (status: string) => boolean, timerFirst: boolean): { sentAt: number[]; last: Sent; cancelled: number[] } {
  const call = { hedgeCount: 0 };
  const sentAt: number[] = [];
  const open: Sent[] = [];
  const send = (now: number): void => {
    const number = sentAt.push(now) - 1;
    const { latencyNs, status, askedNs } = answers[number]!;
    open.push({ number, endsAt: now + latencyNs, status, askedNs });
  };
  let dueAt = hedging.begun(call, 0);
  send(0);
  for (let last = open[0]!; ; ) {
    open.sort((a, b) => a.endsAt - b.endsAt || a.number - b.number);
    const next = open[0]?.endsAt ?? Infinity;
    if (next === Infinity && dueAt === Infinity) return { sentAt, last, cancelled: [] };
    if (dueAt < next || (timerFirst && dueAt === next)) {
      const now = dueAt;
      if (hedging.mayHedge(call, now)) {
        send(now);
        dueAt = hedging.sent(call, now);
      } else dueAt = Infinity;
      continue;
    }
    last = open.shift()!;
    if (!mayContinue(last.status)) return { sentAt, last, cancelled: open.map(({ number }) => number).sort((a, b) => a - b) };
    dueAt = hedging.failed(call, last.askedNs, last.endsAt);
  }
}

/** Longer than any wait of a case. */
const NONE_MS = 1e9;

/** Of the published formulas, Envoy's is the one of its documentation, and Linkerd's has its jitter uncut. */
const KINDS: Readonly<Record<string, string>> = { envoy: 'envoyDocumented', additive: 'linkerd', resilience4j: 'proportional', randomized: 'proportional' };

function jitter({ kind, x = 0, base = x, cap = NONE_MS, attempt = 0, prev = 0, mult = 2, f = 0, jitter: ratio = f }: Input): unknown {
  const backoff = createBackoff({ baseNs: base * NS_PER_MS, maxNs: cap * NS_PER_MS, jitter: KINDS[kind] ?? kind, multiplier: mult, jitterRatio: ratio });
  return { lo: backoff.leastNs(attempt) / NS_PER_MS, hi: backoff.mostNs(attempt, prev * NS_PER_MS) / NS_PER_MS };
}

const VERSION_COSTS: Readonly<Record<string, object>> = { '2.0': {}, '2.1': { retryCost: 14, timeoutCost: 14, throttleCost: 5 } };

function awsQuota({ capacity, version, ops }: Input): unknown {
  const costs = { ...(defaultsOf(budgetKinds.quota.options) as unknown as QuotaCosts), ...VERSION_COSTS[version], capacity };
  const quota = new QuotaBudget(costs);
  const acquired: (boolean | null)[] = [];
  const available: number[] = [];
  for (const { op, error, returned_amount: amount = null } of ops) {
    // What was taken last tells which retry took it.
    const lastRetry = amount === null ? RetryCause.none : amount === costs.retryCost ? RetryCause.transient : amount === costs.timeoutCost ? RetryCause.timeout : RetryCause.throttling;
    if (op === 'success') quota.ended(Ended.well, 0, lastRetry);
    acquired.push(op === 'retry' ? quota.withdraw(0, RetryCause[error as keyof typeof RetryCause]) : null);
    available.push(quota.balance);
  }
  return { acquired, available };
}

function awsAdaptive({ starting_max_rate: start, events }: Input): unknown {
  const rate = new AdaptiveRate(start);
  return {
    after_each: events.map(({ t_s: t, kind, measured }: Input) => {
      rate.answered(kind === 'throttle', measured, t * NS_PER_S);
      return { calculated: rate.calculated, applied: rate.applied, enabled: rate.isEnabled };
    }),
  };
}

function finagleBudget({ ttl_ms: ttl, min_retries_per_sec: minPerSecond, percent_can_retry: ratio, ops }: Input): unknown {
  const budget = new WindowBudget(ratio, minPerSecond, ttl * NS_PER_MS);
  const results: (boolean | null)[] = [];
  const balances: number[] = [];
  for (const { t_ms: t, op } of ops) {
    if (op === 'deposit') budget.called(t * NS_PER_MS);
    results.push(op === 'deposit' ? null : budget.withdraw(t * NS_PER_MS));
    balances.push(budget.balance);
  }
  return { deposit_amount: budget.deposit, withdrawal_amount: budget.cost, reserve: budget.reserve, results, balances };
}
