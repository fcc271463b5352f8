/**
 * Finds the point that meets the goals at the least of one metric, in few runs.
 *
 * 1. Look around: points spread over the space, two replications each.
 * 2. Go where it promises most, a few points at a time: Gaussian processes say what the metric and each goal may be elsewhere.
 *    It ends when the runs are used up but for the next step, or nothing promises any more.
 * 3. Make sure: successive halving (Jamieson and Talwalkar, Non-stochastic best arm identification and hyperparameter optimization,
 *    2016). The best few get more replications, of these the best again, until those at the top have as many as were asked for.
 *
 * Replication `n` is run with the same seed for all points, so they differ by their values and not by luck; a point that has had the first few
 * seeds only is corrected by what these were worth to those that have had more. A point that comes
 * out best of many also had luck, though: whoever uses the winner runs it again with other seeds.
 */
import { ln } from '../model/math.ts';
import { Draw, Stream } from '../random/hash.ts';
import { sizeOf } from '../sweep/grid.ts';
import { type Assessment, compareAssessments, type Luck, luckOf, type Measured, TIED } from './assessment.ts';
import { spreadOut } from './design.ts';
import { frontOf } from './front.ts';
import { GaussianProcess, type Measurement, type Shape } from './gaussian-process.ts';
import { improvementOn, type Model, promiseOf } from './promise.ts';
import { keyOf, neighboursOf, type Point, pointAt, type Space } from './space.ts';

export interface Trial {
  readonly point: Point;
  /** From 0. */
  readonly replication: number;
}

export interface Candidate {
  readonly point: Point;
  /** By replication. */
  readonly runs: readonly Measured[];
  readonly assessment: Assessment;
}

export interface Rules {
  /** Runs to spend, at least `leastRuns`. */
  readonly runs: number;
  /** Replications of those at the top, at least 2. */
  readonly reps: number;
  readonly seed: number;
  /** Points that cannot be run are never asked for. */
  isRunnable(point: Point): boolean;
  assess(runs: readonly Measured[], luck: Luck | null): Assessment;
}

/** Candidates with every replication that was asked for, in the order in which they were found. */
export type Candidates = Map<string, Candidate>;

/** Replications of a point that nothing is known of. One says little of scenarios that may go either way. */
const REPS_FIRST = 2;
/** Points chosen at once: they are run side by side, and a choice costs some time, too. */
const CHOSEN = 4;
/** How many get more replications, and how many of them as many as were asked for. */
const KEPT = 6;
const AT_THE_TOP = 3;

export function leastRuns(space: Space, reps: number): number {
  return firstPoints(space) * firstReps(reps) + finishingRuns(reps);
}

function firstPoints(space: Space): number {
  return Math.min(sizeOf(space), 4 + 3 * space.length);
}

function firstReps(reps: number): number {
  return Math.min(reps, REPS_FIRST);
}

/** Replications of what is told, if it is not the winner. */
export function halfWay(reps: number): number {
  return Math.max(firstReps(reps), Math.ceil(reps / 2));
}

/** Those at the top in the end may be others than those that were kept. */
function finishingRuns(reps: number): number {
  return KEPT * (halfWay(reps) - firstReps(reps)) + 2 * AT_THE_TOP * (reps - firstReps(reps));
}

/** Gives what to run next and takes what it gave, in the same order; `candidates` holds what is known so far. */
export function* explore(space: Space, rules: Rules, candidates: Candidates): Generator<readonly Trial[], void, readonly Measured[]> {
  const explorer = new Explorer(space, rules, candidates);
  yield* explorer.measure(explorer.first(), firstReps(rules.reps));
  let disappointments = 0;
  while (disappointments < 2) {
    const { points, isPromising } = explorer.next();
    const left = rules.runs - explorer.spent - finishingRuns(rules.reps);
    const affordable = points.slice(0, Math.floor(left / firstReps(rules.reps)));
    if (affordable.length === 0) break;
    disappointments = isPromising ? 0 : disappointments + 1;
    yield* explorer.measure(affordable, firstReps(rules.reps));
    // Whoever leads by luck loses the lead, and the next one gets its chance.
    yield* explorer.measureWhileAffordable(() => ranked(candidates.values()).slice(0, 1), (runs) => Math.min(rules.reps, 2 * runs), rules.runs - finishingRuns(rules.reps), 1);
  }
  yield* explorer.measure(explorer.best(KEPT), halfWay(rules.reps));
  // With what is left: the top, until it stays there, and then what else is told.
  yield* explorer.measureWhileAffordable(() => ranked(candidates.values()).slice(0, AT_THE_TOP), () => rules.reps, rules.runs);
  yield* explorer.measureWhileAffordable(() => frontOf([...candidates.values()]), () => halfWay(rules.reps), rules.runs);
}

/** The best first; of those that nearly tie with the first the one whose goals have most to spare. */
export function ranked(candidates: Iterable<Candidate>): Candidate[] {
  const order = [...candidates].sort((a, b) => compareAssessments(a.assessment, b.assessment));
  const isTied = ({ assessment }: Candidate): boolean => assessment.isFeasible && assessment.objective <= order[0]!.assessment.objective * (1 + TIED);
  return [...order.filter(isTied).sort((a, b) => b.assessment.margin - a.assessment.margin), ...order.filter((candidate) => !isTied(candidate))];
}

/** Points between which the next ones are chosen; all of the space where it has no more. */
const POOL_MAX = 1500;
/** Of these, the ones that are looked at again after the first of a batch is chosen. */
const SHORTLIST = 100;
/** Measurements that a model is made of; its cost grows with their cube. */
const MODELLED_MAX = 150;
/** Lengths and noise are fitted again when there are so many times the measurements of the last fit. */
const FIT_AGAIN = 1.2;
/** An improvement of a thousandth is none. */
const NOTICEABLE = 0.001;

class Explorer {
  spent: number = 0;
  private readonly space: Space;
  private readonly rules: Rules;
  private readonly candidates: Candidates;
  private readonly stream: Stream;
  private batches: number = 0;
  /** Of the metric and each goal, and of how many measurements. */
  private fitted: { readonly shapes: readonly Shape[]; readonly size: number } = { shapes: [], size: 0 };

  constructor(space: Space, rules: Rules, candidates: Candidates) {
    this.space = space;
    this.rules = rules;
    this.candidates = candidates;
    this.stream = new Stream(rules.seed, 'search');
  }

  first(): Point[] {
    const { rules, space } = this;
    // More than needed, for some may be impossible.
    const points = spreadOut(space, firstPoints(space) * 4, new Stream(rules.seed, 'search design'));
    const runnable: Point[] = [];
    for (const point of points) if (runnable.length < firstPoints(space) && rules.isRunnable(point)) runnable.push(point);
    return runnable;
  }

  /** Runs what these points lack of so many replications. */
  *measure(points: readonly Point[], reps: number): Generator<readonly Trial[], void, readonly Measured[]> {
    const trials = points.flatMap((point) => {
      const had = this.candidates.get(keyOf(point))?.runs.length ?? 0;
      return Array.from({ length: Math.max(0, reps - had) }, (_, i): Trial => ({ point, replication: had + i }));
    });
    if (trials.length === 0) return;
    const measured = yield trials;
    this.spent += trials.length;
    for (const point of points) {
      const more = measured.filter((_, i) => trials[i]!.point === point);
      const runs = [...(this.candidates.get(keyOf(point))?.runs ?? []), ...more];
      this.candidates.set(keyOf(point), { point, runs, assessment: this.rules.assess(runs, null) });
    }
    this.allowForLuck();
  }

  /** Seeds are the same for all, but not all have had as many of them. */
  private allowForLuck(): void {
    const all = [...this.candidates];
    const most = Math.max(...all.map(([, { runs }]) => runs.length));
    const known = all.flatMap(([, { runs }]) => (runs.length === most ? [runs] : []));
    const lucks = Array.from({ length: most + 1 }, (_, count) => (count === 0 || count === most ? null : luckOf(known, count)));
    for (const [key, { point, runs }] of all) this.candidates.set(key, { point, runs, assessment: this.rules.assess(runs, lucks[runs.length]!) });
  }

  /**
   * One after another, for each may change who is wanted.
   * @param wanted  who should have more replications; the first who lacks some gets them
   * @param repsFor  how many, of one that has so many
   * @param most     of all runs
   */
  *measureWhileAffordable(wanted: () => readonly Candidate[], repsFor: (runs: number) => number, most: number, times: number = Infinity): Generator<readonly Trial[], void, readonly Measured[]> {
    for (let i = 0; i < times; i++) {
      const next = wanted().find(({ runs }) => runs.length < repsFor(runs.length) && this.spent + repsFor(runs.length) - runs.length <= most);
      if (next === undefined) return;
      yield* this.measure([next.point], repsFor(next.runs.length));
    }
  }

  best(count: number): Point[] {
    return ranked(this.candidates.values()).slice(0, count).map(({ point }) => point);
  }

  next(): { readonly points: readonly Point[]; readonly isPromising: boolean } {
    this.batches++;
    let model = this.model();
    let pool = this.open().map((point) => ({ point, at: this.positionOf(point) }));
    const points: Point[] = [];
    let isPromising = false;
    while (points.length < CHOSEN && pool.length > 0) {
      const promises = new Map(pool.map((one) => [one, promiseOf(model, one.at)]));
      pool = pool.toSorted((a, b) => promises.get(b)! - promises.get(a)!).slice(0, SHORTLIST);
      const chosen = pool.find(({ point }) => this.rules.isRunnable(point));
      if (chosen === undefined) break;
      pool = pool.filter((one) => one !== chosen);
      points.push(chosen.point);
      isPromising ||= model.best === null || improvementOn(model.best, model.objective.predict(chosen.at)) > NOTICEABLE;
      // As if it had given what is expected, so that the others of this batch look elsewhere.
      model = believing(model, chosen.at);
    }
    return { points, isPromising };
  }

  /** Points that were not measured: all, or many drawn at random and those around the best. */
  private open(): Point[] {
    const { space, stream } = this;
    const size = sizeOf(space);
    const points = new Map<string, Point>();
    const add = (point: Point): void => {
      if (!this.candidates.has(keyOf(point))) points.set(keyOf(point), point);
    };
    if (size <= POOL_MAX) {
      for (let i = 0; i < size; i++) add(pointAt(space, i));
      return [...points.values()];
    }
    for (const point of this.best(KEPT)) neighboursOf(space, point).forEach(add);
    const draw = new Draw();
    for (let i = 0; i < POOL_MAX; i++) {
      draw.seek(stream, this.batches, i);
      add(space.map(({ values }) => {
        draw.next();
        return draw.below(values.length);
      }));
    }
    return [...points.values()];
  }

  private model(): Model {
    // The best, and the latest: what lies far off says little of what lies near.
    const all = [...this.candidates.values()];
    const near = all.length <= MODELLED_MAX ? all : [...new Set([...ranked(this.candidates.values()).slice(0, MODELLED_MAX / 2), ...all.slice(-MODELLED_MAX / 2)])];
    const scale = scaleFor(all.map(({ assessment }) => assessment.objective));
    const isOrdered = this.space.map((axis) => axis.isOrdered);
    const known = near.length < FIT_AGAIN * this.fitted.size ? this.fitted.shapes : [];
    const kriged = (valueOf: (assessment: Assessment) => number, metric: number): GaussianProcess =>
      new GaussianProcess(near.map(({ point, runs, assessment }): Measurement => ({ at: this.positionOf(point), value: valueOf(assessment), weight: runs.length })), isOrdered, known[metric] ?? null);
    const objective = kriged((assessment) => scale(assessment.objective), 0);
    const goals = (all[0]?.assessment.goals ?? []).map((_, i) => kriged((assessment) => assessment.goals[i]!.miss, i + 1));
    if (known.length === 0) this.fitted = { shapes: [objective, ...goals].map(({ shape }) => shape), size: near.length };
    // By the model, too, for it knows the neighbours: the best of many measurements had luck.
    const feasible = near.map(({ point }) => this.positionOf(point)).filter((at) => goals.every((goal) => goal.predict(at).mean <= 0));
    return { objective, goals, best: feasible.length === 0 ? null : Math.min(...feasible.map((at) => objective.predict(at).mean)) };
  }

  private positionOf(point: Point): number[] {
    return this.space.map(({ values, isOrdered }, axis) => (isOrdered && values.length > 1 ? point[axis]! / (values.length - 1) : point[axis]!));
  }
}

function believing({ objective, goals, best }: Model, at: readonly number[]): Model {
  const believe = (metric: GaussianProcess): GaussianProcess => metric.believing({ at, value: metric.predict(at).mean, weight: 1 });
  return { objective: believe(objective), goals: goals.map(believe), best };
}

/** Work and latencies differ by factors, and may be 0: a logarithm that is straight near 0. */
function scaleFor(objectives: readonly number[]): (objective: number) => number {
  const most = Math.max(0, ...objectives.filter(Number.isFinite));
  const little = most > 0 ? most / 100 : 1;
  return (objective) => ln(Math.min(objective, most) + little);
}
