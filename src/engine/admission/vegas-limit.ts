/**
 * Little's law against the least latency seen: what the limit holds beyond limit x least / present latency stands in a
 * queue; a short queue raises the limit, a long one lowers it (Netflix/concurrency-limits: VegasLimit.java, 0.5,
 * after TCP Vegas). Steps and bounds grow with the decimal digits of the limit. The least latency is measured anew
 * about every 22 x limit samples: a random half to whole of probeMultiplier x limit.
 */
import type { GateDice } from './gate.ts';
import type { SampledLimit } from './sampled-limit.ts';

export interface VegasOptions {
  readonly initialLimit: number;
  readonly maxLimit: number;
  readonly smoothing: number;
  readonly probeMultiplier: number;
  readonly decrease: 'log10' | 'half';
}

export class VegasLimit implements SampledLimit {
  limit: number;
  /** `limit` before it is cut to a whole number. */
  estimate: number;
  private readonly options: VegasOptions;
  private readonly dice: GateDice;
  /** ns; 0 before the first sample. */
  private minRtt: number = 0;
  private samples: number = 0;
  private probeShare: number;

  constructor(options: VegasOptions, dice: GateDice) {
    this.options = options;
    this.dice = dice;
    this.estimate = options.initialLimit;
    this.limit = options.initialLimit;
    this.probeShare = this.drawProbeShare();
  }

  sample(rttNs: number, inFlight: number, isDropped: boolean): void {
    this.samples++;
    if (this.probeShare * this.options.probeMultiplier * this.estimate <= this.samples) {
      this.probeShare = this.drawProbeShare();
      this.samples = 0;
      this.minRtt = rttNs;
    } else if (this.minRtt === 0 || rttNs < this.minRtt) this.minRtt = rttNs;
    else this.update(rttNs, inFlight, isDropped);
  }

  private update(rttNs: number, inFlight: number, isDropped: boolean): void {
    const { maxLimit, smoothing } = this.options;
    const { estimate } = this;
    // Upward drift stops where the limit is not what holds calls back.
    if (!isDropped && inFlight * 2 < estimate) return;
    const next = Math.max(1, Math.min(maxLimit, isDropped ? this.decreased() : this.stepped(Math.ceil(estimate * (1 - this.minRtt / rttNs)))));
    if (next === estimate) return;
    this.estimate = (1 - smoothing) * estimate + smoothing * next;
    this.limit = Math.trunc(this.estimate);
  }

  private stepped(queue: number): number {
    const { estimate } = this;
    const step = digitsOf(estimate);
    if (queue <= step) return estimate + 6 * step;
    if (queue < 3 * step) return estimate + step;
    return queue > 6 * step ? this.decreased() : estimate;
  }

  private decreased(): number {
    return this.options.decrease === 'half' ? this.estimate / 2 : this.estimate - digitsOf(this.estimate);
  }

  /** Uniform in [1/2, 1). */
  private drawProbeShare(): number {
    return 0.5 + 0.5 * this.dice.unit();
  }
}

/** The decimal logarithm cut to a whole number, at least 1. */
function digitsOf(limit: number): number {
  let digits = 1;
  for (let power = 100; power <= limit; power *= 10) digits++;
  return digits;
}
