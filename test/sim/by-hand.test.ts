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

describe("Envoy's hedge on per-try timeouts", () => {
  /** One request at 500 ms under a policy that hedges as it is late after 100 ms, and waits 10 ms before each retry. */
  const one = (retries: object, more: object): Result => resultOf({
    duration: '1s',
    drain: '5s',
    policies: { p: { loadBalancer: 'roundRobin', timeout: '2s', retries: { attempts: 1, on: ['5xx'], perTryTimeout: '100ms', backoff: { base: '10ms', max: '10ms', jitter: 'none' }, ...retries }, hedge: { after: 'none', onPerTryTimeout: true } } },
    traffic: [{ to: 's', name: 't', rate: '2/s', arrivals: 'uniform' }],
    ...more,
  });
  const three = { s: { replicas: 3, latency: '1ms', policy: 'p' } };
  const tries = ({ totals: { attempts, causes, latencyMs } }: Result): unknown => [attempts, causes, latencyMs.max];

  it('retries what fails beside a late attempt', () => {
    // Late at 100, its copy fails at 111, whose retry is answered at 122.
    expect(tries(one({ attempts: 5 }, { services: three, faults: [{ target: 's/1', hang: true }, { target: 's/2', errors: '100%' }] }))).toEqual([3, {}, 122]);
  });

  it('retries each attempt once', () => {
    // The first is late and fails at 150 beside others; the fourth, begun at 132, is late as well, and the last to fail.
    const faults = [{ target: 's/1', errors: { rate: '100%', after: '150ms' } }, { target: 's/2', errors: '100%' }, { target: 's/0', errors: '100%' }];
    expect(tries(one({ attempts: 5 }, { services: three, faults }))).toEqual([6, { error: 1 }, 282]);
  });

  it('lets a reset come to nothing while another attempt is waited for', () => {
    const faults = [{ target: 's/0', latency: { set: '300ms' } }, { target: 's/1', reset: '100%' }];
    expect(tries(one({ on: ['connectFailure'] }, { services: { s: { replicas: 2, latency: '1ms', policy: 'p' } }, faults }))).toEqual([2, {}, 300]);
  });

  it('counts the late attempt once in the share that may be retried', () => {
    const burst = { duration: '4.5ms', traffic: [{ to: 's', name: 't', rate: '1000/s', arrivals: 'uniform' }] };
    const { totals } = one({ budget: { percent: '20%', minConcurrency: 0 } }, { services: { s: { latency: '300ms', concurrency: 10, policy: 'p' } }, ...burst });
    // A fifth of four is none.
    expect([totals.attempts, totals.ok]).toEqual([4, 4]);
  });

  it('has one retry under way, however many attempts of the call are late', () => {
    // Late at 50 and 70 ms: the retry of the first is sent at 150 and late at 200, its own at 300; then there is none left.
    const policy = { timeout: '600ms', retries: { attempts: 2, perTryTimeout: '50ms', backoff: { base: '100ms', max: '100ms', jitter: 'none' } }, hedge: { after: '20ms', max: 1, budget: '100%', onPerTryTimeout: true } };
    const { totals } = resultOf({ duration: '1s', services: { s: { latency: '2s', concurrency: 10, policy } }, traffic: [{ to: 's', rate: '2/s', arrivals: 'uniform' }] });
    expect(totals.attempts).toBe(2 + 2);
  });

  it('sends again what may be sent again', () => {
    const traffic = [{ to: 's', name: 't', rate: '2/s', arrivals: 'uniform', requests: [{ method: 'POST' }] }];
    expect(tries(one({ methods: ['GET'] }, { services: { s: { replicas: 2, latency: '300ms', policy: 'p' } }, traffic }))).toEqual([1, {}, 300]);
  });
});

it('the last try that may be made is the one that no retry can follow', () => {
  // At 50 a copy, at 80 the first is over, at 130 the copy: the retry of one is sent at 140, the last, over at 220 and sent anew at 230.
  const policy = { retries: { attempts: 2, lastTryTimeout: false, perTryTimeout: '80ms', backoff: { base: '10ms', max: '10ms', jitter: 'none' } }, hedge: { after: '50ms', max: 1, budget: '100%' }, timeout: '2s' };
  const { totals } = resultOf({ duration: '1s', services: { s: { replicas: 2, latency: '300ms', policy } }, traffic: [{ to: 's', rate: '2/s', arrivals: 'uniform' }] });
  expect([totals.attempts, totals.causes, totals.latencyMs.max]).toEqual([4, {}, 530]);
});

describe('news that a caller gave up', () => {
  it('follows its request, however fast the network has become', () => {
    // Sent at 1,111 ms and on its way until 2,111; given up at 1,311, when messages take no time.
    const { endpoints } = resultOf({
      duration: '2200ms', services: { s: { latency: '500ms', onCancel: 'stop', policy: { timeout: '200ms' } } }, traffic: [{ to: 's', name: 't', rate: '0.9/s', arrivals: 'uniform' }],
      faults: [{ at: '0s', for: '1200ms', target: 't->s', latency: { add: '1s' } }],
    });
    expect([endpoints['s/0']!.causes, endpoints['s/0']!.meanBusy]).toEqual([{ unfinished: 1 }, 0]);
  });

  it('frees one that hangs by the time its request comes', () => {
    const { endpoints } = resultOf({
      duration: '1s', drain: '5s', services: { s: { latency: '1ms', policy: { timeout: '100ms' } } }, traffic: [{ to: 's', name: 't', rate: '2/s', arrivals: 'uniform' }],
      faults: [{ target: 't->s', latency: { add: '300ms' } }, { target: 's', hang: true }],
    });
    expect([endpoints['s/0']!.causes, endpoints['s/0']!.latencyMs.max]).toEqual([{ unfinished: 1 }, 100]);
  });
});

it.each([{ target: 's', pause: true }, { target: 't->s', partition: true }])('a health check waits like everything else: %j', (fault) => {
  const healthCheck = { interval: '1s', timeout: '900ms', unhealthyThreshold: 1, healthyThreshold: 1, noTrafficInterval: '1s' };
  const { totals } = resultOf({
    duration: '5s', services: { s: { latency: '1ms', policy: { panicThreshold: '0%', healthCheck } } }, traffic: [{ to: 's', name: 't', rate: '100/s', arrivals: 'uniform' }],
    faults: [{ at: '1990ms', for: '20ms', ...fault }],
  });
  expect(totals.failed).toBe(0);
});

it('of the health checks that a long cut keeps back, only the last goes on', () => {
  const healthCheck = { interval: '10ms', timeout: '10ms', noTrafficInterval: '10ms', noTrafficHealthyInterval: '10ms' };
  const eventsIn = (fault: object): number => resultOf({
    duration: '10s', services: { s: { latency: '1ms', policy: { healthCheck } } }, traffic: [{ to: 's', name: 't', rate: '1/s', arrivals: 'uniform' }], faults: [{ at: '1s', for: '8s', ...fault }],
  }).env.events;
  // Of each check that is answered there are two events.
  expect(eventsIn({ target: 't->s', loss: '0%' }) - eventsIn({ target: 't->s', partition: true })).toBeGreaterThan(1000);
});

it('a crash resets what stood in front of a paused endpoint', () => {
  const { totals } = resultOf({
    duration: '2s', services: { s: { concurrency: 1, queue: { limit: 1 }, latency: '1ms', policy: { connectionPool: { protocol: 'http1' } } } },
    traffic: [{ to: 's', rate: '5/s', arrivals: 'uniform' }], faults: [{ at: '900ms', for: '1s', target: 's', pause: true }, { at: '1700ms', for: '10ms', target: 's', crash: true }],
  });
  // At 1,000, 1,200, 1,400 and 1,600 ms; the one at 1,800 comes to an empty queue.
  expect(totals.causes).toEqual({ reset: 4 });
});

it('an attempt that gets no connection counts at its endpoint', () => {
  const { endpoints, series, totals } = resultOf({
    duration: '2s', services: { s: { replicas: 2, latency: '1ms', policy: { loadBalancer: 'roundRobin', connectionPool: {} } } }, traffic: [{ to: 's', rate: '100/s', arrivals: 'uniform' }],
    faults: [{ at: '1s', target: 's/0', crash: true }],
  });
  expect(totals.causes).toEqual(endpoints['s/0']!.causes);
  expect(totals.causes.connectFailure).toBeGreaterThan(45);
  expect([endpoints['s/0']!.attempts! + endpoints['s/1']!.attempts!, series.attempts.reduce((sum, count) => sum + count, 0)]).toEqual([totals.attempts, totals.attempts]);
});

// More attempts at once than fit into caches, where the simulator looks ahead: 7,999 requests 125 us apart, 6,000 slots, and each that waits does so for 250 ms.
it('a crowd is served like a few', () => {
  const { endpoints, totals } = resultOf({ duration: '1s', services: { s: { concurrency: 6000, queue: { limit: 'unlimited' }, latency: '1s' } }, traffic: [{ to: 's', rate: '8000/s', arrivals: 'uniform' }] });
  const { maxQueue, okLatencyMs } = endpoints['s/0']!;
  expect([totals.ok, totals.attempts, maxQueue, okLatencyMs.min, okLatencyMs.max]).toEqual([7999, 7999, 1999, 1000, 1250]);
  expect(okLatencyMs.mean).toBeCloseTo((6000 * 1000 + 1999 * 1250) / 7999, 9);
});
