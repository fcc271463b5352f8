/** validation.md 2: what holds on every run, for every policy and every fault, with no reference value. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/run/run.ts';
import type { Result } from '../../src/result/result.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const policy = fc.record(
  {
    loadBalancer: fc.constantFrom<string | object>('roundRobin', 'random', 'leastRequest', 'peakEwma', { type: 'ringHash', boundedLoad: 1.25 }, { type: 'maglev', tableSize: 251 }),
    timeout: fc.constantFrom('60ms', '200ms'),
    deadline: fc.constantFrom('ignore', 'propagate'),
    retries: fc.record({ attempts: fc.integer({ min: 1, max: 3 }), on: fc.constant(['5xx', 'timeout', 'overload']), perTryTimeout: fc.constantFrom('none', '25ms'), backoff: fc.constantFrom({ base: 0, jitter: 'none' }, { base: '5ms' }), budget: fc.constantFrom({ ratio: 0.2 }, { percent: 0.2, minConcurrency: 1 }) }),
    connectionPool: fc.record({ maxConnections: fc.constantFrom<number | string>(2, 'unlimited'), maxPendingRequests: fc.constantFrom(1, 100), maxRequests: fc.constantFrom(4, 100), protocol: fc.constantFrom('http1', 'http2'), connectTimeout: fc.constantFrom('5ms', '100ms') }),
    outlierDetection: fc.record({ consecutive5xx: fc.constantFrom(2, 5), interval: fc.constant('200ms'), baseEjectionTime: fc.constant('300ms'), maxEjectionPercent: fc.constantFrom(0.5, 1) }),
  },
  { requiredKeys: ['loadBalancer'] },
);
const effect = fc.constantFrom<object>({ target: 'back', pause: true }, { target: 'back/0', crash: true }, { target: 'front/0', crash: true }, { target: 'back/1', hang: true }, { target: 'back', errors: '50%' }, { target: 'back', reset: '40%' }, { target: 'front->back', partition: true }, { target: 'front->back', loss: '30%' }, { target: 'back', latency: { multiply: 20 } }, { target: 'front', capacity: '25%' });
const fault = fc.tuple(effect, fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 800 })).map(([what, at, length]) => ({ ...what, at: `${at}ms`, for: `${length}ms` }));
const service = fc.record({ concurrency: fc.integer({ min: 1, max: 4 }), queue: fc.constantFrom<number | string>(0, 3, 'unlimited'), onCancel: fc.constantFrom('continue', 'dropQueued', 'stop') });
// Capacity faults leave at least one slot.
const front = fc.record({ concurrency: fc.integer({ min: 4, max: 8 }), queue: fc.constantFrom<number | string>(0, 3, 'unlimited'), onCancel: fc.constantFrom('continue', 'dropQueued', 'stop') });
const scenario = fc.record({ front, back: service, inner: policy, outer: policy, network: fc.constantFrom<object>({}, { latency: '1ms' }), faults: fc.array(fault, { maxLength: 4 }), seed: fc.nat() });

function resultOf({ front, back, inner, outer, network, faults, seed }: { readonly front: object; readonly back: object; readonly inner: object; readonly outer: object; readonly network: object; readonly faults: readonly object[]; readonly seed: number }): Result {
  const { plan, problems } = parseScenario(
    JSON.stringify({
      seed, duration: '2s', drain: '3s', network,
      services: {
        front: { replicas: 2, latency: { exponential: '2ms' }, calls: [{ service: 'back', times: 2, policy: inner }], ...front },
        back: { replicas: 2, latency: { exponential: '8ms' }, ...back },
      },
      traffic: [{ name: 'user', to: 'front', rate: '150/s', policy: outer }],
      faults: faults.map((one) => (JSON.stringify(one).includes('front->back') ? { ...one, target: 'front->back' } : one)),
    }),
  );
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return simulate(plan);
}

describe('whatever the policies and the faults', () => {
  it('every call ends in one outcome, and every attempt is a first try or a retry', () => {
    fc.assert(
      fc.property(scenario, (one) => {
        const result = resultOf(one);
        for (const metrics of [result.totals, ...Object.values(result.edges), ...Object.values(result.services), ...Object.values(result.traffic)]) {
          const failures = Object.values(metrics.causes).reduce((sum, count) => sum + count, 0);
          expect(metrics.ok + failures).toBe(metrics.requests);
          expect(metrics.failed).toBe(failures);
          expect(metrics.latencyMs.count).toBe(metrics.requests);
          expect(metrics.attempts - metrics.retries).toBeLessThanOrEqual(metrics.requests);
        }
        expect(result.complete).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('no endpoint works on more than its slots, nor answers more than it was sent', () => {
    fc.assert(
      fc.property(scenario, (one) => {
        const result = resultOf(one);
        const attempts = Object.values(result.edges).reduce((sum, edge) => sum + edge.attempts, 0);
        const answered = Object.values(result.endpoints).reduce((sum, endpoint) => sum + endpoint.requests, 0);
        expect(answered).toBeLessThanOrEqual(attempts);
        for (const endpoint of Object.values(result.endpoints)) {
          expect(endpoint.busy).toBeLessThanOrEqual(1 + 1e-9);
          if (endpoint.abandonedShare !== null) expect(endpoint.abandonedShare).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('the same seed gives the same digest', () => {
    fc.assert(fc.property(scenario, (one) => void expect(resultOf(one).digest).toBe(resultOf(one).digest)), { numRuns: 30 });
  });
});

describe('a paused endpoint', () => {
  // Requests that arrive during the pause and are given up during it must leave the queue when the endpoint goes on.
  it('heeds cancellations of the pause when it goes on', () => {
    const { plan } = parseScenario(
      JSON.stringify({
        duration: '10s',
        services: { S: { concurrency: 1, queue: 'unlimited', latency: '100ms', onCancel: 'dropQueued' } },
        traffic: [{ to: 'S', rate: '5/s', arrivals: 'uniform', policy: { timeout: '150ms' } }],
        faults: [{ at: '2s', for: '2s', target: 'S', pause: true }],
      }),
    );
    // Ten requests arrive in the pause; at most the last may still be in time.
    expect(simulate(plan!).totals.causes.timeout).toBeLessThanOrEqual(11);
  });
});
