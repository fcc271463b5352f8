/**
 * Where the start of a series that begins empty stops being different from the rest: the cut that makes the mean of what is left the
 * most certain, MSER (White, "An effective truncation heuristic for bias reduction in simulation output", Simulation 69, 1997).
 *
 * Each value is the mean of a group of outputs; groups of five make it MSER-5 (White, Cobb and Spratt, WSC 2000). Leaving out the first d of
 * k values, `g(d) = sum of squared distances from the mean of the rest / (k - d)²`; the cut is the d of the smallest g. In the second
 * half it says that the series has not settled: longer is the answer, not a cut.
 */

/** Of so few values at the end any may happen to lie together, and say that all before are different. */
const TAIL = 5;

/** How many values to leave out; the fewest of equals. 0 for a series too short to tell. */
export function mserCut(values: ArrayLike<number>): number {
  let best = 0;
  let least = Infinity;
  // From the end, mean and squares of what is left are updated by one value at a time (Welford).
  let mean = 0;
  let squares = 0;
  for (let cut = values.length - 1; cut >= 0; cut--) {
    const left = values.length - cut;
    const distance = values[cut]! - mean;
    mean += distance / left;
    squares += distance * (values[cut]! - mean);
    const g = squares / (left * left);
    if (left >= TAIL && g <= least) {
      least = g;
      best = cut;
    }
  }
  return best;
}
