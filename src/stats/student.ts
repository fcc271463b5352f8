/**
 * Student's t law with whole degrees of freedom, which simple-statistics has no quantile of: its `probit` is that of the normal law (to
 * two decimals), with which an interval of ten replications would be 13 % too narrow.
 *
 * The share within ±t is a finite sum (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4); the quantile
 * is found by halving. Only + - * / and square roots, so the last bit is the same everywhere.
 */

const known = new Map<string, number>();

/** The t that a value stays below with probability `p`, 0.5 <= p < 1. @param degrees  of freedom, whole, at least 1 */
export function studentQuantile(p: number, degrees: number): number {
  const key = `${p}/${degrees}`;
  let t = known.get(key);
  if (t === undefined) known.set(key, (t = search(2 * p - 1, degrees)));
  return t;
}

/** The share of the law within ±t, t >= 0. */
export function studentWithin(t: number, degrees: number): number {
  const squares = degrees + t * t;
  const cosineSquared = degrees / squares;
  const sine = t / Math.sqrt(squares);
  const isOdd = degrees % 2 === 1;
  // The terms of both sums: each the one before times cos² (k-1)/k, from a first of 1 (even) or cos (odd).
  let term = isOdd ? Math.sqrt(cosineSquared) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cosineSquared * (k - 1)) / k;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (arcTangent(t / Math.sqrt(degrees)) + sine * sum) : sine * sum;
}

function search(within: number, degrees: number): number {
  let low = 0;
  let high = 1;
  while (studentWithin(high, degrees) < within) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (studentWithin(middle, degrees) < within) low = middle;
    else high = middle;
  }
}

/** x >= 0: the angle is halved until its series is short. */
function arcTangent(x: number): number {
  let y = x;
  for (let i = 0; i < 4; i++) y /= 1 + Math.sqrt(1 + y * y);
  const square = y * y; // below 0.01
  let sum = 0;
  for (let k = 21; k >= 1; k -= 2) sum = 1 / k - square * sum;
  return 16 * y * sum;
}
