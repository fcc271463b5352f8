/**
 * The limit times how near the present latency is to its long-term average, plus room for a queue; averaging instead of
 * keeping a least latency that nothing ever reaches again (Netflix/concurrency-limits: Gradient2Limit.java and
 * ExpAvgMeasurement.java, 0.5). Drops do not count beyond their latency.
 */
import type { SampledLimit } from './sampled-limit.ts';

export interface Gradient2Options {
  readonly initialLimit: number;
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly smoothing: number;
  readonly queueSize: number;
  readonly longWindow: number;
  readonly rttTolerance: number;
}

/** Samples of which the long-term average is a plain mean. */
const PLAIN_SAMPLES = 10;
/** An average this many times the present latency is from worse days, and is helped down. */
const DRIFT = 2;
const DRIFT_CORRECTION = 0.95;

export class Gradient2Limit implements SampledLimit {
  limit: number;
  /** `limit` before it is cut to a whole number. */
  estimate: number;
  /** Long-term average latency, ns. */
  longRtt: number = 0;
  private readonly options: Gradient2Options;
  private readonly factor: number;
  private samples: number = 0;
  private sum: number = 0;

  constructor(options: Gradient2Options) {
    this.options = options;
    this.factor = 2 / (options.longWindow + 1);
    this.estimate = options.initialLimit;
    this.limit = options.initialLimit;
  }

  sample(rttNs: number, inFlight: number, _isDropped: boolean): void {
    const { minLimit, maxLimit, smoothing, queueSize, rttTolerance } = this.options;
    const { estimate } = this;
    const longRtt = this.average(rttNs);
    if (longRtt / rttNs > DRIFT) this.longRtt *= DRIFT_CORRECTION;
    if (inFlight < estimate / 2) return;
    const gradient = Math.max(0.5, Math.min(1, (rttTolerance * longRtt) / rttNs));
    const next = estimate * (1 - smoothing) + (estimate * gradient + queueSize) * smoothing;
    this.estimate = Math.max(minLimit, Math.min(maxLimit, next));
    this.limit = Math.trunc(this.estimate);
  }

  private average(rttNs: number): number {
    if (this.samples < PLAIN_SAMPLES) {
      this.samples++;
      this.sum += rttNs;
      this.longRtt = this.sum / this.samples;
    } else this.longRtt = this.longRtt * (1 - this.factor) + rttNs * this.factor;
    return this.longRtt;
  }
}
