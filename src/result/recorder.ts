/**
 * What a run measures of its calls. Each settled call goes into exactly one leaf, way x class x segment, and
 * everything a result shows is a merge of leaves: totals and traffic of the ways of requests, services of
 * the ways that lead there. Segments are the stretches of time between fault switches that look alike.
 *
 * Settled calls are written down in a row and counted a few hundred at a time, in one loop without calls (3 % of bench W2).
 */
import { OUTCOME_COUNT, Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { bucketOf } from '../stats/bucket.ts';
import type { GroupMeans } from '../stats/group-means.ts';
import { Histogram } from '../stats/histogram.ts';
import { Digest } from './digest.ts';
import { Segments } from './segments.ts';
import { type SeriesData, SeriesRecorder } from './series.ts';
import { Ways } from './ways.ts';

// Local names for constants: see engine/calls.ts.
const { ok: OK } = Outcome;
const OUTCOMES = OUTCOME_COUNT;
const bucketAt = bucketOf;

/** Parts of an octave in the histograms of calls, as a power of two: 0.05 % error. */
const CALL_BITS = 10;

export class Leaf {
  /** Calls, by outcome code. */
  readonly outcomes: Float64Array = new Float64Array(OUTCOMES);
  readonly ok: Histogram = new Histogram(CALL_BITS);
  readonly failed: Histogram = new Histogram(CALL_BITS);
  attempts: number = 0;
  retries: number = 0;
  hedges: number = 0;
}

/** Calls that began outside the measured window. */
const UNCOUNTED = -1;

/** Calls that wait to be counted. */
const LOGGED = 512;
/** Places in a row of times, ns: `times[(i << TIME_SHIFT) | field]` … */
const TIME_SHIFT = 1;
const TIME_LATENCY = 0;
const TIME_ENDED = 1;
/** … and in a row of facts. */
const FACT_SHIFT = 2;
const FACT_WAY = 0;
const FACT_TAG = 1;
const FACT_ATTEMPTS = 2;
/** Outcome, whether it is a request, and the number of hedges. */
const FACT_ENDING = 3;
const OUTCOME_MASK = 15;
const IS_REQUEST = 16;
const HEDGES_SHIFT = 5;

/** A call that is over, as far as the figures go. */
export interface SettledCall {
  /** From `tagOf` its request. */
  readonly tag: number;
  readonly attempts: number;
  /** Of the attempts. */
  readonly hedges: number;
  /** ns. */
  readonly begunAt: number;
}

export class Recorder {
  readonly segments: Segments;
  readonly ways: Ways;
  readonly tags: number;
  /** By edge. */
  readonly overflows: Float64Array;
  readonly budgetRefusals: Float64Array;
  /** Takes the latency of each request, ns, and when it ended, in that order; only a pilot run wants them. */
  latencies: GroupMeans | null = null;
  private readonly seriesRecorder: SeriesRecorder;
  private readonly digest: Digest = new Digest();
  /** By way x tag; null while nothing was recorded. */
  private readonly leaves: (Leaf | null)[];
  private readonly classes: number;
  private readonly times: Float64Array = new Float64Array(LOGGED << TIME_SHIFT);
  private readonly facts: Int32Array = new Int32Array(LOGGED << FACT_SHIFT);
  private logged: number = 0;
  /** By way: settled calls, and their attempts, of all the run. */
  private readonly calls: Float64Array;
  private readonly attempts: Float64Array;
  /** What the other counters say at the end of a step; nothing, until a world is there. */
  private reading: () => Float64Array = () => new Float64Array(0);

  constructor(plan: Plan) {
    this.segments = new Segments(plan);
    this.seriesRecorder = new SeriesRecorder(plan.durationNs, plan.edges.length);
    this.classes = plan.traffic.reduce((sum, source) => sum + source.classes.length, 0);
    this.tags = this.classes * this.segments.count;
    this.ways = new Ways(plan);
    this.leaves = new Array<Leaf | null>(this.ways.list.length * this.tags).fill(null);
    this.calls = new Float64Array(this.ways.list.length);
    this.attempts = new Float64Array(this.ways.list.length);
    this.overflows = new Float64Array(plan.edges.length);
    this.budgetRefusals = new Float64Array(plan.edges.length);
  }

  /** The mark of a request that arrives now: its leaf within the edge, or UNCOUNTED. */
  tagOf(requestClass: number, now: number): number {
    const segment = this.segments.at(now);
    return segment < 0 ? UNCOUNTED : segment * this.classes + requestClass;
  }

  arrived(): void {
    this.seriesRecorder.arrived();
  }

  /** @param number  of the attempt within its call, from 1 */
  attempted(number: number, isHedge: boolean): void {
    this.seriesRecorder.attempted(number, isHedge);
  }

  settled(call: SettledCall, way: number, outcome: Outcome, isRequest: boolean, now: number): void {
    const { facts, logged, times } = this;
    times[(logged << TIME_SHIFT) | TIME_LATENCY] = now - call.begunAt;
    times[(logged << TIME_SHIFT) | TIME_ENDED] = now;
    const fact = logged << FACT_SHIFT;
    facts[fact | FACT_WAY] = way;
    facts[fact | FACT_TAG] = call.tag;
    facts[fact | FACT_ATTEMPTS] = call.attempts;
    const ending = isRequest ? outcome | IS_REQUEST : outcome;
    facts[fact | FACT_ENDING] = call.attempts > 1 ? ending | (call.hedges << HEDGES_SHIFT) : ending;
    this.logged = logged + 1;
    if (logged === LOGGED - 1) this.count();
  }

  /** Of the series; grows in a run without an end. */
  get stepNs(): number {
    return this.seriesRecorder.stepNs;
  }

  /** When the present step of the series ends, ns; the world calls `turn` when it gets there. */
  get stepEndsAt(): number {
    return this.seriesRecorder.endsAt;
  }

  turn(): void {
    this.count();
    this.seriesRecorder.turn(this.reading());
  }

  /** @param reading  asked at the end of each step, see `step-reading.ts` */
  readSteps(reading: () => Float64Array): void {
    this.reading = reading;
  }

  /** Calls of a way that have settled, from the start of the run, and their attempts; `turn` counts what is not counted yet. */
  settledOn(way: number): { readonly calls: number; readonly attempts: number } {
    return { calls: this.calls[way]!, attempts: this.attempts[way]! };
  }

  /** Null while nothing was recorded. */
  leaf(way: number, tag: number): Leaf | null {
    this.count();
    return this.leaves[way * this.tags + tag]!;
  }

  /** Up to now. */
  series(): SeriesData {
    this.count();
    return this.seriesRecorder.soFar(this.reading());
  }

  /** Of everything settled so far, in order: equal digests, equal runs. */
  digestText(): string {
    this.count();
    return this.digest.toString();
  }

  private count(): void {
    const { logged } = this;
    this.logged = 0;
    for (let i = 0; i < logged; i++) this.countCall(i);
  }

  /** Apart from the loop: see `EndpointStats.countRow`. */
  private countCall(i: number): void {
    const { attempts: allAttempts, calls, facts, latencies, leaves, times } = this;
    const latencyNs = times[(i << TIME_SHIFT) | TIME_LATENCY]!;
    const fact = i << FACT_SHIFT;
    const way = facts[fact | FACT_WAY]!;
    const tag = facts[fact | FACT_TAG]!;
    const attempts = facts[fact | FACT_ATTEMPTS]!;
    const ending = facts[fact | FACT_ENDING]!;
    const outcome = ending & OUTCOME_MASK;
    const endedAt = times[(i << TIME_SHIFT) | TIME_ENDED]!;
    this.digest.add(way, outcome, attempts, endedAt);
    calls[way]! += 1;
    allAttempts[way]! += attempts;
    const bucket = bucketAt(latencyNs, CALL_BITS);
    if ((ending & IS_REQUEST) !== 0) {
      this.seriesRecorder.settled(outcome, bucket, latencyNs);
      if (latencies !== null) latencies.add(latencyNs, endedAt);
    }
    if (tag < 0) return;
    const index = way * this.tags + tag;
    const leaf = leaves[index] ?? (leaves[index] = new Leaf());
    leaf.attempts += attempts;
    if (attempts > 1) {
      const hedges = ending >> HEDGES_SHIFT;
      leaf.retries += attempts - 1 - hedges;
      leaf.hedges += hedges;
    }
    // Without a way of its own for failures, whose first one would find code that was compiled without it.
    const { failed, ok, outcomes } = leaf;
    outcomes[outcome]! += 1;
    (outcome === OK ? ok : failed).add(bucket, latencyNs);
  }
}
