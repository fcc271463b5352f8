/** Where the calls go that a service splits over others, and for whom they count. */
import { describe, expect, it } from 'vitest';
import { loadOf } from '../../src/result/load.ts';
import type { Metrics, Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';

/** `web` gives a tenth of its calls to `canary`. */
function run(policy: object, more: object = {}): Result {
  return simulate(planFrom({
    name: 'split', duration: '60s',
    services: { web: { latency: '10ms', replicas: 3, routes: [{ split: { web: 90, canary: 10 } }] }, canary: { latency: '30ms', replicas: 2, policy: { panicThreshold: 0, ...policy } } },
    traffic: [{ to: 'web', name: 'users', rate: '200/s', policy: { panicThreshold: 0, ...policy } }],
    ...more,
  }));
}

const ROUTE = 'users->web';
const BACKEND = 'users->canary';
const countsOf = ({ requests, ok, attempts, retries, causes }: Metrics): unknown => ({ requests, ok, attempts, retries, causes });
const sentTo = ({ endpoints }: Result, service: string): number => Object.entries(endpoints).reduce((sum, [name, { requests }]) => (name.startsWith(`${service}/`) ? sum + requests : sum), 0);
/** Three standard deviations of 12,000 draws are 0.8 %. */
const isTenth = (share: number): void => expect(Math.abs(share - 0.1)).toBeLessThan(0.008);
const CANARY_DOWN = { faults: [{ name: 'down', target: 'canary', crash: true }] };
/** Ejects every endpoint that fails once, all of them if need be, for longer than the run. */
const EJECT_ALL = { outlierDetection: { consecutive5xx: 1, maxEjectionPercent: '100%', baseEjectionTime: '300s' } };

describe.each(['fixed', 'available'])('a split of 90 to 10, %s', (split) => {
  const result = run({ split });
  const { requests } = result.totals;

  it('sends a tenth to the canary', () => {
    expect(requests).toBeGreaterThan(11_000);
    isTenth(result.services['canary']!.requests / requests);
    expect([sentTo(result, 'web'), sentTo(result, 'canary')]).toEqual([result.services['web']!.requests, result.services['canary']!.requests]);
  });

  it('counts a call for the service that served it, for the edge it was made on and for the edge it went over', () => {
    const { edges, services, totals, traffic } = result;
    expect(services['web']!.requests + services['canary']!.requests).toBe(requests);
    expect(countsOf(edges[ROUTE]!)).toEqual(countsOf(totals));
    expect(countsOf(traffic['users']!)).toEqual(countsOf(totals));
    expect(countsOf(edges[BACKEND]!)).toEqual(countsOf(services['canary']!));
    expect(loadOf(result).attempts).toBe(totals.attempts);
    expect([edges[BACKEND]!.latencyMs.p50, services['web']!.latencyMs.p50]).toEqual([30, 10]);
    // A quantile of the mix: nine of ten calls take 10 ms.
    expect([edges[ROUTE]!.latencyMs.p50, edges[ROUTE]!.latencyMs.p95]).toEqual([10, 30]);
  });
});

describe('while the canary has no endpoint left', () => {
  it('a split over what is available fails over: only the calls that found it out are lost', () => {
    const result = run({ split: 'available', ...EJECT_ALL }, CANARY_DOWN);
    // The first call to each of its two endpoints.
    expect(result.totals.causes).toEqual({ connectFailure: 2 });
    expect(result.services['canary']!.requests).toBe(2);
    expect(sentTo(result, 'web')).toBe(result.totals.requests - 2);
  });

  it('Envoy\'s does not: its tenth is lost to the end', () => {
    const result = run({ split: 'fixed', ...EJECT_ALL }, CANARY_DOWN);
    const { totals } = result;
    isTenth(totals.failed / totals.requests);
    expect(totals.causes).toEqual({ connectFailure: 2, noEndpoint: totals.failed - 2 });
    // What found nobody counts where it would have gone.
    expect(result.edges[BACKEND]!.causes).toEqual(totals.causes);
    expect(result.services['canary']!.failed).toBe(totals.failed);
    expect(result.services['web']!.failed).toBe(0);
  });
});

describe('a retry', () => {
  const retries = { attempts: 2, on: ['connectFailure'], backoff: 0 };

  it('stays with the backend of its call in Envoy\'s split', () => {
    const result = run({ split: 'fixed', retries }, CANARY_DOWN);
    const { totals } = result;
    isTenth(totals.failed / totals.requests);
    expect(totals.retries).toBe(2 * totals.failed);
    expect(result.edges[BACKEND]!.retries).toBe(totals.retries);
    expect(sentTo(result, 'web')).toBe(result.services['web']!.requests);
  });

  it('draws anew in Linkerd\'s, and the call counts for where it went last', () => {
    const result = run({ split: 'available', retries }, CANARY_DOWN);
    const { totals } = result;
    // All three attempts meet the canary in one call of a thousand.
    expect(totals.errorRate).toBeLessThan(0.003);
    isTenth(totals.retries / totals.attempts);
    expect(sentTo(result, 'web')).toBe(result.services['web']!.ok);
    expect(result.services['canary']!.failed).toBe(totals.failed);
    expect(result.edges[ROUTE]!.attempts).toBe(sentTo(result, 'web') + sentTo(result, 'canary'));
  });
});
