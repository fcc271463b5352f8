/** What an engine decided among real sockets and real time, it decides again from its recording. */
import { describe, expect, test } from 'vitest';
import { planFrom } from '../support/plan-from.ts';
import { temporaryFolder } from '../support/scenario-files.ts';
import { Tapes, withHeader } from '../support/tapes.ts';

const tapes = new Tapes(temporaryFolder());

const SIMPLE = planFrom({
  duration: '1s',
  services: { web: { replicas: 3, latency: { exponential: '5ms' } } },
  policies: {
    default: {
      loadBalancer: 'leastRequest', timeout: '500ms',
      retries: { attempts: 2, on: ['5xx', 'reset', 'connectFailure', 'timeout'], perTryTimeout: '150ms', backoff: { base: '5ms', max: '20ms', jitter: 'full' } },
      outlierDetection: { consecutive5xx: 3, interval: '100ms', baseEjectionTime: '100ms', maxEjectionPercent: '50%' },
    },
  },
  traffic: [{ to: 'web', clients: 2, rate: '200/s' }],
  faults: [
    { at: '100ms', target: 'web/0', errors: { rate: '100%', status: 503 } },
    { at: '300ms', for: '300ms', target: 'web/1', hang: true },
    { at: '700ms', for: '100ms', target: 'web/2', crash: true },
  ],
});

const POOLED = planFrom({
  duration: '1s',
  services: {
    web: { replicas: 2, latency: '2ms', calls: ['cart'], policy: 'hedged' },
    cart: { replicas: 3, latency: { p50: '5ms', p99: '60ms' }, policy: 'streams' },
  },
  policies: {
    hedged: { timeout: '300ms', hedge: { after: '10ms', max: 1, budget: '50%' }, connectionPool: { maxConnections: 8, maxPendingRequests: 8, idleTimeout: '100ms', maxRequestsPerConnection: 20 } },
    streams: {
      timeout: '200ms', deadline: 'propagate', retries: { attempts: 2, on: ['reset', 'connectFailure'] },
      connectionPool: { protocol: 'http2', maxConnections: 4, maxConcurrentStreams: 4 },
      healthCheck: { interval: '80ms', noTrafficInterval: '80ms', timeout: '40ms', unhealthyThreshold: 1, healthyThreshold: 1 },
    },
  },
  traffic: [{ to: 'web', rate: '150/s' }],
  faults: [{ at: '300ms', for: '300ms', target: 'cart/0', crash: true }, { at: '400ms', for: '200ms', target: 'cart/1', pause: true }],
});

describe.each([
  ['with retries, ejections and timeouts', SIMPLE, ['- ejected ', 'timerDue attemptTimeout ', 'timerDue backoff ', ' error 503', '- cancel ', ' connectFailure ']],
  ['with pools of both kinds, hedges and health checks', POOLED, [' opened ', ' openFailed ', '- open ', '- closed ', ' true ', 'probeAnswered ', '- probe ', 'connectionsLost ']],
])('a real run %s', (_, plan, words) => {
  test('is decided once more as it was, and otherwise by another policy', async () => {
    const lines = await tapes.real(plan);
    for (const word of words) expect(lines.some((line) => `${line} `.includes(word)), word).toBe(true);
    expect(await tapes.replayed(lines)).toMatchObject({ header: { mode: 'real' }, divergence: null, isWhole: true });

    const other = withHeader(lines, (header) => ({ plan: { ...header.plan, edges: header.plan.edges.map((edge) => ({ ...edge, policy: { ...edge.policy, timeoutNs: 250e6 } })) } }));
    const { divergence } = await tapes.replayed(other);
    // The first call of all has less time.
    const first = lines.findIndex((line) => line.includes(' begin ')) + 1;
    expect(divergence).toMatchObject({ line: first, place: { caller: expect.stringMatching(/\/\d$/), call: 0 } });
    expect(divergence?.replayed?.text).toMatch(/^- arm callTimeout 0 /);
  });
});
