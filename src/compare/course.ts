/** What happened to one side when, for showing: of one of its runs, or of all those that a saved result is of. No verdict depends on it. */
import type { FaultResult, RequestSeries, Result } from '../result/result.ts';

export interface Course {
  /** The series sums over them. */
  readonly runs: number;
  readonly warmupMs: number;
  readonly series: Pick<RequestSeries, 'stepMs' | 'requests' | 'ok' | 'failed' | 'attempts' | 'p50Ms' | 'p99Ms'>;
  readonly faults: readonly Pick<FaultResult, 'name' | 'windowsMs'>[];
}

/** What of a result it takes. */
export interface CourseSource {
  readonly reps: readonly unknown[];
  readonly window: Pick<Result['window'], 'warmupMs'>;
  readonly series: Course['series'];
  readonly faults: Course['faults'];
}

export function courseOf({ faults, reps, series, window }: CourseSource): Course {
  const { attempts, failed, ok, p50Ms, p99Ms, requests, stepMs } = series;
  return { runs: Math.max(1, reps.length), warmupMs: window.warmupMs, series: { stepMs, requests, ok, failed, attempts, p50Ms, p99Ms }, faults: faults.map(({ name, windowsMs }) => ({ name, windowsMs })) };
}
