/**
 * How long after a fault's end the system was back to what it was before.
 *
 * The band comes from the steps that lie wholly between warm-up and the fault's first start: the
 * share of requests that ended ok, all steps together, and the median of the steps' p99. A later
 * step is inside when its share is at most 1 percentage point below and its p99 at most 25 % above;
 * better than before is inside too. Recovered is the first step after the fault's (last) end
 * from which every step is inside, for at least 5 steps or up to the end of arrivals; the time is
 * from the fault's end to the start of that step. Steps in which no request ended say nothing:
 * they neither break a row of good steps nor make it longer. The drain is not looked at, nor the last step,
 * which has what ends in it.
 */
import type { FaultPlan, MetricPlan, Plan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';
import type { RequestSeries } from './result.ts';

const SHARE_BELOW = 0.01;
const P99_ABOVE = 1.25;
const STEPS_IN_A_ROW = 5;

/**
 * Over the faults that ended during the run, or the one the `phase` tag names: the longest for
 * `max`, the shortest for `min`, else the mean. `Infinity` when one was never recovered from.
 * Null without such a fault, or without traffic before it to compare with.
 */
export function recoveryNs({ tags, stat }: Pick<MetricPlan, 'tags' | 'stat'>, plan: Plan, series: RequestSeries): number | null {
  if (Object.keys(tags).some((tag) => tag !== 'phase')) return null; // the series is of all requests
  const times = plan.faults
    .filter((fault) => (tags.phase === undefined || fault.name === tags.phase) && endOf(fault) < plan.durationNs)
    .map((fault) => recoveryFrom(fault, plan, series));
  const known = times.filter((time) => time !== null);
  if (known.length === 0 || known.length < times.length) return null;
  if (stat.kind === 'max') return Math.max(...known);
  if (stat.kind === 'min') return Math.min(...known);
  return known.reduce((sum, time) => sum + time, 0) / known.length;
}

/** ns from the end of the fault; `Infinity` for never; null without traffic before it to compare with. */
export function recoveryFrom(fault: FaultPlan, plan: Plan, series: RequestSeries): number | null {
  const stepNs = series.stepMs * NS_PER_MS;
  const startNs = fault.windows[0]?.fromNs ?? 0;
  const band = bandOf(series, Math.ceil(plan.warmupNs / stepNs), Math.floor(startNs / stepNs));
  if (band === null) return null;

  const endNs = endOf(fault);
  const steps = Math.min(series.ok.length, Math.ceil(plan.durationNs / stepNs) - 1);
  let rowStart = -1;
  let rowLength = 0;
  for (let i = Math.ceil(endNs / stepNs); i < steps; i++) {
    if (endedIn(series, i) === 0) continue;
    if (!isInside(series, i, band)) {
      rowLength = 0;
      continue;
    }
    if (rowLength === 0) rowStart = i;
    if (++rowLength === STEPS_IN_A_ROW) break;
  }
  return rowLength > 0 ? rowStart * stepNs - endNs : Infinity;
}

interface Band {
  readonly okShare: number;
  readonly p99Ms: number;
}

function bandOf(series: RequestSeries, from: number, to: number): Band | null {
  let ok = 0;
  let ended = 0;
  const p99s: number[] = [];
  for (let i = from; i < Math.min(to, series.ok.length); i++) {
    ok += series.ok[i] ?? 0;
    ended += endedIn(series, i);
    const p99 = series.p99Ms[i] ?? null;
    if (p99 !== null) p99s.push(p99);
  }
  if (ended === 0 || p99s.length === 0) return null;
  p99s.sort((a, b) => a - b);
  const middle = p99s.length >> 1;
  const median = p99s.length % 2 === 1 ? p99s[middle]! : (p99s[middle - 1]! + p99s[middle]!) / 2;
  return { okShare: ok / ended, p99Ms: median };
}

function isInside(series: RequestSeries, step: number, band: Band): boolean {
  const okShare = (series.ok[step] ?? 0) / endedIn(series, step);
  return okShare >= band.okShare - SHARE_BELOW && (series.p99Ms[step] ?? 0) <= band.p99Ms * P99_ABOVE;
}

function endedIn(series: RequestSeries, step: number): number {
  return (series.ok[step] ?? 0) + (series.failed[step] ?? 0);
}

/** Of its last window, ns. */
export function endOf(fault: FaultPlan): number {
  return fault.windows.at(-1)?.toNs ?? Infinity;
}
