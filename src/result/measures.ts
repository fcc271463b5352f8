/**
 * The figures of a result that get an interval when there are replications: rates, ratios, times; not counts, which grow with the
 * number of runs, nor extremes, which do so too. Paths are those of the result file: `totals.latencyMs.p99`,
 * `edges."browse->shop".errorRate`.
 */
import type { Interval } from '../stats/interval.ts';
import type { Figures } from './build.ts';
import type { LatencySummary, Metrics } from './result.ts';

export interface Measure {
  readonly path: string;
  /** Null where nothing was measured. */
  readonly value: number | null;
  /** What it is a share of, where it is a share of trials that may come to nothing; else null. */
  readonly trials: number | null;
  /** What it can be. */
  readonly range: Interval;
}

const SIZE: Interval = [0, Infinity];
const SHARE: Interval = [0, 1];
/** Calls that are refused have no attempt, so that amplification may be less than 1. */
const NUMBERS = { goodput: SIZE, rps: SIZE, amplification: SIZE, abandonedShare: SHARE, busy: SHARE } as const;
const TIMES = ['latencyMs', 'okLatencyMs', 'queueMs'] as const;
const STATS = ['mean', 'p50', 'p75', 'p90', 'p95', 'p99', 'p999', 'p9999'] as const;

/** Of figures of one plan always the same paths in the same order. */
export function measuresOf({ totals, services, edges, traffic, endpoints, faults }: Figures): Measure[] {
  const groups: (readonly [string, Metrics])[] = [
    ['totals', totals],
    ...Object.entries(services).map(([name, metrics]) => [`services.${quoted(name)}`, metrics] as const),
    ...Object.entries(edges).map(([name, metrics]) => [`edges.${quoted(name)}`, metrics] as const),
    ...Object.entries(traffic).flatMap(([name, source]) => [
      [`traffic.${quoted(name)}`, source] as const,
      ...Object.entries(source.classes).map(([of, metrics]) => [`traffic.${quoted(name)}.classes.${quoted(of)}`, metrics] as const),
    ]),
    ...faults.flatMap(({ during, after }, i) => [[`faults[${i}].during`, during] as const, [`faults[${i}].after`, after] as const]),
  ];
  return [
    ...groups.flatMap(([path, metrics]) => ofMetrics(path, metrics)),
    ...Object.entries(endpoints).flatMap(([name, { busy, share }]) => [
      { path: `endpoints.${quoted(name)}.busy`, value: busy, trials: null, range: SHARE },
      { path: `endpoints.${quoted(name)}.share`, value: share, trials: null, range: SHARE },
    ]),
  ];
}

function ofMetrics(path: string, metrics: Metrics & { readonly [Name in keyof typeof NUMBERS]?: number | null } & { readonly [Name in (typeof TIMES)[number]]?: LatencySummary }): Measure[] {
  const numbers = (Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]).flatMap((name) => {
    const value = metrics[name];
    return value === undefined ? [] : [{ path: `${path}.${name}`, value, trials: null, range: NUMBERS[name] }];
  });
  const times = TIMES.flatMap((name) => {
    const summary = metrics[name];
    return summary === undefined ? [] : STATS.map((stat) => ({ path: `${path}.${name}.${stat}`, value: summary[stat], trials: null, range: SIZE }));
  });
  return [{ path: `${path}.errorRate`, value: metrics.errorRate, trials: metrics.requests, range: SHARE }, ...numbers, ...times];
}

/** A name as it stands in the path of an interval. */
export function quoted(name: string): string {
  return /^\w+$/.test(name) ? name : JSON.stringify(name);
}
