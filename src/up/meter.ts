/** What happened in the last second: for a line that a person watches. */
import { msOf } from '../model/units.ts';
import { Histogram } from '../stats/histogram.ts';

export interface LastSecond {
  /** Requests that ended. */
  readonly requests: number;
  readonly failed: number;
  /** Null without a request. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** 1.6 % error. */
const BITS = 5;

export class Meter {
  last: LastSecond = { requests: 0, failed: 0, p50Ms: null, p99Ms: null };
  private latency: Histogram = new Histogram(BITS);
  private failed: number = 0;

  settled(isOk: boolean, latencyNs: number): void {
    this.latency.record(latencyNs);
    if (!isOk) this.failed++;
  }

  /** A second is over. */
  turn(): void {
    const { count } = this.latency;
    const [p50 = NaN, p99 = NaN] = this.latency.percentiles([0.5, 0.99]);
    this.last = { requests: count, failed: this.failed, p50Ms: count === 0 ? null : msOf(p50), p99Ms: count === 0 ? null : msOf(p99) };
    if (count > 0) this.latency = new Histogram(BITS);
    this.failed = 0;
  }
}
