import type { MetricPlan } from './plan.ts';

/** What a metric can be, ends included, in its unit. */
export function rangeOf({ metric, unit }: Pick<MetricPlan, 'metric' | 'unit'>): readonly [low: number, high: number] {
  if (unit !== 'ratio') return [0, Infinity];
  switch (metric) {
    // First attempts and retries for each first attempt.
    case 'retries': return [1, Infinity];
    case 'hedges': return [0, Infinity];
    default: return [0, 1];
  }
}
