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
const STRIDE_BITS = 2;
const STRIDE: number = 1 << STRIDE_BITS;
const SUM = 0;
const SQUARES = 1;
const MIN = 2;
const MAX = 3;

export class HistogramBank {
  private readonly counts: Uint32Array;
  private readonly moments: Float64Array;

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
    const { counts, moments } = this;
    const at = row << STRIDE_BITS;
    moments[at | SUM]! += value;
    moments[at | SQUARES]! += value * value;
    if (value < moments[at | MIN]!) moments[at | MIN] = value;
    if (value > moments[at | MAX]!) moments[at | MAX] = value;
    const bucket = bucketOf(value, BITS) - FIRST;
    counts[Math.imul(row, BUCKETS) + (bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1)]! += 1;
  }

  countOf(row: number): number {
    let sum = 0;
    for (let i = row * BUCKETS; i < (row + 1) * BUCKETS; i++) sum += this.counts[i]!;
    return sum;
  }

  toHistogram(row: number): Histogram {
    const { counts } = this;
    let first = row * BUCKETS;
    let end = first + BUCKETS;
    while (first < end && counts[first] === 0) first++;
    while (first < end && counts[end - 1] === 0) end--;
    const histogram = new Histogram(BITS);
    if (first === end) return histogram;
    const [sum, squares, min, max] = this.moments.subarray(row * STRIDE, (row + 1) * STRIDE);
    histogram.addCounts(first - row * BUCKETS + FIRST, counts.subarray(first, end));
    histogram.mergeMoments(this.countOf(row), sum!, squares!, min!, max!);
    return histogram;
  }
}
