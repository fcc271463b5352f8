/**
 * No metastable state: some time after the last fault ended the system is back to what it was before (Bronson et al., Metastable
 * Failures in Distributed Systems, HotOS 2021). What "back" means is that of the threshold `recovery`.
 *
 * A scenario may be made to show the opposite, so this is asked for with the time it may take. A run that ends before that
 * time is over says nothing.
 */
import type { Plan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';
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

/** From the end of the last fault; `Infinity` for never. Null where the run says nothing: without a fault, without requests before and after it, or where it ends before the time is over. */
export function recoveryNsWithin(recoverWithinNs: number, plan: Plan, series: RequestSeries): number | null {
  if (plan.faults.length === 0) return null;
  const last = lastEndOf(plan);
  if (!(last + recoverWithinNs <= plan.durationNs) || !isAskedAfter(last, plan, series)) return null;
  // How it was before is only known of the first one.
  const [first] = [...plan.faults].sort((a, b) => (a.windows[0]?.fromNs ?? Infinity) - (b.windows[0]?.fromNs ?? Infinity));
  return recoveryFrom({ ...first!, windows: [{ fromNs: first!.windows[0]!.fromNs, toNs: last }] }, plan, series); // one has ended
}

/** Whether there is somebody to see it: who comes then, or waits since before. */
function isAskedAfter(ns: number, { durationNs }: Plan, { failed, ok, requests, stepMs }: RequestSeries): boolean {
  const stepNs = stepMs * NS_PER_MS;
  const upTo = (counts: readonly number[], steps: number): number => counts.slice(0, steps).reduce((sum, count) => sum + count, 0);
  const before = Math.ceil(ns / stepNs);
  return upTo(requests, Math.ceil(durationNs / stepNs) - 1) > upTo(ok, before) + upTo(failed, before);
}

function lastEndOf({ faults }: Plan): number {
  return Math.max(...faults.map(endOf));
}
