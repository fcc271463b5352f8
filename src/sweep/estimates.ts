/** What the replications of a point say together: a mean and its 95 % interval for each figure. */
import { type Interval, intervalAround, shareInterval, Spread } from '../stats/interval.ts';
import type { Point, Rep } from './sweep.ts';

export interface Estimate {
  /** Null where no replication measured anything. */
  readonly mean: number | null;
  /** Null with fewer than two replications. */
  readonly interval: Interval | null;
}

export type SweepFigure = Extract<keyof Rep, 'p50' | 'p99' | 'errorRate' | 'goodput' | 'attemptsPerRequest'>;
export const SWEEP_FIGURES: readonly SweepFigure[] = ['p50', 'p99', 'errorRate', 'goodput', 'attemptsPerRequest'];

export function estimateOf({ reps }: Point, figure: SweepFigure): Estimate {
  const spread = new Spread();
  for (const { [figure]: value } of reps) if (value !== null) spread.add(value);
  if (spread.count === 0) return { mean: null, interval: null };
  const interval = figure === 'errorRate' ? shareInterval(spread.mean, reps.reduce((sum, { requests }) => sum + requests, 0), spread) : intervalAround(spread.mean, spread);
  return { mean: spread.mean, interval };
}

/** Replications in which every threshold held. */
export function metOf({ reps }: Point): number {
  return reps.filter(({ complete, held }) => complete && held.every((one) => one)).length;
}
