/**
 * Thresholds on percentiles for which there were too few samples. In all, ten should lie above the percentile, or a few of them decide on it. Where an
 * interval is judged, each replication should have ten times as many: sectioning takes the spread of single replications, whose own percentile is
 * biased below that (100 / (1 - p) effective samples; those that waited in one queue are far fewer than they are).
 */
import { grouped } from '../model/grouped.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { percentileText, samplesFor, samplesForInterval } from '../model/samples.ts';
import type { Measurements } from '../result/measurements.ts';
import type { WarningResult } from '../result/result.ts';
import { valueOf } from './threshold-value.ts';

/** @param isByInterval  whether its interval decides on something */
export function fewSamples({ thresholds }: Plan, measurements: Measurements, replications: number, isByInterval: (threshold: ThresholdPlan) => boolean): WarningResult[] {
  return thresholds.flatMap((threshold) => {
    const { expr, metric, stat, tags } = threshold;
    if (stat.kind !== 'percentile') return [];
    const count = valueOf({ ...threshold, stat: { kind: 'count' }, unit: 'count' }, measurements, null) ?? 0;
    if (count === 0) return [];
    const [least, leastEach, each] = [samplesFor(stat.p), samplesForInterval(stat.p), Math.round(count / replications)];
    // Of p99.9 of all requests every result tells.
    if (count < least && metric === 'latency' && stat.p === 0.999 && Object.keys(tags).length === 0) return [];
    if (count < least) return [{ code: 'few-samples', message: `\`${expr}\` rests on ${grouped(count)} samples; ${grouped(least)} or more would make ${percentileText(stat.p)} mean something` }];
    if (replications === 1 || !isByInterval(threshold) || each >= leastEach) return [];
    return [{ code: 'few-samples', message: `the interval of \`${expr}\` rests on replications of ${grouped(each)} samples, in each of which ${percentileText(stat.p)} wants ${grouped(leastEach)}: make them longer` }];
  });
}
