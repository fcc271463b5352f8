/** How latencies are spread: as a histogram over a logarithmic scale, and as percentiles up to as many nines as there are requests for. */
import type { HistogramData } from '../../../model/histogram-data.ts';
import { NS_PER_MS } from '../../../model/units.ts';
import type { Result } from '../../../result/result.ts';
import { middleOf } from '../../../stats/bucket.ts';
import { Histogram } from '../../../stats/histogram.ts';
import * as format from '../../format.ts';
import { type ChartData, chartFigure, rounded } from '../chart.ts';
import type { Markup } from '../markup.ts';

export function distributionCharts(result: Result): ChartData[] {
  const data = Object.values(result.histograms)[0];
  if (data === undefined || data.counts.length === 0) return [];
  const bars = barsOf(data);
  const points = pointsOf(result, data);
  return [
    { id: 'chart-histogram', x: { kind: 'latency', values: bars.map(({ fromMs }) => Number(fromMs.toPrecision(5))) }, y: { label: 'requests', unit: 'count', scale: 'linear' }, series: [{ label: 'requests', values: bars.map(({ count }) => count), color: 'accent', look: 'solid', fill: 'plain', isStepped: true }] },
    { id: 'chart-percentiles', x: { kind: 'percentile', values: points.map(({ share }) => share) }, y: { label: 'latency', unit: 'ms', scale: 'log' }, series: [{ label: 'latency', values: rounded(points.map(({ ms }) => ms)), color: 'accent', look: 'strong' }] },
  ];
}

export function distributionFigures({ totals }: Result): Markup[] {
  const { max, mean, min, p50, p90, p99, p999, p9999 } = totals.latencyMs;
  return [
    chartFigure({ id: 'chart-histogram', title: 'How many took how long', isSmall: true, text: `${format.count(totals.latencyMs.count)} requests from ${format.milliseconds(min)} to ${format.milliseconds(max)}, mean ${format.milliseconds(mean)}.` }),
    chartFigure({ id: 'chart-percentiles', title: 'Percentiles', isSmall: true, text: `p50 ${format.number(p50)}, p90 ${format.number(p90)}, p99 ${format.number(p99)}, p99.9 ${format.number(p999)}, p99.99 ${format.milliseconds(p9999)}; each nine has the same room.` }),
  ];
}

interface Bar {
  readonly fromMs: number;
  readonly count: number;
}

/** As many bars as can be seen, and no finer than 16 to twice the latency. */
const BARS = 80;
const FINEST = 1 / 16;

/** Bars of equal width on the logarithmic scale, and one of nothing at the end. */
function barsOf({ counts, indexes, subBucketsPerOctave }: HistogramData): Bar[] {
  const octaves = indexes.map((index) => Math.log2(Math.max(LEAST_MS, middleOf(index, Math.log2(subBucketsPerOctave)) / NS_PER_MS)));
  const width = Math.max(FINEST, (octaves.at(-1)! - octaves[0]!) / BARS);
  const first = Math.floor(octaves[0]! / width);
  const bars = new Array<number>(Math.floor(octaves.at(-1)! / width) - first + 1).fill(0);
  for (const [i, octave] of octaves.entries()) bars[Math.floor(octave / width) - first]! += counts[i]!;
  return [...bars, 0].map((count, i) => ({ fromMs: 2 ** ((first + i) * width), count }));
}

/** A logarithmic scale has no zero; what is refused at once stands at its left end. */
const LEAST_MS = 0.01;

const POINTS_A_NINE = 24;
const MOST_NINES = 4;

/** Up to the first nine at which the longest stands, p99.99 at most; of the median, too, which the caption names. */
function pointsOf({ totals }: Result, { counts, indexes, subBucketsPerOctave }: HistogramData): { share: number; ms: number }[] {
  const first = indexes[0]!;
  const dense = new Float64Array(indexes.at(-1)! - first + 1);
  for (const [i, index] of indexes.entries()) dense[index - first] = counts[i]!;
  const { count, max, mean, min } = totals.latencyMs;
  const histogram = Histogram.of(Math.log2(subBucketsPerOctave), first, dense, { count, sum: mean! * count * NS_PER_MS, squares: 0, min: min! * NS_PER_MS, max: max! * NS_PER_MS });
  const nines = Math.min(MOST_NINES, Math.floor(Math.log10(count)) + 1);
  const shares = [0.5, ...Array.from({ length: nines * POINTS_A_NINE + 1 }, (_, i) => 1 - 10 ** (-i / POINTS_A_NINE))].sort((a, b) => a - b);
  return histogram.percentiles(shares).map((ns, i) => ({ share: Number(shares[i]!.toPrecision(8)), ms: ns / NS_PER_MS }));
}
