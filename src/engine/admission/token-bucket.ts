/**
 * A bucket that fills continuously: full at the start, `perSecond` tokens a second, at most `size` of them.
 *
 * Kept as the one instant at which it was (or would have been) empty, so that a refill costs nothing. That is
 * Envoy's `AtomicTokenBucketImpl` (envoyproxy/envoy: source/common/common/token_bucket_impl.cc, 1.38), whose local
 * rate limit stopped filling in steps with it, and the same thing as GCRA with a burst of `size`, which
 * Linkerd uses (crate governor).
 */

/**
 * Instants are whole ns, so that two of them may be one nearer than what they stand for, and sums have rounding errors: a
 * token is there this much early. The bucket is empty then, and owes nothing, so that errors do not add up.
 */
const SLACK_NS = 1.1;

export class TokenBucket {
  private readonly nsPerToken: number;
  private readonly fullNs: number;
  private emptyAt: number;

  constructor(perSecond: number, size: number) {
    this.nsPerToken = 1e9 / perSecond;
    this.fullNs = size * this.nsPerToken;
    this.emptyAt = -this.fullNs;
  }

  /** All of them or none. */
  take(tokens: number, now: number): boolean {
    const cost = tokens * this.nsPerToken;
    const filled = Math.min(this.fullNs, now - this.emptyAt);
    if (filled + SLACK_NS < cost) return false;
    this.emptyAt = now - Math.max(0, filled - cost);
    return true;
  }
}
