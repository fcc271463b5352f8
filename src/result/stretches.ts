/**
 * How long things were on inside the measured window: panic on an edge, an endpoint out of use. Each stretch is of one key and
 * counts for one index, such as that of the edge; stretches of several keys add up. What is on at the moment of
 * asking counts up to then.
 */
import type { Segments } from './segments.ts';

interface Stretch {
  readonly index: number;
  readonly since: number;
  /** Bits of those for whom it is on. */
  holders: number;
}

export class Stretches {
  private readonly segments: Segments;
  /** By index, ns by segment; absent where nothing was ever on. */
  private readonly sums: Map<number, Float64Array> = new Map();
  private readonly open: Map<string, Stretch> = new Map();

  constructor(segments: Segments) {
    this.segments = segments;
  }

  /** On, for one holder (a bit): while it is on for several it counts once. */
  begin(key: string, index: number, now: number, holder: number = 1): void {
    const stretch = this.open.get(key);
    if (stretch === undefined) this.open.set(key, { index, since: now, holders: holder });
    else stretch.holders |= holder;
  }

  end(key: string, now: number, holder: number = 1): void {
    const stretch = this.open.get(key);
    if (stretch === undefined) return;
    stretch.holders &= ~holder;
    if (stretch.holders !== 0) return;
    this.open.delete(key);
    this.add(this.sums, stretch, now);
  }

  /** By index: how many keys are on at this moment; absent is none. */
  on(): ReadonlyMap<number, number> {
    const counts = new Map<number, number>();
    for (const { index } of this.open.values()) counts.set(index, (counts.get(index) ?? 0) + 1);
    return counts;
  }

  /** By index, ns by segment up to `now`; absent is none. */
  bySegment(now: number): ReadonlyMap<number, Float64Array> {
    const sums = new Map([...this.sums].map(([index, bySegment]) => [index, bySegment.slice()]));
    for (const stretch of this.open.values()) this.add(sums, stretch, now);
    return sums;
  }

  /** By index, ns up to `now`; absent is none. */
  totals(now: number): ReadonlyMap<number, number> {
    return new Map([...this.bySegment(now)].map(([index, bySegment]) => [index, bySegment.reduce((sum, ns) => sum + ns, 0)]));
  }

  private add(sums: Map<number, Float64Array>, { index, since }: Stretch, now: number): void {
    let bySegment = sums.get(index);
    if (bySegment === undefined) sums.set(index, (bySegment = new Float64Array(this.segments.count)));
    this.segments.spread(since, now, bySegment);
  }
}
