/**
 * Student's t law, for any positive number of degrees of freedom: Welch's are not whole.
 *
 * `simple-statistics` has the t statistic and a table of the normal law, but neither the law of t nor its quantile, and
 * its logarithm of the gamma function goes through `Math.log`, whose last bit depends on the machine. The tail is
 * the incomplete beta function I_x(df/2, 1/2) by its continued fraction (DLMF 8.17.22, evaluated as Lentz does).
 */
import { ln, exp } from '../model/math.ts';

/** P(|T| > t), both tails; 1 at 0, 0 at Infinity. */
export function tTail(t: number, df: number): number {
  if (t === 0) return 1;
  if (!Number.isFinite(t)) return 0;
  // Of x = df / (df + t^2) and 1 - x, each without cancellation.
  const square = t * t;
  return incompleteBeta(df / 2, df / (df + square), square / (df + square));
}

/** The t with P(T <= t) = p, 0 < p < 1. */
export function tQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -tQuantile(1 - p, df);
  const tail = 2 * (1 - p);
  let high = 1;
  while (tTail(high, df) > tail) high *= 2;
  let low = 0;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (tTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** More than a double has bits. */
const HALVINGS = 60;

/** I_x(a, 1/2), with y = 1 - x. The fraction converges fast on the left of the middle; the right is its mirror. */
function incompleteBeta(a: number, x: number, y: number): number {
  const front = exp(a * ln(x) + 0.5 * ln(y)) * gammaRatio(a) / Math.sqrt(Math.PI);
  return x < (a + 1) / (a + 2.5) ? (front * continuedFraction(a, 0.5, x)) / a : 1 - (front * continuedFraction(0.5, a, y)) / 0.5;
}

const TERMS_MAX = 1000;
const TINY = 1e-300;

function continuedFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= TERMS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** From here on the series below has no error left in a double. */
const LARGE = 64;

/** Γ(a + 1/2) / Γ(a): the asymptotic series (DLMF 5.11.13) where a is large, from there down by the recurrence of Γ. */
function gammaRatio(a: number): number {
  let factor = 1;
  let z = a;
  for (; z < LARGE; z++) factor *= z / (z + 0.5);
  const w = 1 / z;
  const series = 1 + w * (-1 / 8 + w * (1 / 128 + w * (5 / 1024 + w * (-21 / 32768 + w * (-399 / 262144 + (w * 869) / 4194304)))));
  return factor * Math.sqrt(z) * series;
}
