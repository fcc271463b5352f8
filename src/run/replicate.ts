/**
 * Many replications of one scenario, and one result of all.
 *
 * They are read in their order and nothing is decided by anything else, so the result is the same with any number of workers, and so is
 * the number of replications where `precision` decides on it: whether to go on is asked after every few of them, by the width of
 * the intervals and never by what a threshold says, which would favour one side.
 *
 * A replication that ends early by itself (a threshold with `abort`, a flood) is the last one. Those that somebody stopped are left out,
 * unless there is nothing else.
 */
import type { Result, WarningResult } from '../result/result.ts';
import { ABORTED, FLOODED, STOPPED } from '../result/warnings.ts';
import type { TaskOutcome } from './pool.ts';
import type { Replication } from './replication.ts';
import { Replications } from './replications.ts';
import type { Job } from './task.ts';

export interface Goal {
  /** Replications to make; with `precision`, at most. */
  readonly count: number;
  readonly precision: Precision | null;
}

export interface Precision {
  /** Half the width of an interval, as a share of the value: 0.05 is ±5 %. */
  readonly within: number;
  /** Replications before it is asked for the first time, at least 2. */
  readonly least: number;
}

export interface Replicated {
  readonly result: Result;
  /** Replications whose worker died twice. */
  readonly lost: readonly Lost[];
  /** False where `precision` was asked for and not reached. */
  readonly isPrecise: boolean;
}

interface Lost {
  readonly seed: number;
  readonly error: Error;
}

/** Replications between two looks at the precision. */
const PRECISION_STEP = 5;

/**
 * @param onAdded  hears of the sum so far after each replication
 * @throws the error of the first replication, with its seed, when all were lost
 */
export async function replicate(
  job: Job,
  outcomes: AsyncIterable<TaskOutcome<{ readonly kind: 'replication' }>>,
  goal: Goal,
  onAdded?: (sum: Replications) => void,
): Promise<Replicated> {
  const startedAt = performance.now();
  const { count, precision } = goal;
  const sum = new Replications(job);
  const stopped: Replication[] = [];
  const lost: Lost[] = [];
  let isPrecise = false;
  for await (const { task, answer, error } of outcomes) {
    if (answer === undefined) lost.push({ seed: task.seed, error });
    else if (answer.ending === 'stopped') stopped.push(answer);
    else {
      sum.add(answer);
      onAdded?.(sum);
    }
    if (sum.earlyEnding !== null) break;
    if (precision === null || sum.count < precision.least || (sum.count - precision.least) % PRECISION_STEP !== 0) continue;
    isPrecise = sum.tooWide(precision.within) === null;
    if (isPrecise) break;
  }
  const whole = sum.count;
  if (precision !== null && !isPrecise && whole >= precision.least) isPrecise = sum.tooWide(precision.within) === null;
  if (whole === 0) for (const replication of stopped) sum.add(replication);
  if (sum.count === 0) throw lost[0] === undefined ? new Error('stopped before it began') : Object.assign(lost[0].error, { seed: lost[0].seed });

  const warnings = warningsOf({ sum, whole, goal, stopped: stopped.length, lost, isPrecise });
  const complete = sum.earlyEnding === null && stopped.length === 0 && lost.length === 0 && (isPrecise || whole === count);
  return { result: sum.result({ complete, warnings, isPrecisionAsked: precision !== null, wallMs: performance.now() - startedAt }), lost, isPrecise: isPrecise || precision === null };
}

interface Course {
  readonly sum: Replications;
  /** Replications that ran to their end. */
  readonly whole: number;
  readonly goal: Goal;
  readonly stopped: number;
  readonly lost: readonly Lost[];
  readonly isPrecise: boolean;
}

function warningsOf({ sum, whole, goal: { count, precision }, stopped, lost, isPrecise }: Course): WarningResult[] {
  const warnings: WarningResult[] = [];
  if (sum.earlyEnding === 'flooded') warnings.push(FLOODED);
  else if (sum.earlyEnding === 'aborted') warnings.push(ABORTED);
  else if (stopped > 0 && whole === 0) warnings.push(STOPPED);
  else if (!isPrecise && whole + lost.length < count) warnings.push({ code: 'partial', message: `stopped early: the figures are of ${whole} ${whole === 1 ? 'replication' : 'replications'}${precision === null ? ` instead of ${count}` : ''}` });
  for (const { seed, error } of lost) warnings.push({ code: 'lost-replication', message: `the replication with seed ${seed} is missing: its worker ended twice (${error.message})` });
  if (precision !== null && !isPrecise && whole > 1) {
    const wide = sum.tooWide(precision.within);
    if (wide !== null) warnings.push({ code: 'imprecise', message: `after ${whole} replications \`${wide.expr}\` is known to ±${percent(wide.width)} and not to ±${percent(precision.within)} as asked` });
  }
  return warnings;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
