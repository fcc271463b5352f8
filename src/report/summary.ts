/**
 * What a summary says, before anyone decides how it looks: the verdict, one table of thresholds, a
 * few figures, tables of services and, in `full`, everything a reader would ask next. Terminal and
 * Markdown draw the same summary, so they cannot disagree.
 */
import { counted } from '../model/grouped.ts';
import type { EdgeMetrics, EndpointMetrics, Metrics, Result, ThresholdResult } from '../result/result.ts';
import { errorsFigure } from './causes.ts';
import * as format from './format.ts';
import { invariantVerdict, violationLines } from './invariants.ts';
import { moreTables } from './summary-full.ts';
import type { Cell, Table } from './table.ts';
import type { Mark, Tone } from './style.ts';

export interface Summary {
  readonly name: string;
  /** What ran, most important first; later parts may be dropped for room. */
  readonly ran: readonly string[];
  readonly verdicts: readonly Verdict[];
  /** What broke an invariant: when, where, which call, and the decision. */
  readonly violations: readonly string[];
  readonly thresholds: Section | null;
  readonly figures: readonly Figure[];
  readonly services: Section;
  readonly more: readonly Section[];
  readonly warnings: readonly string[];
}

export interface Verdict {
  readonly mark: Mark;
  readonly word: string;
  readonly detail: string;
}

/** A table with a mark before each row. */
export interface Section extends Table {
  readonly title: string;
  readonly marks?: readonly Mark[];
}

export interface Figure {
  readonly title: string;
  /** The same, ever shorter: the first that fits is shown. At least one. */
  readonly versions: readonly string[];
  readonly tone?: Tone;
}

const BUSY_ENOUGH_TO_WARN = 0.95;
/** A recovery of 172,000 ms is 172 s. */
const SECONDS_FROM_MS = 10_000;

/** @param unjudged  why thresholds were not judged; unless said, there are none */
export function summaryOf(result: Result, detail: 'compact' | 'full', unjudged?: string): Summary {
  return {
    name: printable(result.scenario.name),
    ran: ranLine(result),
    verdicts: verdictsOf(result, unjudged),
    violations: violationLines(result.invariants?.violations ?? []).map(printable),
    thresholds: result.thresholds.length > 0 ? thresholdSection(result.thresholds) : null,
    figures: figuresOf(result),
    services: serviceSection(result),
    more: detail === 'full' ? moreTables(result) : [],
    warnings: result.warnings.map(({ message }) => printable(message)),
  };
}

/** Names come from a file someone else may have written: no control characters reach the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}

function ranLine({ mode, seed, reps, window, totals }: Result): string[] {
  const length = format.duration(window.durationMs);
  const cut = window.warmupMs > 0 ? ` (${format.duration(window.warmupMs)} warm-up cut)` : '';
  const many = reps.length > 1 ? `${reps.length} reps × ` : '';
  return [mode, `seed ${seed}`, `${many}${length}${cut}`, totals.requests === 1 ? '1 request' : `${format.count(totals.requests)} requests`];
}

export function verdictsOf({ complete, invariants, reps, thresholds, totals, window }: Result, unjudged?: string): Verdict[] {
  const partial: Verdict = {
    mark: 'warn',
    word: 'PARTIAL',
    detail: `stopped ${reps.length > 1 && window.endMs >= window.durationMs ? `after ${reps.length} replications` : `at ${format.duration(window.endMs)} of ${format.duration(window.durationMs)}`}; the figures cover what was measured`,
  };
  const silent: Verdict = { mark: 'warn', word: 'NO REQUESTS', detail: 'none arrived in the measured window' };
  return [...(complete ? [] : [partial]), ...(totals.requests > 0 ? [] : [silent]), judgement(thresholds, complete, unjudged), ...(invariants === undefined ? [] : [invariantVerdict(invariants)])];
}

function judgement(thresholds: readonly ThresholdResult[], complete: boolean, unjudged: string = 'no thresholds given'): Verdict {
  if (thresholds.length === 0) return { mark: 'unsure', word: 'NOT JUDGED', detail: unjudged };
  const failed = thresholds.filter(({ pass }) => !pass).length;
  if (failed === 0 && !complete) return { mark: 'unsure', word: 'SO FAR', detail: `${format.count(thresholds.length)} of ${counted(thresholds.length, 'threshold')} held; the rest of the run might have said otherwise` };
  if (failed === 0) return { mark: 'pass', word: 'PASSED', detail: `${format.count(thresholds.length)} of ${counted(thresholds.length, 'threshold')}` };
  return { mark: 'fail', word: 'FAILED', detail: `${format.count(failed)} of ${counted(thresholds.length, 'threshold')}${complete ? '' : ' so far'}` };
}

export function thresholdSection(thresholds: readonly ThresholdResult[], title: string = 'THRESHOLDS'): Section {
  return {
    title,
    columns: [
      { title, align: 'left', keep: Infinity },
      { title: 'actual', align: 'left', keep: Infinity },
      { title: '95% interval', align: 'left', keep: 2 },
      { title: 'limit', align: 'left', keep: 1 },
    ],
    marks: thresholds.map(markOf),
    rows: thresholds.map((threshold) => [
      { text: printable(threshold.expr) },
      { text: actualOf(threshold) },
      { text: intervalOf(threshold) },
      { text: againstLimit(threshold), tone: threshold.pass ? 'warn' : 'bad' },
    ]),
  };
}

export function markOf(threshold: ThresholdResult): Mark {
  if (!threshold.pass) return 'fail';
  return crosses(threshold) ? 'unsure' : 'pass';
}

function crosses({ low, high, limit }: ThresholdResult): boolean {
  return low !== null && high !== null && low < limit && limit < high;
}

export function actualOf(threshold: ThresholdResult): string {
  if (threshold.value !== null) return inUnit(threshold, threshold.value);
  return threshold.judged === 'fail' ? 'never' : threshold.judged;
}

/** In the words of the expression: `errors rate < 0.1%` in percent, `retries ratio < 1.2` as a factor. */
export function inUnit({ unit, expr }: Pick<ThresholdResult, 'unit' | 'expr'>, value: number): string {
  switch (unit) {
    case 'ms': return value >= SECONDS_FROM_MS ? format.duration(value) : format.milliseconds(value);
    case 'perSecond': return `${format.number(value)}/s`;
    case 'count': return Number.isInteger(value) ? format.count(value) : format.number(value);
    case 'ratio': return expr.trimEnd().endsWith('%') ? `${format.percentDigits(value)} %` : format.number(value);
    default: return unit satisfies never;
  }
}

export function intervalOf(threshold: ThresholdResult): string {
  const { low, high, unit, expr } = threshold;
  if (low === null || high === null) return '';
  const scale = unit === 'ratio' && expr.trimEnd().endsWith('%') ? 100 : 1;
  return `[${format.number(low * scale)}, ${format.number(high * scale)}]`;
}

export function againstLimit(threshold: ThresholdResult): string {
  const { value, limit, judged, pass, confidence } = threshold;
  if (crosses(threshold) && (pass || confidence === 'strict')) return 'interval crosses limit';
  if (pass) return '';
  if (judged === 'aborted') return 'stopped a replication';
  if (judged === 'no goodput') return 'no goodput: nothing succeeded';
  if (value === null || limit === 0) return '';
  return `${format.times(value / limit)} the limit${crosses(threshold) ? ', interval crosses it' : ''}`;
}

function figuresOf({ totals, edges, intervals }: Result): Figure[] {
  const { latencyMs } = totals;
  const hedger = hedgerOf(edges, totals);
  const { p99 } = latencyMs;
  const interval = intervals['totals.latencyMs.p99'];
  const sureness = interval === undefined || p99 === null || p99 === 0 ? '' : ` ${format.plusMinus((interval[1] - p99) / p99)}`;
  return [
    {
      title: 'REQUESTS',
      versions: shrinking('   ', [
        { text: `offered ${format.number(totals.rps)}/s`, keep: 2 },
        { text: `goodput ${format.number(totals.goodput)}/s`, keep: Infinity },
        { text: `ok ${totals.errorRate === null ? format.NOTHING : format.percent(1 - totals.errorRate)}`, keep: Infinity },
      ]),
    },
    {
      title: 'LATENCY',
      versions: shrinking('   ', [
        { text: `p50 ${format.number(latencyMs.p50)}`, keep: Infinity },
        { text: `p90 ${format.number(latencyMs.p90)}`, keep: 1 },
        { text: `p95 ${format.number(latencyMs.p95)}`, keep: 2 },
        { text: `p99 ${format.number(p99)}${sureness}`, keep: Infinity },
        { text: `p99.9 ${format.number(latencyMs.p999)}`, keep: 3 },
        { text: `max ${format.milliseconds(latencyMs.max)}`, keep: Infinity },
      ]),
    },
    errorsFigure(totals),
    {
      title: 'EXTRA WORK',
      versions: shrinking(' · ', [
        { text: `retries ${format.times(retryFactor(totals))}${amplifierOf(edges, totals)}`, keep: Infinity },
        { text: `hedges ${format.percent(hedgeShare(totals))}${hedger}`, keep: Object.values(edges).some(({ hedges }) => hedges > 0) ? 3 : 1 },
        { text: `abandoned ${abandoned(totals)}`, keep: 2 },
      ]),
    },
  ];
}

/** Attempts of a call that was tried at all, but for its hedges, which are told apart. */
function retryFactor({ attempts, hedges, requests, retries }: Metrics): number | null {
  if (retries > 0) return 1 + retries / (attempts - hedges - retries);
  return requests > 0 ? 1 : null;
}

function hedgeShare({ hedges, requests }: Metrics): number | null {
  return requests > 0 ? hedges / requests : null;
}

/** Retries of requests say nothing of retries further down: the edge that adds most, where it adds more than they do. */
function amplifierOf(edges: Result['edges'], totals: Metrics): string {
  const most = worstEdge(edges, retryFactor);
  const ofRequests = retryFactor(totals) ?? 1;
  if (most === null || format.times(most[1]) === format.times(Math.max(1, ofRequests))) return '';
  return most[1] > ofRequests ? ` (${printable(most[0])} ${format.times(most[1])})` : '';
}

function hedgerOf(edges: Result['edges'], totals: Metrics): string {
  const most = worstEdge(edges, hedgeShare);
  if (most === null || format.percent(most[1]) === format.percent(hedgeShare(totals))) return '';
  return most[1] > (hedgeShare(totals) ?? 0) ? ` (${printable(most[0])} ${format.percent(most[1])})` : '';
}

function worstEdge(edges: Result['edges'], valueOf: (metrics: Metrics) => number | null): readonly [string, number] | null {
  return Object.entries(edges).reduce<readonly [string, number] | null>((worst, [name, metrics]) => {
    const value = valueOf(metrics);
    return value !== null && value > (worst?.[1] ?? 0) ? [name, value] : worst;
  }, null);
}

interface Part {
  readonly text: string;
  readonly keep: number;
}

/** All parts, then without the one of the smallest `keep`, and so on. */
function shrinking(gap: string, parts: readonly Part[]): string[] {
  const versions = [parts.map(({ text }) => text).join(gap)];
  const weakest = Math.min(...parts.map(({ keep }) => keep));
  return weakest === Infinity ? versions : [...versions, ...shrinking(gap, parts.filter(({ keep }) => keep !== weakest))];
}

function abandoned({ abandonedShare }: Metrics): string {
  return abandonedShare === null ? format.NOTHING : `${format.percent(abandonedShare)} of busy time`;
}

function serviceSection(result: Result): Section {
  const services = Object.entries(result.services);
  const breakers = services.map(([name]) => breakerOf(name, result));
  return {
    title: 'SERVICE',
    columns: [
      { title: 'SERVICE', align: 'left', keep: Infinity },
      { title: 'rps in', align: 'right', keep: 5 },
      { title: 'p50', align: 'right', keep: 2 },
      { title: 'p99 ms', align: 'right', keep: Infinity },
      { title: 'errors', align: 'right', keep: Infinity },
      { title: 'busy', align: 'right', keep: 6 },
      { title: 'worst replica', align: 'left', keep: 3 },
      // The first to leave where nothing happened.
      { title: result.reps.length > 1 ? `breaker (${result.reps.length} reps)` : 'breaker', align: 'left', keep: breakers.every((text) => text === format.NOTHING) ? 1 : 4 },
    ],
    rows: services.map(([name, service], i): Cell[] => [
      { text: printable(name) },
      { text: format.number(service.rps) },
      { text: format.number(service.latencyMs.p50) },
      { text: format.number(service.latencyMs.p99) },
      errorCell(service),
      { text: format.wholePercent(service.busy) },
      worstReplica(name, result),
      { text: breakers[i]! },
    ]),
  };
}

export function errorCell({ errorRate }: Metrics): Cell {
  return errorRate !== null && errorRate > 0 ? { text: format.percent(errorRate), tone: 'warn' } : { text: format.percent(errorRate) };
}

function worstReplica(service: string, result: Result): Cell {
  const busiest = endpointsOf(service, result)
    .filter(([, { busy }]) => busy !== null)
    .reduce<[string, number] | null>((worst, [name, { busy }]) => (worst === null || busy! > worst[1] ? [name, busy!] : worst), null);
  if (busiest === null) return { text: format.NOTHING };
  const [name, busy] = busiest;
  const text = `${printable(name)} ${format.wholePercent(busy)}`;
  return busy >= BUSY_ENOUGH_TO_WARN ? { text: `${text} !`, tone: 'warn' } : { text };
}

export function endpointsOf(service: string, result: Result): [string, EndpointMetrics][] {
  return Object.entries(result.endpoints).filter(([name]) => name.startsWith(`${service}/`));
}

function breakerOf(service: string, result: Result): string {
  const edges = Object.entries(result.edges).filter(([name]) => calleeOf(name) === service).map(([, edge]) => edge);
  const sum = (of: (edge: EdgeMetrics) => number): number => edges.reduce((total, edge) => total + of(edge), 0);
  const [opened, openMs] = [sum((edge) => edge.breakerOpenings), sum((edge) => edge.breakerOpenMs)];
  const [ejected, unhealthy, sheddingMs] = [sum((edge) => edge.ejections), sum((edge) => edge.healthCheckFailures), sum((edge) => edge.sheddingMs)];
  const parts = [
    // A breaker that was open when the measured window began opens in it no more.
    ...(opened > 0 ? [`opened ${format.count(opened)}×, ${format.duration(openMs)}`] : openMs > 0 ? [`open ${format.duration(openMs)}`] : []),
    ...(ejected > 0 ? [`ejected ${format.count(ejected)}×`] : []),
    ...(unhealthy > 0 ? [`unhealthy ${format.count(unhealthy)}×`] : []),
    ...(sheddingMs > 0 ? [`shedding ${format.duration(sheddingMs)}`] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : format.NOTHING;
}

/** Of `caller->service` or `caller->service#policy`. */
function calleeOf(edge: string): string {
  return edge.slice(edge.indexOf('->') + 2).split('#')[0]!;
}
