import type { Draw } from '../hash.ts';
import { normal } from '../ziggurat.ts';
import type { Sampler } from './sampler.ts';

/** Values below 0 become 0. */
export class Normal implements Sampler {
  private readonly meanNs: number;
  private readonly stddevNs: number;

  constructor(meanNs: number, stddevNs: number) {
    this.meanNs = meanNs;
    this.stddevNs = stddevNs;
  }

  sample(draw: Draw): number {
    return Math.max(0, this.meanNs + this.stddevNs * normal(draw));
  }
}
