import type { Draw } from '../hash.ts';
import type { Sampler } from './sampler.ts';

/** Cumulative buckets as Prometheus has them: linear inside a bucket, the first from 0. */
export class Buckets implements Sampler {
  private readonly edges: Float64Array;
  private readonly counts: Float64Array;

  constructor(buckets: readonly { readonly leNs: number; readonly count: number }[]) {
    this.edges = Float64Array.from([0, ...buckets.map((bucket) => bucket.leNs)]);
    this.counts = Float64Array.from([0, ...buckets.map((bucket) => bucket.count)]);
  }

  sample(draw: Draw): number {
    const rank = draw.unit() * this.counts[this.counts.length - 1]!;
    let i = 1;
    while (i < this.counts.length - 1 && rank >= this.counts[i]!) i++;
    const below = this.counts[i - 1]!;
    const share = (rank - below) / (this.counts[i]! - below);
    return this.edges[i - 1]! + (this.edges[i]! - this.edges[i - 1]!) * share;
  }
}
