/** Whole runs whose answer the locality mode decides. */
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

/** Six endpoints over three zones, asked from the first. */
function run(policy: object, more: object = {}): Result {
  const { plan, problems, notSimulated } = parseScenario(JSON.stringify({
    duration: '20s', zones: ['a', 'b', 'c'], network: { latency: '1ms', betweenZones: '10ms' },
    services: { s: { latency: '5ms', replicas: 6 } },
    traffic: [{ to: 's', name: 'c', rate: '100/s', zones: ['a'], policy }],
    ...more,
  }));
  if (plan === null || notSimulated.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return simulate(plan);
}

const requestsByZone = ({ endpoints }: Result): number[] => [0, 1, 2].map((zone) => [zone, zone + 3].reduce((sum, i) => sum + endpoints[`s/${i}`]!.requests, 0));

describe('a run', () => {
  it('without locality crosses zones for two thirds of the calls, with failover for none', () => {
    const [everywhere, home] = [run({}), run({ locality: 'failover' })];
    expect(everywhere.totals.latencyMs.p99).toBeGreaterThan(20);
    expect(home.totals.latencyMs.max).toBeLessThan(10);
    expect(requestsByZone(home).slice(1)).toEqual([0, 0]);
  });

  it('fails over while a zone is down, and comes back', () => {
    const outlierDetection = { consecutive5xx: 1, consecutiveGatewayFailure: 0, interval: '1s', baseEjectionTime: '2s', maxEjectionPercent: '100%' };
    const policy = { locality: { mode: 'failover', order: { a: ['c'] } }, retries: { attempts: 3, on: ['connectFailure', 'reset'], backoff: 0 }, outlierDetection };
    const result = run(policy, { faults: [{ name: 'outage', at: '5s', for: '5s', target: 's@a', crash: true }] });
    const [home, other, next] = requestsByZone(result);
    expect(result.totals.failed).toBe(0);
    expect(other).toBe(0);
    expect(next).toBeGreaterThan(300);
    expect(home).toBeGreaterThan(1100);
  });

  it('shares by zone weights, and by zone awareness', () => {
    const weighted = requestsByZone(run({ locality: { mode: 'weighted', weights: { a: 1, b: 3 } } }));
    expect(weighted.map((requests) => requests / weighted.reduce((sum, one) => sum + one, 0)).map((share) => Number(share.toFixed(2)))).toEqual([0.25, 0.75, 0]);
    expect(requestsByZone(run({ locality: 'zoneAware' }, { traffic: [{ to: 's', rate: '100/s', clients: 3, policy: { locality: 'zoneAware' } }] })).every((requests) => requests > 500)).toBe(true);
  });
});
