/**
 * Sides set against the first of them, metric by metric (validation.md 9). Replications of one seed met the same
 * requests with the same work and the same failures, so they are compared pair by pair; latency, goodput and other sizes by the
 * logarithm of their ratio, shares by their difference. Where no request failed on either side, what may yet fail there is in the interval.
 */
import { VERSION } from '../model/version.ts';
import { exp, ln } from '../model/math.ts';
import { type Difference, detectable, eventlessDifference, halfWidth, isNone, meanOf, pairedDifference, type Trials, unpairedDifference } from '../stats/difference.ts';
import { holm } from '../stats/holm.ts';
import { shareInterval, Spread } from '../stats/interval.ts';
import { caveatsOf } from './caveats.ts';
import { type Cell, type Change, type ComparedSide, type Comparison, COMPARISON_SCHEMA, CONFIDENCE, type FailOn, REPLICATIONS_MIN, type Row, type Verdict } from './comparison.ts';
import { type Metric, metricsFor } from './metric.ts';
import type { Sample, Side } from './side.ts';
import { judged } from './verdict.ts';

export interface CompareOptions {
  /** As `Comparison.minEffect`. */
  readonly minEffect: number | null;
  /** As `Comparison.failOn`; `worse` unless given. */
  readonly failOn?: FailOn;
  /** Known to the caller, and said before ours. */
  readonly caveats?: readonly string[];
}

/** @param sides  at least two; the first is the reference */
export function compareSides(sides: readonly Side[], { minEffect, failOn = 'worse', caveats = [] }: CompareOptions): Comparison {
  const [reference, ...others] = sides as [Side, ...Side[]];
  const matchings = others.map((side) => matched(reference, side));
  const metrics = metricsFor(sides);
  const measured = metrics.map((metric) => measure(metric, reference, others, matchings.map((matching) => ({ ...matching, isIdentical: isIdentical(matching, metrics) }))));
  const rows = decided(measured, minEffect);
  const changes = rows.flatMap((row) => row.changes);
  const count = (verdict: Verdict): number => changes.filter((change) => change.verdict === verdict && change.tolerated === null).length;
  return {
    schema: COMPARISON_SCHEMA,
    meshsim: VERSION,
    confidence: CONFIDENCE,
    minEffect,
    failOn,
    sides: sides.map((side, i): ComparedSide => ({ ...side, replications: side.replications.length, pairing: i === 0 ? 'reference' : matchings[i - 1]!.pairing })),
    caveats: [...caveats, ...caveatsOf(reference, others, matchings)],
    rows,
    counts: {
      better: count('better'), same: count('same'), worse: count('worse'), inconclusive: count('inconclusive'),
      tolerated: changes.filter(({ tolerated }) => tolerated !== null).length,
    },
  };
}

/** The replications of two sides that are set against each other. */
export interface Matching {
  readonly pairing: 'paired' | 'unpaired';
  readonly from: readonly Sample[];
  readonly to: readonly Sample[];
}

/** By seed, if that leaves enough; replications without a partner are then left out of the change. */
function matched(reference: Side, side: Side): Matching {
  const bySeed = new Map(reference.replications.map((replication) => [replication.seed, replication]));
  const to = side.replications.filter(({ seed }) => bySeed.has(seed));
  const fewest = Math.min(reference.replications.length, side.replications.length);
  if (to.length >= Math.min(REPLICATIONS_MIN, fewest)) return { pairing: 'paired', from: to.map(({ seed }) => bySeed.get(seed)!), to };
  return { pairing: 'unpaired', from: reference.replications, to: side.replications };
}

/** The same in every pair and figure: then nothing was done otherwise, and nothing fails that did not before. */
function isIdentical({ pairing, from, to }: Matching, metrics: readonly Metric[]): boolean {
  return pairing === 'paired' && metrics.every((metric) => from.every((sample, i) => metric.of(sample) === metric.of(to[i]!)));
}

interface Measured {
  readonly row: Omit<Row, 'changes'>;
  readonly changes: readonly MeasuredChange[];
}

interface MeasuredChange {
  readonly kind: Change['kind'];
  readonly n: number;
  /** Of logarithms where the kind is `ratio`; null with too few values, or where some are missing. */
  readonly difference: Difference | null;
  /** Of the values, where there are too few for more. */
  readonly estimate: number | null;
  /** Of the reference, for what is a share of it. */
  readonly from: number | null;
  readonly metric: Metric;
}

function measure(metric: Metric, reference: Side, others: readonly Side[], matchings: readonly (Matching & { readonly isIdentical: boolean })[]): Measured {
  const sides = [reference, ...others];
  const values = sides.map((side) => side.replications.map((sample) => metric.of(sample)));
  // One zero, and no ratio can be taken of the row.
  const kind = metric.unit !== 'share' && values.flat().every((value) => value === null || value > 0) ? 'ratio' : 'difference';
  const cells = sides.map(({ replications }, i) => cellOf(values[i]!, kind, metric, trialsIn(metric, replications)));
  return {
    row: { metric: metric.name, unit: metric.unit, better: metric.better, cause: metric.cause ?? null, cells },
    changes: matchings.map((matching): MeasuredChange => {
      const from = complete(matching.from.map((sample) => metric.of(sample)));
      const to = complete(matching.to.map((sample) => metric.of(sample)));
      const n = Math.min(matching.from.length, matching.to.length);
      const known = from !== null && to !== null && n > 0;
      const eventless = known && !matching.isIdentical ? eventlessOf(metric, matching, [...from, ...to]) : null;
      const difference = known && n >= REPLICATIONS_MIN ? (eventless ?? differenceOf(from, to, kind, matching.pairing)) : null;
      const estimate = known ? (kind === 'ratio' ? meanOf(to.map(ln)) - meanOf(from.map(ln)) : meanOf(to) - meanOf(from)) : null;
      return { kind, n, difference, estimate, from: cells[0]!.mean, metric };
    }),
  };
}

function complete(values: readonly (number | null)[]): number[] | null {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? known : null;
}

/** Null where there is something to see a spread of. */
function eventlessOf(metric: Metric, { from, to }: Matching, values: readonly number[]): Difference | null {
  const [a, b] = [from, to].map((samples) => trialsIn(metric, samples)) as [Trials | null, Trials | null];
  if (a === null || b === null) return null;
  if (values.every((value) => value === 0)) return eventlessDifference(a, b);
  // Of failures everywhere there is no success, and more of it is less of them.
  return values.every((value) => value === 1) ? eventlessDifference(b, a) : null;
}

/** Null of what is no share of trials. */
function trialsIn({ trials }: Metric, samples: readonly Sample[]): Trials | null {
  return trials === undefined ? null : { replications: samples.length, count: samples.reduce((sum, sample) => sum + trials(sample), 0) };
}

function differenceOf(from: readonly number[], to: readonly number[], kind: Change['kind'], pairing: Matching['pairing']): Difference {
  if (pairing === 'unpaired') return kind === 'ratio' ? unpairedDifference(from.map(ln), to.map(ln)) : unpairedDifference(from, to);
  // The logarithm of the ratio, not the difference of logarithms: equal values have exactly none.
  return pairedDifference(to.map((value, i) => (kind === 'ratio' ? ln(value / from[i]!) : value - from[i]!)));
}

function cellOf(values: readonly (number | null)[], kind: Change['kind'], { unit }: Metric, trials: Trials | null): Cell {
  const known = complete(values);
  if (known === null || known.length === 0) return { mean: null, low: null, high: null };
  const [scaled, back] = kind === 'ratio' ? [known.map(ln), exp] : [known, (value: number) => value];
  const mean = meanOf(scaled);
  if (known.length === 1) return { mean: known[0]!, low: null, high: null };
  if (trials !== null) {
    const spread = new Spread();
    for (const value of known) spread.add(value);
    const [low, high] = shareInterval(mean, trials.count, spread)!; // of two or more
    return { mean, low, high };
  }
  const half = halfWidth(pairedDifference(scaled), CONFIDENCE);
  return { mean: back(mean), low: Math.max(0, back(mean - half)), high: Math.min(unit === 'share' ? 1 : Infinity, back(mean + half)) };
}

/** Over the whole table, but for changes that are none in any replication: they cannot be false alarms (Tarone, 1990). */
function decided(measured: readonly Measured[], minEffect: number | null): Row[] {
  const all = measured.flatMap(({ changes }) => changes);
  const tested = all.filter(({ difference }) => difference !== null && !isNone(difference));
  const adjusted = holm(tested.map(({ difference }) => difference!.p));
  const level = (1 - CONFIDENCE) / Math.max(1, tested.length);
  return measured.map(({ row, changes }) => ({
    ...row,
    changes: changes.map((change): Change => {
      const at = tested.indexOf(change);
      return decide(change, at < 0 ? 1 : adjusted[at]!, level, minEffect);
    }),
  }));
}

/** Of true changes of the size that is called detectable, how many are found. */
const POWER = 0.8;

function decide({ kind, n, difference, estimate, from, metric }: MeasuredChange, pAdjusted: number, level: number, minEffect: number | null): Change {
  const sized = (value: number): number => (kind === 'ratio' ? exp(value) - 1 : value);
  if (difference === null) {
    return { kind, estimate: estimate === null ? null : sized(estimate), low: null, high: null, p: null, pAdjusted: null, detectable: null, n, verdict: null, tolerated: null };
  }
  const half = halfWidth(difference, CONFIDENCE);
  const [low, high] = difference.ends ?? [difference.estimate - half, difference.estimate + half];
  const interval = { estimate: sized(difference.estimate), low: sized(low), high: sized(high) };
  return {
    kind,
    ...interval,
    p: difference.p,
    pAdjusted,
    detectable: sized(detectable(difference, level, POWER)),
    n,
    ...judged({ ...interval, isSignificant: pAdjusted <= 1 - CONFIDENCE, better: metric.better }, { minEffect, whole: kind === 'ratio' ? 1 : Math.abs(from ?? 0), negligible: metric.negligible ?? 0 }),
  };
}
