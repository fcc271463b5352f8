/** The figures of services, edges, endpoints, faults, traffic and replications, a table each. */
import type { EdgeMetrics, EndpointMetrics, FaultResult, Metrics, RepResult, Result, ServiceMetrics } from '../../../result/result.ts';
import { CAUSE_WORDS, causesOf } from '../../causes.ts';
import * as format from '../../format.ts';
import { windowsOf as windowsText } from '../../summary-full.ts';
import { type DataCell, type DataColumn, dataTable } from '../data-table.ts';
import { html, type Markup } from '../markup.ts';
import { intervalText } from './head.ts';

type Named<T> = readonly [name: string, metrics: T];

export function serviceTable(result: Result): Markup {
  return html`<h3>Services</h3>${dataTable<Named<ServiceMetrics>>({
    title: 'Services',
    rows: Object.entries(result.services),
    idOf: ([name]) => `service-${name}`,
    columns: [
      name('Service'), ...rates(), latency('p50'), sureLatency('p99', 'services', result), latency('p999'), errors(),
      number('Busy', ({ busy }) => busy, format.wholePercent, 'mean share of slots in use', ({ busy }) => ((busy ?? 0) >= 0.9 ? 'warn' : undefined)),
      number('Queue p99 ms', ({ queueMs }) => queueMs.p99, format.number, 'waiting in the queue'),
      number('Abandoned', ({ abandonedShare }) => abandonedShare, format.wholePercent, 'share of busy time spent on attempts whose caller had given up'),
      causes(),
    ],
  })}`;
}

export function edgeTable(result: Result): Markup {
  const happened = (of: (edge: EdgeMetrics) => number): boolean => Object.values(result.edges).some((edge) => of(edge) > 0);
  const rare = (column: DataColumn<Named<EdgeMetrics>>, of: (edge: EdgeMetrics) => number): DataColumn<Named<EdgeMetrics>>[] => (happened(of) ? [column] : []);
  const counted = (title: string, of: (edge: EdgeMetrics) => number, doc: string): DataColumn<Named<EdgeMetrics>>[] => rare(number(title, of, format.count, doc), of);
  const lasted = (title: string, of: (edge: EdgeMetrics) => number, doc: string): DataColumn<Named<EdgeMetrics>>[] => rare(number(title, of, format.duration, doc), of);
  return html`<h3>Edges</h3>${dataTable<Named<EdgeMetrics>>({
    title: 'Edges',
    rows: Object.entries(result.edges),
    idOf: ([edge]) => `edge-${edge}`,
    columns: [
      name('Edge'), number('Calls/s', ({ rps }) => rps, format.number, 'calls a second'), latency('p50'), sureLatency('p99', 'edges', result), errors(),
      number('Attempts/call', ({ amplification }) => amplification, format.times, 'first attempts, retries and hedges for each call', ({ amplification }) => ((amplification ?? 1) > 1.2 ? 'warn' : undefined)),
      ...counted('Retries', ({ retries }) => retries, 'attempts after the first'),
      ...counted('Hedges', ({ hedges }) => hedges, 'attempts beside another that was still waited for'),
      ...counted('No budget', ({ budgetRefusals }) => budgetRefusals, 'retries and hedges that their budget refused'),
      ...counted('Overflows', ({ overflows }) => overflows, 'calls and retries that a limit of the caller refused'),
      ...counted('Ejections', ({ ejections }) => ejections, 'by outlier detection'),
      ...counted('Opened', ({ breakerOpenings }) => breakerOpenings, 'times that a breaker opened'),
      ...lasted('Open', ({ breakerOpenMs }) => breakerOpenMs, 'time that breakers refused calls, summed over callers and endpoints'),
      ...counted('Unhealthy', ({ healthCheckFailures }) => healthCheckFailures, 'times that health checks found an endpoint unhealthy'),
      ...lasted('Shedding', ({ sheddingMs }) => sheddingMs, 'time that calls were refused because no endpoint had become ready'),
      ...lasted('Panic', ({ panicMs }) => panicMs, 'time with so few ready endpoints that all were used'),
      causes(),
    ],
  })}`;
}

/** The busiest first, so that those left out of a long table are the others. */
export function endpointTable(result: Result): Markup {
  const rows = Object.entries(result.endpoints);
  const byWork = [...rows].sort(([, a], [, b]) => b.meanBusy + b.meanQueue - a.meanBusy - a.meanQueue);
  return html`<h3>Replicas</h3>${dataTable<Named<EndpointMetrics>>({
    title: 'Replicas',
    rows: byWork,
    more: 'replicas that had less to do',
    columns: [
      name('Replica'), number('Attempts', ({ requests }) => requests, format.count, 'that arrived there'),
      number('Share', ({ share }) => share, format.percent, 'of the attempts at its service'),
      latency('p50'), latency('p99'), errors(),
      number('Busy', ({ busy }) => busy, format.wholePercent, 'share of slots in use', ({ busy }) => ((busy ?? 0) >= 0.95 ? 'warn' : undefined)),
      number('In work', ({ meanBusy }) => meanBusy, format.number, 'time average of requests worked on'),
      number('Waiting', ({ meanQueue }) => meanQueue, format.number, 'time average of requests in the queue'),
      number('Longest queue', ({ maxQueue }) => maxQueue, format.count),
      number('Ejections', ({ ejections }) => ejections, format.count, 'by some caller’s outlier detection'),
    ],
  })}`;
}

export function faultTable({ faults }: Result): Markup | null {
  if (faults.length === 0) return null;
  type Row = { readonly fault: FaultResult; readonly when: string; readonly metrics: Metrics };
  const rows = faults.flatMap((fault): Row[] => [{ fault, when: windowsText(fault), metrics: fault.during }, { fault, when: 'after', metrics: fault.after }]);
  const of = (column: DataColumn<Named<Metrics>>): DataColumn<Row> => ({ ...column, of: ({ fault, metrics }) => column.of([fault.name, metrics]) });
  return html`<h3>Faults</h3>${dataTable<Row>({
    title: 'Faults',
    rows,
    columns: [
      { title: 'Fault', isText: true, of: ({ fault, when }) => ({ text: when === 'after' ? fault.name : html`<a href="#${`source-fault-${fault.name}`}">${fault.name}</a>`, value: fault.name }) },
      { title: 'When', isText: true, of: ({ when }) => ({ text: when }) },
      { title: 'Targets', isText: true, of: ({ fault }) => ({ text: fault.targets.length > TARGETS_SHOWN ? `${fault.targets.slice(0, TARGETS_SHOWN).join(', ')} and ${fault.targets.length - TARGETS_SHOWN} more` : fault.targets.join(', ') }) },
      of(number('Requests', ({ requests }) => requests, format.count, 'that arrived then')), of(latency('p50')), of(latency('p99')), of(errors()),
      of(number('Goodput/s', ({ goodput }) => goodput, format.number)), of(causes()),
    ],
  })}`;
}

const TARGETS_SHOWN = 4;

export function trafficTable({ traffic }: Result): Markup | null {
  const rows = Object.entries(traffic).flatMap(([source, metrics]): Named<Metrics>[] => {
    const classes = Object.entries(metrics.classes);
    return [[source, metrics], ...(classes.length > 1 ? classes.map(([of, own]): Named<Metrics> => [`${source} · ${of}`, own]) : [])];
  });
  if (rows.length < 2) return null;
  return html`<h3>Traffic</h3>${dataTable<Named<Metrics>>({ title: 'Traffic', rows, columns: [name('Source and class'), ...rates(), latency('p50'), latency('p99'), errors(), causes()] })}`;
}

export function replicationTable({ reps }: Result): Markup | null {
  if (reps.length < 2) return null;
  const of = (column: DataColumn<Named<Metrics>>): DataColumn<RepResult> => ({ ...column, of: ({ seed, totals }) => column.of([String(seed), totals]) });
  return html`<h3>Replications</h3>${dataTable<RepResult>({
    title: 'Replications',
    rows: reps,
    more: 'replications',
    columns: [
      { title: 'Seed', isText: true, of: ({ seed }) => ({ text: String(seed), value: seed }) },
      of(number('Requests', ({ requests }) => requests, format.count)), of(number('Goodput/s', ({ goodput }) => goodput, format.number)),
      of(latency('p50')), of(latency('p99')), of(errors()), attemptsPerRequest,
    ],
  })}`;
}

/** As a comparison has it. */
const attemptsPerRequest: DataColumn<RepResult> = {
  title: 'Attempts/request', doc: 'of all calls of the mesh, for each request of the traffic',
  of: ({ load, totals: { requests } }) => {
    const value = load === undefined || requests === 0 ? null : load.attempts / requests;
    return { text: format.times(value), value };
  },
};

function name<T>(title: string): DataColumn<Named<T>> {
  return { title, isText: true, of: ([own]) => ({ text: own, value: own }) };
}

function number<T>(title: string, of: (metrics: T) => number | null, formatted: (value: never) => string, doc?: string, toneOf?: (metrics: T) => DataCell['tone']): DataColumn<Named<T>> {
  return {
    title,
    ...(doc === undefined ? {} : { doc }),
    of: ([, metrics]) => {
      const value = of(metrics);
      const tone = toneOf?.(metrics);
      return { text: value === null ? format.NOTHING : formatted(value as never), value, ...(tone === undefined ? {} : { tone }) };
    },
  };
}

function rates<T extends Metrics>(): DataColumn<Named<T>>[] {
  return [number('In/s', ({ rps }) => rps, format.number, 'requests a second'), number('Goodput/s', ({ goodput }) => goodput, format.number, 'answered well, a second')];
}

type Percentile = 'p50' | 'p99' | 'p999';
const TITLES: Readonly<Record<Percentile, string>> = { p50: 'p50 ms', p99: 'p99 ms', p999: 'p99.9 ms' };

function latency<T extends Metrics>(stat: Percentile): DataColumn<Named<T>> {
  return number(TITLES[stat], ({ latencyMs }) => latencyMs[stat], format.number);
}

/** With half its interval beside it, where there are replications. */
function sureLatency<T extends Metrics>(stat: Percentile, group: 'services' | 'edges', result: Result): DataColumn<Named<T>> {
  return {
    title: TITLES[stat],
    of: ([own, { latencyMs }]) => {
      const value = latencyMs[stat];
      const width = intervalText(result, `${group}.${/^\w+$/.test(own) ? own : JSON.stringify(own)}.latencyMs.${stat}`, value);
      return { text: [format.number(value), width === '' ? null : html` <small>${width}</small>`], value };
    },
  };
}

/** One in a thousand. */
const MANY = 0.001;

function errors<T extends Metrics>(): DataColumn<Named<T>> {
  return number('Errors', ({ errorRate }) => errorRate, format.percent, 'share of what came', ({ errorRate }) => ((errorRate ?? 0) >= MANY ? 'bad' : (errorRate ?? 0) > 0 ? 'warn' : undefined));
}

function causes<T extends Metrics>(): DataColumn<Named<T>> {
  return {
    title: 'Causes',
    isText: true,
    of: ([, metrics]) => ({ text: causesOf(metrics).causes.map(({ outcome, share }) => `${CAUSE_WORDS[outcome]} ${share}%`).join(' · '), tone: 'dim' }),
  };
}
