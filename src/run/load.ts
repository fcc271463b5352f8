/** More or less load, the rest of the plan as it is. */
import type { LoadPlan, Plan, TrafficPlan } from '../model/plan.ts';

/**
 * The plan with so many times the load. Open loops get the rate of each point of their profile times `factor`: the n-th request has the same
 * draws at any rate. Closed loops get as many users, rounded, at least one. Recordings are played that much faster.
 * @param factor  above 0
 * @param isScaled  which sources; all unless given
 */
export function withLoad(plan: Plan, factor: number, isScaled: (source: TrafficPlan) => boolean = () => true): Plan {
  return { ...plan, traffic: plan.traffic.map((source) => (isScaled(source) ? { ...source, load: scaled(source.load, factor) } : source)) };
}

function scaled(load: LoadPlan, factor: number): LoadPlan {
  switch (load.kind) {
    case 'open': return { ...load, profile: load.profile.map((point) => ({ ...point, ratePerS: point.ratePerS * factor })) };
    case 'closed': return { ...load, users: Math.max(1, Math.round(load.users * factor)) };
    case 'recorded': return { ...load, offsetsNs: load.offsetsNs.map((offset) => Math.round(offset / factor)) };
    default: return load satisfies never;
  }
}
