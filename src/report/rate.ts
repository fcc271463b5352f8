/** Counts of the steps of a series as rates: the last step may be shorter than the others. */
import type { RequestSeries, Result } from '../result/result.ts';

/** A step of which less than this was run is too short for a rate. */
const LEAST_SHARE = 0.5;

/** What says how long each step of a series was. */
export interface Steps extends Pick<RequestSeries, 'stepMs' | 'underWayMs'> {
  /** That the counts are summed over. */
  readonly runs: number;
  /** When traffic or the run ended, whichever was first. */
  readonly untilMs: number;
}

/**
 * A second of one run, on average over the replications. The last step may be cut short by the end of the traffic or of the run: its rate is
 * of the time that it had, and null where that was less than half a step, as after the end of a run that was ended early.
 */
export function perSecond(counts: readonly number[], { reps, series: { stepMs, underWayMs }, window: { durationMs, endMs } }: Pick<Result, 'reps' | 'series' | 'window'>): (number | null)[] {
  return ratesOf(counts, { stepMs, runs: reps.length, untilMs: Math.min(durationMs, endMs), ...(underWayMs === undefined ? {} : { underWayMs }) });
}

export function ratesOf(counts: readonly number[], { runs, stepMs, underWayMs, untilMs }: Steps): (number | null)[] {
  const leastMs = Math.min(untilMs, stepMs * LEAST_SHARE);
  return counts.map((count, step) => {
    const lengthMs = Math.min(stepMs, untilMs - step * stepMs);
    const ofAllMs = underWayMs?.[step] ?? lengthMs * Math.max(1, runs);
    return lengthMs > 0 && Math.min(lengthMs, ofAllMs) >= leastMs ? (count * 1000) / ofAllMs : null;
  });
}

/** Of the last step, ms from the start of the run. @param untilMs  when arrivals or the run ended; a run that ended early has steps beyond that */
export function endOfSteps(stepMs: number, steps: number, untilMs: number): number {
  return untilMs > (steps - 1) * stepMs ? Math.min(untilMs, steps * stepMs) : steps * stepMs;
}
