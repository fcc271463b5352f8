/** Carries a run out in virtual time: build the world, let it run, measure, and write up. Runs in a browser, too. */
import type { OwnCode } from '../engine/own/own-code.ts';
import { watchedBy } from '../engine/watch/watched-engine.ts';
import type { Watcher } from '../engine/watch/watcher.ts';
import { Audit } from '../invariant/audit.ts';
import { BROKEN, UntilBroken } from '../invariant/until-broken.ts';
import { MeshError } from '../model/mesh-error.ts';
import { OwnPolicyError } from '../model/own-policy-error.ts';
import type { Plan } from '../model/plan.ts';
import type { Audited, InvariantName } from '../model/violation.ts';
import { refuseCode } from '../own/named-code.ts';
import { type Figures, figuresOf } from '../result/build.ts';
import { type Counts, RunCounts } from '../result/counts.ts';
import type { LatenessData } from '../result/lateness.ts';
import type { Result, WarningResult } from '../result/result.ts';
import { placeSeriesOf } from '../result/place-series.ts';
import { RunMeasurements } from '../result/selections.ts';
import { type SeriesData, seriesOf } from '../result/series.ts';
import { ABORTED, FLOODED, STOPPED } from '../result/warnings.ts';
import type { GroupMeans } from '../stats/group-means.ts';
import type { Tracer } from '../trace/tracer.ts';
import { renderedKeysOf } from '../traffic/request-class.ts';
import type { RunControl } from './run.ts';
import { abortWatch, estimatesOf } from './threshold.ts';
import { createSimWorld, type World } from './worlds.ts';
import { type Origin, writeUp } from './write-up.ts';

/** Events between two looks at the outside: some milliseconds of work. */
export const EVENTS_PER_LOOK = 16384;

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

/** The side of a run that has code of somebody else in it. */
export interface OwnHost {
  readonly code: OwnCode;
  /** Before the world runs. */
  attach(world: ReturnType<typeof createSimWorld>): void;
}

/** What else is wanted of a run. */
export interface Aside {
  /** Takes the latencies of requests, see `Recorder`. */
  readonly latencies?: GroupMeans;
  /** When to note how much waits, ascending, ns. */
  readonly queuesAt?: readonly number[];
  /** Looks into the world at an instant, ns; see `World.lookOnce`. */
  readonly atOnce?: { readonly atNs: number; readonly see: (world: World) => void };
  /** They hear all that the engine is told and decides. */
  readonly watchers?: readonly Watcher[];
  /** What must hold; nothing is looked after unless given. */
  readonly invariants?: readonly InvariantName[];
  /** With `invariants`: the run ends once one is broken. */
  readonly untilBroken?: boolean;
  /** Of the invariant `recovers`: how long after the last fault, ns. */
  readonly recoverWithinNs?: number;
  /** Follows the requests. */
  readonly tracer?: Tracer;
  /** The code that the plan names, see `carry-out-own.ts`. */
  readonly own?: OwnHost;
  /** Called now and then while the run goes on, with what gives the run as far as it is. */
  readonly onLook?: (soFar: () => FinishedRun) => void;
}

/** @throws OwnPolicyError when code that came with the run fails; Error where the plan names code and none came */
export function carryOut(plan: Plan, seed: number, control?: RunControl, { atOnce, invariants, latencies, onLook, own, queuesAt = [], recoverWithinNs, tracer, untilBroken = false, watchers = [] }: Aside = {}): FinishedRun {
  if (own === undefined) refuseCode(plan, 'none came with the run: pass it as `policies` to `simulate` or `simulateAsync`');
  const audit = invariants === undefined ? null : new Audit(invariants);
  const all = [...(audit === null ? [] : untilBroken ? [audit, new UntilBroken(audit)] : [audit]), ...watchers, ...(tracer === undefined ? [] : [tracer])];
  const world = createSimWorld(warm(plan), seed, renderedKeysOf(plan, seed), watchedBy(all, own?.code), tracer?.between);
  if (audit !== null) audit.inside = { stations: world.stations, conditions: world.faults.conditions };
  tracer?.begins(world);
  own?.attach(world);
  world.recorder.latencies = latencies ?? null;
  world.lookAtQueues(queuesAt);
  if (atOnce !== undefined) world.lookOnce(atOnce.atNs, () => atOnce.see(world));
  const attendant = new Attendant(plan, seed, world, control);
  const mayGoOn = (): boolean => {
    onLook?.(attendant.soFar);
    return attendant.mayGoOn();
  };
  let isComplete: boolean;
  try {
    // Asked once before the first event: a run may be stopped before it has begun.
    isComplete = attendant.mayGoOn() && world.run(mayGoOn, EVENTS_PER_LOOK);
  } catch (error) {
    // These are not ours.
    if (audit === null || error instanceof OwnPolicyError || error instanceof MeshError) throw error;
    return { ...attendant.giveUp(), audited: error === BROKEN ? audit.found() : audit.threw(error) };
  }
  tracer?.finish();
  const run = attendant.finish(isComplete, null);
  if (audit === null) return run;
  return { ...run, audited: audit.over({ plan, endNs: world.now, figures: figuresIn(run), series: seriesOf(run.series), recoverWithinNs: recoverWithinNs ?? null }) };
}

export function warm(plan: Plan): Plan {
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
export class Attendant {
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

  readonly soFar = (): FinishedRun => this.measured('stopped', null);

  finish(isComplete: boolean, lateness: LatenessData | null): FinishedRun {
    const { world } = this;
    this.report();
    world.finish();
    return this.measured(isComplete ? 'complete' : world.isFlooded ? 'flooded' : this.hasAborted ? 'aborted' : 'stopped', lateness);
  }

  /** The world is beyond being ended. */
  giveUp(): FinishedRun {
    this.report();
    return this.measured('stopped', null);
  }

  private measured(ending: Ending, lateness: LatenessData | null): FinishedRun {
    const { plan, seed, startedMs, world } = this;
    return measuredBy(world, { plan, seed, ending, lateness, wallMs: performance.now() - startedMs });
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
    plan, origin, measurements, figures,
    series: { ...series, ...placeSeriesOf(plan, run.series.readings) },
    lateness: run.lateness,
    tail: null,
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
