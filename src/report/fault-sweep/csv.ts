/** A sweep of faults as CSV (RFC 4180): a line for each case, the baseline first, and all that its table leaves out. */
import { brokenIn, type CaseOutcome, type FaultSweep } from '../../fault-sweep/fault-sweep.ts';
import { csvOf } from '../csv.ts';

export function faultSweepCsv({ baseline, pairs, singles, thresholds }: FaultSweep): string {
  const header = ['kind', 'case', 'what', 'harm', 'harm_of_the_worse_alone', 'thresholds_broken', 'lost_share', 'recovered', 'recovery_ms', 'attempts_per_call', 'on_edge', 'complete', ...thresholds, 'set'];
  const row = (kind: string) => (one: CaseOutcome): (string | number | null)[] => [
    kind, one.id, one.what, one.harm, one.alone ?? null, brokenIn(one).length, one.lost, one.recovered === null ? null : String(one.recovered), one.recoveryMs,
    one.amplification?.attempts ?? null, one.amplification?.edge ?? null, String(one.complete), ...one.thresholds.map(({ value }) => value), one.set.join('\n'),
  ];
  return csvOf([header, row('nothing')(baseline), ...singles.cases.map(row('single')), ...(pairs?.cases ?? []).map(row('pair'))]);
}
