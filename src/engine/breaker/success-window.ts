/**
 * Share of successes among the responses of a trailing window, for each endpoint: a ring of ten buckets that starts
 * when the endpoint does (linkerd2-proxy `app/outbound/src/http/breaker/success_rate.rs`).
 */
const BUCKETS = 10;

export class SuccessWindow {
  private readonly bucketNs: number;
  private readonly successes: Uint32Array;
  private readonly totals: Uint32Array;
  private readonly current: Uint8Array;
  /** Start of the current bucket. */
  private readonly rolledAt: Float64Array;

  /** @param windowNs  at least 10 ms */
  constructor(size: number, windowNs: number) {
    this.bucketNs = Math.floor(windowNs / BUCKETS);
    this.successes = new Uint32Array(size * BUCKETS);
    this.totals = new Uint32Array(size * BUCKETS);
    this.current = new Uint8Array(size);
    this.rolledAt = new Float64Array(size);
  }

  record(endpoint: number, success: boolean, now: number): void {
    this.roll(endpoint, now);
    const at = endpoint * BUCKETS + this.current[endpoint]!;
    this.totals[at]!++;
    if (success) this.successes[at]!++;
  }

  /** As of the last `record`: whether at least `minRequests` (and one) were seen, and fewer than `threshold` of them were successes. */
  isBelow(endpoint: number, threshold: number, minRequests: number): boolean {
    let successes = 0;
    let total = 0;
    for (let i = endpoint * BUCKETS; i < (endpoint + 1) * BUCKETS; i++) {
      successes += this.successes[i]!;
      total += this.totals[i]!;
    }
    return total > 0 && total >= minRequests && successes / total < threshold;
  }

  reset(endpoint: number, now: number): void {
    this.clear(endpoint);
    this.current[endpoint] = 0;
    this.rolledAt[endpoint] = now;
  }

  private roll(endpoint: number, now: number): void {
    const steps = Math.floor((now - this.rolledAt[endpoint]!) / this.bucketNs);
    if (steps === 0) return;
    const current = this.current[endpoint]!;
    if (steps >= BUCKETS) this.clear(endpoint);
    else {
      for (let i = 1; i <= steps; i++) {
        const at = endpoint * BUCKETS + ((current + i) % BUCKETS);
        this.successes[at] = 0;
        this.totals[at] = 0;
      }
    }
    this.current[endpoint] = (current + steps) % BUCKETS;
    this.rolledAt[endpoint]! += steps * this.bucketNs;
  }

  private clear(endpoint: number): void {
    this.successes.fill(0, endpoint * BUCKETS, (endpoint + 1) * BUCKETS);
    this.totals.fill(0, endpoint * BUCKETS, (endpoint + 1) * BUCKETS);
  }
}
