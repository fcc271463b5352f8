/**
 * Many coarse histograms side by side in two arrays, for figures kept of every endpoint: recording touches
 * two cache lines, where objects of their own would touch six (15 % of bench W2).
 */
import { bucketOf, bucketsPerOctave } from './bucket.ts';
import { Histogram } from './histogram.ts';

/** 1.6 % error. */
const BITS = 5;
/** Below 256 ns and from 4.8 hours on, values share a bucket; minimum, maximum and mean stay exact. */
const FIRST: number = 8 * bucketsPerOctave(BITS);
const BUCKETS: number = 36 * bucketsPerOctave(BITS);

/** Places in `moments`; joined by `|`, which cannot overflow and so needs no check. */
const STRIDE_BITS = 3;
const STRIDE: number = 1 << STRIDE_BITS;
const COUNT = 0;
const SUM = 1;
const SQUARES = 2;
const MIN = 3;
const MAX = 4;

/** Values kept back and counted together: their cache misses then overlap instead of each stopping the run. */
const BATCH = 8192;

export class HistogramBank {
  private readonly counts: Uint32Array;
  private readonly moments: Float64Array;
  private readonly pendingRows: Int32Array = new Int32Array(BATCH);
  private readonly pendingValues: Float64Array = new Float64Array(BATCH);
  private pending: number = 0;

  constructor(rows: number) {
    this.counts = new Uint32Array(rows * BUCKETS);
    this.moments = new Float64Array(rows * STRIDE);
    for (let row = 0; row < rows; row++) {
      this.moments[row * STRIDE + MIN] = Infinity;
      this.moments[row * STRIDE + MAX] = -Infinity;
    }
  }

  /** @param value  ns, >= 0 */
  record(row: number, value: number): void {
    const i = this.pending;
    this.pendingRows[i] = row;
    this.pendingValues[i] = value;
    this.pending = i + 1;
    if (i === BATCH - 1) this.count();
  }

  private count(): void {
    const { moments, counts, pendingRows, pendingValues } = this;
    for (let i = 0; i < this.pending; i++) {
      const row = pendingRows[i]!;
      const value = pendingValues[i]!;
      const at = row << STRIDE_BITS;
      moments[at | COUNT]! += 1;
      moments[at | SUM]! += value;
      moments[at | SQUARES]! += value * value;
      if (value < moments[at | MIN]!) moments[at | MIN] = value;
      if (value > moments[at | MAX]!) moments[at | MAX] = value;
      const bucket = bucketOf(value, BITS) - FIRST;
      counts[Math.imul(row, BUCKETS) + (bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1)]! += 1;
    }
    this.pending = 0;
  }

  toHistogram(row: number): Histogram {
    this.count();
    const histogram = new Histogram(BITS);
    const [count, sum, squares, min, max] = this.moments.subarray(row * STRIDE, row * STRIDE + MAX + 1);
    if (count === 0) return histogram;
    histogram.mergeMoments(count!, sum!, squares!, min!, max!);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const counted = this.counts[row * BUCKETS + bucket]!;
      if (counted > 0) histogram.countBeyond(bucket + FIRST, counted);
    }
    return histogram;
  }
}
