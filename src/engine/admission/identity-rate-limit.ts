/**
 * Linkerd's `HTTPLocalRateLimitPolicy` (linkerd/linkerd2-proxy: linkerd/app/inbound/src/policy/, revision 29637b64f): a pod's
 * limit for everybody together, then one for each client. Every limiter is a bucket that holds one second's worth.
 *
 * The total is asked first and keeps what it gave when the next one refuses. An override for the client's identity
 * replaces the limit for each identity; clients without identity share one bucket.
 */
import { TokenBucket } from './token-bucket.ts';

export interface IdentityRates {
  /** Calls per second; null is no such limit. */
  readonly total: number | null;
  readonly perIdentity: number | null;
  readonly overrides: ReadonlyMap<string, number>;
}

/** Who refused; the words are those of Linkerd's metrics. */
export type RateVerdict = 'ok' | 'total' | 'override' | 'per_identity';

export class IdentityRateLimit {
  private readonly total: TokenBucket | null;
  private readonly overrides: ReadonlyMap<string, TokenBucket>;
  private readonly perIdentity: number | null;
  private readonly identities: Map<string | null, TokenBucket> = new Map();

  constructor(rates: IdentityRates) {
    this.total = rates.total === null ? null : secondOf(rates.total);
    this.overrides = new Map([...rates.overrides].map(([identity, rate]) => [identity, secondOf(rate)]));
    this.perIdentity = rates.perIdentity;
  }

  /** @param identity  of the client; null where it has none */
  check(identity: string | null, now: number): RateVerdict {
    if (this.total !== null && !this.total.take(1, now)) return 'total';
    const override = identity === null ? undefined : this.overrides.get(identity);
    if (override !== undefined) return override.take(1, now) ? 'ok' : 'override';
    if (this.perIdentity === null) return 'ok';
    return this.bucketOf(identity, this.perIdentity).take(1, now) ? 'ok' : 'per_identity';
  }

  private bucketOf(identity: string | null, rate: number): TokenBucket {
    const known = this.identities.get(identity);
    if (known !== undefined) return known;
    const bucket = secondOf(rate);
    this.identities.set(identity, bucket);
    return bucket;
  }
}

/** A bucket as large as what it gets in a second. */
function secondOf(rate: number): TokenBucket {
  return new TokenBucket(rate, rate);
}
