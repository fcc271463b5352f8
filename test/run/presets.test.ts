/** Each preset at work: two services, an endpoint that is gone for a while, one that fails a lot. */
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { type PresetName, presets } from '../../src/scenario/preset/registry.ts';
import { inline, type JsonObject } from '../../src/scenario/schema.ts';

const SCENARIO = `
seed: 7
duration: 20s
zones: [a, b]
network: { latency: 0.2ms, betweenZones: 1ms }
services:
  web: { replicas: 2, latency: 2ms, calls: [cart] }
  cart: { replicas: 6, latency: { p50: 5ms, p99: 40ms } }
traffic:
  - { to: web, name: users, rate: 300/s, clients: 2 }
faults:
  - { name: gone, at: 5s, for: 5s, target: cart/0, crash: true }
  - { name: sick, at: 12s, for: 5s, target: cart/1, errors: { rate: 90%, status: 503 } }
`;

function run(policy: JsonObject): Result {
  const { plan, problems, notSimulated } = parseScenario(`${SCENARIO}policies:\n  default: ${inline(policy)}\n`);
  expect([problems, notSimulated]).toEqual([[], []]);
  return simulate(plan!);
}

const NAMES = Object.keys(presets) as PresetName[];
const PARTS = { retries: {}, outlierDetection: { maxEjectionPercent: '50%' } };

describe('a scenario under each preset', () => {
  it.each(NAMES)('%s: every request ends, and five sixths of the calls are well', (name) => {
    const { complete, totals, edges } = run({ preset: name });
    expect(complete).toBe(true);
    expect(totals.requests).toBeGreaterThan(5500);
    expect(totals.causes.unfinished ?? 0).toBe(0);
    expect(totals.ok + Object.values(totals.causes).reduce((sum, count) => sum + count, 0)).toBe(totals.requests);
    expect(edges['web->cart']!.errorRate).toBeLessThan(1 / 6);
    expect(totals.okLatencyMs.p50).toBeLessThan(30);
  });

  // One endpoint of six is gone a quarter of the time, and one answers 503 to 90 % for another quarter.
  const gone = 1 / 6 / 4;
  const sick = 0.9 / 6 / 4;
  it.each<[PresetName, string, number, number]>([
    ['none', 'fails what both spoil', 0.9 * (gone + sick), 1.1 * (gone + sick)],
    ['envoy', 'retries nothing by itself', 0.9 * (gone + sick), 1.1 * (gone + sick)],
    ['grpc', 'retries nothing by itself', 0.9 * (gone + sick), 1.1 * (gone + sick)],
    ['istio', 'retries what cannot connect, not a 503', 0.8 * sick, 1.2 * sick],
    ['linkerd', 'is drawn to endpoints that fail fast', 1.1 * (gone + sick), 3 * (gone + sick)],
    ['finagle', 'marks the sick one dead after a few failures', 0, 0.005],
  ])('%s: %s', (name, _, least, most) => {
    const { errorRate } = run({ preset: name }).totals;
    expect(errorRate).toBeGreaterThanOrEqual(least);
    expect(errorRate).toBeLessThanOrEqual(most);
  });

  it.each(NAMES)('%s: with retries and outlier detection fewer than one in a hundred fails', (name) => {
    const { edges, totals } = run({ preset: name, ...PARTS });
    expect(edges['web->cart']!.ejections).toBeGreaterThan(0);
    expect(totals.errorRate).toBeLessThan(0.01);
  });
});
