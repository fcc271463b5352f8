/**
 * Root requests over time, in fixed steps; the last step takes what ends in the drain. A run without an end begins with steps
 * of a second, and joins each two of them when there is no room for more. What is recorded stays mergeable
 * (`SeriesData`) until it is written up, so that percentiles of a step are of all requests of all runs.
 */
import { DOUBLE, NOT_CONSTANT, together } from '../model/columns.ts';
import { NS_PER_MS, NS_PER_S, msOf } from '../model/units.ts';
import { middleOf } from '../stats/bucket.ts';
import { OUTCOME_NAMES, Outcome } from '../model/outcome.ts';
import type { RequestSeries } from './result.ts';
import { repeated } from './step-reading.ts';

const STEPS = 240;
/** Coarse: 1.6 % at 5 bits, but never beyond the least and the most; buckets of the calls' histograms are joined by 32. */
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

/** Places in the latencies of a step, see `SeriesData.steps`. */
const LEAST = 0;
const MOST = 1;
const FIRST_BUCKET = 2;

const NO_LATENCIES: Float64Array = new Float64Array(0);

export class SeriesRecorder {
  stepNs: number;
  private readonly steps: number;
  private readonly isEndless: boolean;
  /** Counts of a step: `cells[step * STRIDE | field]`. */
  private readonly cells: Float64Array;
  private at: number = NOT_CONSTANT;
  /** Of each step that is over: see `SeriesData.steps`. */
  private readonly closed: Float64Array[];
  /** Of the requests that ended in the present step, by bucket. */
  private readonly latency: Uint32Array = new Uint32Array(BUCKETS);
  private leastNs: number = DOUBLE;
  private mostNs: number = DOUBLE;
  /** At the end of each step, see `step-reading.ts`. */
  private readings: Float64Array[] = [];
  private readonly edges: number;
  private step: number = 0;
  private stepEnd: number = DOUBLE;

  /** @param edges  of the plan */
  constructor(durationNs: number, edges: number) {
    this.at = 0;
    this.leastNs = Infinity;
    this.mostNs = -Infinity;
    this.edges = edges;
    this.isEndless = durationNs === Infinity;
    this.stepNs = this.isEndless ? NS_PER_S : niceStep(durationNs / STEPS);
    this.steps = this.isEndless ? STEPS : Math.max(1, Math.ceil(durationNs / this.stepNs));
    this.stepEnd = this.steps === 1 ? Infinity : this.stepNs;
    this.cells = new Float64Array(this.steps * STRIDE);
    this.closed = Array.from({ length: this.steps }, () => NO_LATENCIES);
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

  /** A request is over, after `latencyNs`. @param bucket  of that, in parts of 2^-10 octaves */
  settled(outcome: number, bucket: number, latencyNs: number): void {
    this.cells[this.at | OUTCOMES | outcome]! += 1;
    this.latency[bucket >> JOIN_BITS]! += 1;
    if (latencyNs < this.leastNs) this.leastNs = latencyNs;
    if (latencyNs > this.mostNs) this.mostNs = latencyNs;
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
    return { stepNs: this.stepNs, cells: this.cells, steps: together(steps), readings: together(readings) };
  }

  /** All steps are over. */
  private joinSteps(): void {
    const { cells, closed } = this;
    for (let step = 0; step < this.steps; step++) {
      const from = step * STRIDE;
      const to = (step >> 1) * STRIDE;
      for (let field = 0; field < STRIDE; field++) cells[to + field] = (step & 1 ? cells[to + field]! : 0) + cells[from + field]!;
      closed[step >> 1] = step & 1 ? merged(closed[step >> 1]!, closed[step]!) : closed[step]!;
    }
    const half = this.steps / 2;
    this.readings = this.readings.filter((_, step) => (step & 1) === 1);
    cells.fill(0, half * STRIDE);
    closed.fill(NO_LATENCIES, half);
    this.stepNs *= 2;
    this.step = half - 1;
  }

  private close(): void {
    this.closed[this.step] = merged(this.closed[this.step]!, latenciesOf(this.leastNs, this.mostNs, this.latency));
    this.latency.fill(0);
    this.leastNs = Infinity;
    this.mostNs = -Infinity;
  }
}

/** Plain data. */
export interface SeriesData {
  readonly stepNs: number;
  /** Counts of a step: `cells[step * STRIDE | field]`. */
  readonly cells: Float64Array;
  /** By step: nothing, or the least and the most of the latencies, ns, and then bucket and count, in turn; buckets ascend. */
  readonly steps: readonly Float64Array[];
  /** By step: what other counters said at its end, see `step-reading.ts`. */
  readonly readings: readonly Float64Array[];
}

/** Of several runs of one plan: counts are sums. */
export class SeriesSum {
  private readonly first: SeriesData;
  private readonly cells: Float64Array;
  /** By step and bucket. */
  private readonly latency: Float64Array;
  /** By step, ns. */
  private readonly least: Float64Array;
  private readonly most: Float64Array;
  private readonly readings: readonly Float64Array[];

  constructor(first: SeriesData) {
    this.first = first;
    this.cells = first.cells.slice();
    this.latency = new Float64Array(first.steps.length * BUCKETS);
    this.least = new Float64Array(first.steps.length).fill(Infinity);
    this.most = new Float64Array(first.steps.length).fill(-Infinity);
    this.readings = together(first.readings);
    this.addSteps(first.steps);
  }

  add({ cells, readings, steps }: SeriesData): void {
    addTo(this.cells, cells);
    for (const [step, row] of this.readings.entries()) addTo(row, readings[step]!);
    this.addSteps(steps);
  }

  data(): SeriesData {
    const { cells, first, latency, least, most, readings } = this;
    return { stepNs: first.stepNs, cells, readings, steps: first.steps.map((_, step) => latenciesOf(least[step]!, most[step]!, latency.subarray(step * BUCKETS, (step + 1) * BUCKETS))) };
  }

  private addSteps(steps: readonly Float64Array[]): void {
    const { latency, least, most } = this;
    for (const [step, latencies] of steps.entries()) {
      if (latencies.length === 0) continue;
      least[step] = Math.min(least[step]!, latencies[LEAST]!);
      most[step] = Math.max(most[step]!, latencies[MOST]!);
      addBuckets(latency.subarray(step * BUCKETS, (step + 1) * BUCKETS), latencies);
    }
  }
}

function addTo(sums: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += more[i]!;
}

export function seriesOf({ stepNs, cells, steps }: SeriesData): RequestSeries {
  const counts = (field: number): number[] => steps.map((_, step) => cells[step * STRIDE + field]!);
  const failures = OUTCOME_NAMES.flatMap((name, code) => (code === Outcome.ok ? [] : [{ name, counts: counts(OUTCOMES | code) }]));
  const percentiles = (p: number): (number | null)[] => steps.map((latencies) => percentileOf(latencies, p));
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
function percentileOf(latencies: Float64Array, p: number): number | null {
  if (latencies.length === 0) return null;
  let count = 0;
  for (let i = FIRST_BUCKET; i < latencies.length; i += 2) count += latencies[i + 1]!;
  const rank = Math.ceil(p * count);
  let i = FIRST_BUCKET;
  for (let seen = latencies[i + 1]!; seen < rank; seen += latencies[i + 1]!) i += 2;
  // Of whole nanoseconds none but 0 is in the first bucket.
  if (latencies[i] === 0) return 0;
  return msOf(Math.min(latencies[MOST]!, Math.max(latencies[LEAST]!, middleOf(latencies[i]!, STEP_BITS))));
}

/** As in `SeriesData.steps`. */
function latenciesOf(leastNs: number, mostNs: number, counts: Uint32Array | Float64Array): Float64Array {
  const buckets: number[] = [];
  for (let bucket = 0; bucket < counts.length; bucket++) if (counts[bucket]! > 0) buckets.push(bucket, counts[bucket]!);
  return buckets.length === 0 ? NO_LATENCIES : Float64Array.of(leastNs, mostNs, ...buckets);
}

function merged(one: Float64Array, other: Float64Array): Float64Array {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  const counts = new Float64Array(BUCKETS);
  addBuckets(counts, one);
  addBuckets(counts, other);
  return latenciesOf(Math.min(one[LEAST]!, other[LEAST]!), Math.max(one[MOST]!, other[MOST]!), counts);
}

function addBuckets(counts: Float64Array, latencies: Float64Array): void {
  for (let i = FIRST_BUCKET; i < latencies.length; i += 2) counts[latencies[i]!]! += latencies[i + 1]!;
}

/** The next step of 1, 2, 5 x 10^k ns that is not shorter, at least a millisecond. */
function niceStep(atLeastNs: number): number {
  for (let decade = NS_PER_MS; ; decade *= 10) {
    for (const factor of [1, 2, 5]) if (decade * factor >= atLeastNs) return decade * factor;
  }
}
