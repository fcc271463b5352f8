/**
 * Which of a few like things is unlike the others: farther above the median than chance explains and than
 * anybody would shrug at. The spread is measured by the median absolute deviation, which the odd ones
 * cannot inflate (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993).
 */
import { median, medianAbsoluteDeviation } from 'simple-statistics';

/** Robust standard deviations above the median. */
const DEVIATIONS = 5;
/** Of a normal law, standard deviation / median absolute deviation. */
const SCALE = 1.4826;

/**
 * Indexes of the values that stand out upwards, ascending.
 * @param values     at least three, else none stands out
 * @param leastRatio  and they must be at least this many times the median
 */
export function oddOnesAbove(values: readonly number[], leastRatio: number): number[] {
  if (values.length < 3) return [];
  const middle = median([...values]);
  const spread = SCALE * medianAbsoluteDeviation([...values]);
  return values.flatMap((value, i) => (value > middle + DEVIATIONS * spread && value >= middle * leastRatio ? [i] : []));
}
