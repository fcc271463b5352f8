/** The metric that a search keeps small: one of the thresholds' grammar, or the extra work of the whole mesh. */
import type { MetricPlan } from '../model/plan.ts';
import type { Measurements } from '../result/measurements.ts';
import type { RequestSeries } from '../result/result.ts';
import { intervalAround, Spread } from '../stats/interval.ts';
import { estimateOf } from './estimate.ts';
import type { Estimate } from './threshold.ts';
import { valueOfOne } from './threshold-value.ts';

export type Objective =
  | { readonly kind: 'metric'; readonly metric: MetricPlan }
  /** For each request of the traffic, at all services together. */
  | { readonly kind: 'work'; readonly of: WorkName };

/** What callers began, at all services together; a threshold's `retries` without tags is that of the users' own calls. */
export interface Work {
  /** Of the traffic. */
  readonly requests: number;
  readonly attempts: number;
  readonly retries: number;
  readonly hedges: number;
}

export const WORK_NAMES = ['attempts', 'retries', 'hedges'] as const;
export type WorkName = (typeof WORK_NAMES)[number];

export function workOf(measurements: Measurements): Work {
  const services = measurements.plan.services.map(({ name }) => measurements.select({ service: name }));
  const sum = (of: WorkName): number => services.reduce((total, selection) => total + selection[of], 0);
  return { requests: measurements.select({}).requests, attempts: sum('attempts'), retries: sum('retries'), hedges: sum('hedges') };
}

/** Null without requests. */
export function workPerRequest(work: Work, of: WorkName): number | null {
  return work.requests === 0 ? null : work[of] / work.requests;
}

/** Of one of several runs. */
export function objectiveOf(objective: Objective, measurements: Measurements, series: RequestSeries): number | null {
  return objective.kind === 'work' ? workPerRequest(workOf(measurements), objective.of) : valueOfOne(objective.metric, measurements, series);
}

/**
 * Of several runs.
 * @param values  of each
 * @param merged  what all of them measured
 */
export function objectiveEstimate(objective: Objective, values: readonly (number | null)[], merged: Measurements): Estimate {
  if (objective.kind === 'metric') return estimateOf(objective.metric, values, merged);
  const value = workPerRequest(workOf(merged), objective.of);
  const spread = new Spread();
  for (const one of values) if (one !== null) spread.add(one);
  return { value, interval: value === null ? null : intervalAround(value, spread) };
}
