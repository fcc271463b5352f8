/** Counts of the steps of a series as rates. */
import type { Result } from '../result/result.ts';

/** A step of which less than this was run is too short for a rate. */
const LEAST_SHARE = 0.5;

/**
 * A second of one run, on average over the replications. The last step may be cut short by the end of the traffic or of the run: its rate is
 * of the time that it had, and null where that was less than half a step, as after the end of a run that was ended early.
 */
export function perSecond(counts: readonly number[], { reps, series: { stepMs }, window: { durationMs, endMs } }: Pick<Result, 'reps' | 'series' | 'window'>): (number | null)[] {
  const untilMs = Math.min(durationMs, endMs);
  const leastMs = Math.min(untilMs, stepMs * LEAST_SHARE);
  return counts.map((count, step) => {
    const lengthMs = Math.min(stepMs, untilMs - step * stepMs);
    return lengthMs > 0 && lengthMs >= leastMs ? (count * 1000) / lengthMs / Math.max(1, reps.length) : null;
  });
}
