/** A sweep of faults as CSV: a line for each case, the baseline first, and all that its table leaves out. */
import { brokenIn, type CaseOutcome, type FaultSweep } from '../../fault-sweep/fault-sweep.ts';
import { type CsvField, csvText } from '../csv-text.ts';

export function faultSweepCsv({ baseline, pairs, singles, thresholds }: FaultSweep): string {
  const header = ['kind', 'case', 'what', 'harm', 'harm_of_the_worse_alone', 'thresholds_broken', 'lost_share', 'recovered', 'recovery_ms', 'attempts_per_call', 'on_edge', 'complete', ...thresholds, 'set'];
  const row = (kind: string) => (one: CaseOutcome): CsvField[] => [
    kind, one.id, one.what, one.harm, one.alone ?? null, brokenIn(one).length, one.lost, one.recovered, one.recoveryMs,
    one.amplification?.attempts ?? null, one.amplification?.edge ?? null, one.complete, ...one.thresholds.map(({ value }) => value), one.set.join('\n'),
  ];
  return csvText(header, [row('nothing')(baseline), ...singles.cases.map(row('single')), ...(pairs?.cases ?? []).map(row('pair'))]);
}
