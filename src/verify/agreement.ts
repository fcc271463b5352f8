/**
 * Whether simulator and real mesh agree, figure by figure.
 *
 * Repetition i of both has the same seed, so its real run differs from its simulated one by what the simulator leaves out and by noise
 * (the machine, and whatever tiny differences in time make of picks that go by the order of events). `difference` is the mean over
 * the repetitions. `noise` is how large a mean of nothing but noise can be: half the 99 % interval of Student's t, from how the real
 * repetitions lie apart beyond what their seeds explain, which is what the simulator says of them. 99 % and not 95, because a table has
 * some twenty rows and three repetitions are few.
 *
 * - `agrees`: the difference is no more than the tolerance.
 * - `withinNoise`: it is more than that, and no more than the noise: real against real is no better.
 * - `tooNoisy`: the same, and the noise is so large (`NOISE_MAX` tolerances), or a real repetition was so distorted, that nothing is shown.
 * - `late`: it is more than both, and lies within what the speed of this machine, and its being late, can do: see `explain`.
 * - `differs`: it is more than both, and nothing explains it.
 *
 * More repetitions make the noise smaller; nothing makes a tolerance larger.
 */
import type { Plan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';
import type { Result } from '../result/result.ts';
import { halfWidth, meanOf, pairedDifference } from '../stats/difference.ts';
import { type Figure, figuresFor } from './figures.ts';

/** A repetition: the same plan under the same seed. */
export interface Pair {
  readonly sim: Result;
  readonly real: Result;
}

export type RowVerdict = 'agrees' | 'withinNoise' | 'tooNoisy' | 'late' | 'differs';

export interface Row extends Pick<Figure, 'name' | 'unit' | 'group'> {
  /** Means over the repetitions. */
  readonly sim: number;
  readonly real: number;
  /** sim - real. */
  readonly difference: number;
  readonly noise: number;
  readonly tolerance: number;
  readonly verdict: RowVerdict;
}

/** Repetitions below which there is no noise floor. */
export const LEAST_PAIRS = 2;
const CONFIDENCE = 0.99;
/** Noise of more tolerances than this hides differences that matter. */
const NOISE_MAX = 3;

/** @param pairs  at least `LEAST_PAIRS`, all complete */
export function rowsOf(plan: Plan, pairs: readonly Pair[]): Row[] {
  return figuresFor(plan, pairs.flatMap(({ real, sim }) => [sim, real])).flatMap((figure) => rowOf(figure, pairs) ?? []);
}

/** Null where no run has the figure. */
function rowOf({ group, name, of, tolerance: { absolute, relative }, unit }: Figure, pairs: readonly Pair[]): Row | null {
  const values = pairs.map(({ real, sim }) => ({ real: of(real), sim: of(sim) }));
  if (values.every(({ real, sim }) => real === null && sim === null)) return null;
  // No sample on one side only is as far from the other as nothing is: 0.
  const reals = values.map(({ real }) => real ?? 0);
  const sims = values.map(({ sim }) => sim ?? 0);
  const apart = pairedDifference(sims.map((sim, i) => sim - reals[i]!));
  const real = meanOf(reals);
  const difference = apart.estimate;
  const noise = halfWidth(apart, CONFIDENCE);
  const tolerance = Math.max(absolute, relative * Math.abs(real));
  const row = { name, unit, group, sim: meanOf(sims), real, difference, noise, tolerance };
  if (Math.abs(difference) <= tolerance) return { ...row, verdict: 'agrees' };
  if (Math.abs(difference) > noise) return { ...row, verdict: 'differs' };
  return { ...row, verdict: noise > NOISE_MAX * tolerance || distortedOf(pairs) > 0 ? 'tooNoisy' : 'withinNoise' };
}

/** Real repetitions whose lateness was more than 5 % of their latency p99. */
export function distortedOf(pairs: readonly Pair[]): number {
  return pairs.filter(({ real: { real } }) => real?.distorted === true).length;
}

/** How late real runs were at worst, ns of the run: p99 of requests or of the event loop, whichever is more. */
export function latenessNs(pairs: readonly Pair[]): number {
  return NS_PER_MS * Math.max(...pairs.map(({ real: { real } }) => Math.max(real?.latenessMs.p99 ?? 0, real?.loopLagMs.p99 ?? 0)));
}

/** The simulator with other sockets, same seeds as the pairs. */
export interface Extremes {
  /** On sockets that take no time: faster than any machine. */
  readonly fastest: readonly Result[];
  /** On those that were calibrated, with every attempt late by `latenessNs` besides: as this machine was at worst. */
  readonly slowest: readonly Result[];
}

/**
 * Which of the rows that differ do so by what the machine does. Whatever its speed, calibrated well or badly, it lies between the two
 * extremes; so a real figure between what the simulator says of each (give or take tolerance or noise, whichever is more) is explained
 * by it, and one beyond either is not: neither slowness nor haste of a machine would bring it there.
 *
 * It turns `differs` into `late`, never into `agrees`.
 */
export function explain(plan: Plan, rows: readonly Row[], pairs: readonly Pair[], { fastest, slowest }: Extremes): Row[] {
  const figures = new Map(figuresFor(plan, pairs.flatMap(({ real, sim }) => [sim, real])).map((figure) => [figure.name, figure]));
  return rows.map((row) => {
    if (row.verdict !== 'differs') return row;
    const { of } = figures.get(row.name)!;
    const ends = [row.sim, ...[fastest, slowest].map((results) => meanOf(results.map((result) => of(result) ?? 0)))];
    const slack = Math.max(row.tolerance, row.noise);
    const isBetween = row.real >= Math.min(...ends) - slack && row.real <= Math.max(...ends) + slack;
    return isBetween ? { ...row, verdict: 'late' } : row;
  });
}

/** `inconclusive`: nothing differs but what this machine's lateness or noise explains, and that says nothing. */
export function verdictOf(rows: readonly Row[]): 'agree' | 'disagree' | 'inconclusive' {
  if (rows.some(({ verdict }) => verdict === 'differs')) return 'disagree';
  return rows.some(({ verdict }) => verdict === 'late' || verdict === 'tooNoisy') ? 'inconclusive' : 'agree';
}
