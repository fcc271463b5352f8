/** Where a search looks: a grid, and which of its axes have an order. */
import type { Axis as GridAxis } from '../sweep/grid.ts';

export interface Axis extends GridAxis {
  /** Whether neighbours in the row are alike: an interval. Listed values are just different. */
  readonly isOrdered: boolean;
}

/** Of each axis the number of its value, from 0. */
export type Point = readonly number[];

export type Space = readonly Axis[];

/** The values of a point, in the order of the axes. */
export function valuesOf(space: Space, point: Point): string[] {
  return space.map(({ values }, axis) => values[point[axis]!]!);
}

export function keyOf(point: Point): string {
  return point.join(',');
}

/** @param index  from 0, below the size; the last axis changes first */
export function pointAt(space: Space, index: number): Point {
  const point: number[] = [];
  let left = index;
  for (const { values } of space.toReversed()) {
    point.unshift(left % values.length);
    left = Math.floor(left / values.length);
  }
  return point;
}

/** Points that differ from this one in a single axis, by one or two steps where it is ordered. */
export function neighboursOf(space: Space, point: Point): Point[] {
  return space.flatMap(({ values, isOrdered }, axis) =>
    [...values.keys()]
      .filter((value) => value !== point[axis] && (!isOrdered || Math.abs(value - point[axis]!) <= 2))
      .map((value) => point.with(axis, value)));
}
