/** Where a search looks: one axis a value that may change, and of each a row of values. */
export interface Axis {
  /** How many values, at least 1. */
  readonly count: number;
  /** Whether neighbours in the row are alike: an interval. Listed values are just different. */
  readonly isOrdered: boolean;
}

/** Of each axis the number of its value, from 0. */
export type Point = readonly number[];

export type Space = readonly Axis[];

/** How many points there are; a float, for there may be very many. */
export function sizeOf(space: Space): number {
  return space.reduce((size, { count }) => size * count, 1);
}

export function keyOf(point: Point): string {
  return point.join(',');
}

/** @param index  from 0, below the size; the last axis changes first */
export function pointAt(space: Space, index: number): Point {
  const point: number[] = [];
  let left = index;
  for (const { count } of space.toReversed()) {
    point.unshift(left % count);
    left = Math.floor(left / count);
  }
  return point;
}

/** Points that differ from this one in a single axis, by one or two steps where it is ordered. */
export function neighboursOf(space: Space, point: Point): Point[] {
  return space.flatMap(({ count, isOrdered }, axis) =>
    Array.from({ length: count }, (_, value) => value)
      .filter((value) => value !== point[axis] && (!isOrdered || Math.abs(value - point[axis]!) <= 2))
      .map((value) => point.with(axis, value)));
}
