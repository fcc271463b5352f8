/** One run from plan to result: build the world, let it run, measure, judge. */
import type { Plan } from '../model/plan.ts';
import { VERSION } from '../model/version.ts';
import { figuresOf } from '../result/build.ts';
import { RunCounts } from '../result/counts.ts';
import { type RealFigures, RESULT_SCHEMA, type Result, type Series } from '../result/result.ts';
import { RunMeasurements } from '../result/selections.ts';
import { warningsOf } from '../result/warnings.ts';
import { msOf } from '../model/units.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import { abortWatch, judge } from './threshold.ts';
import { createRealWorld, createSimWorld, type World } from './worlds.ts';

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
  readonly mode: Mode['kind'];
  readonly seed: number;
  readonly complete: boolean;
  /** By a threshold with `abort`. */
  readonly aborted: boolean;
  readonly digest: string;
  readonly world: World;
  readonly measurements: RunMeasurements;
  readonly series: Series;
  readonly wallMs: number;
  /** In real mode only. */
  readonly real?: RealFigures;
}

export function carryOut(plan: Plan, seed: number, control?: RunControl): FinishedRun {
  const world = createSimWorld(plan, seed, renderedKeysOf(plan, seed));
  const attendant = new Attendant(plan, seed, world, control);
  // Asked once before the first event: a run may be stopped before it has begun.
  const complete = attendant.mayGoOn() && world.run(attendant.mayGoOn, EVENTS_PER_LOOK);
  return attendant.finish('sim', complete);
}

export async function carryOutReal(plan: Plan, seed: number, { timeScale }: RealMode, control?: RunControl): Promise<FinishedRun> {
  const world = await createRealWorld(plan, seed, renderedKeysOf(plan, seed), timeScale);
  const attendant = new Attendant(plan, seed, world, control);
  const complete = attendant.mayGoOn() && (await world.run(attendant.mayGoOn));
  const run = attendant.finish('real', complete);
  return { ...run, real: world.figures(msOf(run.measurements.select({}).latency.percentile(0.99)), run.series.requests.length) };
}

/** Looks after a run: shows how far it is, and says when it has to end early. */
class Attendant {
  private readonly plan: Plan;
  private readonly seed: number;
  private readonly world: World;
  private readonly control: RunControl | undefined;
  private readonly mustAbort: ReturnType<typeof abortWatch>;
  private readonly startedMs: number = performance.now();
  private aborted: boolean = false;

  constructor(plan: Plan, seed: number, world: World, control: RunControl | undefined) {
    this.plan = plan;
    this.seed = seed;
    this.world = world;
    this.control = control;
    this.mustAbort = abortWatch(plan.thresholds);
  }

  readonly mayGoOn = (): boolean => {
    if (this.mustAbort?.(this.measure(), this.world.now) === true) this.aborted = true;
    return !this.aborted && !this.report();
  };

  finish(mode: Mode['kind'], complete: boolean): FinishedRun {
    const { aborted, plan, seed, world } = this;
    this.report();
    world.finish();
    return {
      plan, mode, seed, complete, aborted, world,
      digest: world.recorder.digestText(),
      measurements: this.measure(),
      series: world.recorder.series(),
      wallMs: Math.round(performance.now() - this.startedMs),
    };
  }

  private measure(): RunMeasurements {
    const { plan, world } = this;
    return new RunMeasurements(plan, new RunCounts(plan, world.recorder, world.stations, world.log, world.now));
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

export function resultOf(run: FinishedRun, { resolved, sha256 }: { readonly resolved: unknown; readonly sha256: string }): Result {
  const { plan, mode, seed, complete, aborted, world, measurements, series, real } = run;
  const figures = figuresOf(measurements, world.faults.targets);
  return {
    schema: RESULT_SCHEMA,
    meshsim: VERSION,
    mode,
    seed,
    complete,
    scenario: { name: plan.name, sha256, resolved },
    digest: run.digest,
    window: { warmupMs: msOf(plan.warmupNs), durationMs: msOf(plan.durationNs), endMs: msOf(world.now) },
    totals: figures.totals,
    services: figures.services,
    edges: figures.edges,
    traffic: figures.traffic,
    endpoints: figures.endpoints,
    thresholds: judge(plan.thresholds, measurements, series),
    reps: [{ seed, totals: figures.totals }],
    intervals: {},
    series,
    histograms: figures.histograms,
    faults: figures.faults,
    events: eventsOf(plan, world.log.events, world.now),
    warnings: warningsOf(plan, figures, world.log, { complete, aborted, isFlooded: world.isFlooded, lateAnswers: world.lateAnswers, real }),
    ...(real === undefined ? {} : { real }),
    env: { node: process.version, platform: `${process.platform}-${process.arch}`, wallMs: run.wallMs, events: world.events },
  };
}

/** Fault switches and what the engine logged, by time. */
function eventsOf(plan: Plan, logged: Result['events'], endNs: number): Result['events'] {
  const switches = plan.faults.flatMap(({ name, windows }) =>
    windows.flatMap(({ fromNs, toNs }) => [
      { atMs: msOf(fromNs), kind: 'faultOn' as const, fault: name },
      { atMs: msOf(toNs), kind: 'faultOff' as const, fault: name },
    ]),
  );
  return [...switches.filter(({ atMs }) => atMs <= msOf(endNs)), ...logged].sort((a, b) => a.atMs - b.atMs);
}
