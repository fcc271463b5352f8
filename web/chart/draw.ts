/** A chart of a report, drawn by uPlot: lines and areas, faults shaded, limits as lines, lanes of what was out of use above. */
import uPlot from 'uplot';
import type { ChartData, ChartSeries } from '../../src/report/html/chart.ts';
import { colorOf } from '../theme.ts';
import { dashOf, fillOf } from './look.ts';
import { legendOf } from './legend.ts';
import { leads, logSplits } from './log-ticks.ts';
import { paintBehind, paintLanes, paintLimits, LANE_HEIGHT } from './marks.ts';
import { scaleOf, type XScale } from './scale.ts';
import { dataTable } from './table.ts';
import { unitText } from './unit.ts';

const HEIGHT = 280;
const SMALL_HEIGHT = 230;
const FONT = '12px ui-sans-serif, system-ui, sans-serif';

export interface DrawnChart {
  /** Paints it anew, in the colours of the moment. */
  readonly redraw: () => void;
  /** Lets go of it; its figure may then leave the page. */
  readonly remove: () => void;
}

export function drawChart(figure: HTMLElement, chart: ChartData): DrawnChart {
  const plot = figure.querySelector<HTMLElement>('.plot')!;
  const scale = scaleOf(chart.x);
  const drawn = stacked(chart, scale);
  const legend = legendOf(chart, scale, (series, isShown) => u.setSeries(places.get(series)!, { show: isShown }));
  // Of a stack the whole is painted first and its parts over it.
  const order = chart.isStacked === true ? [...chart.series].reverse() : chart.series;
  const places = new Map(order.map((series, i) => [series, i + 1]));
  const height = figure.classList.contains('small') ? SMALL_HEIGHT : HEIGHT;
  const lanes = chart.lanes ?? [];
  const sizeNow = (): { width: number; height: number } => ({ width: Math.max(240, plot.clientWidth), height: height + lanes.length * LANE_HEIGHT });
  const u = new uPlot(
    {
      ...sizeNow(),
      padding: [12 + lanes.length * LANE_HEIGHT, 24, 0, 0],
      legend: { show: false },
      cursor: { points: { size: 7 }, focus: { prox: -1 }, drag: { x: true, y: false, setScale: true }, ...(chart.group === undefined ? {} : { sync: { key: chart.group, setSeries: false } }) },
      scales: {
        x: { time: false, distr: scale.isLog ? 3 : 1, range: (_, low, high) => (low === drawn.whole[0] || low === null ? scale.range : [low, high]) },
        y: { distr: chart.y.scale === 'log' ? 3 : 1, range: (_, low, high) => rangeOf(chart, low, high) },
      },
      axes: [
        { stroke: () => colorOf('muted'), font: FONT, size: 34, grid: { stroke: () => colorOf('grid'), width: 1 }, ticks: { show: false }, gap: 8, space: 60, ...scale.axis },
        { stroke: () => colorOf('muted'), font: FONT, size: 62, grid: { stroke: () => colorOf('grid'), width: 1 }, ticks: { show: false }, gap: 8, values: (_, values) => values.map((value) => (value === null ? '' : unitText(value, chart.y.unit))), ...(chart.y.scale === 'log' ? { splits: logSplits, filter: (_: uPlot, splits: number[]) => leads(splits) } : {}) },
      ],
      series: [{}, ...order.map((series) => seriesOf(series))],
      hooks: {
        drawClear: [(self) => paintBehind(self, chart.x)],
        draw: [(self) => paintLanes(self, lanes), (self) => paintLimits(self, chart, scale)],
        setCursor: [(self) => legend.show(self.cursor.idx ?? null)],
      },
    },
    [drawn.xs, ...order.map((series) => drawn.values.get(series)!)] as uPlot.AlignedData,
    plot,
  );
  figure.insertBefore(legend.element, plot);
  figure.append(dataTable(chart, scale));
  byKeys(plot, u, chart);
  const resizing = new ResizeObserver(() => u.setSize(sizeNow()));
  resizing.observe(plot);
  return {
    redraw: () => u.redraw(),
    remove: () => {
      resizing.disconnect();
      u.destroy();
    },
  };
}

interface Drawn {
  readonly xs: readonly number[];
  readonly values: ReadonlyMap<ChartSeries, readonly (number | null)[]>;
  readonly whole: readonly [number, number];
}

/** Each on top of those before it, where they are; steps have their end as a point of its own. */
function stacked({ isStacked, series }: ChartData, scale: XScale): Drawn {
  const isStepped = series.some((one) => one.isStepped === true);
  const xs = isStepped ? scale.edges : scale.middles;
  const below = new Array<number>(xs.length).fill(0);
  const values = new Map(series.map((one) => {
    const own = xs.length > one.values.length ? [...one.values, one.values.at(-1) ?? null] : one.values;
    if (isStacked !== true) return [one, own] as const;
    return [one, own.map((value, i) => (value === null ? null : (below[i]! += value)))] as const;
  }));
  return { xs, values, whole: [xs[0]!, xs.at(-1)!] };
}

const WIDTHS: Readonly<Record<ChartSeries['look'], number>> = { strong: 2.25, solid: 1.5, dashed: 1.75, dotted: 2.2, dashdot: 1.75 };

function seriesOf({ color, fill, isStepped, label, look }: ChartSeries): uPlot.Series {
  return {
    label,
    stroke: () => colorOf(color),
    width: fill !== undefined && fill !== 'soft' ? 1 : WIDTHS[look],
    ...(dashOf(look) === undefined ? {} : { dash: dashOf(look)! }),
    ...(fill === undefined ? {} : { fill: () => fillOf(color, fill) }),
    ...(isStepped === true ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
    // A line needs two of them.
    points: isStepped === true ? { show: false } : { show: true, size: 4, filter: (u, place) => alone(u.data[place]!) },
    spanGaps: false,
  };
}

/** Places of values that have none beside them. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values).flatMap((value, i) => (value === null || typeof values[i - 1] === 'number' || typeof values[i + 1] === 'number' ? [] : [i]));
}

/** Limits that are near are in the picture; from zero on where the scale is linear. */
function rangeOf({ lines = [], series, y }: ChartData, low: number | null, high: number | null): [number, number] {
  const limits = lines.flatMap(({ value }) => (typeof value === 'number' ? [value] : value.filter((one) => one !== null)));
  const isLog = y.scale === 'log';
  if (low === null || high === null) return isLog ? [1, 10] : [0, 1];
  const near = limits.filter((limit) => (isLog ? limit > 0 && limit < high * 20 && limit > low / 20 : limit <= high * 3));
  // A logarithmic scale has no zero.
  const lowest = isLog && low <= 0 ? leastAbove(series, high) : low;
  const [least, most] = [Math.min(lowest, ...near), Math.max(high, ...near)];
  if (isLog) return [decadeBelow(least), decadeAbove(most * 1.04)];
  if (y.unit === 'share' && most <= 1) return [0, most > 0.5 ? 1.02 : most * 1.1 || 1];
  return [0, most * 1.1 || 1];
}

function leastAbove(series: readonly ChartSeries[], high: number): number {
  return Math.min(high > 0 ? high : 1, ...series.flatMap(({ values }) => values.filter((value) => value !== null && value > 0)) as number[]);
}

/** 1, 2 or 5 times a power of ten. */
function decadeBelow(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return decade * (value / decade >= 5 ? 5 : value / decade >= 2 ? 2 : 1);
}

function decadeAbove(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return decade * (value / decade <= 2 ? 2 : value / decade <= 5 ? 5 : 10);
}

/** Arrows go from step to step. */
function byKeys(plot: HTMLElement, u: uPlot, chart: ChartData): void {
  plot.tabIndex = 0;
  plot.setAttribute('role', 'group');
  plot.setAttribute('aria-label', `Chart of ${chart.series.map(({ label }) => label).join(', ')}; arrow keys read the values`);
  plot.addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0 && event.key !== 'Escape') return;
    event.preventDefault();
    const xs = u.data[0];
    const at = Math.max(0, Math.min(xs.length - 1, (u.cursor.idx ?? (by > 0 ? -1 : xs.length)) + by * (event.shiftKey ? 10 : 1)));
    u.setCursor(by === 0 ? { left: -10, top: -10 } : { left: u.valToPos(xs[at]!, 'x'), top: 10 });
  });
}
