/**
 * What `verify` compares, each figure with the tolerance that a simulation owes a real mesh (validation.md 12, "reasonable
 * agreement"; of a range the stricter end), and what it leaves out, with the reason.
 */
import type { OutcomeName } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { EdgeMetrics, Metrics, Result } from '../result/result.ts';

/** A difference is tolerated up to `relative` times the real figure, and up to `absolute` in the figure's own unit where that is more. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export interface Figure {
  /** Stable, such as `latency p99` or `share cart/2`. */
  readonly name: string;
  readonly unit: 'ms' | 'perSecond' | 'ratio' | 'count';
  readonly tolerance: Tolerance;
  /** Figures of one group are like each other and may be shown by their worst; null is for itself. */
  readonly group: string | null;
  /** Null where the run has none. */
  readonly of: (result: Result) => number | null;
}

const TOLERANCES = {
  throughput: { relative: 0.02, absolute: 0 },
  p50: { relative: 0.05, absolute: 0 },
  p90: { relative: 0.1, absolute: 0 },
  p99: { relative: 0.15, absolute: 0 },
  /** Of rates and shares: half a point. */
  rate: { relative: 0.2, absolute: 0.005 },
  /** What happens now and then is a whole number: no difference is smaller than one. */
  count: { relative: 0.2, absolute: 1 },
} as const satisfies Readonly<Record<string, Tolerance>>;

/** In words, as the parity suite prints it: what is compared, and what is not. */
export const COMPARED: readonly string[] = [
  'throughput (good answers a second)', 'latency p50, p90 and p99 of requests', 'error rate, and the rate of each cause', 'retries and hedges a call, over all edges',
  'ejections, openings of breakers, failed health checks', 'the share of each endpoint in the attempts at its service',
];

export const LEFT_OUT: readonly (readonly [what: string, why: string])[] = [
  ['latency p99.9 and beyond', 'rest on a handful of requests in runs of seconds'],
  ['means, deviations, maxima', 'one stall of the machine decides them'],
  ['queues and slot times', 'show in the latencies; stations are the same code on the same clock in both worlds'],
  ['latencies of single services and endpoints', 'their sums are compared; what a row of its own would add is more rows to fail by chance'],
  ['which request met what', 'the order of events a microsecond apart differs from run to run; the laws do not'],
];

/** The figures of a plan, in the order in which they are shown. @param results  all that there are, of both worlds */
export function figuresFor(plan: Plan, results: readonly Result[]): Figure[] {
  const { traffic } = plan;
  const sources = traffic.length === 1 ? [{ prefix: '', metrics: (result: Result): Metrics => result.totals }] : traffic.map(({ name }) => ({ prefix: `${name} `, metrics: (result: Result): Metrics => result.traffic[name]! }));
  return [
    ...sources.flatMap(({ prefix, metrics }) => requestFigures(prefix, metrics, results)),
    ...edgeFigures(results),
    ...plan.services.flatMap(({ name, replicas }) => shareFigures(name, replicas)),
  ];
}

function requestFigures(prefix: string, metrics: (result: Result) => Metrics, results: readonly Result[]): Figure[] {
  const latency = (stat: 'p50' | 'p90' | 'p99'): Figure => ({ name: `${prefix}latency ${stat}`, unit: 'ms', tolerance: TOLERANCES[stat], group: null, of: (result) => metrics(result).latencyMs[stat] });
  const causes = [...new Set(results.flatMap((result) => Object.keys(metrics(result).causes) as OutcomeName[]))].sort();
  return [
    { name: `${prefix}throughput`, unit: 'perSecond', tolerance: TOLERANCES.throughput, group: null, of: (result) => metrics(result).goodput },
    latency('p50'), latency('p90'), latency('p99'),
    rate(`${prefix}errors`, (result) => metrics(result).errorRate),
    ...causes.map((cause) => rate(`${prefix}errors ${cause}`, (result) => share(metrics(result).causes[cause] ?? 0, metrics(result).requests))),
  ];
}

function edgeFigures(results: readonly Result[]): Figure[] {
  const sum = (result: Result, of: (edge: EdgeMetrics) => number): number => Object.values(result.edges).reduce((total, edge) => total + of(edge), 0);
  const perCall = (result: Result, of: (edge: EdgeMetrics) => number): number | null => share(sum(result, of), sum(result, ({ requests }) => requests));
  const count = (name: string, of: (edge: EdgeMetrics) => number): Figure => ({ name, unit: 'count', tolerance: TOLERANCES.count, group: null, of: (result) => sum(result, of) });
  const seldom = [
    rate('hedges', (result) => perCall(result, ({ hedges }) => hedges)),
    count('breaker openings', ({ breakerOpenings }) => breakerOpenings),
    count('failed health checks', ({ healthCheckFailures }) => healthCheckFailures),
  ];
  return [
    rate('retries', (result) => perCall(result, ({ retries }) => retries)),
    count('ejections', ({ ejections }) => ejections),
    // Where nobody has such a policy there is nothing to agree on.
    ...seldom.filter(({ of }) => results.some((result) => (of(result) ?? 0) > 0)),
  ];
}

function shareFigures(service: string, replicas: number): Figure[] {
  if (replicas === 1) return [];
  return Array.from({ length: replicas }, (_, i) => ({ ...rate(`share ${service}/${i}`, (result) => result.endpoints[`${service}/${i}`]?.share ?? null), group: `share ${service}` }));
}

function rate(name: string, of: Figure['of']): Figure {
  return { name, unit: 'ratio', tolerance: TOLERANCES.rate, group: null, of };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
