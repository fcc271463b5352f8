import { exp } from '../../model/math.ts';
import type { Draw } from '../hash.ts';
import { normal } from '../ziggurat.ts';
import type { Sampler } from './sampler.ts';

/** exp(N(mu, sigma)) ns. */
export class Lognormal implements Sampler {
  private readonly mu: number;
  private readonly sigma: number;

  constructor(mu: number, sigma: number) {
    this.mu = mu;
    this.sigma = sigma;
  }

  sample(draw: Draw): number {
    return exp(this.mu + this.sigma * normal(draw));
  }
}
