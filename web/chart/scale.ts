/** The horizontal axis: time of the run, latency, or percentiles. */
import type uPlot from 'uplot';
import * as format from '../../src/report/format.ts';
import type { Axis } from '../../src/report/html/chart.ts';
import { leads, logSplits } from './log-ticks.ts';

export interface XScale {
  readonly count: number;
  /** Where values of steps are drawn as points, and as steps: those have one end more. */
  readonly middles: readonly number[];
  readonly edges: readonly number[];
  readonly range: [number, number];
  readonly isLog: boolean;
  readonly axis: Partial<uPlot.Axis>;
  readonly title: string;
  /** What a step is called. */
  text(step: number): string;
}

export function scaleOf(x: Axis): XScale {
  switch (x.kind) {
    case 'time': return timeScale(x);
    case 'latency': return latencyScale(x.values);
    case 'percentile': return percentileScale(x.values);
    default: return x satisfies never;
  }
}

function timeScale({ count, endMs, stepMs }: Extract<Axis, { readonly kind: 'time' }>): XScale {
  const endsMs = Array.from({ length: count }, (_, i) => Math.min((i + 1) * stepMs, endMs));
  const edges = [0, ...endsMs.map((ms) => ms / 1000)];
  const isLong = endMs >= 600_000;
  return {
    count,
    edges,
    middles: edges.slice(1).map((end, i) => (edges[i]! + end) / 2),
    range: [0, endMs / 1000],
    isLog: false,
    axis: { values: (_, values) => values.map((value) => (isLong ? minutes(value) : `${Number(value.toPrecision(6))} s`)), ...(isLong ? { incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600] } : {}) },
    title: 'From',
    text: (at) => `${format.duration(at * stepMs)} – ${format.duration(endsMs[at]!)}`,
  };
}

function minutes(seconds: number): string {
  const rest = Math.round(seconds % 60);
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)}:${String(rest).padStart(2, '0')}`;
}

/** Values are lower ends; the last one is where the last bar ends. */
function latencyScale(values: readonly number[]): XScale {
  return {
    count: values.length - 1,
    edges: values,
    middles: values,
    range: [values[0]!, values.at(-1)!],
    isLog: true,
    axis: { values: (_, ends) => ends.map((end) => (end === null ? '' : `${Number(end.toPrecision(3)) >= 1000 ? format.duration(end) : `${Number(end.toPrecision(3))} ms`}`)), splits: logSplits, filter: (u, splits) => leads(splits, u.width < NARROW) },
    title: 'From',
    text: (at) => `${format.milliseconds(values[at]!)} – ${format.milliseconds(values[at + 1]!)}`,
  };
}

const NARROW = 420;

/** As the number of nines: 0.9 is 1, 0.99 is 2. */
function percentileScale(shares: readonly number[]): XScale {
  const nines = shares.map((share) => -Math.log10(1 - share));
  const marks = [0, 0.5, 0.9, 0.99, 0.999, 0.9999];
  return {
    count: shares.length,
    edges: nines,
    middles: nines,
    range: [0, Math.max(1, nines.at(-1)!)],
    isLog: false,
    axis: {
      splits: () => marks.map((share) => -Math.log10(1 - share)),
      values: (_, splits) => splits.map((value) => (value === null ? '' : percentText(1 - 10 ** -value))),
      filter: (u, splits) => apart(splits, (nines.at(-1)! * LABEL_ROOM) / u.width),
    },
    title: 'Percentile',
    text: (at) => percentText(shares[at]!),
  };
}

/** Of a label and the gap to the next one, px. */
const LABEL_ROOM = 48;

/** Those that are so far below the next one that both can be read; the least is the first to go. */
function apart(splits: readonly number[], distance: number): (number | null)[] {
  let above = Infinity;
  return splits.toReversed().map((split) => {
    if (above - split < distance) return null;
    above = split;
    return split;
  }).toReversed();
}

function percentText(share: number): string {
  return share < 1e-9 ? 'min' : `p${Number((share * 100).toFixed(share > 0.99 ? 3 : 1))}`;
}
