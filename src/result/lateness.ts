/** How far behind its own clock a run on real sockets was, as data that adds up, and what that says of its figures. */
import { msOf } from '../model/units.ts';
import { Histogram, type HistogramState } from '../stats/histogram.ts';
import { summaryOf } from './build.ts';
import type { RealFigures } from './result.ts';

export interface LatenessData {
  /** Real time per time of the run. */
  readonly timeScale: number;
  /** Requests of open loops: sent so much after they were meant to be, ns. */
  readonly arrivals: HistogramState;
  /** The event loop: looked at the clock so much after it should have, ns. */
  readonly loop: HistogramState;
  /** p99 of the requests' lateness by step of the series, ns; null without any. */
  readonly stepP99: readonly (number | null)[];
}

/** From this share of the latency p99 on, the figures say as much of the machine as of the mesh (validation.md 8). */
const DISTORTED = 0.05;

/** Of several runs: in each step the worst. */
export function mergedLateness(one: LatenessData, other: LatenessData): LatenessData {
  const steps = Math.max(one.stepP99.length, other.stepP99.length);
  return {
    timeScale: one.timeScale,
    arrivals: merged(one.arrivals, other.arrivals),
    loop: merged(one.loop, other.loop),
    stepP99: Array.from({ length: steps }, (_, i) => worse(one.stepP99[i] ?? null, other.stepP99[i] ?? null)),
  };
}

/** @param steps  of the series  @param latencyP99Ms  that the run reports; null without a request */
export function realFiguresOf({ timeScale, arrivals, loop, stepP99 }: LatenessData, steps: number, latencyP99Ms: number | null): RealFigures {
  const latenessMs = summaryOf(histogramOf(arrivals));
  const loopLagMs = summaryOf(histogramOf(loop));
  const worst = Math.max(latenessMs.p99 ?? 0, loopLagMs.p99 ?? 0);
  return {
    timeScale, latenessMs, loopLagMs,
    latenessP99Ms: Array.from({ length: steps }, (_, i) => stepP99[i] ?? null).map((ns) => (ns === null ? null : msOf(ns))),
    distorted: worst > DISTORTED * (latencyP99Ms ?? Infinity),
  };
}

function merged(one: HistogramState, other: HistogramState): HistogramState {
  const histogram = histogramOf(one);
  histogram.mergeState(other);
  return histogram.state();
}

function histogramOf(state: HistogramState): Histogram {
  const histogram = new Histogram(state.bits);
  histogram.mergeState(state);
  return histogram;
}

/** Null is none. */
export function worse(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
