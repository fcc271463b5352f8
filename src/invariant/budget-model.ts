/**
 * Retry budgets as their products describe them, written down a second time and as plainly as can be: what is in a budget is the sum
 * over a list. What the engine keeps as a few running figures must grant nothing that these would not.
 */
import { Ended } from '../engine/retry/budget.ts';
import { RetryCause } from '../engine/retry/retry-cause.ts';
import type { Chosen } from '../model/kind.ts';

export interface BudgetModel {
  /** A call begins. */
  called(now: number): void;
  ended(how: Ended, now: number, lastRetry: RetryCause): void;
  /** A retry was refused, which is a look at the clock as well. */
  refused(now: number): void;
  /** A retry was granted. @returns what was there and what it takes, where that was not enough; else null */
  granted(now: number, cause: RetryCause): string | null;
}

/** Sums of the same tokens in another order. */
const ROUNDING = 1e-6;

/** What the caller has going on beside a retry. */
export interface ModelLoad {
  /** Attempts in flight or waiting for a connection. */
  requests(): number;
  /** Other retries granted and not over. */
  retries(): number;
}

export function budgetModel({ kind, options }: Chosen, load: ModelLoad): BudgetModel {
  const value = (name: string): number => Number(options[name]);
  switch (kind) {
    case 'window':
      return new WindowModel(value('ratio'), value('minPerSecond'), value('ttl'));
    case 'concurrency':
      return new ConcurrencyModel(value('percent'), value('minConcurrency'), load);
    case 'tokens':
      return new TokensModel(value('maxTokens'), value('tokenRatio'));
    case 'tower':
      return new TowerModel(value('ratio'), value('minPerSecond'), value('ttl'));
    case 'quota':
      return new QuotaModel(options as Readonly<Record<string, number>>);
    default:
      throw new Error(`no model of the budget ${kind}`);
  }
}

/** Finagle 24.8 `RetryBudget` with its `TokenBucket` over ten slices. */
export class WindowModel implements BudgetModel {
  private readonly deposit: number;
  private readonly cost: number;
  private readonly reserve: number;
  private readonly sliceNs: number;
  /** The newest last. */
  private closed: number[] = [];
  private open: number = 0;
  private openedAt: number = 0;

  constructor(ratio: number, minPerSecond: number, ttlNs: number) {
    this.deposit = ratio === 0 ? 0 : 1000;
    this.cost = ratio === 0 ? 1 : Math.trunc(1000 / ratio);
    this.reserve = minPerSecond * Math.trunc(ttlNs / 1e9) * this.cost;
    this.sliceNs = ttlNs / 10;
  }

  called(now: number): void {
    this.add(this.deposit, now);
  }

  /** So many calls have begun since the last one that was told, and none of them after `turnsAt`. */
  calledBefore(calls: number): void {
    this.open += calls * this.deposit;
  }

  /** When the next call or retry opens another slice, ns. */
  get turnsAt(): number {
    return this.openedAt + this.sliceNs;
  }

  ended(): void {}

  refused(now: number): void {
    this.add(0, now);
  }

  granted(now: number): string | null {
    this.add(-this.cost, now);
    const left = this.closed.reduce((sum, tokens) => sum + tokens, this.reserve + this.open);
    return left < -ROUNDING ? `${rounded((left + this.cost) / this.cost)} retries in the budget` : null;
  }

  private add(tokens: number, now: number): void {
    if (now - this.openedAt >= this.sliceNs) this.turn(now);
    this.open += tokens;
  }

  private turn(now: number): void {
    const passed = Math.min(Math.floor((now - this.openedAt) / this.sliceNs), 10);
    this.closed = [...this.closed, this.open, ...new Array<number>(passed - 1).fill(0)].slice(-9);
    this.open = 0;
    this.openedAt = now;
  }
}

/** tower 0.5 `TpsBudget`, as Linkerd 2 has it. */
class TowerModel implements BudgetModel {
  private readonly deposit: number;
  private readonly cost: number;
  private readonly reserve: number;
  private readonly slotNs: number;
  private readonly slots: number[] = new Array<number>(10).fill(0);
  private current: number = 0;
  private writer: number = 0;
  private turnedAt: number = 0;

  constructor(ratio: number, minPerSecond: number, ttlNs: number) {
    const scale = ratio > 1 ? 1000 : 1;
    this.deposit = ratio === 0 ? 0 : scale;
    this.cost = ratio === 0 ? 1 : Math.trunc(Math.fround(scale / Math.fround(ratio)));
    this.reserve = minPerSecond * Math.trunc(ttlNs / 1e9) * this.cost;
    this.slotNs = Math.floor(ttlNs / 10);
  }

  called(): void {}

  ended(how: Ended, now: number): void {
    if (how === Ended.retriable) return;
    this.turn(now);
    this.writer += this.deposit;
  }

  refused(now: number): void {
    this.turn(now);
  }

  granted(now: number): string | null {
    this.turn(now);
    const left = this.slots.reduce((sum, tokens) => sum + tokens, this.reserve + this.writer) - this.cost;
    this.writer -= this.cost;
    return left < -ROUNDING ? `${rounded(left + this.cost)} tokens in the budget, and a retry takes ${this.cost}` : null;
  }

  /** The slot that is turned to keeps what it had until it is written. */
  private turn(now: number): void {
    let passed = now - this.turnedAt;
    if (passed < this.slotNs) return;
    this.slots[this.current] = this.writer;
    this.writer = 0;
    let next = (this.current + 1) % 10;
    for (let turns = 0; passed > this.slotNs && turns < 10; turns++, passed -= this.slotNs) {
      this.slots[next] = 0;
      next = (next + 1) % 10;
    }
    this.current = next;
    this.turnedAt = now;
  }
}

/** gRPC A6 `retryThrottling`, in thousandths. */
class TokensModel implements BudgetModel {
  private readonly max: number;
  private readonly refund: number;
  private tokens: number;

  constructor(maxTokens: number, tokenRatio: number) {
    this.max = maxTokens * 1000;
    this.refund = Math.trunc(tokenRatio * 1000 + 1e-9);
    this.tokens = this.max;
  }

  called(): void {}

  refused(): void {}

  ended(how: Ended): void {
    if (how === Ended.retriable) this.tokens = Math.max(0, this.tokens - 1000);
    if (how === Ended.well) this.tokens = Math.min(this.max, this.tokens + this.refund);
  }

  granted(): string | null {
    return this.tokens > this.max / 2 ? null : `${rounded(this.tokens / 1000)} of ${this.max / 1000} tokens in the budget, and a retry needs more than half`;
  }
}

/** botocore `retries/quota.py`. */
class QuotaModel implements BudgetModel {
  private readonly costs: Readonly<Record<string, number>>;
  private tokens: number;

  constructor(costs: Readonly<Record<string, number>>) {
    this.costs = costs;
    this.tokens = costs['capacity']!;
  }

  called(): void {}

  refused(): void {}

  ended(how: Ended, _now: number, lastRetry: RetryCause): void {
    if (how === Ended.well) this.tokens = Math.min(this.costs['capacity']!, this.tokens + this.costOf(lastRetry));
  }

  granted(_now: number, cause: RetryCause): string | null {
    const had = this.tokens;
    const cost = this.costOf(cause);
    this.tokens -= cost;
    return had < cost ? `${had} tokens in the quota, and this retry takes ${cost}` : null;
  }

  private costOf(cause: RetryCause): number {
    const names: Readonly<Record<RetryCause, string>> = { [RetryCause.none]: 'refund', [RetryCause.transient]: 'retryCost', [RetryCause.timeout]: 'timeoutCost', [RetryCause.throttling]: 'throttleCost' };
    return this.costs[names[cause]]!;
  }
}

/** Envoy 1.38 `retry_budget`: a share of what is active or pending, the request that has just failed included. */
class ConcurrencyModel implements BudgetModel {
  private readonly share: number;
  private readonly least: number;
  private readonly load: ModelLoad;

  constructor(share: number, least: number, load: ModelLoad) {
    this.share = share;
    this.least = least;
    this.load = load;
  }

  called(): void {}

  refused(): void {}

  ended(): void {}

  granted(): string | null {
    const limit = Math.max(Math.trunc(this.share * (this.load.requests() + 1)), this.least);
    const others = this.load.retries();
    return others < limit ? null : `${others} other retries going on, and at most ${limit} may`;
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
