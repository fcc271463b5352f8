/**
 * Retries at once are at most a share of the requests active or pending, and at least a few may always go:
 * Envoy's `retry_budget` (source/common/upstream/resource_manager_impl.h, 1.38). Active requests include retries, and
 * the one that has just failed: Envoy decides while its stream still counts. The engine takes an attempt off its
 * endpoint before it asks, so the one that asks is added here; only one that is late and still waited for counts itself.
 */
import type { Ended, RetryBudget, RetryLoad } from './budget.ts';

export class ConcurrencyBudget implements RetryBudget {
  private readonly share: number;
  private readonly minConcurrency: number;
  private readonly load: RetryLoad;

  constructor(share: number, minConcurrency: number, load: RetryLoad) {
    this.share = share;
    this.minConcurrency = minConcurrency;
    this.load = load;
  }

  called(_now: number): void {}

  ended(_how: Ended): void {}

  withdraw(_now: number): boolean {
    return this.balance > 0;
  }

  /** Retries that may begin beside those in progress. */
  get balance(): number {
    const { asking, elsewhere, pending, retries, set } = this.load;
    return this.limit(set.activeTotal + pending + elsewhere + asking) - retries;
  }

  get left(): number {
    return Math.max(0, this.balance);
  }

  /** Retries allowed at once beside this many active and pending requests. */
  limit(activeAndPending: number): number {
    return Math.max(Math.trunc(this.share * activeAndPending), this.minConcurrency);
  }
}
