/** The tables that `--summary full` and the Markdown report add to the compact summary. */
import type { HistogramData } from '../model/histogram-data.ts';
import type { EdgeMetrics, FaultResult, Metrics, Result } from '../result/result.ts';
import { NS_PER_MS } from '../model/units.ts';
import { CAUSE_WORDS, causesOf } from './causes.ts';
import * as format from './format.ts';
import { endOfSteps, perSecond } from './rate.ts';
import { sparkline } from './sparkline.ts';
import type { Section } from './summary.ts';
import { endpointsOf, errorCell, printable } from './summary.ts';
import type { Cell, Column } from './table.ts';

export function moreTables(result: Result): Section[] {
  return [replicationSection(result), edgeSection(result), policySection(result), replicaSection(result), causeSection(result), faultSection(result), timeSection(result), ...distributionSections(result)]
    .filter(({ rows }) => rows.length > 0);
}

/** All of many replications, or those with the lowest and the highest p99. */
const REPLICATIONS_SHOWN = 12;

function replicationSection({ reps }: Result): Section {
  const slowestLast = [...reps].sort((a, b) => (a.totals.latencyMs.p99 ?? 0) - (b.totals.latencyMs.p99 ?? 0));
  const shown = reps.length <= REPLICATIONS_SHOWN ? reps : [...slowestLast.slice(0, REPLICATIONS_SHOWN / 2), ...slowestLast.slice(-REPLICATIONS_SHOWN / 2)];
  return {
    title: 'REPLICATION',
    columns: columns('SEED', ['requests', 3], ['goodput', 2], ['p50', 1], ['p99 ms', Infinity], ['errors', Infinity], ['attempts', 4]),
    rows: reps.length < 2 ? [] : shown.map(({ seed, totals }) => [
      { text: String(seed) },
      { text: format.count(totals.requests) },
      { text: `${format.number(totals.goodput)}/s` },
      { text: format.number(totals.latencyMs.p50) },
      { text: format.number(totals.latencyMs.p99) },
      errorCell(totals),
      { text: format.times(totals.amplification) },
    ]),
  };
}

function edgeSection({ edges }: Result): Section {
  return {
    title: 'EDGE',
    columns: columns('EDGE', ['calls/s', 4], ['p50', 2], ['p99 ms', 6], ['errors', 7], ['attempts', 5]),
    rows: Object.entries(edges).map(([name, edge]) => [
      { text: printable(name) },
      { text: format.number(edge.rps) },
      { text: format.number(edge.latencyMs.p50) },
      { text: format.number(edge.latencyMs.p99) },
      errorCell(edge),
      { text: format.times(edge.amplification) },
    ]),
  };
}

/** Edges on which no policy did anything are left out. */
function policySection({ edges, reps }: Result): Section {
  const busy = Object.entries(edges).filter(([, edge]) => POLICY_COLUMNS.some(({ of }) => of(edge) > 0));
  const happened = (column: PolicyColumn): boolean => busy.some(([, edge]) => column.of(edge) > 0);
  const shown = POLICY_COLUMNS.filter((column) => !column.isRare || happened(column));
  return {
    title: 'POLICY',
    // What did not happen leaves first.
    columns: columns(reps.length > 1 ? `POLICY (${reps.length} reps)` : 'POLICY', ...shown.map((column) => [column.title, happened(column) ? column.keep + POLICY_COLUMNS.length : column.keep] as const)),
    rows: busy.map(([name, edge]) => [{ text: printable(name) }, ...shown.map(({ of, format: formatted }): Cell => ({ text: formatted(of(edge)) }))]),
  };
}

interface PolicyColumn {
  readonly title: string;
  readonly keep: number;
  of(edge: EdgeMetrics): number;
  format(value: number): string;
  /** A column only where it happened. */
  readonly isRare?: boolean;
}

const POLICY_COLUMNS: readonly PolicyColumn[] = [
  { title: 'retries', keep: 10, of: ({ retries }) => retries, format: format.count },
  { title: 'no budget', keep: 6, of: ({ budgetRefusals }) => budgetRefusals, format: format.count },
  { title: 'hedges', keep: 7, of: ({ hedges }) => hedges, format: format.count },
  { title: 'overflows', keep: 5, of: ({ overflows }) => overflows, format: format.count },
  { title: 'ejected', keep: 4, of: ({ ejections }) => ejections, format: format.count },
  { title: 'unhealthy', keep: 3, of: ({ healthCheckFailures }) => healthCheckFailures, format: format.count, isRare: true },
  { title: 'opened', keep: 9, of: ({ breakerOpenings }) => breakerOpenings, format: format.count, isRare: true },
  { title: 'open', keep: 8, of: ({ breakerOpenMs }) => breakerOpenMs, format: format.duration },
  { title: 'shedding', keep: 2, of: ({ sheddingMs }) => sheddingMs, format: format.duration, isRare: true },
  { title: 'panic', keep: 1, of: ({ panicMs }) => panicMs, format: format.duration },
];

/** Of each service with more than one: all replicas, or those with the most and the fewest attempts. */
const REPLICAS_SHOWN = 12;

function replicaSection(result: Result): Section {
  const shown = Object.keys(result.services).flatMap((service) => {
    const replicas = endpointsOf(service, result);
    if (replicas.length <= REPLICAS_SHOWN) return replicas.length > 1 ? replicas : [];
    const byShare = [...replicas].sort(([, a], [, b]) => b.requests - a.requests);
    const chosen = new Set([...byShare.slice(0, REPLICAS_SHOWN / 2), ...byShare.slice(-REPLICAS_SHOWN / 2)]);
    return replicas.filter((replica) => chosen.has(replica));
  });
  return {
    title: 'REPLICA',
    columns: columns('REPLICA', ['attempts', 7], ['share', 6], ['p50', 2], ['p99 ms', Infinity], ['failed', Infinity], ['busy', 5], ['queue p99', 3], ['abandoned', 4]),
    rows: shown.map(([name, endpoint]) => [
      { text: printable(name) },
      { text: format.count(endpoint.requests) },
      { text: format.percent(endpoint.share) },
      { text: format.number(endpoint.latencyMs.p50) },
      { text: format.number(endpoint.latencyMs.p99) },
      errorCell(endpoint),
      { text: format.wholePercent(endpoint.busy) },
      { text: format.number(endpoint.queueMs.p99) },
      { text: format.wholePercent(endpoint.abandonedShare) },
    ]),
  };
}

function causeSection({ services }: Result): Section {
  return {
    title: 'CAUSES',
    columns: [
      { title: 'CAUSES', align: 'left', keep: Infinity },
      { title: 'cause', align: 'left', keep: Infinity },
      { title: 'calls', align: 'right', keep: 1 },
      { title: 'share', align: 'right', keep: Infinity },
    ],
    rows: Object.entries(services).flatMap(([name, service]) =>
      causesOf(service).causes.map(({ outcome, count, share }, i): Cell[] => [
        { text: i === 0 ? printable(name) : '' },
        { text: CAUSE_WORDS[outcome] },
        { text: format.count(count) },
        { text: `${share}%` },
      ])),
  };
}

function faultSection({ faults }: Result): Section {
  return {
    title: 'FAULT',
    columns: [
      { title: 'FAULT', align: 'left', keep: Infinity },
      { title: 'when', align: 'left', keep: 3 },
      { title: 'requests', align: 'right', keep: 2 },
      { title: 'p50', align: 'right', keep: 1 },
      { title: 'p99 ms', align: 'right', keep: Infinity },
      { title: 'errors', align: 'right', keep: Infinity },
      { title: 'goodput', align: 'right', keep: 4 },
    ],
    rows: faults.flatMap((fault) => [
      faultRow(printable(fault.name), windowsOf(fault), fault.during),
      faultRow('', 'after', fault.after),
    ]),
  };
}

function faultRow(name: string, when: string, metrics: Metrics): Cell[] {
  return [
    { text: name },
    { text: when },
    { text: format.count(metrics.requests) },
    { text: format.number(metrics.latencyMs.p50) },
    { text: format.number(metrics.latencyMs.p99) },
    errorCell(metrics),
    { text: `${format.number(metrics.goodput)}/s` },
  ];
}

const WINDOWS_SHOWN = 2;

export function windowsOf({ windowsMs }: FaultResult): string {
  const shown = windowsMs.slice(0, WINDOWS_SHOWN).map(([from, to]) =>
    // A fault that is never lifted ends at infinity, which JSON carries as null.
    `${from / 1000}–${to === null || !Number.isFinite(to) ? 'end' : to / 1000} s`);
  return [...shown, ...(windowsMs.length > WINDOWS_SHOWN ? [`${windowsMs.length - WINDOWS_SHOWN} more`] : [])].join(', ');
}

const SPARKLINE_WIDTH = 36;

/** The course of the run, warm-up and drain included; rates are of one replication. */
function timeSection(result: Result): Section {
  const { faults, series } = result;
  const { stepMs, requests, failed, ok, attempts, p50Ms, p99Ms } = series;
  const rates = (counts: readonly number[]): (number | null)[] => perSecond(counts, result);
  const isFaulty = requests.map((_, i) => faults.some(({ windowsMs }) => windowsMs.some(([from, to]) => from < (i + 1) * stepMs && i * stepMs < (to ?? Infinity))));
  const rate = (value: number): string => `${format.number(value)}/s`;
  const course = (title: string, values: readonly (number | null)[], shown: (value: number) => string): Cell[] => {
    const known = values.filter((value) => value !== null);
    return [{ text: title }, { text: known.length === 0 ? '' : shown(Math.min(...known)) }, { text: known.length === 0 ? '' : shown(Math.max(...known)) }, { text: sparkline(values, SPARKLINE_WIDTH) }];
  };
  return {
    title: 'OVER TIME',
    columns: [
      { title: 'OVER TIME', align: 'left', keep: Infinity },
      { title: 'low', align: 'right', keep: 1 },
      { title: 'high', align: 'right', keep: 2 },
      { title: `${format.duration(endOfSteps(stepMs, requests.length, result.window.durationMs))} in all`, align: 'left', keep: Infinity },
    ],
    rows: requests.length < 2 ? [] : [
      course('offered', rates(requests), rate),
      course('goodput', rates(ok), rate),
      course('attempts', rates(attempts), rate),
      ...(failed.some((count) => count > 0) ? [course('failed', rates(failed), rate)] : []),
      course('p50 ms', p50Ms, format.number),
      course('p99 ms', p99Ms, format.number),
      ...(isFaulty.includes(true) ? [[{ text: 'faults' }, { text: '' }, { text: '' }, { text: sparkline(isFaulty.map((is) => (is ? 1 : null)), SPARKLINE_WIDTH) }]] : []),
    ],
  };
}

function distributionSections({ histograms }: Result): Section[] {
  const isOnly = Object.keys(histograms).length === 1;
  return Object.entries(histograms).map(([name, data]) => ({
    title: isOnly ? 'LATENCY' : `LATENCY ${printable(name)}`,
    columns: [
      { title: isOnly ? 'LATENCY' : `LATENCY ${printable(name)}`, align: 'right', keep: Infinity },
      { title: 'requests', align: 'right', keep: 1 },
      { title: 'share', align: 'right', keep: 2 },
      { title: '', align: 'left', keep: Infinity },
    ],
    rows: barsOf(data).map(({ label, count, share, length }): Cell[] => [
      { text: label },
      { text: format.count(count) },
      { text: format.percent(share) },
      { text: '█'.repeat(length) },
    ]),
  }));
}

interface Bar {
  readonly label: string;
  readonly count: number;
  readonly share: number;
  readonly length: number;
}

/** Upper ends of the bars in ms: 1, 2, 5 times a power of ten. */
const BAR_ENDS_MS: readonly number[] = [-3, -2, -1, 0, 1, 2, 3, 4, 5].flatMap((power) => [1, 2, 5].map((lead) => Number(`${lead}e${power}`)));
const LONGEST_BAR = 24;

function barsOf({ subBucketsPerOctave: parts, indexes, counts }: HistogramData): Bar[] {
  const sums = new Array<number>(BAR_ENDS_MS.length + 1).fill(0);
  indexes.forEach((index, i) => {
    // The lower end of the bucket, as stats/bucket.ts lays them out: a value at the end of a bar is still in it.
    const ns = 2 ** Math.floor(index / parts) * (1 + (index % parts) / parts) - 1;
    const bar = BAR_ENDS_MS.findIndex((end) => ns / NS_PER_MS <= end);
    sums[bar === -1 ? BAR_ENDS_MS.length : bar]! += counts[i]!;
  });
  const total = sums.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...sums);
  const first = sums.findIndex((count) => count > 0);
  const last = sums.findLastIndex((count) => count > 0);
  if (total === 0) return [];
  return sums.slice(first, last + 1).map((count, i) => ({
    label: first + i < BAR_ENDS_MS.length ? `≤ ${BAR_ENDS_MS[first + i]} ms` : `> ${BAR_ENDS_MS.at(-1)} ms`,
    count,
    share: count / total,
    length: Math.ceil((count / most) * LONGEST_BAR),
  }));
}

function columns(title: string, ...figures: readonly (readonly [string, number])[]): Column[] {
  return [
    { title, align: 'left', keep: Infinity },
    ...figures.map(([name, keep]): Column => ({ title: name, align: 'right', keep })),
  ];
}
