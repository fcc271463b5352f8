import type { Draw } from '../hash.ts';
import type { Sampler } from './sampler.ts';

export class Constant implements Sampler {
  private readonly valueNs: number;

  constructor(valueNs: number) {
    this.valueNs = valueNs;
  }

  sample(_draw: Draw): number {
    return this.valueNs;
  }
}
