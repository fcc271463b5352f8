/** What a search is told by flags: the goals, the metric to keep small, and how many runs it may take. */
import type { MetricPlan, Plan, ThresholdPlan } from '../model/plan.ts';
import { type Objective, WORK_NAMES } from '../run/objective.ts';
import type { Problem } from '../scenario/problem.ts';
import { parseMetric, tagNamesOf } from '../scenario/threshold.ts';
import { problemOf, readThresholds } from './flag-thresholds.ts';
import { numberOf } from './replication-settings.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

/** Fewer say little of the spread between them. */
const REPS = 10;
const REPS_MAX = 1000;
const RUNS_MAX = 100_000;

export interface Goals {
  readonly goals: readonly ThresholdPlan[];
  readonly problems: readonly Problem[];
}

/** Those of the flags, else the thresholds of the file. No run is cut short by one: it could not be compared with the others. */
export function goalsOf(plan: Plan, settings: Settings): Goals {
  const expressions = settings.all('goal');
  const { thresholds, problems } = expressions.length === 0 ? { thresholds: plan.thresholds, problems: [] } : readThresholds(expressions, plan, '--goal');
  if (thresholds.length === 0 && problems.length === 0) throw new UserError('usage', "search needs to know what has to hold: the file has no thresholds, so add --goal, such as --goal 'latency p(99) < 250ms'");
  return { goals: thresholds.map((threshold) => ({ ...threshold, abort: null })), problems };
}

export interface Minimised {
  readonly objective: Objective | null;
  readonly expr: string;
  /** Null for work per request. */
  readonly unit: MetricPlan['unit'] | null;
  readonly problems: readonly Problem[];
}

export function minimisedBy(plan: Plan, settings: Settings): Minimised {
  const expr = settings.text('minimise')!.trim(); // it has a default
  const work = WORK_NAMES.find((name) => name === expr);
  if (work !== undefined) return { objective: { kind: 'work', of: work }, expr, unit: null, problems: [] };
  const { metric, problems } = parseMetric(expr, tagNamesOf(plan));
  return {
    objective: metric === null ? null : { kind: 'metric', metric },
    expr,
    unit: metric?.unit ?? null,
    problems: problems.map((problem) => problemOf(`--minimise ${expr}`, { ...problem, allowed: problem.message.endsWith('is not a metric') ? [...WORK_NAMES, ...(problem.allowed ?? []).filter((name) => !WORK_NAMES.some((known) => known === name))] : problem.allowed })),
  };
}

/** Candidates, and loads, are compared with each other. */
export function refuseAutoWarmup({ isWarmupAuto }: Plan): void {
  if (isWarmupAuto) throw new UserError('usage', 'search: all runs share one warm-up, and `warmup: auto` would find another for each candidate; give a time, such as --set warmup=10s');
}

/** Replications of what is told in the end: the flag's, the file's where that is more than one, else `REPS`. */
export function searchRepsOf({ replications }: Plan, settings: Settings): number {
  const text = settings.text('reps');
  const reps = text === null ? (replications > 1 ? replications : REPS) : numberOf('reps', text, REPS_MAX);
  if (reps < 2) throw new UserError('usage', `--reps ${reps}: one run says nothing of how sure it is; write 2 or more`);
  return reps;
}

/** @param usual  where the flag is not given  @param least  below which nothing can be found */
export function searchRunsOf(settings: Settings, usual: number, least: number): number {
  const text = settings.text('runs');
  const runs = text === null ? Math.max(usual, least) : numberOf('runs', text, RUNS_MAX);
  if (runs < least) throw new UserError('usage', `--runs ${runs} is too few: with these ranges and replications it takes ${least} at least`);
  return runs;
}
