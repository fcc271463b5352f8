/** One run from plan to result: build the world, let it run, measure, judge. */
import type { Plan } from '../model/plan.ts';
import { VERSION } from '../model/version.ts';
import { figuresOf } from '../result/build.ts';
import { RESULT_SCHEMA, type Result, type Series } from '../result/result.ts';
import { RunMeasurements } from '../result/selections.ts';
import { warningsOf } from '../result/warnings.ts';
import { msOf } from '../model/units.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import { abortWatch, judge } from './threshold.ts';
import { createWorld, type World } from './worlds.ts';

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

/** A run that is over and not yet written up. */
export interface FinishedRun {
  readonly plan: Plan;
  readonly seed: number;
  readonly complete: boolean;
  /** By a threshold with `abort`. */
  readonly aborted: boolean;
  readonly digest: string;
  readonly world: World;
  readonly measurements: RunMeasurements;
  readonly series: Series;
  readonly wallMs: number;
}

export function carryOut(plan: Plan, seed: number, control?: RunControl): FinishedRun {
  const startedAt = performance.now();
  const world = createWorld('sim', plan, seed, renderedKeysOf(plan, seed));
  const measure = (): RunMeasurements => new RunMeasurements(plan, world.recorder, world.stations, world.log, world.now);
  const mustAbort = abortWatch(plan.thresholds);
  let aborted = false;
  const report = (): boolean =>
    control?.onProgress?.({
      nowNs: world.now,
      events: world.events,
      requests: world.requests,
      failed: world.failedRequests,
      phase: world.isDraining ? 'draining' : 'running',
    }) === true;
  const mayGoOn = (): boolean => {
    if (mustAbort?.(measure(), world.now) === true) aborted = true;
    return !aborted && !report();
  };
  // Asked once before the first event: a run may be stopped before it has begun.
  const complete = mayGoOn() && world.run(mayGoOn, EVENTS_PER_LOOK);
  report();
  world.finish();
  return {
    plan, seed, complete, aborted, world,
    digest: world.recorder.digestText(),
    measurements: measure(),
    series: world.recorder.series(),
    wallMs: Math.round(performance.now() - startedAt),
  };
}

export function resultOf(run: FinishedRun, { resolved, sha256 }: { readonly resolved: unknown; readonly sha256: string }): Result {
  const { plan, seed, complete, aborted, world, measurements, series } = run;
  const figures = figuresOf(measurements, world.recorder, world.log, world.faults.targets);
  return {
    schema: RESULT_SCHEMA,
    meshsim: VERSION,
    mode: 'sim',
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
    warnings: warningsOf(plan, figures, world.log, { complete, aborted, isFlooded: world.isFlooded, lateAnswers: world.lateAnswers }),
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
