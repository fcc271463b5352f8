import type { DistributionPlan } from '../../model/plan.ts';
import type { Draw } from '../hash.ts';
import type { Sampler } from './sampler.ts';

/** Another law, clamped and then shifted. */
export class Clamped implements Sampler {
  private readonly inner: Sampler;
  private readonly minNs: number;
  private readonly maxNs: number;
  private readonly shiftNs: number;

  constructor(inner: Sampler, { minNs, maxNs, shiftNs }: DistributionPlan) {
    this.inner = inner;
    this.minNs = minNs;
    this.maxNs = maxNs;
    this.shiftNs = shiftNs;
  }

  sample(draw: Draw): number {
    const value = this.inner.sample(draw);
    return Math.max(0, Math.min(this.maxNs, Math.max(this.minNs, value)) + this.shiftNs);
  }
}
