/** More load for a while, as a profile of a file: what the rate is outside the window stays as it was. */
import type { RatePoint } from '../model/plan.ts';
import type { Window } from './window.ts';

/** Ends of a ramp that is broken off: profiles have one point at a time. */
const INSTANT_NS = 1;

/**
 * @param profile  of a plan: ascending, the first at 0, at least one
 * @param window  begins after 0
 */
export function surged(profile: readonly RatePoint[], { fromNs, toNs }: Window, times: number): RatePoint[] {
  const before = profile.filter(({ atNs }) => atNs < fromNs);
  const inside = profile.filter(({ atNs }) => atNs > fromNs && atNs < toNs).map((point) => ({ ...point, ratePerS: times * point.ratePerS }));
  const start = { atNs: fromNs, ratePerS: times * rateAt(profile, fromNs), step: true };
  return [
    ...before,
    ...leadUp(profile, before.at(-1), fromNs, 1),
    start,
    ...inside,
    ...leadUp(profile, inside.at(-1) ?? start, toNs, times),
    { atNs: toNs, ratePerS: rateAt(profile, toNs), step: true },
    ...profile.filter(({ atNs }) => atNs > toNs),
  ];
}

/** A ramp has to be led up to the edge of the window; a constant rate gets there by itself. */
function leadUp(profile: readonly RatePoint[], last: RatePoint | undefined, edgeNs: number, times: number): RatePoint[] {
  const next = profile.find(({ atNs }) => atNs >= edgeNs);
  const atNs = edgeNs - INSTANT_NS;
  if (next === undefined || next.step || last === undefined || last.atNs >= atNs) return [];
  return [{ atNs, ratePerS: times * rateAt(profile, atNs), step: false }];
}

/** Per second, from `atNs` on. */
export function rateAt(profile: readonly RatePoint[], atNs: number): number {
  const index = profile.findLastIndex((point) => point.atNs <= atNs);
  const point = profile[index]!;
  const next = profile[index + 1];
  if (next === undefined || next.step) return point.ratePerS;
  return point.ratePerS + ((next.ratePerS - point.ratePerS) * (atNs - point.atNs)) / (next.atNs - point.atNs);
}
