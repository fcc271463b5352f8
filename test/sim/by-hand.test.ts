/** Small runs whose figures are worked out by hand, at instants and crossings that random scenarios seldom meet. */
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/index.ts';
import type { Result } from '../../src/result/result.ts';
import { planFrom } from '../support/plan-from.ts';

function resultOf(scenario: Parameters<typeof planFrom>[0]): Result {
  return simulate(planFrom(scenario));
}

describe('a pause', () => {
  // Requests at 5, 10 and 15 ms; the work of the first is due as the pause begins.
  it('that begins as work is due comes first', () => {
    const { okLatencyMs } = resultOf({
      duration: '20ms',
      services: { a: { concurrency: 1, latency: '10ms' } },
      traffic: [{ to: 'a', rate: '200/s', arrivals: 'uniform' }],
      faults: [{ at: '15ms', for: '100ms', target: 'a', pause: true }],
    }).endpoints['a/0']!;
    expect([okLatencyMs.count, okLatencyMs.min, okLatencyMs.max]).toEqual([3, 110, 120]);
  });

  // Requests at 10 and 20 ms, to an endpoint that is paused until 200 ms; the second stands in front of a full queue.
  const paused = { duration: '25ms', traffic: [{ to: 'a', rate: '100/s', arrivals: 'uniform', policy: 'p' }], faults: [{ at: '0s', for: '200ms', target: 'a', pause: true }] };

  it('lets who was out of time leave before the queue moves', () => {
    const { totals, endpoints } = resultOf({ ...paused, services: { a: { concurrency: 1, latency: '100ms', queue: { limit: 1, timeout: '30ms' } } }, policies: { p: {} } });
    expect([totals.ok, totals.causes, endpoints['a/0']!.okLatencyMs.max]).toEqual([1, { rejected: 1 }, 280]);
  });

  it('leaves no work for callers that gave up, in the queue or in front of it', () => {
    const { totals, endpoints } = resultOf({ ...paused, services: { a: { concurrency: 1, latency: '100ms', queue: { limit: 1 }, onCancel: 'dropQueued' } }, policies: { p: { timeout: '50ms' } } });
    expect([totals.causes, endpoints['a/0']!.causes, endpoints['a/0']!.meanBusy]).toEqual([{ timeout: 2 }, { unfinished: 2 }, 0]);
  });
});

// One request at 1,111 ms, given up at 1,311 ms, of which its endpoint cannot hear from 1,150 ms on.
it.each(['stop', 'dropQueued', 'continue'])('nobody hears over a cut network that a caller gave up (onCancel: %s)', (onCancel) => {
  const { abandonedShare, meanBusy } = resultOf({
    duration: '2s',
    services: { a: { latency: '500ms', onCancel } },
    policies: { p: { timeout: '200ms' } },
    traffic: [{ to: 'a', name: 'c', rate: '0.9/s', arrivals: 'uniform', policy: 'p' }],
    faults: [{ at: '1150ms', for: '10s', target: 'c->a', partition: true }],
  }).endpoints['a/0']!;
  expect([meanBusy, abandonedShare]).toEqual([0.25, 0.6]);
});

it('news that a caller gave up crosses when the network has healed', () => {
  const { abandonedShare, meanBusy } = resultOf({
    duration: '2s',
    services: { a: { latency: '500ms', onCancel: 'stop' } },
    policies: { p: { timeout: '100ms' } },
    traffic: [{ to: 'a', name: 'c', rate: '1/s', arrivals: 'uniform', policy: 'p' }],
    faults: [{ at: '1050ms', for: '250ms', target: 'c->a', partition: true }],
  }).endpoints['a/0']!;
  // Given up at 1,100 ms, heard of at 1,300.
  expect(meanBusy).toBe(0.15);
  expect(abandonedShare).toBeCloseTo(200 / 300, 12);
});

it('no time at all is none over time, too', () => {
  const { series } = resultOf({ duration: '1s', services: { a: { latency: 0 } }, traffic: [{ to: 'a', rate: '100/s', arrivals: 'uniform' }] });
  expect([series.p50Ms, series.p99Ms].map((values) => new Set(values))).toEqual([new Set([null, 0]), new Set([null, 0])]);
});

describe('behind a split', () => {
  const traffic = [{ to: 'front', name: 'c', rate: '1000/s', arrivals: 'uniform' }];

  it('a share of what is going on counts what goes on elsewhere', () => {
    const work = { concurrency: 'unlimited', latency: '100ms', errors: '10%' };
    const { edges, totals } = resultOf({
      duration: '12s',
      services: { front: { latency: '1ms', policy: 'p', routes: [{ split: { a: 50, b: 50 } }] }, a: work, b: work },
      policies: { p: { retries: { attempts: 1, on: ['5xx'], backoff: { base: 0, max: 0, jitter: 'none' }, budget: { percent: '50%', minConcurrency: 0 } } } },
      traffic,
    });
    // Some ten retries at once, of fifty that are allowed. The first few milliseconds have too little going on for any.
    expect(totals.retries).toBeGreaterThan(1100);
    expect(edges['c->front']!.budgetRefusals).toBe(0);
  });

  it('an overflow is that of the edge whose pool it was', () => {
    const { edges } = resultOf({
      duration: '1s',
      services: { front: { latency: '1ms', policy: 'p', routes: [{ split: { a: 100 } }] }, a: { concurrency: 10, latency: '50ms', policy: 'q' } },
      policies: { p: { timeout: '1s' }, q: { connectionPool: { maxConnections: 1, maxPendingRequests: 1 } } },
      traffic,
    });
    expect(edges['c->front']!.overflows).toBe(0);
    expect(edges['c->a']!.overflows).toBe(edges['c->a']!.causes.overflow);
    expect(edges['c->a']!.overflows).toBeGreaterThan(900);
  });
});

it('percentiles of a step are what all its requests took', () => {
  const { series } = resultOf({ duration: '2s', services: { a: { latency: '10ms' } }, traffic: [{ to: 'a', rate: '10/s', arrivals: 'uniform' }] });
  expect(new Set([...series.p50Ms, ...series.p99Ms])).toEqual(new Set([10, null]));
});
