/** Root requests over time, in fixed steps; the last step takes what ends in the drain. */
import { DOUBLE } from '../model/columns.ts';
import { NS_PER_MS, msOf } from '../model/units.ts';
import { middleOf } from '../stats/bucket.ts';
import type { Series } from './result.ts';

const STEPS = 240;
/** Coarse: 1.6 % at 5 bits; buckets of the calls' histograms are joined by 32. */
const STEP_BITS = 5;
const JOIN_BITS = 5;
const BUCKETS: number = 54 << STEP_BITS;

/** Places in the cells of a step; joined by `|`, which cannot overflow and so needs no check. */
const STRIDE = 8;
const REQUESTS = 0;
const OK = 1;
const FAILED = 2;
const ATTEMPTS = 3;
const RETRIES = 4;
const HEDGES = 5;

export class SeriesRecorder {
  readonly stepNs: number;
  private readonly steps: number;
  /** Counts of a step: `cells[step * STRIDE | field]`. */
  private readonly cells: Float64Array;
  private at: number = 0;
  private readonly p50: Float64Array;
  private readonly p99: Float64Array;
  /** Of the requests that ended in the present step, by bucket. */
  private readonly latency: Uint32Array = new Uint32Array(BUCKETS);
  private step: number = 0;
  private stepEnd: number = DOUBLE;

  constructor(durationNs: number) {
    this.stepNs = niceStep(durationNs / STEPS);
    this.steps = Math.max(1, Math.ceil(durationNs / this.stepNs));
    this.stepEnd = this.steps === 1 ? Infinity : this.stepNs;
    const column = (): Float64Array => new Float64Array(this.steps);
    this.cells = new Float64Array(this.steps * STRIDE);
    this.p50 = column().fill(NaN);
    this.p99 = column().fill(NaN);
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
  settled(ok: boolean, bucket: number): void {
    this.cells[this.at | (ok ? OK : FAILED)]! += 1;
    this.latency[bucket >> JOIN_BITS]! += 1;
  }

  turn(): void {
    this.close();
    this.step++;
    this.at = this.step * STRIDE;
    this.stepEnd = this.step >= this.steps - 1 ? Infinity : (this.step + 1) * this.stepNs;
  }

  finish(): Series {
    this.close();
    const counts = (field: number): number[] => Array.from({ length: this.steps }, (_, step) => this.cells[step * STRIDE + field]!);
    const times = (column: Float64Array): (number | null)[] => Array.from(column, (ns) => (Number.isNaN(ns) ? null : msOf(ns)));
    return {
      stepMs: msOf(this.stepNs),
      requests: counts(REQUESTS),
      ok: counts(OK),
      failed: counts(FAILED),
      attempts: counts(ATTEMPTS),
      retries: counts(RETRIES),
      hedges: counts(HEDGES),
      p50Ms: times(this.p50),
      p99Ms: times(this.p99),
    };
  }

  private close(): void {
    const count = this.latency.reduce((sum, n) => sum + n, 0);
    if (count === 0) return;
    this.p50[this.step] = this.percentile(0.5, count);
    this.p99[this.step] = this.percentile(0.99, count);
    this.latency.fill(0);
  }

  private percentile(p: number, count: number): number {
    const rank = Math.ceil(p * count);
    let seen = 0;
    return middleOf(this.latency.findIndex((n) => (seen += n) >= rank), STEP_BITS);
  }
}

/** The next step of 1, 2, 5 x 10^k ns that is not shorter, at least a millisecond. */
function niceStep(atLeastNs: number): number {
  for (let decade = NS_PER_MS; ; decade *= 10) {
    for (const factor of [1, 2, 5]) if (decade * factor >= atLeastNs) return decade * factor;
  }
}
