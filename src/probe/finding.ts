/** What the runs of one trial say: did the system come back? */
import { Figure, LATE_STRETCHES } from './trial.ts';

export interface Finding {
  readonly runs: number;
  /** Runs that were down at the end of the watch, and not on their way up. */
  readonly down: number;
  /** Runs that were not up yet at the end, but whose queues grew shorter. */
  readonly draining: number;
  /** Runs that were down before anything was pushed. */
  readonly downBefore: number;
  /** Median time to recover of the runs that did, ns; null where none did. */
  readonly recoveryNs: number | null;
  /** Share of requests answered well late after the trigger, mean of the runs. */
  readonly lateShare: number;
  /** Attempts for each call late after the trigger, by edge, mean of the runs that were down, or of all where none was. */
  readonly attempts: readonly number[];
}

/** One run. */
export interface Outcome {
  /** As `figuresOf` asks for them; null where nothing was measured. */
  readonly figures: readonly (number | null)[];
  /** Attempts that waited late after the trigger and at the end; fewer where the run did not get there. */
  readonly queued: readonly number[];
}

/** Answered well, of a system that is up. */
const UP = 0.9;
/** Standard deviations of what comes and goes by chance (Poisson), from which a queue has really grown shorter. */
const SIGMAS = 3;

export function findingOf(runs: readonly Outcome[]): Finding {
  const downs = runs.filter((run) => stateOf(run) === 'down');
  const told = downs.length > 0 ? downs : runs;
  const recoveries = runs.map((run) => (stateOf(run) === 'up' ? (run.figures[Figure.recovery] ?? Infinity) : Infinity)).filter(Number.isFinite).sort((a, b) => a - b);
  return {
    runs: runs.length,
    down: downs.length,
    draining: runs.filter((run) => stateOf(run) === 'draining').length,
    downBefore: runs.filter(({ figures }) => (figures[Figure.before] ?? 0) < UP).length,
    recoveryNs: recoveries[Math.floor((recoveries.length - 1) / 2)] ?? null,
    lateShare: mean(runs.map(({ figures }) => figures[Figure.late] ?? 0)),
    attempts: (runs[0]?.figures ?? []).slice(Figure.firstEdge).map((_, edge) => mean(told.map(({ figures }) => figures[Figure.firstEdge + edge] ?? 1))),
  };
}

/** Some run did not come back. To collapse is a thing of a run, and what one of five does is what a system does. */
export function staysDown({ down }: Finding): boolean {
  return down > 0;
}

/** Some run was down before the trigger. */
export function wasDown({ downBefore }: Finding): boolean {
  return downBefore > 0;
}

/** Runs that were down before the trigger or at the end: of those of the one, most are among the other. */
export function fallen({ down, downBefore }: Finding): number {
  return Math.max(down, downBefore);
}

function stateOf({ figures, queued: [then, now] }: Outcome): 'up' | 'draining' | 'down' {
  // As good as it was is up; a system that was never up cannot come back.
  if ((figures[Figure.late] ?? 0) >= UP * Math.max(UP, figures[Figure.before] ?? 0)) return 'up';
  if (then === undefined || now === undefined) return 'down';
  const attempts = LATE_STRETCHES * (figures[Figure.lateRequests] ?? 0) * Math.max(1, ...figures.slice(Figure.firstEdge).map((ratio) => ratio ?? 1));
  // What came, and what went, in that time.
  return then - now > SIGMAS * Math.sqrt(2 * attempts) ? 'draining' : 'down';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
