import { power } from '../../model/math.ts';
import type { Draw } from '../hash.ts';
import { exponential } from '../ziggurat.ts';
import type { Sampler } from './sampler.ts';

/** An exponential raised to 1/shape. */
export class Weibull implements Sampler {
  private readonly scaleNs: number;
  private readonly exponent: number;

  constructor(scaleNs: number, shape: number) {
    this.scaleNs = scaleNs;
    this.exponent = 1 / shape;
  }

  sample(draw: Draw): number {
    return this.scaleNs * power(exponential(draw), this.exponent);
  }
}
