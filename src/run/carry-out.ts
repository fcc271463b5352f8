/** Carries a run out: build the world, let it run, measure, and write up. */
import type { Plan } from '../model/plan.ts';
import { figuresOf } from '../result/build.ts';
import { RunCounts } from '../result/counts.ts';
import type { Result, WarningResult } from '../result/result.ts';
import { RunMeasurements } from '../result/selections.ts';
import { type SeriesData, seriesOf } from '../result/series.ts';
import { ABORTED, FLOODED, STOPPED } from '../result/warnings.ts';
import type { GroupMeans } from '../stats/group-means.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import type { RunControl } from './run.ts';
import { abortWatch, estimatesOf } from './threshold.ts';
import { createWorld, type World } from './worlds.ts';
import { type Origin, writeUp } from './write-up.ts';

/** Events between two looks at the outside: some milliseconds of work. */
const EVENTS_PER_LOOK = 16384;

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
  readonly wallMs: number;
}

/** Why it ended: of itself, by a threshold with `abort`, because more was in flight than it can hold, or from outside. */
export type Ending = 'complete' | 'aborted' | 'flooded' | 'stopped';

/** @param latencies  takes those of requests, see `Recorder` */
export function carryOut(plan: Plan, seed: number, control?: RunControl, latencies?: GroupMeans): FinishedRun {
  if (plan.isWarmupAuto) throw new Error('the warm-up is found before a run: run/warmup.ts');
  const startedAt = performance.now();
  const world = createWorld('sim', plan, seed, renderedKeysOf(plan, seed));
  world.recorder.latencies = latencies ?? null;
  const count = (): RunCounts => new RunCounts(plan, world.recorder, world.stations, world.log, world.now);
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
    if (mustAbort?.(() => new RunMeasurements(plan, count()), world.now) === true) aborted = true;
    return !aborted && !report();
  };
  // Asked once before the first event: a run may be stopped before it has begun.
  const complete = mayGoOn() && world.run(mayGoOn, EVENTS_PER_LOOK);
  report();
  world.finish();
  const counts = count();
  return {
    plan, seed, world, counts,
    ending: complete ? 'complete' : world.isFlooded ? 'flooded' : aborted ? 'aborted' : 'stopped',
    digest: world.recorder.digestText(),
    measurements: new RunMeasurements(plan, counts),
    series: world.recorder.series(),
    wallMs: performance.now() - startedAt,
  };
}

export function resultOf(run: FinishedRun, origin: Origin): Result {
  const { plan, seed, ending, world, measurements } = run;
  const figures = figuresOf(measurements, world.faults.targets);
  const series = seriesOf(run.series);
  return writeUp({
    plan, origin, measurements, figures, series,
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
