/** What the figures of a run say of each other. */
import type { EdgePlan, Plan, PolicyPlan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { Figures } from '../result/build.ts';
import type { LatencySummary, Metrics } from '../result/result.ts';
import type { Ran } from './ran.ts';

/** Sums inside the figures of one run, in words where they are wrong. */
export function figuresAddUp({ plan, endNs, figures: result, series }: Ran): string[] {
  const wrong: string[] = [];
  const same = (what: string, value: number, expected: number): void => {
    if (value !== expected) wrong.push(`${what}: ${value} is not ${expected}`);
  };
  const sum = (parts: readonly Metrics[], of: (metrics: Metrics) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const isSum = (what: string, whole: Metrics, parts: readonly Metrics[]): void => {
    for (const field of ['requests', 'ok', 'failed', 'attempts', 'retries', 'hedges'] as const) same(`${what}: ${field}`, whole[field], sum(parts, (part) => part[field]));
    for (const cause of new Set(parts.flatMap(({ causes }) => Object.keys(causes)))) {
      const of = ({ causes }: Metrics): number => (causes as Readonly<Record<string, number>>)[cause] ?? 0;
      same(`${what}: ${cause}`, of(whole), sum(parts, of));
    }
    same(`${what}: latencies`, whole.latencyMs.count, sum(parts, ({ latencyMs }) => latencyMs.count));
  };
  const edges = plan.edges.map((edge) => ({ edge, metrics: result.edges[edge.name]! }));
  const traffic = Object.values(result.traffic);

  for (const [name, metrics] of everyMetrics(result)) wrong.push(...metricsAddUp(metrics).map((what) => `${name}: ${what}`));
  isSum('totals', result.totals, traffic);
  isSum('totals by edge', result.totals, plan.traffic.map(({ edge }) => edges[edge]!.metrics));
  for (const [name, source] of Object.entries(result.traffic)) isSum(`traffic ${name}`, source, Object.values(source.classes));
  const shared = servicesInSplits(plan);
  for (const [index, { name }] of plan.services.entries()) {
    if (shared.has(index)) continue;
    isSum(`service ${name}`, result.services[name]!, edges.filter(({ edge }) => edge.to === index).map(({ metrics }) => metrics));
    const replicas = Object.entries(result.endpoints).filter(([endpoint]) => endpoint.startsWith(`${name}/`)).map(([, metrics]) => metrics);
    const answered = sum(replicas, ({ requests }) => requests);
    if (answered > result.services[name]!.attempts) wrong.push(`service ${name}: ${answered} attempts answered of ${result.services[name]!.attempts}`);
    if (answered > 0 && Math.abs(replicas.reduce((total, { share }) => total + share!, 0) - 1) > 1e-9) wrong.push(`service ${name}: shares do not add up to 1`);
  }
  for (const { edge, metrics } of edges) {
    const policies = policiesOver(plan, edge);
    const mostEach = Math.max(...policies.map(({ retries, hedge }) => 1 + (retries?.attempts ?? 0) + (hedge?.max ?? 0)));
    // Calls without an attempt make none, also where there is no limit.
    if (metrics.requests > 0 && metrics.attempts > metrics.requests * mostEach) wrong.push(`edge ${edge.name}: ${metrics.attempts} attempts of ${metrics.requests} calls, each at most ${mostEach}`);
    const timeoutNs = Math.max(...policies.map((policy) => policy.timeoutNs));
    const { circuitBreaker, failureAccrual } = edge.policy;
    const ofEndpoints = failureAccrual !== null || circuitBreaker?.['scope'] === 'endpoint' ? plan.services[edge.to]!.replicas : 0;
    const longest = edge.callerZones.length * (ofEndpoints + (circuitBreaker?.['scope'] === 'service' ? 1 : 0)) * msOf(plan.durationNs - plan.warmupNs);
    if (!(metrics.breakerOpenMs >= 0 && metrics.breakerOpenMs <= longest + 1e-6)) wrong.push(`edge ${edge.name}: breakers open for ${metrics.breakerOpenMs} ms, at most ${longest}`);
    if (metrics.causes.breakerOpen !== undefined && metrics.breakerOpenMs === 0 && policies.length === 1 && endNs <= plan.durationNs) wrong.push(`edge ${edge.name}: ${metrics.causes.breakerOpen} calls refused by breakers that never were open`);
    if (metrics.hedges > 0 && policies.every(({ hedge }) => hedge === null)) wrong.push(`edge ${edge.name}: ${metrics.hedges} hedges without a policy for them`);
    // Work begun before its caller timed out may end the same instant.
    if (metrics.latencyMs.count > 0 && metrics.latencyMs.max! * 1e6 > timeoutNs + 1) {
      wrong.push(`edge ${edge.name}: a call took ${metrics.latencyMs.max} ms with a timeout of ${timeoutNs} ns`);
    }
  }
  const total = (column: readonly number[]): number => column.reduce((all, count) => all + count, 0);
  same('series: requests end once', total(series.ok) + total(series.failed), total(series.requests));
  // What waits for a connection is an attempt that may never be sent; a call that was split counts for two edges.
  if (plan.warmupNs === 0 && plan.network.links.every((link) => link === null) && plan.edges.every(({ policy, split }) => policy.connectionPool === null && split === null)) {
    for (const field of ['attempts', 'retries', 'hedges'] as const) same(`series: ${field}`, total(series[field]), sum(edges.map(({ metrics }) => metrics), (metrics) => metrics[field]));
  }
  if (plan.warmupNs === 0) {
    same('series: requests', total(series.requests), result.totals.requests);
    same('series: ok', total(series.ok), result.totals.ok);
  }
  return wrong;
}

/** Of the calls that are counted for the edge: its own, and of those that a split sends over it. */
function policiesOver({ edges }: Plan, edge: EdgePlan): readonly PolicyPlan[] {
  return [edge, ...edges.filter(({ split }) => split?.backends.some((backend) => edges[backend.edge] === edge) === true)].map(({ policy }) => policy);
}

/** Whose calls are counted by who served them, and by more than one edge. */
export function servicesInSplits({ edges }: Plan): ReadonlySet<number> {
  return new Set(edges.flatMap(({ split, to }) => (split === null ? [] : [to, ...split.backends.map(({ edge }) => edges[edge]!.to)])));
}

function* everyMetrics(result: Figures): Generator<readonly [string, Metrics]> {
  yield ['totals', result.totals];
  for (const part of ['services', 'edges', 'traffic', 'endpoints'] as const) {
    for (const [name, metrics] of Object.entries(result[part])) yield [name, metrics];
  }
  for (const { classes } of Object.values(result.traffic)) yield* Object.entries(classes);
  for (const { name, during, after } of result.faults) yield* [[name, during], [`after:${name}`, after]] as const;
}

function metricsAddUp(metrics: Metrics): string[] {
  const { requests, ok, failed, errorRate, causes, latencyMs, okLatencyMs, attempts, retries, hedges } = metrics;
  const wrong: string[] = [];
  const caused = Object.values(causes).reduce((sum, count) => sum + count, 0);
  if (requests !== ok + failed) wrong.push(`${requests} requests are not ${ok} ok and ${failed} failed`);
  if (caused !== failed) wrong.push(`${failed} failed, with ${caused} causes`);
  if (latencyMs.count !== requests || okLatencyMs.count !== ok) wrong.push(`latencies of ${latencyMs.count} and ${okLatencyMs.count} for ${requests} and ${ok}`);
  if (errorRate !== (requests === 0 ? null : failed / requests)) wrong.push(`error rate ${errorRate} of ${failed} in ${requests}`);
  const first = attempts - retries - hedges;
  if (retries < 0 || hedges < 0 || first < 0 || first > requests) wrong.push(`${attempts} attempts with ${retries} retries and ${hedges} hedges for ${requests} requests`);
  return [...wrong, ...summaryIsOrdered(latencyMs), ...summaryIsOrdered(okLatencyMs)];
}

function summaryIsOrdered(summary: LatencySummary): string[] {
  const { min, p50, p75, p90, p95, p99, p999, p9999, max, mean, count } = summary;
  if (count === 0) return Object.values(summary).every((value) => value === null || value === 0) ? [] : ['latencies of nothing'];
  const ascending = [0, min, p50, p75, p90, p95, p99, p999, p9999, max];
  const isAscending = ascending.every((value, i) => i === 0 || (value !== null && value >= ascending[i - 1]! * (1 - 1e-12)));
  const hasMean = mean !== null && mean >= min! * (1 - 1e-9) && mean <= max! * (1 + 1e-9);
  return isAscending && hasMean ? [] : [`latencies out of order: ${JSON.stringify(summary)}`];
}

