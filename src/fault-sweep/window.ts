/** When the faults of a sweep are on: late enough that there is a "before", early enough that recovery is seen. */
import type { Plan } from '../model/plan.ts';
import { NS_PER_MS, NS_PER_S } from '../model/units.ts';

export interface Window {
  readonly fromNs: number;
  readonly toNs: number;
}

/** The middle third of the time that is measured, in whole milliseconds where it is long enough for them. */
export function middleOf({ durationNs, warmupNs }: Pick<Plan, 'durationNs' | 'warmupNs'>): Window {
  const measuredNs = durationNs - warmupNs;
  const unitNs = measuredNs >= NS_PER_S ? NS_PER_MS : 1;
  const at = (share: number): number => warmupNs + Math.round((measuredNs * share) / unitNs) * unitNs;
  return { fromNs: at(1 / 3), toNs: at(2 / 3) };
}
