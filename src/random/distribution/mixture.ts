import type { Draw } from '../hash.ts';
import type { Sampler } from './sampler.ts';

/** One of several laws, by weight. Also the hyperexponential, whose parts are exponentials. */
export class Mixture implements Sampler {
  private readonly parts: readonly Sampler[];
  private readonly cumulative: Float64Array;

  constructor(parts: readonly { readonly weight: number; readonly sampler: Sampler }[]) {
    this.parts = parts.map((part) => part.sampler);
    const total = parts.reduce((sum, part) => sum + part.weight, 0);
    let sum = 0;
    this.cumulative = Float64Array.from(parts, (part) => (sum += part.weight) / total);
  }

  sample(draw: Draw): number {
    const u = draw.unit();
    let i = 0;
    while (i < this.parts.length - 1 && u >= this.cumulative[i]!) i++;
    draw.next();
    return this.parts[i]!.sample(draw);
  }
}
