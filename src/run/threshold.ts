/**
 * Judges what a run measured against the thresholds of its plan.
 *
 * What each metric means is in `threshold-value.ts`.
 *
 * Nothing measured never passes: "no samples". A selection without one success never passes a
 * latency threshold, because calls that fail fast look quick: "no goodput".
 */
import { NS_PER_MS, NS_PER_S } from '../model/units.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { Measurements } from '../result/measurements.ts';
import type { Series, ThresholdResult } from '../result/result.ts';
import { okOf, valueOf } from './threshold-value.ts';

export function judge(
  thresholds: readonly ThresholdPlan[],
  measurements: Measurements,
  series: Series,
): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const value = valueOf(threshold, measurements, series);
    const judged = verdictOn(threshold, value, measurements);
    const scale = threshold.unit === 'ns' ? 1 / NS_PER_MS : 1;
    return {
      expr: threshold.expr,
      // A recovery that never came is infinite and has no number in the file.
      value: value !== null && Number.isFinite(value) ? value * scale : null,
      low: null,
      high: null,
      limit: threshold.limit * scale,
      unit: threshold.unit === 'ns' ? 'ms' : threshold.unit,
      pass: judged === 'pass',
      judged,
    };
  });
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
    return value !== null && verdictOn(threshold, value, measurements) !== 'pass';
  });
}

const ABORT_POLL_NS = NS_PER_S;

/**
 * `shouldAbort` behind its once-a-second limit: call it as often as convenient.
 * Null when no threshold asks for it, so that the run can skip the question.
 */
export function abortWatch(
  thresholds: readonly ThresholdPlan[],
): ((measurements: Measurements, nowNs: number) => boolean) | null {
  const watched = thresholds.filter((threshold) => threshold.abort !== null);
  if (watched.length === 0) return null;
  let nextNs = Math.min(...watched.map((threshold) => threshold.abort?.afterNs ?? 0));
  return (measurements, nowNs) => {
    if (nowNs < nextNs) return false;
    nextNs = nowNs + ABORT_POLL_NS;
    return shouldAbort(watched, measurements, nowNs);
  };
}

function mayStillBeReached({ stat, op }: ThresholdPlan): boolean {
  return stat.kind === 'count' && (op === '>' || op === '>=' || op === '==');
}

function verdictOn(threshold: ThresholdPlan, value: number | null, measurements: Measurements): ThresholdResult['judged'] {
  if (value === null) return 'no samples';
  if (threshold.metric === 'latency' && okOf(threshold, measurements) === 0) return 'no goodput';
  return holds(value, threshold.op, threshold.limit) ? 'pass' : 'fail';
}

function holds(value: number, op: ThresholdPlan['op'], limit: number): boolean {
  switch (op) {
    case '<': return value < limit;
    case '<=': return value <= limit;
    case '>': return value > limit;
    case '>=': return value >= limit;
    case '==': return value === limit;
    case '!=': return value !== limit;
    default: return op satisfies never;
  }
}

