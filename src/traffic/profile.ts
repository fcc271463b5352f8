/**
 * A rate over time, and the way back: at which time has the cumulated rate reached a value? Arrivals are
 * drawn at rate 1 and mapped through it (inversion; Lewis and Shedler 1979 for the Poisson case), so the
 * n-th arrival of two profiles comes from the same draw.
 */
import { DOUBLE } from '../model/columns.ts';
import type { RatePoint } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';

export class RateProfile {
  private readonly starts: Float64Array;
  /** Per ns at the start of each segment, and its change per ns. */
  private readonly rates: Float64Array;
  private readonly slopes: Float64Array;
  /** One rate above zero for ever, the common case. */
  private readonly isConstant: boolean;
  private readonly rate: number;
  private segment: number = 0;
  private at: number = DOUBLE;

  constructor(points: readonly RatePoint[]) {
    const segments = segmentsOf(points);
    this.starts = Float64Array.from(segments, (s) => s.atNs);
    this.rates = Float64Array.from(segments, (s) => s.ratePerNs);
    this.slopes = Float64Array.from(segments, (s) => s.slope);
    const [{ ratePerNs, slope }] = segments as [Segment];
    this.isConstant = segments.length === 1 && slope === 0 && ratePerNs > 0;
    this.rate = ratePerNs;
    this.at = 0;
  }

  /** Move on until `amount` more arrivals have cumulated; returns the time in ns, Infinity if that never happens. */
  advance(amount: number): number {
    return this.isConstant ? (this.at += amount / this.rate) : +this.advanceThroughSegments(amount);
  }

  private advanceThroughSegments(amount: number): number {
    let left = amount;
    for (;;) {
      const start = this.starts[this.segment]!;
      const end = this.segment + 1 < this.starts.length ? this.starts[this.segment + 1]! : Infinity;
      const slope = this.slopes[this.segment]!;
      const rate = this.rates[this.segment]! + slope * (this.at - start);
      if (slope === 0) {
        const reach = rate > 0 ? this.at + left / rate : Infinity;
        if (rate > 0 && reach <= end) return (this.at = reach);
        left -= rate * (end - this.at);
      } else {
        const span = end - this.at;
        const inside = rate * span + (slope * span * span) / 2;
        if (left <= inside) return (this.at += (2 * left) / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * slope * left))));
        left -= inside;
      }
      if (end === Infinity) return Infinity;
      this.at = end;
      this.segment++;
    }
  }
}

interface Segment {
  readonly atNs: number;
  readonly ratePerNs: number;
  readonly slope: number;
}

/** Constant before the first point and after the last; a step point holds the rate before it until it comes. */
function segmentsOf(points: readonly RatePoint[]): Segment[] {
  const segments: Segment[] = [];
  const first = points[0]!;
  if (first.atNs > 0) segments.push({ atNs: 0, ratePerNs: first.ratePerS / NS_PER_S, slope: 0 });
  for (const [i, point] of points.entries()) {
    const next = points[i + 1];
    const rise = next === undefined || next.step ? 0 : (next.ratePerS - point.ratePerS) / NS_PER_S;
    const slope = rise === 0 ? 0 : rise / (next!.atNs - point.atNs);
    segments.push({ atNs: point.atNs, ratePerNs: point.ratePerS / NS_PER_S, slope });
  }
  return segments;
}
