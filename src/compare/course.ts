/** What happened to one side when, for showing: of one of its runs, or of all those that a saved result is of. No verdict depends on it. */
import type { FaultResult, RequestSeries, Result } from '../result/result.ts';

export interface Course {
  /** The series sums over them. */
  readonly runs: number;
  readonly warmupMs: number;
  /** When traffic or the run ended, whichever was first; a comparison of an older version does not say. */
  readonly untilMs?: number;
  readonly series: Pick<RequestSeries, 'stepMs' | 'underWayMs' | 'requests' | 'ok' | 'failed' | 'attempts' | 'p50Ms' | 'p99Ms'>;
  readonly faults: readonly Pick<FaultResult, 'name' | 'windowsMs'>[];
}

/** What of a result it takes. */
export interface CourseSource {
  readonly reps: readonly unknown[];
  readonly window: Result['window'];
  readonly series: Course['series'];
  readonly faults: Course['faults'];
}

export function courseOf({ faults, reps, series, window }: CourseSource): Course {
  const { attempts, failed, ok, p50Ms, p99Ms, requests, stepMs, underWayMs } = series;
  return { runs: Math.max(1, reps.length), warmupMs: window.warmupMs, untilMs: Math.min(window.durationMs, window.endMs), series: { stepMs, ...(underWayMs === undefined ? {} : { underWayMs }), requests, ok, failed, attempts, p50Ms, p99Ms }, faults: faults.map(({ name, windowsMs }) => ({ name, windowsMs })) };
}
