/**
 * gRPC's retry throttling (proposal A6): a failure takes a token, a success gives back `tokenRatio`, and
 * retries stop while no more than half of the tokens are left. Kept in thousandths, as gRPC does.
 */
import { Ended, type RetryBudget } from './budget.ts';

const UNIT = 1000;

export class TokenBudget implements RetryBudget {
  private readonly max: number;
  private readonly refund: number;
  /** Thousandths of a token. */
  private tokens: number;

  constructor(maxTokens: number, tokenRatio: number) {
    this.max = maxTokens * UNIT;
    this.refund = Math.trunc(tokenRatio * UNIT + 1e-9);
    this.tokens = this.max;
  }

  called(_now: number): void {}

  ended(how: Ended): void {
    if (how === Ended.retriable) this.tokens = Math.max(0, this.tokens - UNIT);
    else if (how === Ended.well) this.tokens = Math.min(this.max, this.tokens + this.refund);
  }

  withdraw(_now: number): boolean {
    return this.tokens > this.max / 2;
  }

  /** Tokens; more than half of them are needed, and a retry takes none. */
  get balance(): number {
    return this.tokens / UNIT;
  }

  get left(): number {
    return this.max === 0 ? 0 : this.tokens / this.max;
  }
}
