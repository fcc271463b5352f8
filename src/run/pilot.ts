/** A pilot run: what `warmup.ts` finds the warm-up with. */
import type { Plan } from '../model/plan.ts';
import { GroupMeans, type Groups } from '../stats/group-means.ts';
import type { OwnPolicies } from '../own/policies.ts';
import { carryOut, carryOutWaiting, type Ending } from './carry-out.ts';
import type { RunControl } from './run.ts';
import { horizonOf } from './warmup.ts';

/** Plain data. */
export interface Pilot {
  readonly ending: Ending;
  /** Of requests in the order in which they end, ns. */
  readonly latencies: Groups;
}

export function pilotOf(plan: Plan, seed: number, control?: RunControl, policies: OwnPolicies = {}): Pilot {
  const latencies = new GroupMeans();
  const { ending } = carryOut(pilotPlan(plan), seed, control, { latencies, policies });
  return { ending, latencies: latencies.groups() };
}

/** Of a plan with asynchronous code. */
export async function pilotWaiting(plan: Plan, seed: number, policies: OwnPolicies): Promise<Pilot> {
  const latencies = new GroupMeans();
  const { ending } = await carryOutWaiting(pilotPlan(plan), seed, undefined, { latencies, policies });
  return { ending, latencies: latencies.groups() };
}

function pilotPlan(plan: Plan): Plan {
  return { ...plan, durationNs: horizonOf(plan), warmupNs: 0, isWarmupAuto: false, faults: [], thresholds: [] };
}
