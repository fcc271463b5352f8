/** Time of a run as its charts have it. */
import type { Result } from '../../../result/result.ts';
import { endOfSteps } from '../../rate.ts';
import type { Axis, Window } from '../chart.ts';

export function timeAxis(result: Result): Axis {
  const { series, window } = result;
  return { kind: 'time', stepMs: series.stepMs, count: series.requests.length, endMs: endMsOf(result), windows: windowsOf(result), warmupMs: window.warmupMs };
}

/** Of what is drawn: where arrivals end, or would have ended. */
export function endMsOf({ series, window }: Pick<Result, 'series' | 'window'>): number {
  return endOfSteps(series.stepMs, series.requests.length, window.durationMs);
}

/** Faults, by start. One that is never lifted ends with the run. */
export function windowsOf(result: Result): Window[] {
  const end = endMsOf(result);
  return result.faults
    .flatMap(({ name, windowsMs }) => windowsMs.map(([fromMs, toMs]) => ({ name, fromMs, toMs: Number.isFinite(toMs) && toMs !== null ? Math.min(toMs, end) : end })))
    .filter(({ fromMs }) => fromMs < end)
    .sort((a, b) => a.fromMs - b.fromMs)
    .slice(0, WINDOWS_MAX);
}

/** A fault that comes and goes every second need not be told each time. */
const WINDOWS_MAX = 200;
