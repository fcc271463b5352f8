/**
 * The retry quota of AWS SDKs in standard mode (botocore: retries/quota.py, retries/standard.py): a store of tokens that
 * retries take from and successes give back to. A success gives back what the call's last retry took, or one token
 * when it needed none; a call that fails for good gives back nothing. Nothing refills by time.
 */
import { Ended, type RetryBudget } from './budget.ts';
import type { RetryCause } from './retry-cause.ts';

export interface QuotaCosts {
  readonly capacity: number;
  readonly retryCost: number;
  readonly timeoutCost: number;
  readonly throttleCost: number;
  /** What a success without a retry gives back. */
  readonly refund: number;
}

export class QuotaBudget implements RetryBudget {
  private readonly capacity: number;
  /** By cause. */
  private readonly costs: readonly number[];
  balance: number;

  constructor({ capacity, retryCost, timeoutCost, throttleCost, refund }: QuotaCosts) {
    this.capacity = capacity;
    this.costs = [refund, retryCost, timeoutCost, throttleCost];
    this.balance = capacity;
  }

  get left(): number {
    return this.capacity === 0 ? 0 : this.balance / this.capacity;
  }

  called(_now: number): void {}

  /** What the call's last retry took is there again; after none, the refund. */
  ended(how: Ended, _now: number, lastRetry: RetryCause): void {
    if (how === Ended.well) this.balance = Math.min(this.capacity, this.balance + this.costs[lastRetry]!);
  }

  withdraw(_now: number, cause: RetryCause): boolean {
    const cost = this.costs[cause]!;
    if (cost > this.balance) return false;
    this.balance -= cost;
    return true;
  }
}
