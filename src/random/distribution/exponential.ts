import type { Draw } from '../hash.ts';
import { exponential } from '../ziggurat.ts';
import type { Sampler } from './sampler.ts';

export class Exponential implements Sampler {
  private readonly meanNs: number;

  constructor(meanNs: number) {
    this.meanNs = meanNs;
  }

  sample(draw: Draw): number {
    return this.meanNs * exponential(draw);
  }
}
