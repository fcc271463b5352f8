/**
 * Root requests over time, in fixed steps; the last step takes what ends in the drain. A run without an end begins with steps
 * of a second, and joins each two of them when there is no room for more. What is recorded stays mergeable
 * (`SeriesData`) until it is written up, so that percentiles of a step are of all requests of all runs.
 */
import { DOUBLE, NOT_CONSTANT } from '../model/columns.ts';
import { NS_PER_MS, NS_PER_S, msOf } from '../model/units.ts';
import { middleOf } from '../stats/bucket.ts';
import { OUTCOME_NAMES, Outcome } from '../model/outcome.ts';
import type { RequestSeries } from './result.ts';
import { repeated } from './step-reading.ts';

const STEPS = 240;
/** Coarse: 1.6 % at 5 bits; buckets of the calls' histograms are joined by 32. */
const STEP_BITS = 5;
const JOIN_BITS = 5;
const BUCKETS: number = 54 << STEP_BITS;

/** Places in the cells of a step; joined by `|`, which cannot overflow and so needs no check. */
const STRIDE = 32;
const REQUESTS = 0;
const ATTEMPTS = 1;
const RETRIES = 2;
const HEDGES = 3;
/** The first of the outcomes, by code. */
const OUTCOMES = 16;

export class SeriesRecorder {
  stepNs: number;
  private readonly steps: number;
  private readonly isEndless: boolean;
  /** Counts of a step: `cells[step * STRIDE | field]`. */
  private readonly cells: Float64Array;
  private at: number = NOT_CONSTANT;
  /** Of each step that is over: see `SeriesData.steps`. */
  private readonly closed: number[][];
  /** Of the requests that ended in the present step, by bucket. */
  private readonly latency: Uint32Array = new Uint32Array(BUCKETS);
  /** At the end of each step, see `step-reading.ts`. */
  private readings: Float64Array[] = [];
  private readonly edges: number;
  private step: number = 0;
  private stepEnd: number = DOUBLE;

  /** @param edges  of the plan */
  constructor(durationNs: number, edges: number) {
    this.at = 0;
    this.edges = edges;
    this.isEndless = durationNs === Infinity;
    this.stepNs = this.isEndless ? NS_PER_S : niceStep(durationNs / STEPS);
    this.steps = this.isEndless ? STEPS : Math.max(1, Math.ceil(durationNs / this.stepNs));
    this.stepEnd = this.steps === 1 ? Infinity : this.stepNs;
    this.cells = new Float64Array(this.steps * STRIDE);
    this.closed = Array.from({ length: this.steps }, () => []);
  }

  /** When the present step ends, ns; the world calls `turn` when it gets there. */
  get endsAt(): number {
    return this.stepEnd;
  }

  arrived(): void {
    this.cells[this.at | REQUESTS]! += 1;
  }

  /** @param number  of the attempt within its call, from 1 */
  attempted(number: number, isHedge: boolean): void {
    this.cells[this.at | ATTEMPTS]! += 1;
    if (number > 1) this.cells[this.at | (isHedge ? HEDGES : RETRIES)]! += 1;
  }

  /** @param bucket  of the request's latency, in parts of 2^-10 octaves */
  settled(outcome: number, bucket: number): void {
    this.cells[this.at | OUTCOMES | outcome]! += 1;
    this.latency[bucket >> JOIN_BITS]! += 1;
  }

  /** @param reading  a row of its own */
  turn(reading: Float64Array): void {
    this.close();
    this.readings[this.step] = reading;
    if (this.isEndless && this.step === this.steps - 1) this.joinSteps();
    this.step++;
    this.at = this.step * STRIDE;
    this.stepEnd = this.step >= this.steps - 1 && !this.isEndless ? Infinity : (this.step + 1) * this.stepNs;
  }

  /** Up to now; what comes later is added to it. */
  soFar(reading: Float64Array): SeriesData {
    this.close();
    const steps = this.isEndless ? this.closed.slice(0, this.step + 1) : this.closed;
    const readings = [...this.readings.slice(0, this.step), reading];
    while (readings.length < steps.length) readings.push(repeated(reading, this.edges));
    return { stepNs: this.stepNs, cells: this.cells, steps, readings };
  }

  /** All steps are over. */
  private joinSteps(): void {
    const { cells, closed } = this;
    for (let step = 0; step < this.steps; step++) {
      const from = step * STRIDE;
      const to = (step >> 1) * STRIDE;
      for (let field = 0; field < STRIDE; field++) cells[to + field] = (step & 1 ? cells[to + field]! : 0) + cells[from + field]!;
      closed[step >> 1] = step & 1 ? mergedBuckets(closed[step >> 1]!, closed[step]!) : closed[step]!;
    }
    const half = this.steps / 2;
    this.readings = this.readings.filter((_, step) => (step & 1) === 1);
    cells.fill(0, half * STRIDE);
    closed.fill([], half);
    this.stepNs *= 2;
    this.step = half - 1;
  }

  private close(): void {
    const buckets: number[] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.latency[bucket]! > 0) buckets.push(bucket, this.latency[bucket]!);
    }
    this.closed[this.step] = mergedBuckets(this.closed[this.step]!, buckets);
    this.latency.fill(0);
  }
}

/** Plain data. */
export interface SeriesData {
  readonly stepNs: number;
  /** Counts of a step: `cells[step * STRIDE | field]`. */
  readonly cells: Float64Array;
  /** By step: bucket and count of the latencies, in turn; buckets ascend. */
  readonly steps: readonly (readonly number[])[];
  /** By step: what other counters said at its end, see `step-reading.ts`. */
  readonly readings: readonly Float64Array[];
}

/** Of several runs of one plan: counts are sums. */
export function mergedSeries(sum: SeriesData, more: SeriesData): SeriesData {
  return {
    stepNs: sum.stepNs,
    cells: sum.cells.map((count, i) => count + more.cells[i]!),
    steps: sum.steps.map((buckets, i) => mergedBuckets(buckets, more.steps[i]!)),
    readings: sum.readings.map((row, i) => row.map((value, at) => value + more.readings[i]![at]!)),
  };
}

export function seriesOf({ stepNs, cells, steps }: SeriesData): RequestSeries {
  const counts = (field: number): number[] => steps.map((_, step) => cells[step * STRIDE + field]!);
  const failures = OUTCOME_NAMES.flatMap((name, code) => (code === Outcome.ok ? [] : [{ name, counts: counts(OUTCOMES | code) }]));
  const percentiles = (p: number): (number | null)[] => steps.map((buckets) => percentileOf(buckets, p));
  return {
    stepMs: msOf(stepNs),
    requests: counts(REQUESTS),
    ok: counts(OUTCOMES | Outcome.ok),
    failed: steps.map((_, step) => failures.reduce((sum, { counts: of }) => sum + of[step]!, 0)),
    causes: Object.fromEntries(failures.filter(({ counts: of }) => of.some((count) => count > 0)).map(({ name, counts: of }) => [name, of])),
    attempts: counts(ATTEMPTS),
    retries: counts(RETRIES),
    hedges: counts(HEDGES),
    p50Ms: percentiles(0.5),
    p90Ms: percentiles(0.9),
    p95Ms: percentiles(0.95),
    p99Ms: percentiles(0.99),
  };
}

/**
 * Where runs ended at different times, how much of each step they ran in all.
 * @param endsNs  of each run
 */
export function underWay({ stepNs, steps }: SeriesData, durationNs: number, endsNs: readonly number[]): Pick<RequestSeries, 'underWayMs'> {
  const untilNs = endsNs.map((endNs) => Math.min(endNs, durationNs));
  if (untilNs.every((until) => until === untilNs[0])) return {};
  return { underWayMs: steps.map((_, step) => untilNs.reduce((sum, until) => sum + msOf(Math.max(0, Math.min(until - step * stepNs, stepNs))), 0)) };
}

/** ms; null without any. */
function percentileOf(buckets: readonly number[], p: number): number | null {
  let count = 0;
  for (let i = 1; i < buckets.length; i += 2) count += buckets[i]!;
  if (count === 0) return null;
  const rank = Math.ceil(p * count);
  let i = 0;
  for (let seen = buckets[1]!; seen < rank; seen += buckets[i + 1]!) i += 2;
  return msOf(middleOf(buckets[i]!, STEP_BITS));
}

function mergedBuckets(one: readonly number[], other: readonly number[]): number[] {
  const merged: number[] = [];
  for (let i = 0, j = 0; i < one.length || j < other.length; ) {
    const bucket = Math.min(one[i] ?? Infinity, other[j] ?? Infinity);
    let count = 0;
    if (one[i] === bucket) {
      count += one[i + 1]!;
      i += 2;
    }
    if (other[j] === bucket) {
      count += other[j + 1]!;
      j += 2;
    }
    merged.push(bucket, count);
  }
  return merged;
}

/** The next step of 1, 2, 5 x 10^k ns that is not shorter, at least a millisecond. */
function niceStep(atLeastNs: number): number {
  for (let decade = NS_PER_MS; ; decade *= 10) {
    for (const factor of [1, 2, 5]) if (decade * factor >= atLeastNs) return decade * factor;
  }
}
