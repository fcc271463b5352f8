/**
 * 95 % intervals from independent replications: one number from each, Student's t with one degree fewer than there are
 * (Law, Simulation Modeling and Analysis, ch. 9).
 *
 * The centre is the figure of all replications together, such as a percentile of the merged histogram, and the spread that of the
 * single ones: sectioning (Asmussen and Glynn, Stochastic Simulation, ch. III). So the interval is around the number that stands beside it,
 * and a bias of percentiles that shrinks with the sample is that of the merged sample.
 *
 * Shares that may be near 0 or 1 (errors) get Wilson's interval instead, with t for z and as many trials as would give the spread that the
 * replications have: failures cluster, and a share of 0 is not certain. An interval ends where what it is of can be no less or no more.
 */
import { tQuantile } from './student-t.ts';

export type Interval = readonly [low: number, high: number];

const UPPER = 0.975;

/** Mean and variance of numbers that come one by one (Welford); simple-statistics wants all of them at once. */
export class Spread {
  count: number = 0;
  mean: number = 0;
  private squares: number = 0;

  add(value: number): void {
    this.count++;
    const distance = value - this.mean;
    this.mean += distance / this.count;
    this.squares += distance * (value - this.mean);
  }

  /** From two values on. */
  get varianceOfMean(): number {
    return this.squares / (this.count - 1) / this.count;
  }
}

const NOT_NEGATIVE: Interval = [0, Infinity];

/**
 * Null below two values.
 * @param centre  of all replications together
 * @param range   what it can be
 */
export function intervalAround(centre: number, spread: Spread, [least, most]: Interval = NOT_NEGATIVE): Interval | null {
  if (spread.count < 2) return null;
  const half = tQuantile(UPPER, spread.count - 1) * Math.sqrt(spread.varianceOfMean);
  return [Math.max(least, centre - half), Math.min(most, centre + half)];
}

/**
 * Of a share, null below two values.
 * @param share   of all replications together, 0..1
 * @param trials  what it is a share of, of all together, above 0
 */
export function shareInterval(share: number, trials: number, spread: Spread): Interval | null {
  if (spread.count < 2) return null;
  const t = tQuantile(UPPER, spread.count - 1);
  const variance = spread.varianceOfMean;
  const effective = variance > 0 ? (share * (1 - share)) / variance : trials;
  const weight = (t * t) / effective;
  const centre = (share + weight / 2) / (1 + weight);
  const half = (t / (1 + weight)) * Math.sqrt((share * (1 - share)) / effective + weight / (4 * effective));
  // Exactly at the ends, where rounding would leave a trace.
  return [share === 0 ? 0 : Math.max(0, centre - half), share === 1 ? 1 : Math.min(1, centre + half)];
}

/** Of trials that are independent and each come to something or not, such as runs; at least one. */
export function wilson(events: number, trials: number): Interval {
  const square = 1.959964 ** 2;
  const centre = (events + square / 2) / (trials + square);
  const half = (Math.sqrt(square) / (trials + square)) * Math.sqrt((events * (trials - events)) / trials + square / 4);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * Of a number of rare events a replication; null below two values. Wilson's for a share of which there is no end of trials, the score interval of
 * a Poisson mean, with as many events at once as would give the spread that the replications have. Without any spread, that of the share.
 * @param mean    of the replications
 * @param trials  of one replication, on average, above 0
 */
export function countInterval(mean: number, trials: number, spread: Spread): Interval | null {
  if (spread.count < 2) return null;
  const variance = spread.varianceOfMean;
  if (variance === 0) {
    const [low, high] = shareInterval(Math.min(1, mean / trials), trials * spread.count, spread)!;
    return [low * trials, high * trials];
  }
  const weight = (tQuantile(UPPER, spread.count - 1) ** 2 * variance) / mean;
  const half = Math.sqrt(weight * mean + (weight * weight) / 4);
  return [Math.max(0, mean + weight / 2 - half), mean + weight / 2 + half];
}
