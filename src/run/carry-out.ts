/** Carries a run out: build the world, let it run, measure, and write up. */
import { watchedBy } from '../engine/watch/watched-engine.ts';
import type { Watcher } from '../engine/watch/watcher.ts';
import { Audit } from '../invariant/audit.ts';
import type { Plan } from '../model/plan.ts';
import type { Audited, InvariantName } from '../model/violation.ts';
import { RecordingFile } from '../record/recording-file.ts';
import { type Figures, figuresOf } from '../result/build.ts';
import { type Counts, RunCounts } from '../result/counts.ts';
import type { LatenessData } from '../result/lateness.ts';
import type { Result, WarningResult } from '../result/result.ts';
import { RunMeasurements } from '../result/selections.ts';
import { type SeriesData, seriesOf } from '../result/series.ts';
import { ABORTED, FLOODED, STOPPED } from '../result/warnings.ts';
import type { GroupMeans } from '../stats/group-means.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import type { RealMode, RunControl } from './run.ts';
import { SpreadRun, whyNotSpread } from './spread-run.ts';
import { abortWatch, estimatesOf } from './threshold.ts';
import { createRealWorld, createSimWorld, type RealWorld, type World } from './worlds.ts';
import { type Origin, writeUp } from './write-up.ts';

/** Events between two looks at the outside: some milliseconds of work. */
const EVENTS_PER_LOOK = 16384;

/** A run that is over and not yet written up. */
export interface FinishedRun {
  readonly plan: Plan;
  readonly seed: number;
  readonly ending: Ending;
  readonly digest: string;
  readonly world: Ran;
  readonly counts: Counts;
  readonly measurements: RunMeasurements;
  readonly series: SeriesData;
  /** Null in virtual time, which is never late. */
  readonly lateness: LatenessData | null;
  readonly wallMs: number;
  /** Null where no invariants were looked after. */
  readonly audited: Audited | null;
}

/** What is read of a world whose run is over. */
export type Ran = Pick<World, 'events' | 'lateAnswers' | 'now' | 'queued'> & {
  readonly faults: Pick<World['faults'], 'targets'>;
  readonly log: Pick<World['log'], 'droppedEvents' | 'events'>;
};

/** Why it ended: of itself, by a threshold with `abort`, because more was in flight than it can hold, or from outside. */
export type Ending = 'complete' | 'aborted' | 'flooded' | 'stopped';

/** What else is wanted of a run. */
export interface Aside {
  /** Takes the latencies of requests, see `Recorder`. */
  readonly latencies?: GroupMeans;
  /** When to note how much waits, ascending, ns. */
  readonly queuesAt?: readonly number[];
  /** A file for all that the engine is told and decides. */
  readonly recordTo?: string;
  /** Who else hears that. */
  readonly watchers?: readonly Watcher[];
  /** What must hold; nothing is looked after unless given. */
  readonly invariants?: readonly InvariantName[];
  /** Of the invariant `recovers`: how long after the last fault, ns. */
  readonly recoverWithinNs?: number;
}

/** @throws MeshError when `recordTo` cannot be written */
export function carryOut(plan: Plan, seed: number, control?: RunControl, { latencies, queuesAt = [], recordTo, watchers = [], invariants, recoverWithinNs }: Aside = {}): FinishedRun {
  const recording = recordTo === undefined ? null : new RecordingFile(recordTo, 'sim');
  const audit = invariants === undefined ? null : new Audit(invariants);
  try {
    const world = createSimWorld(warm(plan), seed, renderedKeysOf(plan, seed), watchedBy([...(recording === null ? [] : [recording]), ...(audit === null ? [] : [audit]), ...watchers]));
    if (audit !== null) audit.inside = { stations: world.stations, conditions: world.faults.conditions };
    world.recorder.latencies = latencies ?? null;
    world.lookAtQueues(queuesAt);
    const attendant = new Attendant(plan, seed, world, control);
    // Asked once before the first event: a run may be stopped before it has begun.
    const isComplete = attendant.mayGoOn() && world.run(attendant.mayGoOn, EVENTS_PER_LOOK);
    recording?.end();
    const run = attendant.finish(isComplete, null);
    if (audit === null) return run;
    return { ...run, audited: audit.over({ plan, endNs: world.now, figures: figuresIn(run), series: seriesOf(run.series), recoverWithinNs: recoverWithinNs ?? null }) };
  } finally {
    recording?.close();
  }
}

/** @throws MeshError when this machine cannot carry the mesh, or `recordTo` cannot be written */
export async function carryOutReal(plan: Plan, seed: number, { timeScale, workers = 0 }: RealMode, control?: RunControl, recordTo?: string): Promise<FinishedRun> {
  if (workers > 0) {
    if (recordTo !== undefined) throw new Error('a recording is of one engine, and threads have one each');
    return carryOutSpread(warm(plan), seed, timeScale, workers, control);
  }
  const recording = recordTo === undefined ? null : new RecordingFile(recordTo, 'real');
  try {
    const world = await createRealWorld(warm(plan), seed, renderedKeysOf(plan, seed), timeScale, undefined, watchedBy(recording === null ? [] : [recording]));
    const attendant = new Attendant(plan, seed, world, control);
    const isComplete = attendant.mayGoOn() && (await world.run(attendant.mayGoOn));
    recording?.end();
    return attendant.finish(isComplete, world.latenessData());
  } finally {
    recording?.close();
  }
}

async function carryOutSpread(plan: Plan, seed: number, timeScale: number, workers: number, control?: RunControl): Promise<FinishedRun> {
  const obstacle = whyNotSpread(plan);
  if (obstacle !== null) throw new Error(obstacle);
  let world: RealWorld | undefined;
  let lost: Error | undefined;
  const spread = new SpreadRun(plan, seed, timeScale, workers, (cause) => {
    lost ??= cause;
    world?.fail(lost);
  });
  try {
    world = await createRealWorld(plan, seed, renderedKeysOf(plan, seed), timeScale, spread.own);
    const attendant = new Attendant(plan, seed, world, control);
    if (!attendant.mayGoOn()) return attendant.finish(false, world.latenessData());
    const isComplete = await world.run(() => attendant.mayGoOn() && !spread.mustEnd, spread);
    return await spread.joined(attendant.finish(isComplete, world.latenessData()));
  } catch (cause) {
    // What else went wrong is what came of that.
    throw lost ?? cause;
  } finally {
    await spread.end();
  }
}

function warm(plan: Plan): Plan {
  if (plan.isWarmupAuto) throw new Error('the warm-up is found before a run: run/warmup.ts');
  return plan;
}

/** What a world has measured up to now, whether or not it goes on. */
export function measuredBy(world: World, run: Pick<FinishedRun, 'plan' | 'seed' | 'ending' | 'lateness' | 'wallMs'>): FinishedRun {
  const { plan } = run;
  const counts = countsOf(plan, world);
  return { ...run, audited: null, world, counts, digest: world.recorder.digestText(), measurements: new RunMeasurements(plan, counts), series: world.recorder.series() };
}

function countsOf(plan: Plan, world: World): RunCounts {
  return new RunCounts(plan, world.recorder, world.stations, world.log, world.now);
}

/** Looks after a run: shows how far it is, and says when it has to end early. */
class Attendant {
  private readonly plan: Plan;
  private readonly seed: number;
  private readonly world: World;
  private readonly control: RunControl | undefined;
  private readonly mustAbort: ReturnType<typeof abortWatch>;
  private readonly startedMs: number = performance.now();
  private hasAborted: boolean = false;

  constructor(plan: Plan, seed: number, world: World, control: RunControl | undefined) {
    this.plan = plan;
    this.seed = seed;
    this.world = world;
    this.control = control;
    this.mustAbort = abortWatch(plan.thresholds);
  }

  readonly mayGoOn = (): boolean => {
    if (this.mustAbort?.(() => new RunMeasurements(this.plan, this.count()), this.world.now) === true) this.hasAborted = true;
    return !this.hasAborted && !this.report();
  };

  finish(isComplete: boolean, lateness: LatenessData | null): FinishedRun {
    const { plan, seed, world } = this;
    this.report();
    world.finish();
    const ending = isComplete ? 'complete' : world.isFlooded ? 'flooded' : this.hasAborted ? 'aborted' : 'stopped';
    return measuredBy(world, { plan, seed, ending, lateness, wallMs: performance.now() - this.startedMs });
  }

  private count(): RunCounts {
    return countsOf(this.plan, this.world);
  }

  /** @returns whether somebody wants it to end */
  private report(): boolean {
    const { world } = this;
    return this.control?.onProgress?.({
      nowNs: world.now,
      events: world.events,
      requests: world.requests,
      failed: world.failedRequests,
      phase: world.isDraining ? 'draining' : 'running',
    }) === true;
  }
}

const figuresKnown: WeakMap<RunMeasurements, Figures> = new WeakMap();

/** Made once for each run. */
export function figuresIn({ measurements, world }: FinishedRun): Figures {
  let figures = figuresKnown.get(measurements);
  if (figures === undefined) figuresKnown.set(measurements, (figures = figuresOf(measurements, world.faults.targets)));
  return figures;
}

export function resultOf(run: FinishedRun, origin: Origin): Result {
  const { plan, seed, ending, world, measurements } = run;
  const figures = figuresIn(run);
  const series = seriesOf(run.series);
  return writeUp({
    plan, origin, measurements, figures, series,
    lateness: run.lateness,
    complete: ending === 'complete',
    warnings: endingWarnings(ending),
    estimates: estimatesOf(plan.thresholds, measurements, series),
    digest: run.digest,
    endNs: world.now,
    reps: [{ seed, totals: figures.totals }],
    intervals: {},
    logged: world.log.events,
    droppedEvents: world.log.droppedEvents,
    lateAnswers: world.lateAnswers,
    wallMs: run.wallMs,
    events: world.events,
    audited: run.audited,
  });
}

function endingWarnings(ending: Ending): WarningResult[] {
  switch (ending) {
    case 'complete': return [];
    case 'flooded': return [FLOODED];
    case 'aborted': return [ABORTED];
    case 'stopped': return [STOPPED];
    default: return ending satisfies never;
  }
}
