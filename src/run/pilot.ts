/** A pilot run: what `warmup.ts` finds the warm-up with. */
import type { Plan } from '../model/plan.ts';
import { GroupMeans, type Groups } from '../stats/group-means.ts';
import { carryOut, type Ending } from './carry-out.ts';
import type { RunControl } from './run.ts';
import { horizonOf, pilotSeeds, warmupOf, withWarmup } from './warmup.ts';

/** Plain data. */
export interface Pilot {
  readonly ending: Ending;
  /** Of requests in the order in which they end, ns. */
  readonly latencies: Groups;
}

/** @param carry  carries it out, where the plan names code */
export function pilotOf(plan: Plan, seed: number, control?: RunControl, carry: typeof carryOut = carryOut): Pilot {
  const latencies = new GroupMeans();
  const { ending } = carry(pilotPlan(plan), seed, control, { latencies });
  return { ending, latencies: latencies.groups() };
}

export function pilotPlan(plan: Plan): Plan {
  return { ...plan, durationNs: horizonOf(plan), warmupNs: 0, isWarmupAuto: false, faults: [], thresholds: [] };
}

/** @throws RunTooShort  where there is no steady state to be found */
export function warmedUp(plan: Plan, pilots: readonly Pilot[] = pilotSeeds(plan).map((seed) => pilotOf(plan, seed))): Plan {
  return withWarmup(plan, warmupOf(plan, pilots));
}
