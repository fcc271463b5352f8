/**
 * How far apart two series of measurements are, with the interval of that: paired where the same luck made both values
 * (common random numbers), else Welch's for two samples of their own spread.
 */
import { sampleVariance } from 'simple-statistics';
import { tQuantile, tTail } from './student-t.ts';

export interface Difference {
  readonly estimate: number;
  readonly standardError: number;
  readonly df: number;
  /** That there is none, both sides. */
  readonly p: number;
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

/** Nothing differs anywhere. */
export function isNone({ estimate, standardError }: Difference): boolean {
  return estimate === 0 && standardError === 0;
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
