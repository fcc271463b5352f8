/** More or less load, the rest of the plan as it is. */
import type { LoadPlan, Plan, TrafficPlan } from '../model/plan.ts';
import { usersAt } from '../model/users.ts';

/**
 * The plan with so many times the load. Open loops get the rate of each point of their profile times `factor`: the n-th request has the same
 * draws at any rate. Closed loops get as many users, rounded all together, at least one each. Recordings are played that much faster.
 * @param factor  above 0
 * @param isScaled  which sources; all unless given
 */
export function withLoad(plan: Plan, factor: number, isScaled: (source: TrafficPlan) => boolean = () => true): Plan {
  const users = usersAt(plan.traffic.flatMap((source) => (isScaled(source) && source.load.kind === 'closed' ? [source.load.users] : [])), factor);
  return { ...plan, traffic: plan.traffic.map((source) => (isScaled(source) ? { ...source, load: scaled(source.load, factor, users) } : source)) };
}

/** @param users  of the closed loops that are left to scale; it takes the first */
function scaled(load: LoadPlan, factor: number, users: number[]): LoadPlan {
  switch (load.kind) {
    case 'open': return { ...load, profile: load.profile.map((point) => ({ ...point, ratePerS: point.ratePerS * factor })) };
    case 'closed': return { ...load, users: users.shift()! };
    case 'recorded': return { ...load, offsetsNs: load.offsetsNs.map((offset) => Math.round(offset / factor)) };
    default: return load satisfies never;
  }
}
