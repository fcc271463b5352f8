/** What a result says of the policies at work in it, in whole runs. */
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../../src/report/summary.ts';
import type { EventResult, Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';

function run(policy: object, more: object = {}): Result {
  return simulate(planFrom({
    name: 'figures', duration: '60s',
    services: { s: { latency: '10ms', replicas: 2 } },
    traffic: [{ to: 's', name: 'c', rate: '100/s', arrivals: 'uniform', policy }],
    ...more,
  }));
}

const edgeOf = (result: Result): Result['edges'][string] => result.edges['c->s']!;
const valuesOf = ({ thresholds }: Result): (number | null)[] => thresholds.map(({ value }) => value);
const kindsOf = ({ events }: Result): string[] => [...new Set(events.map(({ kind }) => kind))];
/** Of the only service. */
const breakerColumn = (result: Result): string => summaryOf(result, 'compact').services.rows[0]!.at(-1)!.text;
const extraWork = (result: Result): string => summaryOf(result, 'full').figures.find(({ title }) => title === 'EXTRA WORK')!.versions[0]!;

const bad = (target: string): object => ({ faults: [{ name: 'bad', at: '20s', for: '10s', target, errors: { rate: 1, status: 503 } }] });
const WINDOW = { slidingWindowSize: 10, minimumNumberOfCalls: 10, waitDurationInOpenState: '3s', permittedNumberOfCallsInHalfOpenState: 2 };

/** Sum of the stretches between two kinds of events, ms. */
function between(events: readonly EventResult[], on: string, off: string, endMs: number): number {
  return events.reduce((sum, { atMs, kind }) => (kind === on ? sum + endMs - atMs : kind === off ? sum - (endMs - atMs) : sum), 0);
}

describe('a circuit breaker of the service', () => {
  const result = run({ circuitBreaker: WINDOW }, {
    ...bad('s'),
    thresholds: ['breaker_open avg > 1%', 'breaker_open count == 1', 'breaker_open{phase:bad} avg > 90%', 'breaker_open{phase:after:bad} avg < 10%', 'breaker_open{service:s, traffic:c} count == 1'],
  });

  it('is open while it refuses: all the fault but for its first calls and the probes, and a wait beyond it', () => {
    const { breakerOpenings, breakerOpenMs, causes, ejections } = edgeOf(result);
    // Ten calls fail, 10 ms apart, then it waits 3 s, fails two probes 10 ms apart, and so on; the fourth wait is over at 32.2 s.
    expect([breakerOpenings, ejections, result.endpoints['s/0']!.ejections]).toEqual([1, 0, 0]);
    expect(breakerOpenMs).toBeGreaterThan(11_900);
    expect(breakerOpenMs).toBeLessThan(12_300);
    expect(causes.breakerOpen! / 100).toBeCloseTo(breakerOpenMs / 1000, 0);
  });

  it('has events that say when and why, and thresholds that say how much', () => {
    expect(result.events.filter(({ policy }) => policy !== undefined).map(({ kind, policy, detection, caller, endpoint }) => [kind, policy, detection, caller, endpoint])).toEqual([
      ['breakerOpened', 'circuitBreaker', 'failureRate', 'c/0', undefined],
      ['breakerClosed', 'circuitBreaker', undefined, 'c/0', undefined],
    ]);
    const [share, count, during, after, again] = valuesOf(result);
    expect(share).toBeCloseTo(edgeOf(result).breakerOpenMs / 60_000, 9);
    expect([count, again]).toEqual([1, 1]);
    expect(during! * 10_000 + after! * 30_000).toBeCloseTo(edgeOf(result).breakerOpenMs, 6);
    expect(during).toBeGreaterThan(0.98);
  });

  it('is told in the summary in words', () => {
    expect(breakerColumn(result)).toMatch(/^opened 1×, 12(\.\d)? s$/);
  });

  it('that nobody probes any more is open for its wait and no longer', () => {
    const { edges, events } = run({ circuitBreaker: WINDOW }, {
      ...bad('s'), traffic: [{ to: 's', name: 'c', arrivals: 'uniform', profile: [{ at: 0, rate: '100/s' }, { at: '21s', rate: '0/s', step: true }], policy: { circuitBreaker: WINDOW } }],
    });
    expect(edges['c->s']!.breakerOpenMs).toBeCloseTo(3000, 3);
    expect(events.map(({ kind }) => kind)).not.toContain('breakerClosed');
  });

  it('is looked at by thresholds that abort while it is open', () => {
    const aborted = run({ circuitBreaker: { ...WINDOW, waitDurationInOpenState: '60s' } }, { ...bad('s'), thresholds: [{ expr: 'breaker_open avg < 10%', abort: true }] });
    expect(aborted.complete).toBe(false);
    // Open from 20.1 s on: a tenth of the time at 22.4 s.
    expect(aborted.window.endMs).toBeCloseTo(23_000, -2);
  });
});

describe('breakers of endpoints', () => {
  it.each([
    ['failureAccrual', { failureAccrual: { consecutive: { maxFailures: 5, minPenalty: '3s', maxPenalty: '3s', jitterRatio: 0 } } }, 'consecutiveFailures'],
    ['circuitBreaker', { circuitBreaker: { ...WINDOW, scope: 'endpoint' } }, 'failureRate'],
  ])('%s: are summed over endpoints and callers', (policy, options, detection) => {
    const traffic = [{ to: 's', name: 'c', clients: 2, rate: '200/s', arrivals: 'uniform', policy: { ...options, panicThreshold: 0 } }];
    const result = run({}, { ...bad('s'), traffic, thresholds: ['breaker_open avg < 100%'] });
    const { breakerOpenings, breakerOpenMs, causes, ejections } = edgeOf(result);
    expect([breakerOpenings, ejections, Object.values(result.endpoints).map((endpoint) => endpoint.ejections)]).toEqual([4, 0, [0, 0]]);
    expect(breakerOpenMs / 4).toBeGreaterThan(11_000);
    expect(breakerOpenMs / 4).toBeLessThan(13_000);
    expect(valuesOf(result)[0]).toBeCloseTo(breakerOpenMs / 4 / 60_000, 9);
    expect(causes.noEndpoint).toBeGreaterThan(1000);
    expect(result.events.filter(({ kind }) => kind === 'breakerOpened').map((event) => [event.policy, event.detection, event.endpoint])).toEqual(
      expect.arrayContaining([[policy, detection, 's/0'], [policy, detection, 's/1']]));
    // From opening to closing it is out of use, but for single probes.
    expect(between(result.events, 'breakerOpened', 'breakerClosed', 60_000)).toBeGreaterThanOrEqual(breakerOpenMs);
  });

  it('are not ejections, and ejections are no breakers', () => {
    const outlier = run({ outlierDetection: { consecutive5xx: 5, maxEjectionPercent: '50%' }, panicThreshold: 0 }, { ...bad('s/0'), thresholds: ['ejected count >= 1', 'ejected ratio > 10%', 'breaker_open avg < 1%'] });
    expect([edgeOf(outlier).ejections > 0, edgeOf(outlier).breakerOpenings, edgeOf(outlier).breakerOpenMs]).toEqual([true, 0, 0]);
    expect(kindsOf(outlier)).toEqual(expect.arrayContaining(['ejected', 'unejected']));
    expect(breakerColumn(outlier)).toMatch(/^ejected \d+×$/);
    // Nobody has a breaker: nothing was measured.
    expect(outlier.thresholds.map(({ judged }) => judged)).toEqual(['pass', 'pass', 'no samples']);
  });
});

describe('two holders of one endpoint', () => {
  it('keep it out of use once', () => {
    const result = run({
      outlierDetection: { consecutive5xx: 5, baseEjectionTime: '300s', maxEjectionPercent: '50%' },
      failureAccrual: { consecutive: { maxFailures: 5, minPenalty: '60s', maxPenalty: '60s', jitterRatio: 0 } },
      healthCheck: { interval: '1s', noTrafficInterval: '1s', timeout: '500ms' }, panicThreshold: 0,
    }, { faults: [{ name: 'bad', at: '20s', target: 's/0', crash: true }], thresholds: ['ejected{endpoint:s/0} ratio > 50%'] });
    expect(kindsOf(result)).toEqual(expect.arrayContaining(['ejected', 'breakerOpened', 'unhealthy']));
    const share = valuesOf(result)[0]!;
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(40 / 60);
    expect(edgeOf(result)).toMatchObject({ ejections: 1, breakerOpenings: 1, healthCheckFailures: 1 });
    expect(breakerColumn(result)).toMatch(/^opened 1×, 39\.9 s · ejected 1× · unhealthy 1×$/);
  });
});

describe('health checks and failfast', () => {
  it('say who was unhealthy, and how long calls were shed', () => {
    const result = run({ healthCheck: { interval: '1s', noTrafficInterval: '1s', timeout: '500ms', unhealthyThreshold: 2, healthyThreshold: 1 }, failfast: { timeout: '1s' }, panicThreshold: 0 }, { faults: [{ name: 'bad', at: '20s', for: '10s', target: 's', crash: true }] });
    const { healthCheckFailures, sheddingMs, causes } = edgeOf(result);
    expect(healthCheckFailures).toBe(2);
    expect(between(result.events, 'shedOn', 'shedOff', 60_000)).toBeCloseTo(sheddingMs, 3);
    expect(sheddingMs).toBeGreaterThan(6000);
    expect(sheddingMs).toBeLessThan(10_000);
    expect(causes.noEndpoint! / 100).toBeGreaterThan(sheddingMs / 1000);
    expect(result.events.filter(({ kind }) => kind === 'unhealthy').map(({ policy, detection, endpoint }) => [policy, detection, endpoint])).toEqual([['healthCheck', 'healthCheck', 's/0'], ['healthCheck', 'healthCheck', 's/1']]);
    expect(breakerColumn(result)).toMatch(/^unhealthy 2× · shedding [\d.]+ s$/);
  });
});

describe('hedges', () => {
  const slow = { services: { s: { latency: { mixture: [{ weight: 8, of: '10ms' }, { weight: 2, of: '200ms' }] }, replicas: 4 } } };

  it('are counted apart from retries, everywhere', () => {
    const thresholds = ['hedges ratio > 10%', 'hedges{edge:c->s} count > 10', 'retries ratio == 1', 'retries count == 0'];
    const result = run({ hedge: { after: '50ms', max: 1, budget: '100%' } }, { ...slow, thresholds });
    const { totals, series } = result;
    expect(totals.hedges / totals.requests).toBeCloseTo(0.2, 1);
    expect(totals.amplification).toBe((totals.requests + totals.hedges) / totals.requests);
    for (const part of [totals, edgeOf(result), result.services['s']!, result.traffic['c']!]) expect([part.hedges, part.retries, part.attempts]).toEqual([totals.hedges, 0, totals.requests + totals.hedges]);
    const sum = (column: readonly number[]): number => column.reduce((all, count) => all + count, 0);
    expect([series.hedges, series.retries, series.attempts].map(sum)).toEqual([totals.hedges, 0, totals.attempts]);
    expect(valuesOf(result)).toEqual([totals.hedges / totals.requests, totals.hedges, 1, 0]);
    expect(extraWork(result)).toMatch(/retries 1\.00× · hedges (19|20|21)\.\d\d%/);
  });

  it('and retries of one call are both counted', () => {
    const policy = { hedge: { after: 'none', onPerTryTimeout: true }, retries: { attempts: 2, on: ['5xx'], perTryTimeout: '50ms', backoff: 0 } };
    const result = run(policy, { services: { s: { latency: { mixture: [{ weight: 8, of: '10ms' }, { weight: 2, of: '200ms' }] }, errors: '20%', replicas: 4 } } });
    const { attempts, hedges, requests, retries } = result.totals;
    expect([hedges > 200, retries > 200]).toEqual([true, true]);
    expect(attempts).toBe(requests + retries + hedges);
  });
});

describe('calls that a policy refuses', () => {
  it.each([
    ['rateLimit', { rateLimit: { rate: '50/s', burst: 1 } }, 'rateLimited'],
    ['circuitBreaker', { circuitBreaker: { ...WINDOW, waitDurationInOpenState: '60s' } }, 'breakerOpen'],
    ['connectionPool', { connectionPool: { maxRequests: 1, maxConnections: 1, maxPendingRequests: 1 } }, 'overflow'],
    ['concurrencyLimit', { concurrencyLimit: { type: 'aimd', initialLimit: 1, minLimit: 1, maxLimit: 1 } }, 'overflow'],
    ['admission', { admission: { type: 'googleSre', k: 1.1, window: '10s' } }, 'rejected'],
    ['failureAccrual', { failureAccrual: { consecutive: { maxFailures: 2 } }, panicThreshold: 0 }, 'noEndpoint'],
  ] as const)('%s: count as %s', (_, policy, cause) => {
    const result = run(policy, { ...bad('s'), services: { s: { latency: '30ms', replicas: 2 } }, thresholds: ['errors count > 0'] });
    const { causes, failed, requests } = edgeOf(result);
    expect(causes[cause]).toBeGreaterThan(100);
    expect(Object.values(causes).reduce((sum, count) => sum + count, 0)).toBe(failed);
    expect(valuesOf(result)).toEqual([failed]);
    expect(edgeOf(result).overflows).toBe(causes.overflow ?? 0);
    // Calls that were never tried do not make retries look like less than one attempt a call.
    expect(edgeOf(result).attempts).toBeLessThan(requests);
    expect(extraWork(result)).toContain('retries 1.00×');
  });
});
