/**
 * The limit times how near the present latency is to the least one, plus room for a queue (Netflix/concurrency-limits:
 * GradientLimit.java, 0.5; the library's first gradient). Shrinks smoothly, grows at once. Every 1000 to 2000 samples
 * the limit falls to the size of the queue and the least latency is forgotten.
 */
import type { GateDice } from './gate.ts';
import type { SampledLimit } from './sampled-limit.ts';

export interface GradientOptions {
  readonly initialLimit: number;
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly smoothing: number;
  readonly rttTolerance: number;
  readonly backoffRatio: number;
  /** Samples; `Infinity` never probes. */
  readonly probeInterval: number;
}

const QUEUE_MIN = 4;

export class GradientLimit implements SampledLimit {
  limit: number;
  /** `limit` before it is cut to a whole number. */
  estimate: number;
  private readonly options: GradientOptions;
  private readonly dice: GateDice;
  /** ns; 0 before the first sample. */
  private minRtt: number = 0;
  private untilProbe: number;

  constructor(options: GradientOptions, dice: GateDice) {
    this.options = options;
    this.dice = dice;
    this.estimate = options.initialLimit;
    this.limit = options.initialLimit;
    this.untilProbe = this.drawProbe();
  }

  sample(rttNs: number, inFlight: number, isDropped: boolean): void {
    const { minLimit, maxLimit, smoothing, rttTolerance, backoffRatio } = this.options;
    const { estimate } = this;
    const queue = Math.max(QUEUE_MIN, Math.trunc(Math.sqrt(Math.trunc(estimate))));
    if (this.untilProbe-- <= 0) {
      this.untilProbe = this.drawProbe();
      this.minRtt = 0;
      this.set(Math.max(minLimit, queue));
      return;
    }
    if (this.minRtt === 0 || rttNs < this.minRtt) this.minRtt = rttNs;
    if (!isDropped && inFlight < estimate / 2) return;
    const gradient = Math.max(0.5, Math.min(1, (rttTolerance * this.minRtt) / rttNs));
    let next = isDropped ? estimate * backoffRatio : estimate * gradient + queue;
    if (next < estimate) next = Math.max(minLimit, estimate * (1 - smoothing) + smoothing * next);
    this.set(Math.max(queue, Math.min(maxLimit, next)));
  }

  private set(estimate: number): void {
    this.estimate = estimate;
    this.limit = Math.trunc(estimate);
  }

  private drawProbe(): number {
    const { probeInterval } = this.options;
    return probeInterval === Infinity ? Infinity : probeInterval + this.dice.below(probeInterval);
  }
}
