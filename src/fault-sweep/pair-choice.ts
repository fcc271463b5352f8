/**
 * Which pairs are worth their runs where there are more than may be run. A pair of which one alone breaks a threshold breaks it, too, and is
 * no news; so those come first of which each alone is stood, and of these the ones that come nearest to a limit.
 */
import type { FaultCase } from './cases.ts';
import { brokenIn, type CaseOutcome, strainOf } from './fault-sweep.ts';

export interface Pair {
  readonly pair: FaultCase;
  /** Of its two alone. */
  readonly alone: readonly CaseOutcome[];
}

/** @param most  at most so many of them */
export function mostTelling(pairs: readonly Pair[], most: number): Pair[] {
  const isNews = ({ alone }: Pair): number => (alone.every((one) => brokenIn(one).length === 0) ? 1 : 0);
  const strain = ({ alone }: Pair): number => alone.reduce((sum, one) => sum + strainOf(one), 0);
  return pairs.toSorted((a, b) => isNews(b) - isNews(a) || strain(b) - strain(a)).slice(0, most);
}
