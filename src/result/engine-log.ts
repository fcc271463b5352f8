/**
 * What the engine reports besides calls: endpoints taken out of use, breakers, shedding, panic, refusals. Rare, so
 * plain objects.
 */
import { DETECTION_NAMES, type Detection } from '../engine/breaker/detection.ts';
import { Holder } from '../engine/breaker/readiness.ts';
import type { EngineObserver } from '../engine/ports.ts';
import { NONE } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { Recorder } from './recorder.ts';
import type { EventResult } from './result.ts';
import { Stretches } from './stretches.ts';

/** Events kept, the first or, of a run without an end, the last; the others are only counted. */
const EVENT_LIMIT = 1000;

interface Words {
  readonly policy: NonNullable<EventResult['policy']>;
  readonly out: EventResult['kind'];
  readonly back: EventResult['kind'];
}

/** What an event is called that takes an endpoint out of use, or a whole service. */
const WORDS: Readonly<Record<Holder, Words>> = {
  [Holder.outlierDetection]: { policy: 'outlierDetection', out: 'ejected', back: 'unejected' },
  [Holder.failureAccrual]: { policy: 'failureAccrual', out: 'breakerOpened', back: 'breakerClosed' },
  [Holder.circuitBreaker]: { policy: 'circuitBreaker', out: 'breakerOpened', back: 'breakerClosed' },
  [Holder.healthCheck]: { policy: 'healthCheck', out: 'unhealthy', back: 'healthy' },
};

export class EngineLog implements EngineObserver {
  readonly events: EventResult[] = [];
  droppedEvents: number = 0;
  /** Ejections by outlier detection in the measured window, by endpoint and by edge. */
  readonly ejections: Float64Array;
  readonly edgeEjections: Float64Array;
  /** Of active health checks, by edge: endpoints that some caller found unhealthy. */
  readonly healthCheckFailures: Float64Array;
  /** Of breakers, those of endpoints and of whole services: `openings[edge * segments + segment]`. */
  readonly openings: Float64Array;
  /** By endpoint: time that callers did without it, each of them once whoever of its policies wanted that. */
  readonly outOfUse: Stretches;
  /** By edge: time that breakers refused calls, each of them for itself. */
  readonly refusals: Stretches;
  /** By edge. */
  readonly sheds: Stretches;
  readonly panics: Stretches;
  private readonly plan: Plan;
  private readonly recorder: Recorder;
  private readonly names: readonly string[];

  constructor(plan: Plan, recorder: Recorder) {
    this.plan = plan;
    this.recorder = recorder;
    this.names = plan.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}/${i}`));
    this.ejections = new Float64Array(this.names.length);
    this.edgeEjections = new Float64Array(plan.edges.length);
    this.healthCheckFailures = new Float64Array(plan.edges.length);
    const { segments } = recorder;
    this.openings = new Float64Array(plan.edges.length * segments.count);
    this.outOfUse = new Stretches(segments);
    this.refusals = new Stretches(segments);
    this.sheds = new Stretches(segments);
    this.panics = new Stretches(segments);
  }

  ejected(edge: number, caller: number, endpoint: number, now: number, holder: Holder, detection: Detection): void {
    switch (holder) {
      case Holder.outlierDetection:
        if (this.isMeasured(now)) {
          this.ejections[endpoint]!++;
          this.edgeEjections[edge]!++;
        }
        break;
      case Holder.healthCheck:
        if (this.isMeasured(now)) this.healthCheckFailures[edge]!++;
        break;
      case Holder.failureAccrual:
      case Holder.circuitBreaker:
        this.opened(edge, now);
        break;
      default:
        holder satisfies never;
    }
    this.outOfUse.begin(`${edge}/${caller}/${endpoint}`, endpoint, now, holder);
    const { policy, out } = WORDS[holder];
    this.note({ atMs: msOf(now), kind: out, policy, detection: DETECTION_NAMES[detection]!, ...this.where(edge, caller), endpoint: this.names[endpoint]! });
  }

  unejected(edge: number, caller: number, endpoint: number, now: number, holder: Holder): void {
    this.outOfUse.end(`${edge}/${caller}/${endpoint}`, now, holder);
    const { policy, back } = WORDS[holder];
    this.note({ atMs: msOf(now), kind: back, policy, ...this.where(edge, caller), endpoint: this.names[endpoint]! });
  }

  breakerOpened(edge: number, caller: number, now: number, detection: Detection): void {
    this.opened(edge, now);
    this.note({ atMs: msOf(now), kind: 'breakerOpened', policy: 'circuitBreaker', detection: DETECTION_NAMES[detection]!, ...this.where(edge, caller) });
  }

  breakerClosed(edge: number, caller: number, now: number): void {
    this.note({ atMs: msOf(now), kind: 'breakerClosed', policy: 'circuitBreaker', ...this.where(edge, caller) });
  }

  refusing(edge: number, caller: number, endpoint: number, on: boolean, now: number): void {
    const key = endpoint === NONE ? `${edge}/${caller}` : `${edge}/${caller}/${endpoint}`;
    if (on) this.refusals.begin(key, edge, now);
    else this.refusals.end(key, now);
  }

  shedding(edge: number, caller: number, on: boolean, now: number): void {
    if (on) this.sheds.begin(`${edge}/${caller}`, edge, now);
    else this.sheds.end(`${edge}/${caller}`, now);
    this.note({ atMs: msOf(now), kind: on ? 'shedOn' : 'shedOff', policy: 'failfast', ...this.where(edge, caller) });
  }

  panicked(edge: number, caller: number, on: boolean, now: number): void {
    if (on) this.panics.begin(`${edge}/${caller}`, edge, now);
    else this.panics.end(`${edge}/${caller}`, now);
    this.note({ atMs: msOf(now), kind: on ? 'panicOn' : 'panicOff', ...this.where(edge, caller) });
  }

  overflowed(edge: number, now: number): void {
    if (this.isMeasured(now)) this.recorder.overflows[edge]!++;
  }

  budgetRefused(edge: number, now: number): void {
    if (this.isMeasured(now)) this.recorder.budgetRefusals[edge]!++;
  }

  /** By hand: the times of the plan need no note. */
  faultSwitched(fault: string, on: boolean, now: number): void {
    this.note({ atMs: msOf(now), kind: on ? 'faultOn' : 'faultOff', fault });
  }

  private opened(edge: number, now: number): void {
    const { segments } = this.recorder;
    const segment = segments.of(now);
    if (segment >= 0) this.openings[edge * segments.count + segment]!++;
  }

  private isMeasured(now: number): boolean {
    return now >= this.plan.warmupNs && now <= this.plan.durationNs;
  }

  private where(edge: number, caller: number): { readonly edge: string; readonly caller: string } {
    const { name, from } = this.plan.edges[edge]!;
    const callers = from.kind === 'traffic' ? this.plan.traffic : this.plan.services;
    return { edge: name, caller: `${callers[from.index]!.name}/${caller}` };
  }

  private note(event: EventResult): void {
    if (this.events.length < EVENT_LIMIT) {
      this.events.push(event);
      return;
    }
    this.droppedEvents++;
    // Of a run without an end the last events are the ones that matter.
    if (this.plan.durationNs !== Infinity) return;
    this.events.shift();
    this.events.push(event);
  }
}
