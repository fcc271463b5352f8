/**
 * No metastable state: some time after the last fault ended the system is back to what it was before (Bronson et al., Metastable
 * Failures in Distributed Systems, HotOS 2021). What "back" means is that of the threshold `recovery`.
 *
 * A scenario may be made to show the opposite, so this is asked for with the time it may take. A run that ends before that
 * time is over says nothing.
 */
import { endOf, recoveryFrom } from '../result/recovery.ts';
import type { Finding } from './invariant.ts';
import type { Ran } from './ran.ts';
import { seconds } from './words.ts';

export function recoveryFindings({ plan, recoverWithinNs, series }: Ran): readonly Finding[] {
  if (recoverWithinNs === null || plan.faults.length === 0) return [];
  const last = Math.max(...plan.faults.map(endOf));
  if (!(last + recoverWithinNs <= plan.durationNs)) return [];
  // How it was before is only known of the first one.
  const [first] = [...plan.faults].sort((a, b) => (a.windows[0]?.fromNs ?? Infinity) - (b.windows[0]?.fromNs ?? Infinity));
  const sinceFirst = recoveryFrom({ ...first!, windows: [{ fromNs: first!.windows[0]!.fromNs, toNs: last }] }, plan, series); // one has ended
  if (sinceFirst === null || sinceFirst <= recoverWithinNs) return [];
  const decision = sinceFirst === Infinity ? 'it never was again what it was before' : `it took ${seconds(sinceFirst)} s to be again what it was before`;
  return [{ atNs: last + recoverWithinNs, decision: `the last fault ended at ${seconds(last)} s, and ${decision}; ${seconds(recoverWithinNs)} s were given` }];
}
