/** One run from plan to result: build the world, let it run, measure, judge. */
import type { Plan } from '../model/plan.ts';
import { figuresOf } from '../result/build.ts';
import { RunCounts } from '../result/counts.ts';
import type { LatenessData } from '../result/lateness.ts';
import type { Result, WarningResult } from '../result/result.ts';
import { RunMeasurements } from '../result/selections.ts';
import { type SeriesData, seriesOf } from '../result/series.ts';
import { ABORTED, FLOODED, STOPPED } from '../result/warnings.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import { abortWatch, estimatesOf } from './threshold.ts';
import { createRealWorld, createSimWorld, type World } from './worlds.ts';
import { type Origin, writeUp } from './write-up.ts';

export interface RunOptions {
  /** Instead of the plan's. */
  readonly seed?: number;
  /** The file with all defaults, for the result; null when there is no file. */
  readonly resolved?: unknown;
  /** Of the file's bytes; empty when there is no file. */
  readonly sha256?: string;
  readonly control?: RunControl;
}

export interface RunControl {
  /** Called every few thousand events; true stops the run, whose result is then not `complete`. */
  onProgress?(progress: Progress): boolean;
}

export interface Progress {
  readonly nowNs: number;
  readonly events: number;
  readonly requests: number;
  readonly failed: number;
  readonly phase: 'running' | 'draining';
}

/** Events between two looks at the outside: some milliseconds of work. */
const EVENTS_PER_LOOK = 16384;

/**
 * Simulate a plan in virtual time. Synchronous and deterministic: equal plan and seed give an equal result,
 * `env` apart.
 */
export function simulate(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control }: RunOptions = {}): Result {
  return resultOf(carryOut(plan, seed, control), { resolved, sha256 });
}

/** How time passes in a run. */
export type Mode = { readonly kind: 'sim' } | RealMode;

export interface RealMode {
  readonly kind: 'real';
  /** Real time per time of the run, 1 or more. */
  readonly timeScale: number;
}

/**
 * Run a plan on HTTP servers and sockets on loopback. What is random in the plan comes from the seed, what is random in
 * this machine does not.
 * @throws MeshError when this machine cannot carry the mesh
 */
export async function runReal(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control, timeScale = 1 }: RunOptions & Partial<RealMode> = {}): Promise<Result> {
  return resultOf(await carryOutReal(plan, seed, { kind: 'real', timeScale }, control), { resolved, sha256 });
}

/** A run that is over and not yet written up. */
export interface FinishedRun {
  readonly plan: Plan;
  readonly seed: number;
  readonly ending: Ending;
  readonly digest: string;
  readonly world: World;
  readonly counts: RunCounts;
  readonly measurements: RunMeasurements;
  readonly series: SeriesData;
  /** Null in virtual time, which is never late. */
  readonly lateness: LatenessData | null;
  readonly wallMs: number;
}

/** Why it ended: of itself, by a threshold with `abort`, because more was in flight than it can hold, or from outside. */
export type Ending = 'complete' | 'aborted' | 'flooded' | 'stopped';

/** @param queuesAt  when to note how much waits, ascending, ns */
export function carryOut(plan: Plan, seed: number, control?: RunControl, queuesAt: readonly number[] = []): FinishedRun {
  const world = createSimWorld(plan, seed, renderedKeysOf(plan, seed));
  world.lookAtQueues(queuesAt);
  const attendant = new Attendant(plan, seed, world, control);
  // Asked once before the first event: a run may be stopped before it has begun.
  const isComplete = attendant.mayGoOn() && world.run(attendant.mayGoOn, EVENTS_PER_LOOK);
  return attendant.finish(isComplete, null);
}

export async function carryOutReal(plan: Plan, seed: number, { timeScale }: RealMode, control?: RunControl): Promise<FinishedRun> {
  const world = await createRealWorld(plan, seed, renderedKeysOf(plan, seed), timeScale);
  const attendant = new Attendant(plan, seed, world, control);
  const isComplete = attendant.mayGoOn() && (await world.run(attendant.mayGoOn));
  return attendant.finish(isComplete, world.latenessData());
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
    const counts = this.count();
    return {
      plan, seed, world, counts, lateness,
      ending: isComplete ? 'complete' : world.isFlooded ? 'flooded' : this.hasAborted ? 'aborted' : 'stopped',
      digest: world.recorder.digestText(),
      measurements: new RunMeasurements(plan, counts),
      series: world.recorder.series(),
      wallMs: performance.now() - this.startedMs,
    };
  }

  private count(): RunCounts {
    const { plan, world } = this;
    return new RunCounts(plan, world.recorder, world.stations, world.log, world.now);
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

export function resultOf(run: FinishedRun, origin: Origin): Result {
  const { plan, seed, ending, world, measurements } = run;
  const figures = figuresOf(measurements, world.faults.targets);
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
