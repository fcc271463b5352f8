/**
 * Many coarse histograms in two arrays, for figures kept of every endpoint. The `lanes` of a row, such as an endpoint's
 * latencies and waits, lie beside each other, bucket by bucket, and counts are of 16 bits, so that recording into all lanes
 * touches as few cache lines and pages as it can (with 10,000 endpoints this is a wait for memory, bench W5).
 */
import { bucketOf, bucketsPerOctave } from './bucket.ts';
import { type Counts, Histogram } from './histogram.ts';

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

// Local names: see engine/calls.ts.
const bucketAt = bucketOf;

const NOTHING: Counts = new Uint32Array(0);

/** A count begins anew here, and `carries` knows how often it has. */
const CARRY: number = 2 ** 16;
const MANY_CARRIES: number = 2 ** 32 / CARRY;

export class HistogramBank {
  private readonly lanes: number;
  private readonly counts: Uint16Array;
  /** By place in `counts`. */
  private readonly carries: Map<number, number> = new Map();
  private readonly moments: Float64Array;
  /** A bucket holds more than 32 bits can count. */
  private hasMany: boolean = false;

  constructor(rows: number, lanes: number) {
    this.lanes = lanes;
    this.counts = new Uint16Array(rows * lanes * BUCKETS);
    this.moments = new Float64Array(rows * lanes * STRIDE);
    for (let at = 0; at < this.moments.length; at += STRIDE) {
      this.moments[at | MIN] = Infinity;
      this.moments[at | MAX] = -Infinity;
    }
  }

  /** @param value  ns, >= 0 */
  record(row: number, lane: number, value: number): void {
    const { counts, lanes, moments } = this;
    const at = this.momentsAt(row, lane);
    moments[at | SUM]! += value;
    moments[at | SQUARES]! += value * value;
    if (value < moments[at | MIN]!) moments[at | MIN] = value;
    if (value > moments[at | MAX]!) moments[at | MAX] = value;
    const place = Math.imul(Math.imul(row, BUCKETS) + bucketIn(value), lanes) + lane;
    const count = counts[place]! + 1;
    counts[place] = count;
    if (count === CARRY) this.carry(place);
  }

  countOf(row: number, lane: number): number {
    return sumOf(this.countsOf(row, lane));
  }

  toHistogram(row: number, lane: number): Histogram {
    const { moments } = this;
    const at = this.momentsAt(row, lane);
    const counts = this.countsOf(row, lane);
    if (counts === NOTHING) return new Histogram(BITS);
    const min = moments[at | MIN]!;
    return Histogram.of(BITS, bucketIn(min) + FIRST, counts, { count: sumOf(counts), sum: moments[at | SUM]!, squares: moments[at | SQUARES]!, min, max: moments[at | MAX]! });
  }

  /** From the bucket of the least value to that of the greatest. Most endpoints never fail: where nothing was counted nothing is looked through. */
  private countsOf(row: number, lane: number): Counts {
    const { carries, counts, lanes, moments } = this;
    const at = this.momentsAt(row, lane);
    if (moments[at | MIN] === Infinity) return NOTHING;
    const hasCarries = carries.size > 0;
    const first = bucketIn(moments[at | MIN]!);
    const length = bucketIn(moments[at | MAX]!) + 1 - first;
    const wide = this.hasMany ? new Float64Array(length) : new Uint32Array(length);
    for (let i = 0, place = (row * BUCKETS + first) * lanes + lane; i < wide.length; i++, place += lanes) {
      wide[i] = counts[place]! + (hasCarries ? CARRY * (carries.get(place) ?? 0) : 0);
    }
    return wide;
  }

  private momentsAt(row: number, lane: number): number {
    return (Math.imul(row, this.lanes) + lane) << STRIDE_BITS;
  }

  private carry(place: number): void {
    const carries = (this.carries.get(place) ?? 0) + 1;
    this.carries.set(place, carries);
    if (carries === MANY_CARRIES) this.hasMany = true;
  }
}

/** Bucket within a row. */
function bucketIn(value: number): number {
  const bucket = bucketAt(value, BITS) - FIRST;
  return bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1;
}

function sumOf(counts: Counts): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
}
