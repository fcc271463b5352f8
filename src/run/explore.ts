/** The runs of `search/explore.ts`: a point is a scenario, a trial a run of it, and what the run measured goes back. */
import { rangeOf } from '../model/metric-range.ts';
import type { MetricPlan, ThresholdPlan } from '../model/plan.ts';
import { replicationSeed } from '../random/replication-seed.ts';
import { assess, type Measured } from '../search/assessment.ts';
import { type Candidates, explore, type Rules } from '../search/explore.ts';
import type { Point, Space } from '../search/space.ts';
import { intervalAround, Spread } from '../stats/interval.ts';
import { type Objective, workPerRequest } from './objective.ts';
import { inRounds, type Rounds } from './rounds.ts';
import type { Job, MetricsAnswer, Task } from './task.ts';
import { passes } from './threshold.ts';

export interface Exploration extends Pick<Rules, 'runs' | 'reps' | 'seed'> {
  readonly space: Space;
  readonly goals: readonly ThresholdPlan[];
  readonly objective: Objective;
  /** Null where the values make no scenario that can be run; asked once a point. */
  jobAt(point: Point): Job | null;
}

type WantMetrics = { readonly kind: 'metrics'; readonly metrics: readonly MetricPlan[] };

/** @param candidates  empty; filled as the runs come in */
export function explorationRuns(exploration: Exploration, candidates: Candidates): Rounds<WantMetrics, boolean> {
  return inRounds(course(exploration, candidates));
}

/** Whether it came to its end and was not stopped. */
function* course({ space, goals, objective, jobAt, runs, reps, seed }: Exploration, candidates: Candidates): Generator<readonly Task<WantMetrics>[], boolean, readonly MetricsAnswer[]> {
  const jobs = new Map<string, Job | null>();
  const jobOf = (point: Point): Job | null => {
    const key = point.join();
    let job = jobs.get(key);
    if (job === undefined) jobs.set(key, (job = jobAt(point)));
    return job;
  };
  const want: WantMetrics = { kind: 'metrics', metrics: metricsFor(goals, objective) };
  const steps = explore(space, {
    runs, reps, seed,
    isRunnable: (point) => jobOf(point) !== null,
    assess: (measured, luck) => assess(goals, measured, (goal, value, values) => isMet(goals[goal]!, value, values), luck),
  }, candidates);
  for (let step = steps.next(); ; ) {
    if (step.done === true) return true;
    const answers = yield step.value.map(({ point, replication }): Task<WantMetrics> => ({ job: jobOf(point)!, seed: replicationSeed(seed, replication), want })); // it is runnable
    if (answers.some(({ ending }) => ending === 'stopped')) return false;
    step = steps.next(answers.map((answer) => measuredIn(answer, goals, objective)));
  }
}

/** Those of the goals; of latencies the goodput, too, without which they mean nothing; last the objective's. */
function metricsFor(goals: readonly ThresholdPlan[], objective: Objective): MetricPlan[] {
  return [
    ...goals.flatMap((goal): MetricPlan[] => (goal.metric === 'latency' ? [goal, { metric: 'goodput', tags: goal.tags, stat: { kind: 'rate' }, unit: 'perSecond' }] : [goal])),
    ...(objective.kind === 'metric' ? [objective.metric] : []),
  ];
}

function measuredIn({ ending, values, work }: MetricsAnswer, goals: readonly ThresholdPlan[], objective: Objective): Measured {
  let next = 0;
  const ofGoals = goals.map(({ metric }) => {
    const value = values[next++]!;
    const hasGoodput = metric !== 'latency' || (values[next++] ?? 0) > 0;
    // Of a run that had more in flight than it can hold the rest is not known.
    return hasGoodput && ending === 'complete' ? value : null;
  });
  return { goals: ofGoals, objective: objective.kind === 'metric' ? values[next]! : workPerRequest(work, objective.of) };
}

/** From so many replications on, an interval says more than that there are few. */
const REPS_FOR_INTERVAL = 5;

function isMet(goal: ThresholdPlan, value: number, values: readonly number[]): boolean {
  const spread = new Spread();
  for (const one of values) spread.add(one);
  return passes(goal, value, values.length < REPS_FOR_INTERVAL || !Number.isFinite(value) ? null : intervalAround(value, spread, rangeOf(goal)));
}
