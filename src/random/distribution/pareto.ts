import { power } from '../../model/math.ts';
import type { Draw } from '../hash.ts';
import type { Sampler } from './sampler.ts';

/** P(X > x) = (min / x)^shape, by inversion; with a maximum, the law conditioned on staying below it. */
export class Pareto implements Sampler {
  private readonly minNs: number;
  private readonly exponent: number;
  private readonly beyond: number;

  constructor(minNs: number, shape: number, maxNs: number) {
    this.minNs = minNs;
    this.exponent = -1 / shape;
    this.beyond = maxNs === Infinity ? 0 : power(minNs / maxNs, shape);
  }

  sample(draw: Draw): number {
    return this.minNs * power(this.beyond + (1 - this.beyond) * draw.open(), this.exponent);
  }
}
