/**
 * Means of five outputs after another, and when the last of each five came. Memory is bounded: when there are too many groups they are
 * joined two and two, so a long series has groups of 10, 20, 40 …
 */
const FIRST_SIZE = 5;
const GROUPS = 1 << 14;

/** Plain data. */
export interface Groups {
  /** Outputs in a group. */
  readonly size: number;
  readonly means: Float64Array;
  /** When the last of a group came. */
  readonly ends: Float64Array;
}

export class GroupMeans {
  private size: number = FIRST_SIZE;
  private readonly sums: Float64Array = new Float64Array(GROUPS);
  private readonly ends: Float64Array = new Float64Array(GROUPS);
  /** Whole groups, and outputs in the one that is not. */
  private count: number = 0;
  private open: number = 0;

  add(value: number, at: number): void {
    if (this.open === 0) this.sums[this.count] = 0;
    this.sums[this.count]! += value;
    this.ends[this.count] = at;
    if (++this.open < this.size) return;
    this.open = 0;
    if (++this.count === GROUPS) this.join();
  }

  /** Of whole groups. */
  groups(): Groups {
    return { size: this.size, means: this.sums.slice(0, this.count).map((sum) => sum / this.size), ends: this.ends.slice(0, this.count) };
  }

  private join(): void {
    this.count /= 2;
    this.size *= 2;
    for (let i = 0; i < this.count; i++) {
      this.sums[i] = this.sums[2 * i]! + this.sums[2 * i + 1]!;
      this.ends[i] = this.ends[2 * i + 1]!;
    }
  }
}

/** Of several series group by group, as far as the shortest goes; a group ends where it does in the last of them. */
export function averaged(series: readonly Groups[]): Groups {
  const size = Math.max(...series.map((groups) => groups.size));
  const alike = series.map((groups) => joinedTo(size, groups));
  const length = Math.min(...alike.map(({ means }) => means.length));
  return {
    size,
    means: Float64Array.from({ length }, (_, i) => alike.reduce((sum, { means }) => sum + means[i]!, 0) / alike.length),
    ends: Float64Array.from({ length }, (_, i) => Math.max(...alike.map(({ ends }) => ends[i]!))),
  };
}

function joinedTo(size: number, groups: Groups): Groups {
  if (groups.size >= size) return groups;
  const { means, ends } = groups;
  const length = Math.floor(means.length / 2);
  return joinedTo(size, {
    size: 2 * groups.size,
    means: Float64Array.from({ length }, (_, i) => (means[2 * i]! + means[2 * i + 1]!) / 2),
    ends: Float64Array.from({ length }, (_, i) => ends[2 * i + 1]!),
  });
}
