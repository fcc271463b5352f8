/**
 * At most `rate` calls a second of one caller endpoint, `burst` at once after a quiet time: Envoy's local rate limit
 * filter with one token a call (envoy.md 15). Left out: descriptors, shares of a bucket between proxies.
 */
import { Outcome } from '../../model/outcome.ts';
import type { CallGate } from './gate.ts';
import { TokenBucket } from './token-bucket.ts';

export class RateLimit implements CallGate {
  private readonly bucket: TokenBucket;

  /** @param burst  Infinity for as many calls as come in a second at this rate, at least one */
  constructor(perSecond: number, burst: number) {
    this.bucket = new TokenBucket(perSecond, burst === Infinity ? Math.max(1, perSecond) : burst);
  }

  admit(now: number): Outcome {
    return this.bucket.take(1, now) ? Outcome.ok : Outcome.rateLimited;
  }

  settled(): void {}
}
