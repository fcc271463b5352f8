/** From an interval to a word. */
import type { Change } from './comparison.ts';
import type { Metric } from './metric.ts';

/** Changes up to this share of the reference do not matter where nobody has said what does. */
export const SAME_WITHIN = 0.05;

export interface Evidence {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** With the other rows of the table counted. */
  readonly isSignificant: boolean;
  readonly better: Metric['better'];
}

export interface Tolerance {
  readonly minEffect: number | null;
  /** What `minEffect` is a share of, in the unit of the evidence. */
  readonly whole: number;
  readonly negligible: number;
}

/**
 * A significant change is better or worse, or the same where it is too small to count. Without one, it is the same if the whole interval
 * is too small to matter, and inconclusive if a change that matters may hide in it.
 */
export function judged({ estimate, low, high, isSignificant, better }: Evidence, { minEffect, whole, negligible }: Tolerance): Pick<Change, 'verdict' | 'tolerated'> {
  if (isSignificant) {
    const direction = estimate < 0 === (better === 'lower') ? 'better' : 'worse';
    const isTolerated = minEffect !== null && Math.abs(estimate) <= minEffect * whole;
    return isTolerated ? { verdict: 'same', tolerated: direction } : { verdict: direction, tolerated: null };
  }
  const matters = Math.max(negligible, (minEffect ?? SAME_WITHIN) * whole);
  return { verdict: low >= -matters && high <= matters ? 'same' : 'inconclusive', tolerated: null };
}
