/** Requests one by one, for what the histograms of a result are too coarse for. */
import { Outcome } from '../../src/model/outcome.ts';
import { NS_PER_S } from '../../src/model/units.ts';
import type { Recorder } from '../../src/result/recorder.ts';
import type { Expected } from './reference.ts';

export interface Settled {
  readonly begunAt: number;
  readonly latencyNs: number;
  readonly outcome: Outcome;
}

export interface Window {
  readonly calls: number;
  readonly lengthNs: number;
}

/** Percentiles of a result are known to half a bucket, 0.05 %; a finer tolerance asks for each latency, and a law of all windows for each arrival. */
export function asksForRequests({ metric, tolerance, value }: Expected): boolean {
  if (metric === 'max_admitted_in_window_t') return true;
  return /^p\d+(?:\.\d+)?_ms$/.test(metric) && tolerance.kind === 'absolute' && tolerance.abs < 0.0005 * Number(value);
}

/** Fills up while the run is on, in the order in which requests settle. */
export function requestsOf(recorder: Recorder): readonly Settled[] {
  const requests: Settled[] = [];
  const record = recorder.settled.bind(recorder);
  recorder.settled = (call, way, outcome, isRequest, now) => {
    // Others came before the measured window.
    if (isRequest && call.tag >= 0) requests.push({ begunAt: call.begunAt, latencyNs: now - call.begunAt, outcome });
    record(call, way, outcome, isRequest, now);
  };
  return requests;
}

/** Of those that went well: the ceil(p * n)-th smallest, ns. */
export function exactPercentile(requests: readonly Settled[], p: number): number {
  const latencies = Float64Array.from(requests.filter(({ outcome }) => outcome === Outcome.ok), ({ latencyNs }) => latencyNs).sort();
  return latencies[Math.ceil(p * latencies.length) - 1]!;
}

/** The window with the most admitted beyond what a rate brings in it: where it keeps a law `burst + rate * t`, all do. */
export function fullestWindow(requests: readonly Settled[], perS: number): Window {
  const admitted = Float64Array.from(requests.filter(({ outcome }) => outcome !== Outcome.rateLimited), ({ begunAt }) => begunAt).sort();
  const perNs = perS / NS_PER_S;
  let fullest = { calls: 0, lengthNs: 0 };
  let first = 0;
  for (let last = 0; last < admitted.length; last++) {
    // Begin anew where the window would be fuller by this call alone.
    if (last - first < perNs * (admitted[last]! - admitted[first]!)) first = last;
    const window = { calls: last - first + 1, lengthNs: admitted[last]! - admitted[first]! };
    if (window.calls - perNs * window.lengthNs > fullest.calls - perNs * fullest.lengthNs) fullest = window;
  }
  return fullest;
}
