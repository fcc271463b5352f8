/**
 * The candidates of a search once more, with seeds that the search has not seen: whoever comes out best of many was lucky, too, and what it
 * is worth shows only now. One after another is run until one meets the goals; then, with the same seeds, what it is compared with.
 * Where one fails, the new seeds were harder than the old ones, and that tells of the others, too: next comes the best that has as much to spare.
 */
import { holds } from '../model/holds.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';
import { Draw, Stream } from '../random/hash.ts';
import { RunMeasurements } from '../result/selections.ts';
import { seriesOf } from '../result/series.ts';
import { Tally } from '../result/tally.ts';
import { withLoad } from './load.ts';
import type { Candidate } from '../search/explore.ts';
import type { Confirmations, Confirmed, ConfirmedCandidate } from '../search/outcome.ts';
import type { Point } from '../search/space.ts';
import { type Objective, objectiveEstimate, objectiveOf } from './objective.ts';
import type { Replication } from './replication.ts';
import { Replications } from './replications.ts';
import { inRounds, type Rounds } from './rounds.ts';
import { type Job, replications, type Task } from './task.ts';

type WantReplication = { readonly kind: 'replication' };

export interface Confirmation {
  /** What meets the goals on the old seeds, the best first; else what comes nearest. At least one. */
  readonly finalists: readonly Candidate[];
  /** How many of them may be tried, at least one. */
  readonly tries: number;
  readonly goals: readonly ThresholdPlan[];
  jobAt(point: Point): Job;
  /** What the winner is compared with; null for nothing. */
  readonly reference: Job | null;
  /** Loads that the winner has to stand, as factors. */
  readonly loads: readonly number[];
  readonly objective: Objective;
  readonly reps: number;
  readonly seed: number;
}

/** The seed of the runs that confirm: `run --seed` with it repeats them. */
export function confirmationSeed(seed: number): number {
  const draw = new Draw();
  draw.seek(new Stream(seed, 'confirmation'), 0, 0);
  return draw.below(10 ** 9);
}

/** Replications at another load: enough to see whether it holds. */
export function loadReps(reps: number): number {
  return Math.ceil(reps / 2);
}

/** @param confirmed  empty; filled as the runs come in */
export function confirmationRuns(confirmation: Confirmation, confirmed: Confirmations): Rounds<WantReplication, boolean> {
  return inRounds(course(confirmation, confirmed));
}

/** Whether it came to its end and was not stopped. */
function* course({ finalists, tries, goals, jobAt, reference, loads, objective, reps, seed }: Confirmation, confirmed: Confirmations): Generator<readonly Task<WantReplication>[], boolean, readonly Replication[]> {
  const runsOf = (job: Job, count: number): Task<WantReplication>[] => [...replications({ ...job, plan: { ...job.plan, seed } }, count, { kind: 'replication' })];
  let winner: Job | null = null;
  let left: readonly Candidate[] = finalists;
  let candidate: Candidate | undefined = left[0];
  while (candidate !== undefined && winner === null && confirmed.finalists.length < tries) {
    const job = jobAt(candidate.point);
    const answers = yield runsOf(job, reps);
    if (wasStopped(answers)) return false;
    const one: ConfirmedCandidate = { ...sumUp(job, answers, objective), candidate };
    confirmed.finalists.push(one);
    if (one.isMet) winner = job;
    left = left.filter((other) => other !== one.candidate);
    candidate = nextOf(left, one, goals);
  }
  const others: { readonly job: Job; readonly count: number; keep(one: Confirmed): void }[] = [
    ...(reference === null ? [] : [{ job: reference, count: reps, keep: (one: Confirmed) => void (confirmed.reference = one) }]),
    ...(winner === null ? [] : loads.map((factor) => ({ job: { ...winner, plan: withLoad(winner.plan, factor) }, count: loadReps(reps), keep: (one: Confirmed) => void confirmed.loads.push(one) }))),
  ];
  const answers = yield others.flatMap(({ job, count }) => runsOf(job, count));
  if (wasStopped(answers)) return false;
  let next = 0;
  for (const { job, count, keep } of others) keep(sumUp(job, answers.slice(next, (next += count)), objective));
  return true;
}

/** The best that would still meet the goals if everything were as much worse as it was with the last; else the one with most to spare. */
function nextOf(left: readonly Candidate[], { candidate, result }: ConfirmedCandidate, goals: readonly ThresholdPlan[]): Candidate | undefined {
  const factors = goals.map(({ unit }, i) => {
    const [old, now] = [candidate.assessment.goals[i]!.value, result.thresholds[i]!.value];
    return old === null || now === null || old <= 0 ? 1 : (unit === 'ns' ? now * NS_PER_MS : now) / old;
  });
  const stands = ({ assessment }: Candidate): boolean => assessment.goals.every(({ value }, i) => value !== null && holds(value * factors[i]!, goals[i]!.op, goals[i]!.limit));
  return left.find(stands) ?? left.toSorted((a, b) => b.assessment.margin - a.assessment.margin)[0];
}

function wasStopped(runs: readonly Replication[]): boolean {
  return runs.some(({ ending }) => ending === 'stopped');
}

function sumUp(job: Job, runs: readonly Replication[], objective: Objective): Confirmed {
  const sum = new Replications(job);
  const tally = new Tally(job.plan);
  for (const run of runs) {
    sum.add(run);
    tally.add(run.tally);
  }
  const isComplete = runs.every(({ ending }) => ending === 'complete');
  const result = sum.result({ complete: isComplete, warnings: [], wallMs: 0 });
  return {
    isMet: isComplete && result.thresholds.every(({ pass }) => pass),
    objective: objectiveEstimate(objective, runs.map((run) => objectiveIn(run, job.plan, objective)), new RunMeasurements(job.plan, tally)),
    result,
  };
}

function objectiveIn(run: Replication, plan: Plan, objective: Objective): number | null {
  const tally = new Tally(plan);
  tally.add(run.tally);
  return objectiveOf(objective, new RunMeasurements(plan, tally), seriesOf(run.series));
}
