/** What a circuit breaker remembers of calls: the last so many, or those of the last so many whole seconds. */
import { NS_PER_S } from '../../model/units.ts';

const FAILED = 1;
const SLOW = 2;

export interface CallWindow {
  readonly total: number;
  readonly failed: number;
  readonly slow: number;
  record(failed: boolean, slow: boolean, now: number): void;
  /** Forget what is too old by now. */
  roll(now: number): void;
  clear(now: number): void;
}

/** Resilience4j's `FixedSizeSlidingWindowMetrics`. */
export class CountWindow implements CallWindow {
  total: number = 0;
  failed: number = 0;
  slow: number = 0;
  private readonly calls: Uint8Array;
  private next: number = 0;

  constructor(size: number) {
    this.calls = new Uint8Array(size);
  }

  record(failed: boolean, slow: boolean, _now: number): void {
    if (this.total === this.calls.length) this.count(this.calls[this.next]!, -1);
    this.calls[this.next] = (failed ? FAILED : 0) | (slow ? SLOW : 0);
    this.count(this.calls[this.next]!, 1);
    this.next = (this.next + 1) % this.calls.length;
  }

  roll(_now: number): void {}

  clear(_now: number): void {
    this.total = this.failed = this.slow = this.next = 0;
  }

  private count(call: number, by: number): void {
    this.total += by;
    if ((call & FAILED) !== 0) this.failed += by;
    if ((call & SLOW) !== 0) this.slow += by;
  }
}

/** Resilience4j's `SlidingTimeWindowMetrics`: the current whole second and those before it, not the last so many thousand milliseconds. */
export class TimeWindow implements CallWindow {
  total: number = 0;
  failed: number = 0;
  slow: number = 0;
  private readonly seconds: number;
  /** Totals, failed and slow of a second at `3 * (second % seconds)`. */
  private readonly buckets: Int32Array;
  private second: number = 0;

  constructor(seconds: number) {
    this.seconds = seconds;
    this.buckets = new Int32Array(3 * seconds);
  }

  record(failed: boolean, slow: boolean, now: number): void {
    this.roll(now);
    const at = 3 * (this.second % this.seconds);
    this.buckets[at]!++;
    this.total++;
    if (failed) {
      this.buckets[at + 1]!++;
      this.failed++;
    }
    if (slow) {
      this.buckets[at + 2]!++;
      this.slow++;
    }
  }

  roll(now: number): void {
    const second = Math.floor(now / NS_PER_S);
    if (second - this.second >= this.seconds) this.clear(now);
    while (this.second < second) {
      const at = 3 * (++this.second % this.seconds);
      this.total -= this.buckets[at]!;
      this.failed -= this.buckets[at + 1]!;
      this.slow -= this.buckets[at + 2]!;
      this.buckets.fill(0, at, at + 3);
    }
  }

  clear(now: number): void {
    this.total = this.failed = this.slow = 0;
    this.buckets.fill(0);
    this.second = Math.floor(now / NS_PER_S);
  }
}
