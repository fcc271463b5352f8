/**
 * What a metric is of several replications. "Merge, never average": a percentile of all requests of all runs. But some metrics are of
 * one run whatever its length or number: how often something happened, when it had recovered, how busy its busiest endpoint was; of those
 * the mean over the runs.
 */
import { rangeOf } from '../model/metric-range.ts';
import type { MetricPlan } from '../model/plan.ts';
import type { Measurements } from '../result/measurements.ts';
import { countInterval, intervalAround, shareInterval, Spread } from '../stats/interval.ts';
import { isTally, valueOf } from './threshold-value.ts';
import type { Estimate } from './threshold.ts';

/**
 * @param values  of the replications, one from each, as `valueOfOne` has it
 * @param merged  what all of them measured
 */
export function estimateOf(metric: MetricPlan, values: readonly (number | null)[], merged: Measurements): Estimate {
  const known = values.filter((value) => value !== null);
  const kind = kindOf(metric);
  if (kind === 'ofOneRun' && known.includes(Infinity)) return { value: Infinity, interval: null };
  // Counts of nothing at all are no samples.
  if (isTally(metric) && valueOf(metric, merged, null) === null) return { value: null, interval: null };
  const spread = new Spread();
  for (const value of known) spread.add(value);
  const value = kind === 'ofOneRun' ? (known.length > 0 ? spread.mean : null) : valueOf(metric, merged, null);
  if (value === null || kind === 'extreme') return { value, interval: null };
  const isCount = metric.metric === 'errors' && metric.stat.kind === 'count';
  if (!isShare(metric) && !isCount) return { value, interval: intervalAround(value, spread, rangeOf(metric)) };
  // Of these requests it is the share.
  const trials = valueOf({ metric: 'requests', tags: metric.tags, stat: { kind: 'count' }, unit: 'count' }, merged, null);
  if (trials === null) return { value, interval: null };
  return { value, interval: isCount ? countInterval(value, trials / spread.count, spread) : shareInterval(value, trials, spread) };
}

/** Whether it has an interval at all: the extreme of a sample only moves outward as the sample grows. */
export function hasInterval(metric: MetricPlan): boolean {
  return kindOf(metric) !== 'extreme';
}

function kindOf({ metric, stat, unit }: MetricPlan): 'merged' | 'ofOneRun' | 'extreme' {
  if (stat.kind === 'count' || metric === 'recovery') return 'ofOneRun';
  const isExtreme = stat.kind === 'min' || stat.kind === 'max';
  if (metric === 'latency' || metric === 'queue') return isExtreme ? 'extreme' : 'merged';
  // Of endpoints: the worst of them, or ejections each.
  return isExtreme || (metric === 'ejected' && unit === 'count') ? 'ofOneRun' : 'merged';
}

function isShare({ metric, stat }: MetricPlan): boolean {
  return (metric === 'errors' && (stat.kind === 'rate' || stat.kind === 'ratio')) || (metric === 'goodput' && stat.kind === 'ratio');
}
