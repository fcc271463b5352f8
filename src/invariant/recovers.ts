/**
 * No metastable state: some time after the last fault ended the system is back to what it was before (Bronson et al., Metastable
 * Failures in Distributed Systems, HotOS 2021). What "back" means is that of the threshold `recovery`.
 *
 * A scenario may be made to show the opposite, so this is asked for with the time it may take. A run that ends before that
 * time is over says nothing.
 */
import type { Plan } from '../model/plan.ts';
import { endOf, recoveryFrom } from '../result/recovery.ts';
import type { RequestSeries } from '../result/result.ts';
import type { Finding } from './invariant.ts';
import type { Ran } from './ran.ts';
import { seconds } from './words.ts';

export function recoveryFindings({ plan, recoverWithinNs, series }: Ran): readonly Finding[] {
  if (recoverWithinNs === null) return [];
  const tookNs = recoveryNsWithin(recoverWithinNs, plan, series);
  if (tookNs === null || tookNs <= recoverWithinNs) return [];
  const last = lastEndOf(plan);
  const decision = tookNs === Infinity ? 'it never was again what it was before' : `it took ${seconds(tookNs)} s to be again what it was before`;
  return [{ atNs: last + recoverWithinNs, decision: `the last fault ended at ${seconds(last)} s, and ${decision}; ${seconds(recoverWithinNs)} s were given` }];
}

/** From the end of the last fault; `Infinity` for never. Null where the run says nothing: without a fault, without traffic before it, or where it ends before the time is over. */
export function recoveryNsWithin(recoverWithinNs: number, plan: Plan, series: RequestSeries): number | null {
  if (plan.faults.length === 0) return null;
  const last = lastEndOf(plan);
  if (!(last + recoverWithinNs <= plan.durationNs)) return null;
  // How it was before is only known of the first one.
  const [first] = [...plan.faults].sort((a, b) => (a.windows[0]?.fromNs ?? Infinity) - (b.windows[0]?.fromNs ?? Infinity));
  return recoveryFrom({ ...first!, windows: [{ fromNs: first!.windows[0]!.fromNs, toNs: last }] }, plan, series); // one has ended
}

function lastEndOf({ faults }: Plan): number {
  return Math.max(...faults.map(endOf));
}
