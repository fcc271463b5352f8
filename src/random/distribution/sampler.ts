import type { Draw } from '../hash.ts';

/** Draws from one law. Stateless: the value is a function of the draw alone. */
export interface Sampler {
  /** In ns, >= 0, not rounded. May move the draw on when one set of bits does not suffice. */
  sample(draw: Draw): number;
}
