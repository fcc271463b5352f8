/** Small scenarios whose right answer can be worked out by hand, each a defect that was once there. */
import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

function run(scenario: object): Result {
  const { plan, problems } = parseScenario(JSON.stringify(scenario));
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return simulate(plan);
}

const from = (rate: string, policy: object): object => ({ to: 's', name: 'c', rate, arrivals: 'uniform', policy });

test('a closed loop that is refused at once does not stop the clock', () => {
  const services = { s: { latency: '5ms', concurrency: 4, queue: { limit: 8 } } };
  const { complete, window } = run({ duration: '2s', services, traffic: [{ to: 's', users: 20 }] });
  expect([complete, window.endMs >= 2000]).toEqual([true, true]);
});

test('a crash during a pause leaves the jobs of other endpoints alone', () => {
  const { okLatencyMs } = run({
    duration: '25s',
    services: { s: { latency: '10ms', replicas: 2, concurrency: 500, calls: ['b'] }, b: { latency: '100ms', concurrency: 1000 } },
    traffic: [{ to: 's', rate: '200/s', policy: { timeout: '5s' } }],
    faults: [{ at: '10s', for: '5s', target: 's/0', pause: true }, { at: '10.2s', for: '9s', target: 's/0', crash: true }],
  }).totals;
  expect(okLatencyMs.min).toBe(110);
});

test('the per-try timeout runs from when the connection is open', () => {
  const { totals } = run({
    duration: '10s', network: { latency: '20ms' }, services: { s: { latency: '5ms' } },
    traffic: [from('10/s', { retries: { attempts: 3, on: ['5xx'], perTryTimeout: '60ms' } })],
  });
  expect([totals.causes, totals.latencyMs.max, totals.latencyMs.min]).toEqual([{}, 85, 45]);
});

test('a request given up during the handshake is never sent, and leaves its connection to the next', () => {
  const { endpoints, totals } = run({
    duration: '2s', network: { latency: '20ms' }, services: { s: { latency: '1s' } }, traffic: [from('10/s', { timeout: '30ms' })],
  });
  // Every other one of the nineteen finds a connection open; given up in its turn, it closes it.
  expect([endpoints['s/0']!.requests, totals.causes.timeout, totals.requests]).toEqual([9, 19, 19]);
});

test('over HTTP/2 all who come during a handshake wait for its end', () => {
  const { okLatencyMs } = run({
    duration: '20ms', drain: '1s', network: { latency: '20ms' }, services: { s: { latency: '5ms', concurrency: 10 } }, traffic: [from('200/s', { connectionPool: { protocol: 'http2' } })],
  }).totals;
  // Arrivals at 5, 10 and 15 ms; open at 45 ms, answered at 90 ms.
  expect([okLatencyMs.count, okLatencyMs.max, okLatencyMs.min]).toEqual([3, 85, 75]);
});

test.each([
  [1, 105],
  // The second connection was begun with the first, and is open at 90 ms.
  [2, 65],
])('with %s connections for each request, one that comes while another is served takes %s ms', (perUpstreamPreconnectRatio, expected) => {
  const { okLatencyMs } = run({
    duration: '120ms', drain: '1s', network: { latency: '20ms' }, services: { s: { latency: '25ms', concurrency: 10 } },
    traffic: [from('20/s', { connectionPool: { perUpstreamPreconnectRatio } })],
  }).totals;
  // Arrivals at 50 and 100 ms; the first waits 40 ms for its connection, and has it up to 155 ms.
  expect([okLatencyMs.max, okLatencyMs.min]).toEqual([105, expected]);
});

test('streams beyond maxConcurrentStreams take another connection', () => {
  const latencyWith = (maxConcurrentStreams: number): number =>
    run({
      duration: '250ms', drain: '1s', network: { latency: '20ms' }, services: { s: { latency: '150ms', concurrency: 10 } },
      traffic: [from('10/s', { connectionPool: { protocol: 'http2', maxConcurrentStreams } })],
    }).totals.latencyMs.min!;
  // Arrivals at 100 and 200 ms; the first is served up to 330 ms.
  expect([latencyWith(2), latencyWith(1)]).toEqual([190, 230]);
});

test('an idle connection is closed, and the next request waits for another', () => {
  const meanWith = (idleTimeout: string): number =>
    run({ duration: '10s', network: { latency: '20ms' }, services: { s: { latency: '5ms' } }, traffic: [from('1/s', { connectionPool: { idleTimeout } })] }).totals.latencyMs.p50!;
  expect([meanWith('2s'), meanWith('900ms')]).toEqual([45, 85]);
});

describe('a crash', () => {
  const crashed = (at: string, duration: string): Result =>
    run({
      duration, drain: '5s', network: { latency: '20ms' }, services: { s: { latency: '5ms' } }, traffic: [from('1/s', {})], faults: [{ at, for: '100ms', target: 's', crash: true }],
    });

  test.each([
    ['on its way there', '2.01s'],
    ['being served', '2.022s'],
  ])('resets a request %s on an open connection', (_, at) => {
    const { totals } = crashed(at, '3s');
    // Reset where it arrives, at 2,020 or 2,022 ms.
    expect([totals.causes, totals.latencyMs.min]).toEqual([{ reset: 1 }, at === '2.01s' ? 40 : 42]);
  });

  test('refuses new connections, after a round trip', () => {
    const { totals } = crashed('1.95s', '3s');
    expect([totals.causes, totals.latencyMs.min]).toEqual([{ connectFailure: 1 }, 40]);
  });

  test('that is over leaves no connection open', () => {
    const { totals } = crashed('1.5s', '3s');
    expect([totals.causes, totals.latencyMs.min]).toEqual([{}, 85]);
  });

  test('resets what a cut edge held on a connection of before', () => {
    const { totals } = run({
      duration: '3s', drain: '5s', network: { latency: '20ms' }, services: { s: { latency: '5ms' } }, traffic: [from('1/s', {})],
      faults: [{ at: '1.9s', for: '900ms', target: 'c->s', partition: true }, { at: '2.1s', for: '100ms', target: 's', crash: true }],
    });
    // Sent at 2 s, carried on at 2.8 s, and turned away where the connection is not known any more.
    expect([totals.causes, totals.latencyMs.max]).toEqual([{ reset: 1 }, 840]);
  });
});

test.each(['http1', 'http2'])('over %s a cut edge fails all who wait behind the first', (protocol) => {
  const { totals } = run({
    duration: '20ms', drain: '10s', network: { latency: '1ms' }, services: { s: { latency: '1ms' } },
    traffic: [from('200/s', { connectionPool: { protocol, maxConnections: 1, connectTimeout: '1s' } })], faults: [{ target: 'c->s', partition: true }],
  });
  expect([totals.causes, totals.latencyMs.max, totals.latencyMs.min]).toEqual([{ connectFailure: 3 }, 1000, 990]);
});

test('a handshake that a cut edge held goes on when it heals, or is given up when it would take too long', () => {
  const latencyWith = (connectTimeout: string): Result['totals'] =>
    run({
      duration: '20ms', drain: '10s', network: { latency: '20ms' }, services: { s: { latency: '5ms' } },
      traffic: [from('100/s', { connectionPool: { connectTimeout } })], faults: [{ for: '500ms', target: 'c->s', partition: true }],
    }).totals;
  // From 10 ms: healed at 500, open at 540, answered at 585; not open by 530.
  expect(latencyWith('530ms').okLatencyMs.max).toBe(575);
  expect([latencyWith('520ms').causes, latencyWith('520ms').latencyMs.max]).toEqual([{ connectFailure: 1 }, 520]);
});

test('a handshake longer than connectTimeout is a connect failure', () => {
  const { totals } = run({
    duration: '5s', network: { latency: '2s' }, services: { s: { latency: '5ms' } }, traffic: [from('1/s', { connectionPool: { connectTimeout: '1s' } })],
  });
  expect([totals.causes, totals.latencyMs.max]).toEqual([{ connectFailure: totals.requests }, 1000]);
});

test('tokens are taken by retriable failures and given back by successes, by nothing else', () => {
  const budget = { maxTokens: 10, tokenRatio: 1 };
  const { edges } = run({
    duration: '20s', services: { s: { replicas: 2, latency: '1ms' } },
    traffic: [from('50/s', { loadBalancer: 'roundRobin', panicThreshold: 0, retries: { attempts: 1, on: [503], backoff: 0, budget } })],
    faults: [{ target: 's/0', errors: { rate: 1, status: 503 } }, { target: 's/1', errors: { rate: 1, status: 404 } }],
  });
  // 9, 8, 7, 6 tokens allow a retry; 5 is not more than half.
  expect(edges['c->s']!.retries).toBe(4);
});

test('the penalising estimator shuns 429, which is fast, and not a reset, which it cannot judge', () => {
  const shareUnder = (fault: object): number =>
    run({
      duration: '60s', services: { s: { replicas: 3, latency: '5ms' } },
      traffic: [{ to: 's', rate: '100/s', policy: { loadBalancer: { type: 'peakEwma', estimator: 'penalize' } } }],
      faults: [{ target: 's/0', ...fault }],
    }).endpoints['s/0']!.share!;
  expect(shareUnder({ errors: { rate: 1, status: 429 } })).toBeLessThan(0.02);
  expect(shareUnder({ reset: 1 })).toBeGreaterThan(0.2);
});

test('equal weights among the endpoints in use are equal, whoever is ejected', () => {
  const meanWith = (weights: readonly number[]): number =>
    run({
      duration: '60s', warmup: '20s',
      services: { s: { replicas: 11, concurrency: 1, queue: 'unlimited', latency: { exponential: '10ms' }, weights } },
      traffic: [{ to: 's', rate: '800/s', policy: { loadBalancer: { type: 'leastRequest', sampling: 'withReplacement' }, outlierDetection: { consecutive5xx: 1, baseEjectionTime: '300s', maxEjectionPercent: 0.1 } } }],
      faults: [{ target: 's/10', errors: 1, for: '1s' }],
    }).totals.latencyMs.mean!;
  const ones = new Array<number>(10).fill(1);
  expect(meanWith([...ones, 2]) / meanWith([...ones, 1])).toBeCloseTo(1, 1);
});

test('after a pause those who came first are served first', () => {
  const { traffic } = run({
    duration: '3.5s', services: { s: { latency: '1s', concurrency: 2, queue: { limit: 1 } } }, traffic: [from('1/s', {})],
    faults: [{ at: '500ms', for: '5s', target: 's', pause: true }],
  });
  // Arrivals at 1, 2 and 3 s: two start at 5.5 s, the last when a slot is free.
  const { latencyMs } = traffic['c']!;
  expect([latencyMs.max, latencyMs.min, latencyMs.mean]).toEqual([5500, 4500, (5500 + 4500 + 4500) / 3]);
});

test('what an endpoint never answered still counts as sent to it', () => {
  const { endpoints } = run({
    duration: '10s', drain: '1s', services: { s: { replicas: 2, latency: '1ms' } }, traffic: [from('10/s', { loadBalancer: 'roundRobin' })],
    faults: [{ target: 's/0', hang: true }],
  });
  expect(Math.abs(endpoints['s/0']!.share! - 0.5)).toBeLessThan(0.01);
  expect(endpoints['s/0']!.errorRate).toBe(1);
});

test('a queue that only shrinks in the measured window has its length at the start', () => {
  const { endpoints } = run({
    duration: '12s', warmup: '1.5s', services: { s: { latency: '1s', concurrency: 1 } },
    traffic: [{ to: 's', name: 'c', arrivals: 'uniform', profile: [{ at: 0, rate: '10/s' }, { at: '1.05s', rate: '0.001/s', step: true }] }],
  });
  // Ten have come, one is done (at 1.1 s), one is on the slot.
  expect(endpoints['s/0']!.maxQueue).toBe(8);
});

test('uniform arrivals fall on their instants, and one due at the end is not made', () => {
  expect(run({ duration: '5s', services: { s: { latency: '1ms' } }, traffic: [from('1/s', {})] }).totals.requests).toBe(4);
});

test('a connection that cannot be opened fails all who wait for it', () => {
  const { totals } = run({
    duration: '20ms', drain: '10s', services: { s: { latency: '1ms' } },
    traffic: [from('200/s', { connectionPool: { maxConnections: 1, connectTimeout: '1s' } })],
    faults: [{ target: 'c->s', partition: true }],
  });
  // Arrivals at 5, 10 and 15 ms; the first opens the connection, and gives up on it at 1,005 ms.
  expect([totals.causes, totals.latencyMs.max, totals.latencyMs.min]).toEqual([{ connectFailure: 3 }, 1000, 990]);
});

test('idle connections past their time make room for other endpoints', () => {
  const { totals } = run({
    duration: '50s', warmup: '30s', services: { s: { replicas: 2, latency: '100ms' } },
    traffic: [{
      to: 's', name: 'c', arrivals: 'uniform',
      profile: [{ at: 0, rate: '100/s' }, { at: '10s', rate: '0/s', step: true }, { at: '20s', rate: '80/s', step: true }],
      policy: {
        loadBalancer: 'roundRobin', panicThreshold: 0, connectionPool: { maxConnections: 10, idleTimeout: '1s' },
        outlierDetection: { consecutive5xx: 3, baseEjectionTime: '300s', maxEjectionPercent: 0.5, enforcingSuccessRate: 0 },
      },
    }],
    faults: [{ at: '9.7s', for: '1s', target: 's/0', errors: 1 }],
  });
  expect([totals.causes, totals.latencyMs.p50, totals.latencyMs.max]).toEqual([{}, 100, 100]);
});

test('a request whose connection opens into a cut waits until it heals', () => {
  const { totals } = run({
    duration: '15ms', drain: '10s', network: { latency: '20ms' }, services: { s: { latency: '5ms' } }, traffic: [from('100/s', {})],
    faults: [{ at: '20ms', for: '1s', target: 'c->s', partition: true }],
  });
  // Sent at 10 ms, open at 50 ms, on its way at 1,020 ms, answered at 1,065 ms.
  expect([totals.ok, totals.latencyMs.max]).toEqual([1, 1055]);
});

test.each(['ringHash', 'maglev'])('%s: a key has its endpoint, the same for all clients', (type) => {
  const { endpoints } = run({
    duration: '20s', services: { s: { replicas: 5, latency: '1ms' } },
    traffic: [{ to: 's', clients: 3, rate: '100/s', requests: [{ key: { uniform: { keys: 1 } } }], policy: { loadBalancer: type } }],
  });
  expect(Object.values(endpoints).map(({ share }) => share).sort()).toEqual([0, 0, 0, 0, 1]);
});

test('slow start puts least request on a schedule, and idle endpoints take turns', () => {
  const requestsWith = (slowStart: string): number =>
    run({ duration: '10s', services: { s: { replicas: 4, latency: '1ms' } }, traffic: [from('40/s', { loadBalancer: 'leastRequest', slowStart })] }).endpoints['s/2']!.requests;
  expect(requestsWith('1h')).toBe(100);
  expect(requestsWith('none')).not.toBe(100);
});

test('a rate limit above the rate refuses hardly anybody, unless its burst is one call', () => {
  const refused = (rateLimit: unknown): number => {
    const { totals } = run({ duration: '60s', services: { s: { latency: '1ms' } }, traffic: [{ to: 's', rate: '300/s', policy: { rateLimit } }] });
    return (totals.causes.rateLimited ?? 0) / totals.requests;
  };
  expect(refused('400/s')).toBe(0);
  // A renewal process: passing takes 1/400 s and then the next arrival, so 1 / (1 + 300 / 400) pass.
  expect(refused({ rate: '400/s', burst: 1 })).toBeCloseTo(1 - 1 / 1.75, 1);
});

test('the patience of a request that its caller took back is not that of the next one in its place', () => {
  const { traffic } = run({
    duration: '1.1s', drain: '10s',
    services: { hasty: { latency: '1s', concurrency: 1, queue: { timeout: '500ms' }, onCancel: 'dropQueued' }, calm: { latency: '1s', concurrency: 1 } },
    traffic: [
      { to: 'hasty', rate: '2.5/s', arrivals: 'uniform', policy: { timeout: '100ms' } },
      { to: 'calm', rate: '2/s', arrivals: 'uniform' },
    ],
  });
  // The second to `hasty` queues at 800 ms, patient until 1,300 ms, and is taken back at 900 ms; the second to `calm` queues from 1,000 to 1,500 ms.
  expect([traffic['calm']!.causes, traffic['calm']!.latencyMs.max]).toEqual([{}, 1500]);
});

test.each([
  // 10 ms fails, its copy at once, 100 ms, 10 ms, 200 ms, 10 ms.
  ['a hedge', { hedge: { after: '50ms', budget: '100%' }, retries: { attempts: 2, on: ['5xx'], backoff: { base: '100ms', max: '10s', jitter: 'none' } } }, 340],
  // 10 ms fails and shuts the endpoint, 50 ms, 100 ms in vain, 100 ms, and is shed.
  ['a wait for an endpoint', {
    failfast: '100ms', failureAccrual: { consecutive: { maxFailures: 1, minPenalty: '1h', maxPenalty: '1h' } },
    retries: { attempts: 2, on: ['5xx', 'failfast'], backoff: { base: '50ms', max: '10s', jitter: 'none' } },
  }, 260],
])('the backoff grows with retries, and %s is none', (_what, policy, expected) => {
  const { latencyMs } = run({ duration: '3s', services: { s: { latency: '10ms', errors: '100%' } }, traffic: [from('0.5/s', policy)] }).totals;
  expect(latencyMs.max).toBe(expected);
});

test('an endpoint that crashes sends nothing that waited for a connection', () => {
  const { edges, endpoints } = run({
    duration: '2s', drain: '10s',
    services: { a: { latency: '10ms', calls: ['b'] }, b: { latency: '1s', policy: { connectionPool: { maxConnections: 1 } } } },
    traffic: [{ to: 'a', rate: '10/s', arrivals: 'uniform' }],
    faults: [{ at: '955ms', for: '10s', target: 'a', crash: true }],
  });
  // The first is at `b` from 110 to 1,110 ms; eight wait.
  expect([edges['a->b']!.causes, endpoints['b/0']!.requests, endpoints['b/0']!.meanBusy]).toEqual([{ unfinished: 9 }, 1, 0.5]);
});

test('a queue that stands all through the measured window has been that long', () => {
  const { endpoints } = run({
    duration: '10s', warmup: '5s', drain: '60s', services: { s: { latency: '1s', concurrency: 1 } },
    traffic: [{ to: 's', arrivals: 'uniform', profile: [{ at: 0, rate: '2/s' }, { at: '1.9s', rate: '0/s', step: true }] }],
    faults: [{ at: '1.7s', for: '20s', target: 's', pause: true }],
  });
  // Three come in the first two seconds; one is done at 1.5 s, one is being worked on.
  expect([endpoints['s/0']!.maxQueue, endpoints['s/0']!.meanQueue]).toEqual([1, 1]);
});
