/** From measurements to the result file's figures. */
import { OUTCOME_NAMES, Outcome, type OutcomeName } from '../model/outcome.ts';
import type { ServicePlan } from '../model/plan.ts';
import { msOf, secondsOf } from '../model/units.ts';
import { Histogram } from '../stats/histogram.ts';
import type { EdgeSelection, EndpointSelection, Measurements, Selection, Tags } from './measurements.ts';
import type { EdgeMetrics, EndpointMetrics, FaultResult, LatencySummary, Metrics, Result, ServiceMetrics, TrafficMetrics } from './result.ts';

export type Figures = Pick<Result, 'totals' | 'services' | 'edges' | 'traffic' | 'endpoints' | 'faults' | 'histograms'>;

/** Of root requests; `abandonedShare` over all endpoints. */
export function totalsOf(measured: Measurements): Metrics {
  return metricsOf(measured.select({}), measured.windowNs, measured.endpointsOf({}).map((endpoint) => measured.endpoint(endpoint)));
}

export function figuresOf(measured: Measurements, faultTargets: readonly (readonly string[])[]): Figures {
  const { plan } = measured;
  const endpoints = plan.services.map((service) =>
    Array.from({ length: service.replicas }, (_, i) => measured.endpoint(service.firstEndpoint + i)),
  );
  const metrics = (tags: Tags, served: readonly EndpointSelection[] | null): Metrics =>
    metricsOf(measured.select(tags), measured.windowOf(tags.phase), served);
  const everywhere = endpoints.flat();
  return {
    totals: metrics({}, everywhere),
    services: record(plan.services, (service, i) => serviceMetrics(metrics({ service: service.name }, endpoints[i]!), service, endpoints[i]!, measured.windowNs)),
    edges: record(plan.edges, (edge, i) => edgeMetrics(metrics({ edge: edge.name }, null), edge.name, measured.edge(i), measured)),
    traffic: record(plan.traffic, (source): TrafficMetrics => ({
      ...metrics({ traffic: source.name }, null),
      classes: record(source.classes, ({ name }) => metrics({ traffic: source.name, class: name }, null)),
    })),
    endpoints: Object.assign({}, ...plan.services.map((service, i) => endpointMetrics(service, endpoints[i]!, measured.windowNs))) as Record<string, EndpointMetrics>,
    faults: plan.faults.map((fault, i): FaultResult => ({
      name: fault.name,
      targets: faultTargets[i]!,
      windowsMs: fault.windows.map(({ fromNs, toNs }) => [msOf(fromNs), Number.isFinite(toNs) ? msOf(toNs) : msOf(plan.durationNs)]),
      during: metrics({ phase: fault.name }, null),
      after: metrics({ phase: `after:${fault.name}` }, null),
    })),
    histograms: { latencyNs: measured.select({}).latency.toData() },
  };
}

function metricsOf(selection: Selection, windowNs: number, served: readonly EndpointSelection[] | null): Metrics {
  const { requests, ok, failed, attempts, retries, hedges } = selection;
  const windowS = secondsOf(windowNs);
  return {
    requests,
    ok,
    failed,
    errorRate: requests === 0 ? null : failed / requests,
    goodput: windowS === 0 ? 0 : ok / windowS,
    rps: windowS === 0 ? 0 : requests / windowS,
    causes: causesOf(selection.outcomes),
    ...latenciesOf(selection),
    attempts,
    retries,
    hedges,
    amplification: requests === 0 ? null : attempts / requests,
    abandonedShare: served === null ? null : abandonedShareOf(served),
  };
}

type Latencies = Pick<Metrics, 'latencyMs' | 'okLatencyMs'>;

const latenciesKnown: WeakMap<Selection, Latencies> = new WeakMap();

function latenciesOf(selection: Selection): Latencies {
  const known = latenciesKnown.get(selection);
  if (known !== undefined) return known;
  const latencyMs = summaryOf(selection.latency);
  const latencies = { latencyMs, okLatencyMs: selection.okLatency === selection.latency ? latencyMs : summaryOf(selection.okLatency) };
  latenciesKnown.set(selection, latencies);
  return latencies;
}

function serviceMetrics(metrics: Metrics, service: ServicePlan, endpoints: readonly EndpointSelection[], windowNs: number): ServiceMetrics {
  const queue = merged(endpoints.map((endpoint) => endpoint.queue));
  const busyNs = endpoints.reduce((sum, endpoint) => sum + endpoint.busyNs, 0);
  return {
    ...metrics,
    busy: shareOf(busyNs, windowNs * service.concurrency * service.replicas),
    queueMs: summaryOf(queue),
  };
}

function edgeMetrics(metrics: Metrics, name: string, edge: EdgeSelection, measured: Measurements): EdgeMetrics {
  const { openings, openNs } = measured.breakers({ edge: name });
  return {
    ...metrics,
    ejections: edge.ejections,
    breakerOpenings: openings,
    breakerOpenMs: msOf(openNs),
    healthCheckFailures: edge.healthCheckFailures,
    sheddingMs: msOf(edge.sheddingNs),
    overflows: edge.overflows,
    budgetRefusals: edge.budgetRefusals,
    panicMs: msOf(edge.panicNs),
  };
}

function endpointMetrics(service: ServicePlan, endpoints: readonly EndpointSelection[], windowNs: number): Record<string, EndpointMetrics> {
  const total = endpoints.reduce((sum, { requests }) => sum + requests, 0);
  return Object.fromEntries(
    endpoints.map((endpoint, i) => [
      `${service.name}/${i}`,
      {
        ...metricsOf(
          selectionOf(endpoint),
          windowNs,
          [endpoint],
        ),
        busy: shareOf(endpoint.busyNs, windowNs * service.concurrency),
        meanBusy: windowNs === 0 ? 0 : endpoint.busyNs / windowNs,
        meanQueue: windowNs === 0 ? 0 : endpoint.queuedNs / windowNs,
        queueMs: summaryOf(endpoint.queue),
        ejections: endpoint.ejections,
        share: total === 0 ? null : endpoint.requests / total,
        maxQueue: endpoint.maxQueue,
      },
    ]),
  );
}

/** At an endpoint each attempt is a request of its own. */
function selectionOf({ requests, ok, outcomes, latency, okLatency }: EndpointSelection): Selection {
  return { requests, ok, failed: requests - ok, outcomes, latency, okLatency, attempts: requests, retries: 0, hedges: 0 };
}

const SUMMARY_PERCENTILES = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];

export function summaryOf(histogram: Histogram): LatencySummary {
  const of = (value: number): number | null => (histogram.count === 0 ? null : msOf(value));
  const [p50, p75, p90, p95, p99, p999, p9999] = histogram.percentiles(SUMMARY_PERCENTILES).map(of);
  return {
    mean: of(histogram.mean()),
    stddev: of(histogram.stddev()),
    min: of(histogram.min),
    p50: p50!,
    p75: p75!,
    p90: p90!,
    p95: p95!,
    p99: p99!,
    p999: p999!,
    p9999: p9999!,
    max: of(histogram.max),
    count: histogram.count,
  };
}

function causesOf(outcomes: readonly number[]): Partial<Record<OutcomeName, number>> {
  const causes: Partial<Record<OutcomeName, number>> = {};
  for (const [code, name] of OUTCOME_NAMES.entries()) {
    if (code !== Outcome.ok && outcomes[code]! > 0) causes[name] = outcomes[code]!;
  }
  return causes;
}

function abandonedShareOf(endpoints: readonly EndpointSelection[]): number | null {
  const busyNs = endpoints.reduce((sum, endpoint) => sum + endpoint.busyNs, 0);
  const abandonedNs = endpoints.reduce((sum, endpoint) => sum + endpoint.abandonedNs, 0);
  return shareOf(abandonedNs, busyNs);
}

/** Null when there is nothing to take a share of, or no end to it. */
function shareOf(part: number, whole: number): number | null {
  return whole > 0 && Number.isFinite(whole) ? part / whole : null;
}

function merged(histograms: readonly Histogram[]): Histogram {
  const sum = new Histogram(histograms[0]!.bits);
  for (const histogram of histograms) sum.merge(histogram);
  return sum;
}

function record<Item extends { readonly name: string }, Value>(items: readonly Item[], value: (item: Item, index: number) => Value): Record<string, Value> {
  return Object.fromEntries(items.map((item, index) => [item.name, value(item, index)]));
}
