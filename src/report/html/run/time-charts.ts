/** What happened when: latency, load, errors, and the state of policies. */
import { OUTCOME_NAMES, type OutcomeName } from '../../../model/outcome.ts';
import type { Result } from '../../../result/result.ts';
import { CAUSE_WORDS, causesOf } from '../../causes.ts';
import * as format from '../../format.ts';
import { type ChartData, chartFigure, type ChartSeries, type Pattern, rounded } from '../chart.ts';
import { html, type Markup } from '../markup.ts';
import { nothing } from '../blocks.ts';
import { limitLines } from './limit-lines.ts';
import { lanesOf } from './out-of-use.ts';
import { perSecond } from '../../rate.ts';
import { timeAxis, windowsOf } from './time.ts';

/** One pointer for all charts over time. */
const GROUP = 'time';

export function timeCharts(result: Result): ChartData[] {
  if (result.totals.requests === 0) return [loadChart(result)];
  return [latencyChart(result), loadChart(result), ...(result.totals.failed + sum(result.series.failed) > 0 ? [errorChart(result)] : [])];
}

function latencyChart(result: Result): ChartData {
  const { p50Ms, p90Ms, p95Ms, p99Ms } = result.series;
  const series: ChartSeries[] = [
    { label: 'p99', values: rounded(p99Ms), color: 'p99', look: 'strong' },
    { label: 'p95', values: rounded(p95Ms), color: 'p95', look: 'dashdot' },
    { label: 'p90', values: rounded(p90Ms), color: 'p90', look: 'dashed' },
    { label: 'p50', values: rounded(p50Ms), color: 'p50', look: 'solid' },
  ];
  const known = [...p50Ms, ...p99Ms].filter((value): value is number => value !== null && value > 0);
  const isWide = known.length > 0 && Math.max(...known) / Math.min(...known) > WIDE;
  return { id: 'chart-latency', group: GROUP, x: timeAxis(result), y: { label: 'latency', unit: 'ms', scale: isWide ? 'log' : 'linear' }, series, lines: limitLines('latency', result), lanes: lanesOf(result) };
}

/** Where the largest is so many times the smallest, a linear scale shows only the largest. */
const WIDE = 12;

export function latencyFigure(result: Result): Markup {
  const { p50Ms, p99Ms } = result.series;
  return chartFigure({
    id: 'chart-latency',
    title: 'Percentiles by step',
    text: [`p99 ${rangeText(p99Ms, result, format.milliseconds)}`, `p50 ${rangeText(p50Ms, result, format.milliseconds)}.`, faultText(result)].filter((part) => part !== '').join('; ').replace('.; ', '. '),
  });
}

function loadChart(result: Result): ChartData {
  const { attempts, ok, requests } = result.series;
  return {
    id: 'chart-load', group: GROUP, x: timeAxis(result), y: { label: 'per second', unit: 'perSecond', scale: 'linear' },
    series: [
      { label: 'attempts', values: rounded(perSecond(attempts, result)), color: 'attempts', look: 'dashed' },
      { label: 'offered', values: rounded(perSecond(requests, result)), color: 'offered', look: 'solid' },
      { label: 'goodput', values: rounded(perSecond(ok, result)), color: 'good', look: 'strong', fill: 'soft' },
    ],
    lines: limitLines('load', result),
  };
}

export function loadFigure(result: Result): Markup {
  const { attempts, ok, requests } = result.series;
  const rate = (counts: readonly number[]): string => rangeText(perSecond(counts, result), result, (value) => `${format.number(value)}/s`);
  return chartFigure({ id: 'chart-load', title: 'Requests and attempts by step', text: `Offered ${rate(requests)}; goodput ${rate(ok)}; attempts ${rate(attempts)}.${drainText(result)}` });
}

/** Each cause has its colour and pattern, wherever it is drawn. */
const PATTERNS: readonly Pattern[] = ['plain', 'rising', 'dots', 'falling', 'rows', 'grid'];

function patternOf(outcome: OutcomeName): Pattern {
  return PATTERNS[OUTCOME_NAMES.indexOf(outcome) % PATTERNS.length]!;
}

function errorChart(result: Result): ChartData {
  const { causes, failed } = result.series;
  // A result of an older version has none.
  const known = OUTCOME_NAMES.filter((name) => causes[name] !== undefined);
  const series: ChartSeries[] = known.length === 0
    ? [{ label: 'failed', values: rounded(perSecond(failed, result)), color: 'bad', look: 'solid', fill: 'plain', isStepped: true }]
    : known.map((name) => ({
        label: CAUSE_WORDS[name], values: rounded(perSecond(causes[name]!, result)), color: `cause-${name}`, look: 'solid',
        fill: patternOf(name), isStepped: true,
      }));
  return { id: 'chart-errors', group: GROUP, x: timeAxis(result), y: { label: 'failed a second', unit: 'perSecond', scale: 'linear' }, series, isStacked: true, lines: limitLines('errors', result) };
}

export function errorFigure(result: Result): Markup {
  const { totals, window } = result;
  const failedInAll = sum(result.series.failed);
  if (totals.requests === 0 && failedInAll === 0) return nothing('No request was measured, so none failed.');
  if (totals.failed + failedInAll === 0) return nothing(html`None of ${format.count(totals.requests)} requests failed.`);
  const { causes, total } = causesOf(totals);
  const early = window.warmupMs > 0 ? ' The chart has the warm-up as well, the shares have not.' : '';
  return html`${causes.length > 0 && html`<ul class="shares">${causes.map(({ count, outcome, share }) => html`<li><svg class="key" width="14" height="12" aria-hidden="true"><rect class="s-cause-${outcome}" width="14" height="12" rx="2"/>${patternOf(outcome) !== 'plain' && html`<rect fill="url(#p-${patternOf(outcome)})" width="14" height="12"/>`}</svg> ${CAUSE_WORDS[outcome]} <strong>${share}%</strong> <small>${format.count(count)}</small></li>`)}<li class="sum">total <strong>${total}%</strong> <small>${format.count(totals.failed)} of ${format.count(totals.requests)}</small></li></ul>`}
${chartFigure({ id: 'chart-errors', title: 'Failed requests by step', text: `By the end of the request; ${rangeText(perSecond(result.series.failed, result), result, (value) => `${format.number(value)}/s`)}.${early}${drainText(result)}` })}`;
}

/** Policies whose state is a level: retry budgets, and how many endpoints are out of use. */
export function policyCharts(result: Result): ChartData[] {
  const edges = Object.entries(result.series.edges);
  const budgets = edges.flatMap(([name, { budget }]) => (budget === undefined ? [] : [[name, budget] as const]));
  const ejected = edges.filter(([, { ejected: pairs }]) => pairs.some((count) => count > 0)).map(([name, { ejected: pairs }]) => [name, pairs] as const);
  const byChange = (a: readonly [string, readonly (number | null)[]], b: readonly [string, readonly (number | null)[]]): number => spanOf(b[1]) - spanOf(a[1]);
  const line = ([label, values]: readonly [string, readonly (number | null)[]], i: number): ChartSeries => ({ label, values: rounded(values), color: `line-${(i % LINE_COLORS) + 1}`, look: LOOKS[i % LOOKS.length]! });
  const shares = budgets.filter(([name]) => result.series.edges[name]!.budgetIsShare === true);
  const counts = budgets.filter((budget) => !shares.includes(budget));
  return [
    ...(shares.length === 0 ? [] : [{ id: 'chart-budget', group: GROUP, x: timeAxis(result), y: { label: 'left of the budget', unit: 'share', scale: 'linear' }, series: shares.sort(byChange).slice(0, LINES_MAX).map(line) } as const]),
    ...(counts.length === 0 ? [] : [{ id: 'chart-budget-count', group: GROUP, x: timeAxis(result), y: { label: 'retries it would pay for', unit: 'count', scale: 'linear' }, series: counts.sort(byChange).slice(0, LINES_MAX).map(line) } as const]),
    ...(ejected.length === 0 ? [] : [{ id: 'chart-ejected', group: GROUP, x: timeAxis(result), y: { label: 'pairs out of use', unit: 'count', scale: 'linear' }, series: ejected.sort(byChange).slice(0, LINES_MAX).map(line).map((one) => ({ ...one, isStepped: true as const })) } as const]),
  ];
}

function spanOf(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return Math.max(0, ...known) - Math.min(Math.max(0, ...known), ...known);
}

/** Lines that a person can still tell apart: those that change most. */
const LINES_MAX = 8;
const LINE_COLORS = 8;
const LOOKS = ['strong', 'dashed', 'dotted', 'dashdot'] as const;

export function policyFigures(result: Result): Markup[] {
  const left = (id: string): string => {
    const chart = policyCharts(result).find((one) => one.id === id)!;
    return chart.series.map(({ label }) => label).join(', ');
  };
  const figures = policyCharts(result).map(({ id }) => id);
  const texts: Readonly<Record<string, readonly [title: string, text: string]>> = {
    'chart-budget': ['Retry budget left', 'As a share of what it may hold, on average over the callers'],
    'chart-budget-count': ['Retry budget left', 'Retries that it would pay for, on average over the callers'],
    'chart-ejected': ['Endpoints out of use', 'Pairs of a caller and an endpoint that it does not send to, at the end of each step'],
  };
  return figures.map((id) => chartFigure({ id, title: texts[id]![0], text: `${texts[id]![1]}: ${left(id)}.`, isSmall: true }));
}

function rangeText(values: readonly (number | null)[], { series }: Result, format_: (value: number) => string): string {
  const known = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
  if (known.length === 0) return 'was never measured';
  const least = known.reduce((one, other) => (other.value < one.value ? other : one));
  const most = known.reduce((one, other) => (other.value > one.value ? other : one));
  // As printed: what differs by less than a reader sees is no range.
  if (format_(least.value) === format_(most.value)) return `was ${format_(most.value)} all along`;
  return `between ${format_(least.value)} and ${format_(most.value)}, highest at ${format.duration(most.i * series.stepMs)}`;
}

/** What was under way when traffic ended is in the last step, which so has more than its share. */
function drainText({ window }: Result): string {
  return window.endMs > window.durationMs ? ' The last step has the drain as well.' : '';
}

function faultText(result: Result): string {
  const windows = windowsOf(result);
  if (windows.length === 0) return '';
  const named = windows.slice(0, 3).map(({ fromMs, name, toMs }) => `${name} from ${format.duration(fromMs)} to ${format.duration(toMs)}`);
  return `Faults: ${named.join(', ')}${windows.length > 3 ? ` and ${windows.length - 3} more` : ''}.`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
