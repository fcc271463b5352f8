import type { SplitMode } from './kinds.ts';
import { AvailableSplit, FixedSplit, type Split } from './split.ts';

/** One line a mode; its description is in kinds.ts. */
const splits: { readonly [Mode in SplitMode]: (weights: readonly number[]) => Split } = {
  fixed: (weights) => new FixedSplit(weights),
  available: (weights) => new AvailableSplit(weights),
};

export function createSplit(mode: SplitMode, weights: readonly number[]): Split {
  return splits[mode](weights);
}
