/**
 * Elementary functions whose last bit does not depend on the machine or the Node version.
 *
 * `Math.exp`, `Math.log` and `Math.pow` may differ between engine versions and platforms, and one
 * different bit in a service time changes every event after it. These use only + - * / and shifts,
 * which IEEE 754 pins down. Error below 2 ulp; tested against `Math` in test/model/math.test.ts.
 */

const LN2_HIGH = 0.693147180369123816490; // upper 33 bits of ln 2, so k * LN2_HIGH is exact
const LN2_LOW = 1.90821492927058770002e-10;

const PARTS = 64; // of an octave, in the table for exp
const PARTS_PER_LN2: number = PARTS * Math.LOG2E;
const PART_HIGH: number = LN2_HIGH / PARTS;
const PART_LOW: number = LN2_LOW / PARTS;

/** Half a part. */
const SMALL = 0.0054;

/** Of its own: a global that is met for the first time in code already compiled for speed makes V8 put every result there on the heap (1 % of bench W3). */
const INFINITY: number = Number.POSITIVE_INFINITY;

const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);
const powersOfTwo: Float64Array = tabulatePowersOfTwo();
const fractionsOfTwo: Float64Array = tabulateFractionsOfTwo();

/** e^x. Underflows to 0 below -708, overflows to Infinity above 709. */
export function exp(x: number): number {
  // Decays over short times are the common case, and need no table. Small enough to be compiled into its callers.
  return x > -SMALL && x < SMALL ? 1 + expMinusOneSmall(x) : +expByTable(x);
}

function expByTable(x: number): number {
  if (x > 709) return INFINITY;
  if (!(x > -708)) return x <= -708 ? 0 : x;
  // x = n ln2/64 + r with |r| <= 0.0055, where six terms of the Taylor series reach the last bit.
  const n = Math.floor(x * PARTS_PER_LN2 + 0.5);
  const r = x - n * PART_HIGH - n * PART_LOW;
  const series = expMinusOneSmall(r);
  const fraction = fractionsOfTwo[n & (PARTS - 1)]!;
  return (fraction + fraction * series) * powersOfTwo[(n >> 6) + 1023]!;
}

/** Taylor series of e^r - 1, exact to the last bit for |r| <= 0.0055. */
function expMinusOneSmall(r: number): number {
  const square = r * r;
  return r + square * (0.5 + r * (1 / 6) + square * (1 / 24 + r * (1 / 120) + square * (1 / 720)));
}

/** Natural logarithm; -Infinity at 0, NaN below. Denormals are not split exactly. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  double[0] = x;
  let k = (words[1]! >>> 20) - 1023;
  words[1] = (words[1]! & 0xfffff) | 0x3ff00000;
  let m = double[0]!;
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  // ln m = 2 atanh s, s = (m-1)/(m+1), |s| <= 0.1716: terms to s^21 reach the last bit.
  const s = (m - 1) / (m + 1);
  const z = s * s;
  const tail =
    z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 +
    z * (1 / 19 + z * (1 / 21))))))))));
  return k * LN2_HIGH + (2 * s + (2 * s * tail + k * LN2_LOW));
}

/** x^y for x >= 0. */
export function power(x: number, y: number): number {
  if (y === 0) return 1;
  if (x === 0) return y > 0 ? 0 : Infinity;
  return exp(y * ln(x));
}

/**
 * The p-quantile of the standard normal law, 0 < p < 1. Newton on Marsaglia's series
 * (Evaluating the Normal Distribution, J. Stat. Software 11(4), 2004); for set-up, not for sampling.
 */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -normalQuantile(1 - p);
  let x = Math.sqrt(-2 * ln(2 * (1 - p)));
  for (let i = 0; i < 60; i++) {
    const step = (upperTail(x) - (1 - p)) / normalDensity(x);
    x += step;
    if (Math.abs(step) < 1e-15 * (1 + Math.abs(x))) break;
  }
  return x;
}

export function normalDensity(x: number): number {
  return exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** P(N > x) of the standard normal law: the series near the middle, the continued fraction in the tail. Underflows to 0 above 37. */
export function upperTail(x: number): number {
  if (x < 0) return 1 - upperTail(-x);
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let i = 3; Math.abs(term) > 1e-18 * sum; i += 2) {
      term *= (x * x) / i;
      sum += term;
    }
    return 0.5 - sum * normalDensity(x);
  }
  let fraction = 0;
  for (let i = 80; i >= 1; i--) fraction = i / (x + fraction);
  return normalDensity(x) / (x + fraction);
}

/** 2^k at k + 1023, for k in -1022..1023. */
function tabulatePowersOfTwo(): Float64Array {
  const table = new Float64Array(2047);
  table[1023] = 1;
  for (let k = 1; k <= 1023; k++) table[1023 + k] = table[1022 + k]! * 2;
  for (let k = 1; k <= 1022; k++) table[1023 - k] = table[1024 - k]! / 2;
  return table;
}

/** 2^(j/64), from square roots alone, which round exactly. */
function tabulateFractionsOfTwo(): Float64Array {
  const roots: number[] = [];
  for (let root = Math.sqrt(2), i = 0; i < 6; i++, root = Math.sqrt(root)) roots.push(root);
  return Float64Array.from({ length: PARTS }, (_, j) =>
    roots.reduce((product, root, i) => (j & (PARTS >> (i + 1)) ? product * root : product), 1),
  );
}
