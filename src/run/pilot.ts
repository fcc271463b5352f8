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

export function pilotOf(plan: Plan, seed: number, control?: RunControl): Pilot {
  const latencies = new GroupMeans();
  const pilot: Plan = { ...plan, durationNs: horizonOf(plan), warmupNs: 0, isWarmupAuto: false, faults: [], thresholds: [] };
  const { ending } = carryOut(pilot, seed, control, { latencies });
  return { ending, latencies: latencies.groups() };
}

/** @throws RunTooShort  where there is no steady state to be found */
export function warmedUp(plan: Plan): Plan {
  return withWarmup(plan, warmupOf(plan, pilotSeeds(plan).map((seed) => pilotOf(plan, seed))));
}
