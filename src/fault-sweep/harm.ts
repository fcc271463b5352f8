/**
 * How much a fault harms: against thresholds that hold when nothing breaks.
 *
 *     harm = the sum, over the thresholds that it breaks, of how far beyond its limit each is
 *          + the share of requests that are lost because of it; 0 where it breaks none
 *
 * Beyond a limit is 1 - limit / value (of a lower bound 1 - value / limit): 0 at the limit, 0.5 at twice it, 1 without end. So one threshold
 * counts at most 1, whatever its unit; several broken ones are worse than one; and of two faults that break the same ones
 * far, the one that loses more requests is worse.
 */
import type { ThresholdPlan } from '../model/plan.ts';
import type { FaultResult, Metrics, ThresholdResult } from '../result/result.ts';

/** How a threshold stands in one case. */
export interface ThresholdHarm extends Pick<ThresholdResult, 'expr' | 'value' | 'limit' | 'unit' | 'judged' | 'pass'> {
  /** Broken, and not when nothing else is. */
  readonly broken: boolean;
  /** 0..1. */
  readonly harm: number;
  /** Of the way to the limit: 1 at it, more beyond; null where that means nothing, and where it is broken anyway. */
  readonly strain: number | null;
}

/** @param baseline  whether it holds when nothing breaks; null where this is that run */
export function thresholdHarm(result: ThresholdResult, { op }: ThresholdPlan, baseline: boolean | null): ThresholdHarm {
  const { expr, value, limit, unit, judged, pass } = result;
  const broken = !pass && baseline === true;
  const strain = baseline === false ? null : strainOf(value, limit, op);
  return { expr, value, limit, unit, judged, pass, broken, harm: broken ? beyond(result, strain) : 0, strain };
}

function beyond({ judged }: ThresholdResult, strain: number | null): number {
  // Without a number it is as bad as can be: nothing was measured, nothing succeeded, nothing recovered.
  if (strain === null || judged === 'no goodput') return 1;
  // Broken by its interval alone, or exactly at its limit.
  return Math.max(0, 1 - 1 / strain);
}

function strainOf(value: number | null, limit: number, op: ThresholdPlan['op']): number | null {
  if (value === null) return null;
  switch (op) {
    case '<':
    case '<=': return limit > 0 ? value / limit : null;
    case '>':
    case '>=': return value > 0 ? limit / value : null;
    case '==':
    case '!=': return null;
    default: return op satisfies never;
  }
}

/** Of the requests that arrived from the fault's start on, the share that failed. */
export function lossOf({ during, after }: Pick<FaultResult, 'during' | 'after'>): number {
  const requests = during.requests + after.requests;
  return requests === 0 ? 0 : (during.failed + after.failed) / requests;
}

/** The edge whose calls take the most attempts. */
export function worstAmplification(edges: Readonly<Record<string, Metrics>>): { readonly edge: string; readonly attempts: number } | null {
  return Object.entries(edges).reduce<{ readonly edge: string; readonly attempts: number } | null>((worst, [edge, { amplification }]) => (amplification !== null && amplification > (worst?.attempts ?? 0) ? { edge, attempts: amplification } : worst), null);
}
