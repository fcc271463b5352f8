import { describe, expect, test } from 'vitest';
import { Outcome } from '../../src/model/outcome.ts';
import type { Plan, ThresholdPlan } from '../../src/model/plan.ts';
import type { EndpointSelection, Measurements, Selection, Tags } from '../../src/result/measurements.ts';
import type { RequestSeries, ThresholdResult } from '../../src/result/result.ts';
import { abortWatch, estimatesOf, judge, shouldAbort } from '../../src/run/threshold.ts';
import { Histogram } from '../../src/stats/histogram.ts';
import { outcomesOf } from '../support/example-result.ts';

const NO_SERIES: RequestSeries = { stepMs: 1000, requests: [], ok: [], failed: [], attempts: [], retries: [], hedges: [], causes: {}, p50Ms: [], p90Ms: [], p95Ms: [], p99Ms: [] };

/** 100 calls of 1..100 ms in a window of 10 s; two endpoints of four slots, called by three clients. */
const calls: Selection = {
  requests: 100, ok: 90, failed: 10, outcomes: outcomesOf({ ok: 90, timeout: 10 }),
  latency: histogramOf(Array.from({ length: 100 }, (_, i) => (i + 1) * 1e6)), okLatency: new Histogram(),
  attempts: 108, retries: 7, hedges: 1,
};
const endpoints: readonly EndpointSelection[] = [
  endpoint({ busyNs: 20e9, ejections: 1, ejectedNs: 3e9, queue: histogramOf([1e6, 3e6]) }),
  endpoint({ busyNs: 30e9, ejections: 4, ejectedNs: 9e9, queue: histogramOf([8e6]) }),
];

describe.each([
  ['latency', { kind: 'percentile', p: 0.5 }, 'ns', 50],
  ['latency', { kind: 'percentile', p: 0.99 }, 'ns', 99],
  ['latency', { kind: 'avg' }, 'ns', 50.5],
  ['latency', { kind: 'min' }, 'ns', 1],
  ['latency', { kind: 'max' }, 'ns', 100],
  ['latency', { kind: 'count' }, 'count', 100],
  ['errors', { kind: 'rate' }, 'ratio', 0.1],
  ['errors', { kind: 'ratio' }, 'ratio', 0.1],
  ['errors', { kind: 'count' }, 'count', 10],
  ['requests', { kind: 'count' }, 'count', 100],
  ['requests', { kind: 'rate' }, 'perSecond', 10],
  ['goodput', { kind: 'rate' }, 'perSecond', 9],
  ['goodput', { kind: 'ratio' }, 'ratio', 0.9],
  ['goodput', { kind: 'count' }, 'count', 90],
  ['retries', { kind: 'ratio' }, 'ratio', 1.07],
  ['retries', { kind: 'count' }, 'count', 7],
  ['retries', { kind: 'rate' }, 'perSecond', 0.7],
  ['hedges', { kind: 'ratio' }, 'ratio', 0.01],
  ['hedges', { kind: 'count' }, 'count', 1],
  ['queue', { kind: 'percentile', p: 0.5 }, 'ns', 3],
  ['queue', { kind: 'avg' }, 'ns', 4],
  ['queue', { kind: 'max' }, 'ns', 8],
  ['busy', { kind: 'avg' }, 'ratio', 0.625],
  ['busy', { kind: 'max' }, 'ratio', 0.75],
  ['ejected', { kind: 'count' }, 'count', 5],
  ['ejected', { kind: 'max' }, 'count', 4],
  ['ejected', { kind: 'ratio' }, 'ratio', 0.2],
  ['breaker_open', { kind: 'avg' }, 'ratio', 0.2],
  ['breaker_open', { kind: 'count' }, 'count', 3],
] as const)('%s %j in %s', (metric, stat, unit, value) => {
  test(`is ${value}`, () => {
    const [result] = judgeRun([threshold({ metric, stat, unit, op: '>=', limit: 0 })], measured());
    expect(result!.value).toBeCloseTo(value, value > 20 ? 0 : 2);
    expect(result).toMatchObject({ pass: true, judged: 'pass', unit: unit === 'ns' ? 'ms' : unit });
  });
});

test.each([['<', false], ['<=', true], ['>', false], ['>=', true], ['==', true], ['!=', false]] as const)('10 %s 10 is %s', (op, pass) => {
  expect(judgeRun([threshold({ metric: 'errors', stat: { kind: 'count' }, unit: 'count', op, limit: 10 })], measured())[0]!.pass).toBe(pass);
});

test('a limit on a duration is told in ms', () => {
  expect(judgeRun([threshold({ limit: 250e6 })], measured())[0]).toMatchObject({ limit: 250, unit: 'ms', pass: true });
});

test.each(['latency', 'errors', 'goodput', 'retries', 'hedges'] as const)('%s of nothing fails', (metric) => {
  const nothing: Selection = { ...calls, requests: 0, ok: 0, failed: 0, latency: new Histogram() };
  const stat = metric === 'latency' ? { kind: 'avg' as const } : { kind: 'ratio' as const };
  const [result] = judgeRun([threshold({ metric, stat, unit: 'ratio', op: '>=', limit: 0 })], measured(nothing));
  expect(result).toMatchObject({ pass: false, judged: 'no samples', value: null });
});

test('without one success no latency is good enough', () => {
  const failing: Selection = { ...calls, ok: 0, failed: 100 };
  expect(judgeRun([threshold({ limit: 1e12 })], measured(failing))[0]).toMatchObject({ pass: false, judged: 'no goodput' });
});

test('an endpoint is asked for its own attempts', () => {
  const one = threshold({ metric: 'errors', stat: { kind: 'count' }, unit: 'count', tags: { endpoint: 'cart/1' }, op: '==', limit: 2 });
  expect(judgeRun([one], measured())[0]).toMatchObject({ value: 2, pass: true });
});

test('what endpoints do not know has no samples', () => {
  const narrow = threshold({ metric: 'busy', stat: { kind: 'avg' }, unit: 'ratio', tags: { phase: 'outage' } });
  expect(judgeRun([narrow], measured())[0]!.judged).toBe('no samples');
});

describe('abort', () => {
  const failing = threshold({ metric: 'errors', stat: { kind: 'rate' }, unit: 'ratio', op: '<', limit: 0.01, abort: { afterNs: 5e9 } });

  test('waits for its time and needs a failure', () => {
    expect(shouldAbort([failing], measured(), 4e9)).toBe(false);
    expect(shouldAbort([failing], measured(), 5e9)).toBe(true);
    expect(shouldAbort([{ ...failing, limit: 0.5 }], measured(), 5e9)).toBe(false);
    expect(shouldAbort([{ ...failing, abort: null }], measured(), 5e9)).toBe(false);
  });

  test('is not for what is not measured yet, nor for a count that may still grow', () => {
    expect(shouldAbort([failing], measured({ ...calls, requests: 0 }), 5e9)).toBe(false);
    const enough = threshold({ metric: 'requests', stat: { kind: 'count' }, unit: 'count', op: '>', limit: 1e6, abort: { afterNs: 0 } });
    expect(shouldAbort([enough], measured(), 5e9)).toBe(false);
  });

  test('is asked at most once a simulated second', () => {
    let asked = 0;
    const counting: Measurements = { ...measured(), select: () => { asked++; return { ...calls, failed: 0 }; } };
    const watch = abortWatch([failing])!;
    for (let ns = 0; ns <= 10e9; ns += 1e8) expect(watch(() => counting, ns)).toBe(false);
    expect(asked).toBe(6);
  });

  test('costs nothing when no threshold wants it', () => {
    expect(abortWatch([{ ...failing, abort: null }])).toBeNull();
  });
});

function judgeRun(thresholds: readonly ThresholdPlan[], measurements: Measurements): ThresholdResult[] {
  return judge(thresholds, estimatesOf(thresholds, measurements, NO_SERIES), measurements);
}

function threshold(changes: Partial<ThresholdPlan>): ThresholdPlan {
  return {
    expr: 'x', metric: 'latency', tags: {}, stat: { kind: 'percentile', p: 0.99 }, op: '<', limit: 0, unit: 'ns',
    abort: null, confidence: 'point', line: null, ...changes,
  };
}

function measured(selection: Selection = calls): Measurements {
  return {
    plan: {
      services: [{ name: 'cart', firstEndpoint: 0, replicas: 2, concurrency: 4 }],
      edges: [{ name: 'browse->cart', from: { kind: 'traffic', index: 0 }, to: 0 }],
      traffic: [{ clients: 3 }],
    } as unknown as Plan, // only what judging looks at
    windowNs: 10e9,
    select: () => selection,
    windowOf: () => 10e9,
    endpoint: (id) => endpoints[id]!,
    edge: () => ({ ejections: 0, healthCheckFailures: 0, overflows: 0, budgetRefusals: 0, sheddingNs: 0, panicNs: 0 }),
    breakers: () => ({ count: 5, openings: 3, openNs: 10e9 }),
    endpointsOf: ({ endpoint: name }: Tags) => (name === undefined ? [0, 1] : [Number(name.split('/')[1])]),
  };
}

function endpoint(changes: Partial<EndpointSelection>): EndpointSelection {
  const outcomes = outcomesOf({ ok: 48, error: 2 });
  return {
    requests: 50, ok: outcomes[Outcome.ok]!, outcomes, latency: new Histogram(), okLatency: new Histogram(), queue: new Histogram(),
    busyNs: 0, queuedNs: 0, abandonedNs: 0, maxQueue: 0, ejections: 0, ejectedNs: 0, ...changes,
  };
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}
