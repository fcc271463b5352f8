/**
 * A log-linear histogram of durations: every power of two is cut into `2^bits` equal parts, so a
 * value is known to half a part, a relative error of at most 2^-(bits+1) (0.05 % at 10 bits). In the lowest and
 * the highest bucket the exact minimum and maximum are reported, so a limit that many values hit survives.
 *
 * The bucket is read off the bits of the double itself: exponent and first mantissa bits, one shift
 * and no logarithm. Octaves are allocated when first touched, so memory follows the range of the data.
 * Counts, minimum and maximum merge exactly; sums merge up to the rounding of one addition.
 * Percentiles are the ceil(p * n)-th smallest value.
 */
import type { HistogramData } from '../model/histogram-data.ts';

const OCTAVES = 64;

/** Places in `moments`. */
const COUNT = 0;
const SUM = 1;
const SQUARES = 2;
const MIN = 3;
const MAX = 4;

const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);

export class Histogram {
  readonly bits: number;
  /** In one typed array, because a double in an object field is a heap object of its own. */
  private readonly moments: Float64Array = Float64Array.of(0, 0, 0, Infinity, -Infinity);
  private readonly pages: (Uint32Array | null)[];
  private readonly shift: number;
  private readonly pageSize: number;

  /** @param bits  parts per octave as a power of two, 2..20 */
  constructor(bits = 10) {
    this.bits = bits;
    this.shift = 20 - bits;
    this.pageSize = 1 << bits;
    this.pages = new Array<Uint32Array | null>(OCTAVES).fill(null);
  }

  get count(): number {
    return this.moments[COUNT]!;
  }

  get sum(): number {
    return this.moments[SUM]!;
  }

  /** Infinity when empty. */
  get min(): number {
    return this.moments[MIN]!;
  }

  /** -Infinity when empty. */
  get max(): number {
    return this.moments[MAX]!;
  }

  /** @param value  >= 0; values below 1 share the first bucket */
  record(value: number): void {
    const { moments } = this;
    moments[COUNT]! += 1;
    moments[SUM]! += value;
    moments[SQUARES]! += value * value;
    if (value < moments[MIN]!) moments[MIN] = value;
    if (value > moments[MAX]!) moments[MAX] = value;
    // Adding 1 keeps zero in range and makes octave 0 hold [0, 1).
    double[0] = value + 1;
    const high = words[1]!;
    const octave = (high >>> 20) - 1023;
    const page = this.pages[octave] ?? this.addPage(octave);
    page[(high >>> this.shift) & (this.pageSize - 1)]!++;
  }

  /** `count` values of 0 at once. */
  recordZeros(count: number): void {
    if (count === 0) return;
    this.record(0);
    this.moments[COUNT]! += count - 1;
    this.pages[0]![0]! += count - 1;
  }

  copy(): Histogram {
    const copy = new Histogram(this.bits);
    copy.merge(this);
    return copy;
  }

  merge(other: Histogram): void {
    if (other.bits !== this.bits) throw new Error(`cannot merge ${other.bits} bits into ${this.bits}`);
    if (other.count === 0) return;
    for (const sum of [COUNT, SUM, SQUARES]) this.moments[sum]! += other.moments[sum]!;
    this.moments[MIN] = Math.min(this.min, other.min);
    this.moments[MAX] = Math.max(this.max, other.max);
    for (let octave = 0; octave < OCTAVES; octave++) {
      const from = other.pages[octave];
      if (!from) continue;
      const to = this.pages[octave] ?? this.addPage(octave);
      for (let i = 0; i < from.length; i++) to[i]! += from[i]!;
    }
  }

  clear(): void {
    this.moments.set([0, 0, 0, Infinity, -Infinity]);
    for (const page of this.pages) page?.fill(0);
  }

  /** The ceil(p * n)-th smallest value, p in (0, 1]; NaN when empty. */
  percentile(p: number): number {
    if (this.count === 0) return NaN;
    const rank = Math.max(1, Math.ceil(p * this.count));
    let seen = 0;
    for (let octave = 0; octave < OCTAVES; octave++) {
      const page = this.pages[octave];
      if (!page) continue;
      for (let i = 0; i < page.length; i++) {
        seen += page[i]!;
        if (seen < rank) continue;
        if (seen === this.count) return this.max;
        // Only values of the lowest bucket come before its last one.
        return seen === page[i] || rank === 1 ? this.min : this.middleOf(octave, i);
      }
    }
    return this.max;
  }

  mean(): number {
    return this.sum / this.count;
  }

  /** Of the sample (n - 1); 0 for one value, NaN for none. */
  stddev(): number {
    if (this.count === 0) return NaN;
    if (this.count === 1) return 0;
    const mean = this.mean();
    return Math.sqrt(Math.max(0, (this.moments[SQUARES]! - this.count * mean * mean) / (this.count - 1)));
  }

  /** Non-empty buckets, ascending. */
  toData(): HistogramData {
    const indexes: number[] = [];
    const counts: number[] = [];
    for (let octave = 0; octave < OCTAVES; octave++) {
      const page = this.pages[octave];
      if (!page) continue;
      for (let i = 0; i < page.length; i++) {
        if (page[i]! === 0) continue;
        indexes.push(octave * this.pageSize + i);
        counts.push(page[i]!);
      }
    }
    return { subBucketsPerOctave: this.pageSize, indexes, counts };
  }

  private middleOf(octave: number, part: number): number {
    return 2 ** octave * (1 + (part + 0.5) / this.pageSize) - 1;
  }

  private addPage(octave: number): Uint32Array {
    const page = new Uint32Array(this.pageSize);
    this.pages[octave] = page;
    return page;
  }
}
