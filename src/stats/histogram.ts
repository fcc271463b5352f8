/**
 * A log-linear histogram of durations: every power of two is cut into `2^bits` equal parts, so a
 * value is known to half a part, a relative error of at most 2^-(bits+1) (0.05 % at 10 bits). In the lowest and
 * the highest bucket the exact minimum and maximum are reported, so a limit that many values hit survives.
 *
 * Counts cover the stretch of buckets that the data has touched, and grow with it; they have 32 bits until there are so many
 * values that one bucket might hold more. Counts, minimum and maximum
 * merge exactly; sums merge up to the rounding of one addition. Percentiles are the ceil(p * n)-th smallest value.
 */
import { together } from '../model/columns.ts';
import type { HistogramData } from '../model/histogram-data.ts';
import { bucketOf, bucketsPerOctave, middleOf } from './bucket.ts';

/** Places in `moments`. */
const COUNT = 0;
const SUM = 1;
const SQUARES = 2;
const MIN = 3;
const MAX = 4;

const NO_MOMENTS: Float64Array = Float64Array.from([0, 0, 0, Infinity, -Infinity]);

/** So many values may be too many for 32 bits. */
const MANY: number = 2 ** 32;

export type Counts = Uint32Array | Float64Array;

export interface Moments {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
  readonly min: number;
  readonly max: number;
}

/** A histogram as it goes from thread to thread. */
export interface HistogramState {
  readonly bits: number;
  readonly first: number;
  readonly counts: Counts;
  readonly moments: Float64Array;
}

export class Histogram {
  readonly bits: number;
  /** In one typed array, because a double in an object field is a heap object of its own. */
  private readonly moments: Float64Array = NO_MOMENTS.slice();
  private counts: Counts = new Uint32Array(0);
  /** Bucket of `counts[0]`. */
  private first: number = 0;

  /** @param bits  parts per octave as a power of two, 2..20 */
  constructor(bits = 10) {
    this.bits = bits;
  }

  /** Of what was counted elsewhere; `counts`, of the buckets from `first` on, become its own. */
  static of(bits: number, first: number, counts: Counts, moments: Moments): Histogram {
    const histogram = new Histogram(bits);
    histogram.first = first;
    histogram.counts = counts;
    histogram.mergeMoments(moments.count, moments.sum, moments.squares, moments.min, moments.max);
    return histogram;
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

  /** @param value  >= 0 */
  record(value: number): void {
    this.add(bucketOf(value, this.bits), value);
  }

  /** As `record`, for callers that need the bucket themselves. */
  add(bucket: number, value: number): void {
    const { moments } = this;
    const count = moments[COUNT]! + 1;
    moments[COUNT] = count;
    if (count === MANY) this.widen();
    moments[SUM]! += value;
    moments[SQUARES]! += value * value;
    if (value < moments[MIN]!) moments[MIN] = value;
    if (value > moments[MAX]!) moments[MAX] = value;
    const i = bucket - this.first;
    if (i >= 0 && i < this.counts.length) this.counts[i]! += 1;
    else this.countBeyond(bucket, 1);
  }

  /** `count` values of 0 at once. */
  recordZeros(count: number): void {
    if (count === 0) return;
    this.moments[COUNT]! += count;
    if (this.count >= MANY) this.widen();
    this.moments[MIN] = 0;
    this.moments[MAX] = Math.max(0, this.max);
    this.countBeyond(bucketOf(0, this.bits), count);
  }

  /** Shares its arrays; not for changing. */
  state(): HistogramState {
    return { bits: this.bits, first: this.first, counts: this.counts, moments: this.moments };
  }

  mergeState({ bits, first, counts, moments }: HistogramState): void {
    if (bits !== this.bits) throw new Error(`cannot merge ${bits} bits into ${this.bits}`);
    if (moments[COUNT] === 0) return;
    this.mergeMoments(moments[COUNT]!, moments[SUM]!, moments[SQUARES]!, moments[MIN]!, moments[MAX]!);
    this.addCounts(first, counts);
  }

  copy(): Histogram {
    const copy = new Histogram(this.bits);
    copy.merge(this);
    return copy;
  }

  merge(other: Histogram): void {
    this.mergeState(other.state());
  }

  private addCounts(first: number, more: Counts): void {
    if (this.counts.length === 0) {
      this.first = first;
      this.counts = more.slice();
      return;
    }
    if (this.count >= MANY) this.widen();
    this.cover(first, first + more.length);
    const { counts } = this;
    const shift = first - this.first;
    for (let i = 0; i < more.length; i++) counts[i + shift]! += more[i]!;
  }

  private mergeMoments(count: number, sum: number, squares: number, min: number, max: number): void {
    this.moments[COUNT]! += count;
    this.moments[SUM]! += sum;
    this.moments[SQUARES]! += squares;
    this.moments[MIN] = Math.min(this.min, min);
    this.moments[MAX] = Math.max(this.max, max);
  }

  private countBeyond(bucket: number, count: number): void {
    this.cover(bucket, bucket + 1);
    this.counts[bucket - this.first]! += count;
  }

  private widen(): void {
    if (this.counts instanceof Uint32Array) this.counts = Float64Array.from(this.counts);
  }

  /** The ceil(p * n)-th smallest value, p in (0, 1]; NaN when empty. */
  percentile(p: number): number {
    return this.percentiles([p])[0]!;
  }

  /** @param ps  ascending */
  percentiles(ps: readonly number[]): number[] {
    const values: number[] = [];
    const { count, counts } = this;
    let seen = 0;
    let i = -1;
    for (const p of ps) {
      // Less a hair, because 0.55 * 100 is a little more than 55.
      const rank = Math.max(1, Math.ceil(p * count * (1 - 1e-12)));
      while (seen < rank && i + 1 < counts.length) seen += counts[++i]!;
      values.push(this.valueAt(i, seen));
    }
    return values;
  }

  /** What stands for a value of the i-th bucket, up to which there are `seen`. */
  private valueAt(i: number, seen: number): number {
    const { bits, count, counts, first, max, min } = this;
    if (count === 0) return NaN;
    if (seen === count) return max;
    // Only values of the lowest bucket come before its last one.
    return seen === counts[i]! ? min : middleOf(i + first, bits);
  }

  /** NaN when empty. */
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
    const subBucketsPerOctave = bucketsPerOctave(this.bits);
    const indexes: number[] = [];
    const counts: number[] = [];
    for (let i = 0; i < this.counts.length; i++) {
      if (this.counts[i]! === 0) continue;
      indexes.push(i + this.first);
      counts.push(this.counts[i]!);
    }
    return { subBucketsPerOctave, indexes, counts };
  }

  /** Make room for the buckets from `from` up to `to`: whole octaves, so that this happens a few dozen times at most. */
  private cover(from: number, to: number): void {
    const octave = bucketsPerOctave(this.bits);
    const isEmpty = this.counts.length === 0;
    // In whole numbers, for a field that holds a double is another shape of object.
    const low = from & -octave;
    const high = (to + octave - 1) & -octave;
    const first = isEmpty ? low : Math.min(this.first, low);
    const end = isEmpty ? high : Math.max(this.first + this.counts.length, high);
    if (end - first === this.counts.length) return;
    // One of the same type.
    const counts = new (this.counts.constructor as new (length: number) => Counts)(end - first);
    counts.set(this.counts, isEmpty ? 0 : this.first - first);
    this.counts = counts;
    this.first = first;
  }
}

/** As `Histogram.state` of each, for sending many. */
export function statesOf(histograms: readonly Histogram[]): HistogramState[] {
  const states = histograms.map((histogram) => histogram.state());
  const isWide = states.some(({ counts }) => counts instanceof Float64Array);
  const counts: readonly Counts[] = isWide ? together(states.map(({ counts }) => Float64Array.from(counts))) : together(states.map((state) => state.counts as Uint32Array)); // none is wide
  const moments = together(states.map((state) => state.moments));
  return states.map(({ bits, first }, i) => ({ bits, first, counts: counts[i]!, moments: moments[i]! }));
}
