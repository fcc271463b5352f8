/** A threshold in one sentence, for places that have no table: a test case, an annotation. */
import type { ThresholdResult } from '../result/result.ts';
import { actualOf, againstLimit, intervalOf, inUnit } from './summary.ts';

/** `actual 0.31 %, 95% interval [0.28, 0.34], limit 0.1 %: 3.10× the limit` */
export function sentenceOn(threshold: ThresholdResult): string {
  const interval = intervalOf(threshold);
  const remark = againstLimit(threshold);
  return [
    `actual ${actualOf(threshold)}`,
    ...(interval === '' ? [] : [`95% interval ${interval}`]),
    `limit ${inUnit(threshold, threshold.limit)}`,
  ].join(', ') + (remark === '' ? '' : `: ${remark}`);
}
