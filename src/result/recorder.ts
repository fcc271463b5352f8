/**
 * What a run measures of its calls. Each settled call goes into exactly one leaf, edge x class x segment, and
 * everything a result shows is a merge of leaves: totals and traffic of request edges, services of
 * the edges that lead there. Segments are the stretches of time between fault switches that look alike.
 */
import { OUTCOME_COUNT, Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { bucketOf } from '../stats/bucket.ts';
import { Histogram } from '../stats/histogram.ts';
import { Digest } from './digest.ts';
import { Segments } from './segments.ts';
import { SeriesRecorder } from './series.ts';

// Local names for constants: see engine/calls.ts.
const { ok: OK } = Outcome;
const OUTCOMES = OUTCOME_COUNT;

/** Parts of an octave in the histograms of calls, as a power of two: 0.05 % error. */
const CALL_BITS = 10;

export class Leaf {
  /** By outcome code; `ok` is counted by its latencies. */
  readonly failures: Float64Array = new Float64Array(OUTCOMES);
  readonly ok: Histogram = new Histogram(CALL_BITS);
  readonly failed: Histogram = new Histogram(CALL_BITS);
  attempts: number = 0;
  retries: number = 0;
}

/** Calls that began outside the measured window. */
const UNCOUNTED = -1;

export class Recorder {
  readonly segments: Segments;
  readonly series: SeriesRecorder;
  readonly digest: Digest = new Digest();
  /** By edge x tag; null while nothing was recorded. */
  readonly leaves: (Leaf | null)[];
  readonly tags: number;
  /** By edge. */
  readonly overflows: Float64Array;
  readonly budgetRefusals: Float64Array;
  private readonly classes: number;

  constructor(plan: Plan) {
    this.segments = new Segments(plan);
    this.series = new SeriesRecorder(plan.durationNs);
    this.classes = plan.traffic.reduce((sum, source) => sum + source.classes.length, 0);
    this.tags = this.classes * this.segments.count;
    this.leaves = new Array<Leaf | null>(plan.edges.length * this.tags).fill(null);
    this.overflows = new Float64Array(plan.edges.length);
    this.budgetRefusals = new Float64Array(plan.edges.length);
  }

  /** The mark of a request that arrives now: its leaf within the edge, or UNCOUNTED. */
  tagOf(requestClass: number, now: number): number {
    const segment = this.segments.at(now);
    return segment < 0 ? UNCOUNTED : segment * this.classes + requestClass;
  }

  settled(edge: number, tag: number, outcome: Outcome, latencyNs: number, attempts: number, isRequest: boolean, now: number): void {
    this.digest.add(edge, outcome, attempts, now);
    const bucket = bucketOf(latencyNs, CALL_BITS);
    if (isRequest) this.series.settled(outcome === OK, bucket);
    if (tag < 0) return;
    const index = edge * this.tags + tag;
    const leaf = this.leaves[index] ?? (this.leaves[index] = new Leaf());
    leaf.attempts += attempts;
    if (attempts > 1) leaf.retries += attempts - 1;
    if (outcome === OK) leaf.ok.add(bucket, latencyNs);
    else {
      leaf.failures[outcome]! += 1;
      leaf.failed.add(bucket, latencyNs);
    }
  }
}
