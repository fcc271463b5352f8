/**
 * Gamma variates by Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables"
 * (ACM TOMS 26(3), 2000); shapes below 1 by the boost of the same paper, section 6.
 */
import { ln, power } from '../../model/math.ts';
import type { Draw } from '../hash.ts';
import { normal } from '../ziggurat.ts';
import type { Sampler } from './sampler.ts';

export class Gamma implements Sampler {
  private readonly scaleNs: number;
  private readonly boost: number;
  private readonly d: number;
  private readonly c: number;

  constructor(meanNs: number, shape: number) {
    this.scaleNs = meanNs / shape;
    this.boost = shape < 1 ? 1 / shape : 0;
    this.d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
    this.c = 1 / Math.sqrt(9 * this.d);
  }

  sample(draw: Draw): number {
    const value = this.scaleNs * this.standard(draw);
    if (this.boost === 0) return value;
    draw.next();
    return value * power(draw.open(), this.boost);
  }

  private standard(draw: Draw): number {
    for (;;) {
      const x = normal(draw);
      const root = 1 + this.c * x;
      draw.next();
      if (root <= 0) continue;
      const v = root * root * root;
      if (ln(draw.open()) < 0.5 * x * x + this.d * (1 - v + ln(v))) return this.d * v;
      draw.next();
    }
  }
}
