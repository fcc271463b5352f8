import type { Draw } from '../hash.ts';
import type { Sampler } from './sampler.ts';

export class Uniform implements Sampler {
  private readonly lowNs: number;
  private readonly rangeNs: number;

  constructor(lowNs: number, highNs: number) {
    this.lowNs = lowNs;
    this.rangeNs = highNs - lowNs;
  }

  sample(draw: Draw): number {
    return this.lowNs + this.rangeNs * draw.unit();
  }
}
