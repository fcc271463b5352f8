/** What came of one setting or of two: verdicts, figures, and charts in which two sides are drawn over each other. */
import { CAUSE_WORDS, causesOf } from '../report/causes.ts';
import * as format from '../report/format.ts';
import type { ChartData, ChartSeries } from '../report/html/chart.ts';
import { chartFigure } from '../report/html/chart.ts';
import { html, type Markup } from '../report/html/markup.ts';
import { distributionCharts } from '../report/html/run/distribution.ts';
import { tilesOf } from '../report/html/run/head.ts';
import { timeCharts } from '../report/html/run/time-charts.ts';
import { type Mark, styleOf } from '../report/style.ts';
import { summaryOf } from '../report/summary.ts';
import type { Result } from '../result/result.ts';
import type { SideAnswer } from './simulation.ts';

export const SIDE_NAMES = ['A', 'B'] as const;

interface Row {
  readonly title: string;
  readonly of: (result: Result) => number | null;
  readonly shown: (value: number | null) => string;
  /** Which way is worse. */
  readonly worse: 1 | -1;
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

/** What one setting gives. @param before  what the file gives as it is; null where that is the same, or not known */
export function figuresOf(result: Result, before: Result | null): Markup {
  const [now, then] = [thresholdsOf(result), before === null ? null : thresholdsOf(before)];
  return html`${tilesOf(result, before)}
${now.length > 0 && html`<ul class="goals" aria-label="Thresholds">${now.map(({ actual, expr, mark, sign }, i) => html`<li class="${mark}"><b aria-hidden="true">${sign}</b> <code>${expr}</code> <strong>${actual}</strong>${then?.[i] !== undefined && then[i].actual !== actual && html` <small>was ${then[i].actual}</small>`}</li>`)}</ul>`}`;
}

/** @param results  of A and of B; null for one that could not be run */
export function figuresTable(results: readonly [Result | null, Result | null]): Markup {
  const [a, b] = results;
  return html`<table class="figures">
<caption>Figures of A and B</caption>
<thead><tr><th scope="col" class="text">Figure</th>${SIDE_NAMES.map((name) => html`<th scope="col">${name}</th>`)}<th scope="col">B against A</th></tr></thead>
<tbody>${ROWS.map((row) => html`<tr><th scope="row" class="text">${row.title}</th>${results.map((result) => html`<td>${result === null ? format.NOTHING : row.shown(row.of(result))}</td>`)}${changeCell(row, a, b)}</tr>`)}
${thresholdRows(results)}</tbody></table>`;
}

function changeCell({ of, worse }: Row, a: Result | null, b: Result | null): Markup {
  const [before, after] = [a === null ? null : of(a), b === null ? null : of(b)];
  if (before === null || after === null) return html`<td class="dim">${format.NOTHING}</td>`;
  if (Math.abs(after - before) <= SAME * Math.max(Math.abs(before), Math.abs(after))) return html`<td class="dim">same</td>`;
  const isWorse = Math.sign(after - before) === worse;
  const change = before === 0 ? 'from none' : `${after > before ? '+' : '−'}${format.percent(Math.abs(after - before) / before)}`;
  return html`<td class="${isWorse ? 'bad' : 'good'}">${change} <span>${isWorse ? 'worse' : 'better'}</span></td>`;
}

function thresholdRows(results: readonly (Result | null)[]): Markup[] {
  const sides = results.map((result) => (result === null ? null : thresholdsOf(result)));
  const first = sides.find((side) => side !== null) ?? [];
  return first.map(({ expr }, i) => html`<tr class="threshold"><th scope="row" class="text"><code>${expr}</code></th>${sides.map((side) => (side === null ? html`<td>${format.NOTHING}</td>` : html`<td class="${side[i]!.mark === 'fail' ? 'bad' : 'good'}">${side[i]!.sign} ${side[i]!.actual}</td>`))}<td></td></tr>`);
}

interface Judged {
  readonly expr: string;
  readonly actual: string;
  readonly mark: Mark;
  readonly sign: string;
}

const SIGNS = styleOf({ color: false, unicode: true });

function thresholdsOf(result: Result): Judged[] {
  const section = summaryOf(result, 'compact').thresholds;
  return (section?.rows ?? []).map(([expr, actual], i) => ({ expr: expr!.text, actual: actual!.text, mark: section!.marks![i]!, sign: SIGNS.mark(section!.marks![i]!) }));
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Things to look at that are not figures. */
const WARNINGS_MAX = 3;

/** A word or two, what it rests on, and the command that gives the same. @param command  that runs the file with these values */
export function verdictOf({ progress, replications, result, state }: SideAnswer, command: string): Markup {
  if (state === 'refused') return html`<p class="verdict-line fail"><strong>Not run</strong> what is wrong is told below</p>`;
  if (result === null) return html`<p class="verdict-line"><strong>Waiting</strong></p>`;
  if (state === 'running') return html`<p class="verdict-line"><strong>Simulating</strong> ${format.wholePercent(progress)}; the figures are of what is behind it</p>`;
  const verdict = summaryOf(result, 'compact').verdicts.at(-1)!;
  const { causes } = causesOf(result.totals);
  const cut = result.complete ? '' : ` · stopped at ${format.wholePercent(progress)} of the run`;
  return html`<p class="verdict-line ${verdict.mark}"><strong>${SIGNS.mark(verdict.mark)} ${verdict.word}</strong> ${verdict.detail}${causes[0] !== undefined && `; failures mostly by ${CAUSE_WORDS[causes[0].outcome]}`}</p>
<p class="ran">${format.count(result.totals.requests)} requests in ${format.duration(result.env.wallMs)}${replications > 1 && ` · the first of ${replications} runs`} · seed ${result.seed} · digest <code>${result.digest}</code>${cut}</p>
<div class="command"><code>${command}</code><button type="button" class="copy">Copy</button></div>
${result.warnings.length > 0 && html`<ul class="warnings">${result.warnings.slice(0, WARNINGS_MAX).map(({ message }) => html`<li>${message}</li>`)}</ul>`}`;
}

interface Picture {
  readonly id: string;
  readonly title: string;
  /** Of the chart, those that are drawn where two sides are, the more important one first. */
  readonly shared: readonly string[];
}

const PICTURES: readonly Picture[] = [
  { id: 'chart-latency', title: 'Latency', shared: ['p99', 'p50'] },
  { id: 'chart-load', title: 'Goodput and attempts', shared: ['goodput', 'attempts'] },
  { id: 'chart-errors', title: 'Failed requests', shared: ['failed'] },
  { id: 'chart-percentiles', title: 'Percentiles of latency', shared: ['latency'] },
];

/** So that a page may have these charts beside those of a report. */
const PREFIX = 'what-if-';

/** Always as many, so that nothing moves under the pointer when one has nothing to show. */
export interface Charts {
  readonly figures: Markup;
  readonly data: readonly ChartData[];
}

export function chartsOf(results: readonly (Result | null)[]): Charts {
  const known = results.flatMap((result, side) => (result === null ? [] : [{ side, charts: [...timeCharts(result), ...distributionCharts(result)] }]));
  const data = PICTURES.flatMap(({ id, shared }): ChartData[] => {
    const charts = known.flatMap(({ charts: all, side }) => all.filter((chart) => chart.id === id).map((chart) => ({ side, chart: ofItsOwn(chart) })));
    if (charts.length === 0) return [];
    return [results.length === 1 ? charts[0]!.chart : overlaid(id === 'chart-errors' ? charts.map(summed) : charts, shared)];
  });
  const has = (id: string): boolean => data.some((chart) => chart.id === PREFIX + id);
  return {
    data,
    figures: html`${PICTURES.map(({ id, title }) => (has(id)
      ? chartFigure({ id: PREFIX + id, title, isSmall: true, text: '' })
      : html`<figure class="chart small"><figcaption><h3>${title}</h3></figcaption><p class="nothing">${id === 'chart-errors' ? 'No request failed.' : 'No request was measured.'}</p></figure>`))}`,
  };
}

interface SideChart {
  readonly side: number;
  readonly chart: ChartData;
}

/** Charts are thrown away at each turn: they may not be known to each other. */
function ofItsOwn({ group: _, ...chart }: ChartData): ChartData {
  return { ...chart, id: PREFIX + chart.id };
}

/** Stacks cannot be drawn over each other; their sums can. */
function summed({ chart, side }: SideChart): SideChart {
  const { isStacked: _, ...rest } = chart;
  const [first] = chart.series;
  const values = first!.values.map((value, i) => (value === null ? null : chart.series.reduce((sum, { values: own }) => sum + (own[i] ?? 0), 0)));
  return { side, chart: { ...rest, series: [{ label: 'failed', values, color: 'bad', look: 'solid', isStepped: true }] } };
}

function overlaid(charts: readonly SideChart[], shared: readonly string[]): ChartData {
  const [{ chart: first }] = charts as [SideChart, ...SideChart[]];
  const { isStacked: _, lines: __, ...rest } = first;
  const lanes = charts.flatMap(({ chart, side }) => (chart.lanes ?? []).map((lane) => ({ ...lane, label: `${SIDE_NAMES[side]} ${lane.label}` })));
  const isLog = charts.some(({ chart }) => chart.y.scale === 'log');
  return {
    ...rest,
    y: { ...first.y, scale: isLog ? 'log' : 'linear' },
    ...(lanes.length === 0 ? {} : { lanes }),
    x: longest(charts),
    series: charts.flatMap(({ chart, side }) => shared.flatMap((label, rank) => chart.series.filter((series) => series.label === label).map((series) => sided(series, side, rank)))),
  };
}

/** Percentiles reach as far as there are requests, and a run that goes on has fewer steps: the axis is that of the side with more. */
function longest(charts: readonly SideChart[]): ChartData['x'] {
  const lengthOf = (x: ChartData['x']): number => ('values' in x ? x.values.length : x.count);
  return charts.map(({ chart }) => chart.x).reduce((long, x) => (lengthOf(x) > lengthOf(long) ? x : long));
}

/** Colour and dashes say the side; the more important series is the stronger one. */
const LOOKS = [['strong', 'solid'], ['dashed', 'dotted']] as const;

function sided({ fill: _, ...series }: ChartSeries, side: number, rank: number): ChartSeries {
  return { ...series, label: `${SIDE_NAMES[side]} ${series.label}`, color: `line-${side + 1}`, look: LOOKS[side]![rank]! };
}
