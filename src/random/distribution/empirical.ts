import type { Draw } from '../hash.ts';
import type { Sampler } from './sampler.ts';

/** One of the given values, each as likely. */
export class Empirical implements Sampler {
  private readonly valuesNs: Float64Array;

  constructor(valuesNs: readonly number[]) {
    this.valuesNs = Float64Array.from(valuesNs);
  }

  sample(draw: Draw): number {
    return this.valuesNs[Math.floor(draw.unit() * this.valuesNs.length)]!;
  }
}
