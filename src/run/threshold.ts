/**
 * Judges what a run measured against the thresholds of its plan.
 *
 * What each metric means is in `threshold-value.ts`.
 *
 * Nothing measured never passes: "no samples". A selection without one success never passes a
 * latency threshold, because calls that fail fast look quick: "no goodput". Where replications give an interval, `confidence`
 * says what it must do: the whole of it (`strict`), the value (`point`), or any of it (`lenient`) must hold.
 */
import { holds } from '../model/holds.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import { NS_PER_MS, NS_PER_S } from '../model/units.ts';
import type { Measurements } from '../result/measurements.ts';
import type { RequestSeries, ThresholdResult } from '../result/result.ts';
import type { Interval } from '../stats/interval.ts';
import { okOf, valueOf } from './threshold-value.ts';

/** What a threshold is judged by. */
export interface Estimate {
  /** In the plan's units; null where nothing was measured, `Infinity` for a recovery that never came. */
  readonly value: number | null;
  /** 95 %; null where there is none. */
  readonly interval: Interval | null;
  /** It ended one of several replications, and does not pass whatever the others say. */
  readonly hasAborted?: true;
}

/** @param estimates  one for each threshold */
export function judge(thresholds: readonly ThresholdPlan[], estimates: readonly Estimate[], measurements: Measurements): ThresholdResult[] {
  return thresholds.map((threshold, i) => {
    const { value, interval } = estimates[i]!;
    const judged = verdictOn(threshold, estimates[i]!, measurements);
    const scale = threshold.unit === 'ns' ? 1 / NS_PER_MS : 1;
    return {
      expr: threshold.expr,
      // A recovery that never came is infinite and has no number in the file.
      value: value !== null && Number.isFinite(value) ? value * scale : null,
      low: interval === null ? null : interval[0] * scale,
      high: interval === null ? null : interval[1] * scale,
      limit: threshold.limit * scale,
      unit: threshold.unit === 'ns' ? 'ms' : threshold.unit,
      pass: judged === 'pass',
      judged,
      ...(threshold.confidence === 'point' ? {} : { confidence: threshold.confidence }),
    };
  });
}

/** Of one run, which has no intervals. */
export function estimatesOf(thresholds: readonly ThresholdPlan[], measurements: Measurements, series: RequestSeries): Estimate[] {
  return thresholds.map((threshold) => ({ value: valueOf(threshold, measurements, series), interval: null }));
}

/**
 * Whether a threshold with `abort` has failed by now. Merging histograms is dear, so ask at most
 * once per simulated second. Nothing measured yet is no reason to stop; `recovery` is judged at the
 * end only, and so is a lower bound on a count, which a longer run may still reach.
 */
export function shouldAbort(thresholds: readonly ThresholdPlan[], measurements: Measurements, nowNs: number): boolean {
  return thresholds.some((threshold) => {
    if (threshold.abort === null || nowNs < threshold.abort.afterNs) return false;
    if (threshold.metric === 'recovery' || mayStillBeReached(threshold)) return false;
    const value = valueOf(threshold, measurements, null);
    return value !== null && verdictOn(threshold, { value, interval: null }, measurements) !== 'pass';
  });
}

const ABORT_POLL_NS = NS_PER_S;

/**
 * `shouldAbort` behind its once-a-second limit: call it as often as convenient.
 * Null when no threshold asks for it, so that the run can skip the question.
 */
export function abortWatch(
  thresholds: readonly ThresholdPlan[],
): ((measure: () => Measurements, nowNs: number) => boolean) | null {
  const watched = thresholds.filter((threshold) => threshold.abort !== null);
  if (watched.length === 0) return null;
  let nextNs = Math.min(...watched.map((threshold) => threshold.abort?.afterNs ?? 0));
  return (measure, nowNs) => {
    if (nowNs < nextNs) return false;
    nextNs = nowNs + ABORT_POLL_NS;
    return shouldAbort(watched, measure(), nowNs);
  };
}

function mayStillBeReached({ stat, op }: ThresholdPlan): boolean {
  return stat.kind === 'count' && (op === '>' || op === '>=' || op === '==');
}

function verdictOn(threshold: ThresholdPlan, { value, interval, hasAborted }: Estimate, measurements: Measurements): ThresholdResult['judged'] {
  if (value === null) return 'no samples';
  if (threshold.metric === 'latency' && okOf(threshold, measurements) === 0) return 'no goodput';
  if (!passes(threshold, value, interval)) return 'fail';
  return hasAborted ? 'aborted' : 'pass';
}

/** Without an interval all ways of judging are that by the point. */
export function passes({ op, limit, confidence }: ThresholdPlan, value: number, interval: Interval | null): boolean {
  const isInside = interval !== null && interval[0] < limit && limit < interval[1];
  const points = [value, ...(interval ?? [])];
  switch (confidence) {
    case 'point': return holds(value, op, limit);
    case 'strict': return points.every((point) => holds(point, op, limit)) && !(op === '!=' && isInside);
    case 'lenient': return points.some((point) => holds(point, op, limit)) || (op === '==' && isInside);
    default: return confidence satisfies never;
  }
}
