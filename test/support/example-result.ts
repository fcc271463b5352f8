/** A result made by hand: the numbers of the sample summary, so that every part of a report has something to say. */
import { type Outcome, OUTCOME_NAMES } from '../../src/model/outcome.ts';
import type { EdgeMetrics, EndpointMetrics, LatencySummary, Metrics, Result, ServiceMetrics, ThresholdResult } from '../../src/result/result.ts';
import { RESULT_SCHEMA } from '../../src/result/result.ts';

export function exampleResult(changes: Partial<Result> = {}): Result {
  const totals = exampleMetrics({
    requests: 600_000, ok: 598_140, failed: 1_860, rps: 10_000, goodput: 9_969,
    causes: { timeout: 1_140, breakerOpen: 480, rejected: 240 },
    attempts: 648_000, retries: 48_000, amplification: 1.08, abandonedShare: 0.021,
  });
  return {
    schema: RESULT_SCHEMA,
    meshsim: '0.1.0',
    mode: 'sim',
    seed: 42,
    complete: true,
    scenario: { name: 'checkout-storm', sha256: '0'.repeat(64), resolved: {} },
    digest: 'c0ffee00',
    window: { warmupMs: 10_000, durationMs: 60_000, endMs: 60_300 },
    totals,
    services: {
      gateway: exampleService({ requests: 600_000, rps: 10_000, busy: 0.38, p50: 41.2, p99: 212, failed: 1_860, causes: { timeout: 1_860 } }),
      cart: exampleService({ requests: 487_200, rps: 8_120, busy: 0.71, p50: 22, p99: 131, failed: 1_072, causes: { timeout: 900, reset: 172 } }),
      stock: exampleService({ requests: 194_400, rps: 3_240, busy: 0.44, p50: 9.1, p99: 38, failed: 0, causes: {} }),
    },
    edges: {
      'browse->gateway': exampleEdge({ retries: 48_000, budgetRefusals: 312 }),
      'gateway->cart': exampleEdge({ breakerOpenings: 2, breakerOpenMs: 3_100, ejections: 2, overflows: 7, panicMs: 3_100 }),
      'cart->stock': exampleEdge({ healthCheckFailures: 3, sheddingMs: 40, hedges: 60, attempts: 1_060, amplification: 1.06 }),
    },
    traffic: { browse: { ...totals, classes: {} } },
    endpoints: {
      'gateway/0': exampleEndpoint(0.36), 'gateway/1': exampleEndpoint(0.38), 'gateway/2': exampleEndpoint(0.41),
      'cart/3': exampleEndpoint(0.7), 'cart/4': exampleEndpoint(0.99, 2),
      'stock/0': exampleEndpoint(0.42), 'stock/1': exampleEndpoint(0.46),
    },
    thresholds: [
      exampleThreshold('latency p(99) < 250ms', 212, 250, 'ms'),
      exampleThreshold('errors rate < 0.1%', 0.0031, 0.001, 'ratio'),
      exampleThreshold('retries ratio < 1.2', 1.08, 1.2, 'ratio'),
      exampleThreshold('latency{service:cart} p(99.9) < 400ms', 388, 400, 'ms'),
    ],
    reps: [{ seed: 42, totals }],
    intervals: {},
    series: { stepMs: 1_000, requests: [], ok: [], failed: [], attempts: [], retries: [], hedges: [], p50Ms: [], p90Ms: [], p95Ms: [], p99Ms: [], causes: {}, endpoints: {}, endpointsLeftOut: 0, edges: {} },
    histograms: { latency: { subBucketsPerOctave: 4, indexes: [98, 99, 100, 101, 104, 108, 112], counts: [10, 300, 9_000, 40_000, 8_000, 500, 12] } },
    faults: [{ name: 'slow-middle', targets: ['cart/4'], windowsMs: [[15_000, 30_000]], during: totals, after: exampleMetrics({ requests: 300_000, ok: 300_000 }) }],
    events: [],
    warnings: [{ code: 'saturated', message: 'cart/4 was saturated for 14.2 s (fault "slow-middle" 15–30 s)' }],
    env: { node: 'v20.0.0', platform: 'linux-x64', wallMs: 9_400, events: 48_000_000 },
    ...changes,
  };
}

export function exampleThreshold(expr: string, value: number, limit: number, unit: ThresholdResult['unit']): ThresholdResult {
  const pass = value < limit;
  return { expr, value, low: null, high: null, limit, unit, pass, judged: pass ? 'pass' : 'fail' };
}

export function exampleMetrics(changes: Partial<Metrics> = {}): Metrics {
  const requests = changes.requests ?? 1_000;
  const failed = changes.failed ?? 0;
  return {
    requests, ok: requests - failed, failed,
    errorRate: requests > 0 ? failed / requests : null,
    goodput: 10, rps: 10, causes: {},
    latencyMs: exampleLatency({ count: requests }), okLatencyMs: exampleLatency({ count: requests - failed }),
    attempts: requests, retries: 0, hedges: 0, amplification: requests > 0 ? 1 : null, abandonedShare: 0,
    ...changes,
  };
}

export function exampleLatency(changes: Partial<LatencySummary> = {}): LatencySummary {
  return {
    mean: 50, stddev: 30, min: 1.5, p50: 41.2, p75: 70, p90: 96, p95: 131, p99: 212, p999: 540, p9999: 1_100, max: 2_004, count: 1_000,
    ...changes,
  };
}

export const NO_LATENCY: LatencySummary = {
  mean: null, stddev: null, min: null, p50: null, p75: null, p90: null, p95: null, p99: null, p999: null, p9999: null, max: null, count: 0,
};

export function emptyMetrics(): Metrics {
  return exampleMetrics({ requests: 0, ok: 0, goodput: 0, rps: 0, latencyMs: NO_LATENCY, okLatencyMs: NO_LATENCY, abandonedShare: null });
}

function exampleService({ p50, p99, busy, ...metrics }: Partial<Metrics> & { p50: number; p99: number; busy: number }): ServiceMetrics {
  return { ...exampleMetrics({ ...metrics, latencyMs: exampleLatency({ p50, p99 }) }), busy, queueMs: exampleLatency() };
}

function exampleEdge(changes: Partial<EdgeMetrics>): EdgeMetrics {
  return { ...exampleMetrics(), ejections: 0, breakerOpenings: 0, breakerOpenMs: 0, healthCheckFailures: 0, sheddingMs: 0, overflows: 0, budgetRefusals: 0, panicMs: 0, ...changes };
}

function exampleEndpoint(busy: number, ejections = 0): EndpointMetrics {
  return { ...exampleMetrics(), busy, meanBusy: busy * 16, meanQueue: 0, queueMs: exampleLatency(), ejections, share: 0.2, maxQueue: 3 };
}

/** Counts by outcome code, as a selection carries them. */
export function outcomesOf(counts: Partial<Record<keyof typeof Outcome, number>>): number[] {
  return OUTCOME_NAMES.map((name) => counts[name] ?? 0);
}
