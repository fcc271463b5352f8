/**
 * How far apart two series of measurements are, with the interval of that: paired where the same luck made both values
 * (common random numbers), else Welch's for two samples of their own spread.
 */
import { sampleVariance } from 'simple-statistics';
import type { Interval } from './interval.ts';
import { tQuantile, tTail } from './student-t.ts';

export interface Difference {
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
  /** That there is none, both sides. */
  readonly p: number;
  /** Of the 95 % interval, where that is not as far to both sides. */
  readonly ends?: Interval;
}

/** @param differences  one a pair, at least two */
export function pairedDifference(differences: readonly number[]): Difference {
  const n = differences.length;
  return differenceOf(meanOf(differences), Math.sqrt(varianceOf(differences) / n), n - 1);
}

/** `to` less `from`; at least two values each. */
export function unpairedDifference(from: readonly number[], to: readonly number[]): Difference {
  const [a, b] = [from, to].map((values) => varianceOf(values) / values.length) as [number, number];
  const df = a + b === 0 ? from.length + to.length - 2 : (a + b) ** 2 / (a ** 2 / (from.length - 1) + b ** 2 / (to.length - 1));
  return differenceOf(meanOf(to) - meanOf(from), Math.sqrt(a + b), df);
}

/** What a share was looked for in. */
export interface Trials {
  readonly replications: number;
  /** Of all of them together. */
  readonly count: number;
}

/**
 * Of two shares of which nobody saw an event; at least two replications each. Newcombe's hybrid score interval ("Interval estimation for the
 * difference between independent proportions", Statistics in Medicine 17, 1998, method 10): with no events it reaches as far down as Wilson's
 * does up for the one, and as far up as that of the other.
 */
export function eventlessDifference(from: Trials, to: Trials): Difference {
  const [a, b] = [from, to].map(({ replications, count }) => {
    const t = tQuantile(0.975, replications - 1);
    return { standardError: t / (count + t * t), reach: (t * t) / (count + t * t) };
  }) as [{ standardError: number; reach: number }, { standardError: number; reach: number }];
  return { estimate: 0, standardError: Math.max(a.standardError, b.standardError), df: Math.min(from.replications, to.replications) - 1, p: 1, ends: [-a.reach, b.reach] };
}

/** Half the width of the interval that covers the true difference with this confidence. */
export function halfWidth({ standardError, df }: Difference, confidence: number): number {
  return standardError === 0 ? 0 : tQuantile(1 - (1 - confidence) / 2, df) * standardError;
}

/**
 * The smallest true difference that such a measurement calls significant at `level` with probability `power`. Takes the
 * noncentral t law for a shifted one, which falls short by up to 6 % with six measurements and by 1 % with twenty.
 */
export function detectable({ standardError, df }: Difference, level: number, power: number): number {
  return standardError === 0 ? 0 : (tQuantile(1 - level / 2, df) + tQuantile(power, df)) * standardError;
}

/** Nothing differs anywhere, or nothing was seen that could. */
export function isNone({ ends, estimate, standardError }: Difference): boolean {
  return estimate === 0 && (standardError === 0 || ends !== undefined);
}

function differenceOf(estimate: number, standardError: number, df: number): Difference {
  // Measurements without spread differ for certain, or not at all.
  const p = standardError === 0 ? Number(estimate === 0) : tTail(Math.abs(estimate) / standardError, df);
  return { estimate, standardError, df, p };
}

/** Of equal values exactly none, which rounding would make a little of. */
function varianceOf(values: readonly number[]): number {
  return values.every((value) => value === values[0]) ? 0 : sampleVariance([...values]);
}

/** About the first value, so that equal values have exactly their own mean. */
export function meanOf(values: readonly number[]): number {
  const first = values[0]!;
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length;
}
