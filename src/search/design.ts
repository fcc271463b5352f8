/**
 * The first points of a search, which know of nothing yet: spread evenly over the space by Halton's sequence, each axis shifted by its own
 * draw (Cranley and Patterson, Randomization of number theoretic methods for multiple integration, 1976).
 */
import { Draw, type Stream } from '../random/hash.ts';
import { sizeOf } from '../sweep/grid.ts';
import { keyOf, type Point, type Space } from './space.ts';

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

/** An axis needs a prime of its own. */
export const AXES_MAX: number = PRIMES.length;

/** Points tried for each one found: few values on some axis make many alike. */
const TRIES = 50;

/** At most `count` different points. */
export function spreadOut(space: Space, count: number, stream: Stream): Point[] {
  const shifts = space.map((_, axis) => unitAt(stream, axis));
  const points = new Map<string, Point>();
  const wanted = Math.min(count, sizeOf(space));
  for (let i = 1; points.size < wanted && i <= wanted * TRIES; i++) {
    const point = space.map((axis, k) => Math.floor(((radicalInverse(PRIMES[k]!, i) + shifts[k]!) % 1) * axis.values.length));
    points.set(keyOf(point), point);
  }
  return [...points.values()];
}

/** The digits of `index`, mirrored at the point: 6 is 110 in base 2, so 0.011. */
function radicalInverse(base: number, index: number): number {
  let inverse = 0;
  let unit = 1 / base;
  for (let left = index; left > 0; left = Math.floor(left / base)) {
    inverse += (left % base) * unit;
    unit /= base;
  }
  return inverse;
}

function unitAt(stream: Stream, index: number): number {
  const draw = new Draw();
  draw.seek(stream, 0, index);
  return draw.unit();
}
