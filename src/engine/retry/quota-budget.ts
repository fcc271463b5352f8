/**
 * The retry quota of AWS SDKs in standard mode (botocore: retries/quota.py, retries/standard.py): a store of tokens that
 * retries take from and successes give back to. A success gives back what the call's last retry took, or one token
 * when it needed none; a call that fails for good gives back nothing. Nothing refills by time.
 */
export interface QuotaCosts {
  readonly capacity: number;
  readonly retryCost: number;
  readonly timeoutCost: number;
  readonly throttleCost: number;
  /** What a success without a retry gives back. */
  readonly refund: number;
}

export const RetryCause = { transient: 0, timeout: 1, throttling: 2 } as const;
export type RetryCause = (typeof RetryCause)[keyof typeof RetryCause];

export class QuotaBudget {
  private readonly capacity: number;
  private readonly costs: readonly number[];
  private readonly refund: number;
  available: number;

  constructor({ capacity, retryCost, timeoutCost, throttleCost, refund }: QuotaCosts) {
    this.capacity = capacity;
    this.costs = [retryCost, timeoutCost, throttleCost];
    this.refund = refund;
    this.available = capacity;
  }

  /** @returns what the retry took; 0 is a refusal */
  take(cause: RetryCause): number {
    const cost = this.costs[cause]!;
    if (cost > this.available) return 0;
    this.available -= cost;
    return cost;
  }

  /** @param taken  by the last retry of the call that succeeded; 0 where it needed none */
  succeeded(taken: number): void {
    this.available = Math.min(this.capacity, this.available + (taken === 0 ? this.refund : taken));
  }
}
