/**
 * A result as CSV in long form: a line for each figure of the whole, of each service, edge, endpoint, source of traffic, class and
 * fault, and for each threshold. `metric` is the figure's path in result.json. The rows of a comparison with a baseline follow.
 */
import { quoted } from '../result/measures.ts';
import type { EdgeMetrics, EndpointMetrics, LatencySummary, Metrics, Result, ServiceMetrics, ThresholdResult } from '../result/result.ts';
import type { Interval } from '../stats/interval.ts';
import { comparisonFigures } from './comparison/csv.ts';
import { type CsvUnit, type Figure, figuresCsv } from './csv-columns.ts';
import type { Reporter } from './reporter.ts';

export const csvReporter: Reporter = {
  doc: 'Every figure on a line of its own, as CSV.',
  file: null,
  render: (result, { comparison }) => figuresCsv([...figuresOf(result), ...(comparison === undefined ? [] : comparisonFigures(comparison))]
    .map((figure) => ({ scenario: result.scenario.name, seed: result.seed, ...figure }))),
};

type AnyMetrics = Metrics & Partial<ServiceMetrics & EdgeMetrics & EndpointMetrics>;

/** In the order of the file. A figure that is new in a result has no unit until it has one here. */
const UNITS: Readonly<Record<Exclude<keyof AnyMetrics, 'causes' | 'latencyMs' | 'okLatencyMs' | 'queueMs'>, CsvUnit>> = {
  requests: 'count', ok: 'count', failed: 'count', errorRate: 'ratio', goodput: 'per_s', rps: 'per_s',
  attempts: 'count', retries: 'count', hedges: 'count', amplification: 'ratio', abandonedShare: 'ratio',
  busy: 'ratio', meanBusy: 'count', meanQueue: 'count', share: 'ratio', maxQueue: 'count',
  ejections: 'count', breakerOpenings: 'count', breakerOpenMs: 'ms', healthCheckFailures: 'count', sheddingMs: 'ms',
  overflows: 'count', budgetRefusals: 'count', panicMs: 'ms',
};

const LATENCIES: readonly (keyof LatencySummary)[] = ['mean', 'stddev', 'min', 'p50', 'p75', 'p90', 'p95', 'p99', 'p999', 'p9999', 'max', 'count'];

function figuresOf(result: Result): Figure[] {
  const { totals, services, edges, endpoints, traffic, faults, thresholds, intervals } = result;
  const of = (scope: string, name: string, metrics: AnyMetrics, path: string): Figure[] => metricFigures(scope, name, metrics, (metric) => intervals[`${path}.${metric}`]);
  const each = (scope: string, group: string, all: Readonly<Record<string, AnyMetrics>>): Figure[] =>
    Object.entries(all).flatMap(([name, metrics]) => of(scope, name, metrics, `${group}.${quoted(name)}`));
  return [
    ...of('totals', '', totals, 'totals'),
    ...each('service', 'services', services),
    ...each('edge', 'edges', edges),
    ...each('endpoint', 'endpoints', endpoints),
    ...each('traffic', 'traffic', traffic),
    ...Object.entries(traffic).flatMap(([source, { classes }]) =>
      Object.entries(classes).flatMap(([name, metrics]) => of('class', `${source}/${name}`, metrics, `traffic.${quoted(source)}.classes.${quoted(name)}`))),
    ...faults.flatMap(({ name, during, after }, i) => [...of('phase', name, during, `faults[${i}].during`), ...of('phase', `after:${name}`, after, `faults[${i}].after`)]),
    ...thresholds.map(thresholdFigure),
  ];
}

function metricFigures(scope: string, name: string, metrics: AnyMetrics, intervalOf: (path: string) => Interval | undefined): Figure[] {
  const figure = (metric: string, unit: CsvUnit, value: number | null): Figure => {
    const [low, high] = intervalOf(metric) ?? [null, null];
    return { scope, name, metric, unit, value, low, high };
  };
  const latency = (path: string, summary: LatencySummary | undefined): Figure[] =>
    summary === undefined ? [] : LATENCIES.map((key) => figure(`${path}.${key}`, key === 'count' ? 'count' : 'ms', summary[key]));
  const units = Object.entries(UNITS) as [keyof typeof UNITS, CsvUnit][]; // the keys of a literal
  return [
    ...units.flatMap(([key, unit]) => (metrics[key] === undefined ? [] : [figure(key, unit, metrics[key])])),
    ...Object.entries(metrics.causes).map(([cause, count]) => figure(`causes.${cause}`, 'count', count)),
    ...latency('latencyMs', metrics.latencyMs),
    ...latency('okLatencyMs', metrics.okLatencyMs),
    ...latency('queueMs', metrics.queueMs),
  ];
}

const THRESHOLD_UNITS: Readonly<Record<ThresholdResult['unit'], CsvUnit>> = { ms: 'ms', ratio: 'ratio', perSecond: 'per_s', count: 'count' };

function thresholdFigure({ expr, value, low, high, limit, unit, judged }: ThresholdResult): Figure {
  return { scope: 'threshold', name: expr, metric: 'value', unit: THRESHOLD_UNITS[unit], value, low, high, limit, verdict: judged };
}
