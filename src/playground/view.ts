/** What came of one side or of two, as a table of figures and as charts in which two sides are drawn over each other. */
import { causesOf } from '../report/causes.ts';
import * as format from '../report/format.ts';
import type { ChartData, ChartSeries } from '../report/html/chart.ts';
import { chartFigure } from '../report/html/chart.ts';
import { html, type Markup } from '../report/html/markup.ts';
import { distributionCharts } from '../report/html/run/distribution.ts';
import { timeCharts } from '../report/html/run/time-charts.ts';
import { summaryOf } from '../report/summary.ts';
import type { Result } from '../result/result.ts';

export const SIDE_NAMES = ['A', 'B'] as const;

interface Row {
  readonly title: string;
  readonly of: (result: Result) => number | null;
  readonly shown: (value: number | null) => string;
  /** Which way is worse; 0 where neither is. */
  readonly worse: 1 | -1 | 0;
}

const ROWS: readonly Row[] = [
  { title: 'goodput', of: ({ totals }) => totals.goodput, shown: (value) => `${format.number(value)}/s`, worse: -1 },
  { title: 'errors', of: ({ totals }) => totals.errorRate, shown: (value) => (value === null ? format.NOTHING : format.percent(value)), worse: 1 },
  { title: 'latency p50', of: ({ totals }) => totals.latencyMs.p50, shown: format.milliseconds, worse: 1 },
  { title: 'latency p99', of: ({ totals }) => totals.latencyMs.p99, shown: format.milliseconds, worse: 1 },
  { title: 'latency p99.9', of: ({ totals }) => totals.latencyMs.p999, shown: format.milliseconds, worse: 1 },
  { title: 'most attempts a call', of: ({ edges }) => greatest(Object.values(edges).map(({ amplification }) => amplification)), shown: format.times, worse: 1 },
  { title: 'busiest endpoint', of: ({ endpoints }) => greatest(Object.values(endpoints).map(({ busy }) => busy)), shown: format.wholePercent, worse: 1 },
];

/** Relative; what differs by less is the same to the eye. */
const SAME = 0.01;

/** @param results  of A, and of B where there are two; null for one that could not be run */
export function figuresTable(results: readonly (Result | null)[]): Markup {
  const [a = null, b = null] = results;
  return html`<table class="figures">
<caption>Figures</caption>
<thead><tr><th scope="col" class="text">Figure</th>${results.map((_, i) => html`<th scope="col">${results.length > 1 ? SIDE_NAMES[i]! : 'value'}</th>`)}${results.length > 1 && html`<th scope="col">B against A</th>`}</tr></thead>
<tbody>${ROWS.map((row) => html`<tr><th scope="row" class="text">${row.title}</th>${results.map((result) => html`<td>${result === null ? format.NOTHING : row.shown(row.of(result))}</td>`)}${results.length > 1 && changeCell(row, a, b)}</tr>`)}
${thresholdRows(results)}</tbody></table>`;
}

function changeCell({ of, worse }: Row, a: Result | null, b: Result | null): Markup {
  const [before, after] = [a === null ? null : of(a), b === null ? null : of(b)];
  if (before === null || after === null) return html`<td class="dim">${format.NOTHING}</td>`;
  if (Math.abs(after - before) <= SAME * Math.max(Math.abs(before), Math.abs(after))) return html`<td class="dim">same</td>`;
  const isWorse = Math.sign(after - before) === worse;
  const change = before === 0 ? 'from none' : `${after > before ? '+' : '−'}${format.percent(Math.abs(after - before) / before)}`;
  return html`<td class="${worse === 0 ? 'dim' : isWorse ? 'bad' : 'good'}">${change} ${worse !== 0 && (isWorse ? 'worse' : 'better')}</td>`;
}

function thresholdRows(results: readonly (Result | null)[]): Markup[] {
  const sections = results.map((result) => (result === null ? null : summaryOf(result, 'compact').thresholds));
  const first = sections.find((section) => section !== null);
  return (first?.rows ?? []).map(([expr], i) => html`<tr class="threshold"><th scope="row" class="text"><code>${expr!.text}</code></th>${sections.map((section) => {
    const mark = section?.marks?.[i];
    return html`<td class="${mark === 'fail' ? 'bad' : 'good'}">${mark === undefined ? format.NOTHING : `${mark === 'fail' ? '✗' : mark === 'unsure' ? '~' : '✓'} ${section!.rows[i]![1]!.text}`}</td>`;
  })}${results.length > 1 && html`<td></td>`}</tr>`);
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** One or two words and what it rests on. */
export function verdictOf(result: Result): Markup {
  const verdict = summaryOf(result, 'compact').verdicts.at(-1)!;
  const { causes } = causesOf(result.totals);
  return html`<p class="verdict-line ${verdict.mark}"><strong>${verdict.word}</strong> ${verdict.detail}${causes[0] !== undefined && `; most failed by ${causes[0].outcome}`}</p>
<p class="ran">${format.count(result.totals.requests)} requests in ${format.duration(result.env.wallMs)} · seed ${result.seed} · digest <code>${result.digest}</code>${!result.complete && ' · stopped early'}</p>`;
}

interface Picture {
  readonly id: string;
  readonly title: string;
  /** Of the chart, those that are drawn where two sides are. */
  readonly shared: readonly string[];
}

const PICTURES: readonly Picture[] = [
  { id: 'chart-latency', title: 'Latency', shared: ['p99', 'p50'] },
  { id: 'chart-load', title: 'Goodput and attempts', shared: ['goodput', 'attempts'] },
  { id: 'chart-errors', title: 'Failed requests', shared: [] },
  { id: 'chart-percentiles', title: 'Percentiles', shared: ['latency'] },
];

export interface Charts {
  readonly figures: Markup;
  readonly data: readonly ChartData[];
}

export function chartsOf(results: readonly (Result | null)[]): Charts {
  const known = results.flatMap((result, side) => (result === null ? [] : [{ side, charts: [...timeCharts(result), ...distributionCharts(result)] }]));
  const data = PICTURES.flatMap(({ id, shared }) => {
    const charts = known.flatMap(({ charts: all, side }) => all.filter((chart) => chart.id === id).map((chart) => ({ side, chart: withoutGroup(chart) })));
    if (charts.length === 0) return [];
    return [charts.length === 1 && results.length === 1 ? charts[0]!.chart : overlaid(id === 'chart-errors' ? charts.map(summed) : charts, shared)];
  });
  return { data, figures: html`${PICTURES.filter(({ id }) => data.some((chart) => chart.id === id)).map(({ id, title }) => chartFigure({ id, title, isSmall: true, text: results.length > 1 ? 'A is drawn through, B dashed.' : '' }))}` };
}

interface SideChart {
  readonly side: number;
  readonly chart: ChartData;
}

/** Charts are thrown away at each turn: they may not be known to each other. */
function withoutGroup({ group: _, ...chart }: ChartData): ChartData {
  return chart;
}

/** Stacks cannot be drawn over each other; their sums can. */
function summed({ chart, side }: SideChart): SideChart {
  const { isStacked: _, ...rest } = chart;
  const [first] = chart.series;
  const values = first!.values.map((_value, i) => chart.series.reduce((sum, { values: own }) => sum + (own[i] ?? 0), 0));
  return { side, chart: { ...rest, series: [{ label: 'failed', values, color: 'bad', look: 'solid' }] } };
}

function overlaid(charts: readonly SideChart[], shared: readonly string[]): ChartData {
  const [{ chart: first }] = charts as [SideChart, ...SideChart[]];
  const { lines: _, ...rest } = first;
  const lanes = charts.flatMap(({ chart, side }) => (chart.lanes ?? []).map((lane) => ({ ...lane, label: `${SIDE_NAMES[side]} ${lane.label}` })));
  const isLog = charts.some(({ chart }) => chart.y.scale === 'log');
  return {
    ...rest,
    y: { ...first.y, scale: isLog ? 'log' : 'linear' },
    ...(lanes.length === 0 ? {} : { lanes }),
    x: longest(charts),
    series: charts.flatMap(({ chart, side }) => chart.series.filter(({ label }) => shared.length === 0 || shared.includes(label)).map((series) => sided(series, side))),
  };
}

/** Percentiles reach as far as there are requests: the axis is that of the side with more. */
function longest(charts: readonly SideChart[]): ChartData['x'] {
  return charts.map(({ chart }) => chart.x).reduce((long, x) => ('values' in x && 'values' in long && x.values.length > long.values.length ? x : long));
}

function sided({ fill: _, ...series }: ChartSeries, side: number): ChartSeries {
  return { ...series, label: `${SIDE_NAMES[side]} ${series.label}`, look: side === 0 ? 'strong' : 'dashed' };
}
