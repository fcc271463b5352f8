import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simplifications } from '../../src/check/simplify/simplifications.ts';
import { aimedAt, withoutService } from '../../src/check/simplify/mesh.ts';
import { shrink } from '../../src/check/simplify/shrink.ts';
import { expectedRequests, isSmaller, sizeOf } from '../../src/check/simplify/size.ts';
import { isRunnable } from '../../src/scenario/document-plan.ts';
import type { ScenarioDocument } from '../../src/scenario/document.ts';
import { type ScenarioRun, runScenario } from '../../src/run/scenario-run.ts';
import { arbScenario } from '../../src/testing.ts';

const CHAIN: ScenarioDocument = {
  duration: '10s',
  zones: ['a', 'b'],
  services: {
    web: { replicas: 3, latency: '5ms', calls: ['cart', { parallel: ['stock', { service: 'ads', optional: true }] }] },
    cart: { replicas: 2, latency: '5ms', calls: 'stock', policy: 'standard' },
    stock: { latency: '5ms', routes: [{ split: { stock: 90, ads: 10 } }] },
    ads: { latency: '5ms', policy: { timeout: '1s' } },
  },
  policies: { standard: { retries: 2 }, spare: {} },
  traffic: [{ to: 'web', name: 'browse', rate: '100/s' }],
  faults: [{ name: 'slow', target: 'cart/1', latency: { multiply: 3 } }, { name: 'cut', target: 'web->cart', partition: true }],
  thresholds: ['errors rate < 1%', 'latency{service:cart} p(99) < 1s', 'latency{phase:slow} p(99) < 1s'],
};

describe('simplifications', () => {
  test('each is smaller by a measure that cannot fall for ever', () => {
    fc.assert(fc.property(arbScenario(), (scenario) => {
      for (const { document } of simplifications(scenario)) expect(isSmaller(sizeOf(document), sizeOf(scenario))).toBe(true);
    }), { numRuns: 30 });
  });

  test('most of them can be run', () => {
    const all = fc.sample(arbScenario(), { seed: 1, numRuns: 20 }).flatMap((scenario) => [...simplifications(scenario)]);
    expect(all.filter(({ document }) => isRunnable(document)).length / all.length).toBeGreaterThan(0.9);
  });

  test('nothing refers to a service that is gone', () => {
    const left = withoutService(CHAIN, 'cart')!;
    expect(isRunnable(left)).toBe(true);
    expect(left).toMatchObject({ services: { web: { calls: [{ parallel: ['stock', { service: 'ads', optional: true }] }] } }, faults: [] });
    expect(left.policies).toBeUndefined();
    expect(left.thresholds).toEqual(['errors rate < 1%']);
    expect(withoutService(CHAIN, 'ads')!.services['stock']).toEqual({ latency: '5ms', routes: [{ split: { stock: 90 } }] });
    expect(withoutService({ ...CHAIN, services: { web: CHAIN.services['web']! } }, 'web')).toBeNull();
  });

  test('traffic that asks another service leaves what lay before it', () => {
    const left = aimedAt(CHAIN, 'cart');
    expect(Object.keys(left.services)).toEqual(['cart', 'stock', 'ads']);
    expect(left.traffic).toEqual([{ to: 'cart', name: 'browse', rate: '100/s' }]);
    expect(left.faults).toMatchObject([{ name: 'slow' }]);
    expect(isRunnable(left)).toBe(true);
  });

  const TWO: ScenarioDocument = { ...CHAIN, traffic: [...CHAIN.traffic, { to: 'cart', name: 'buy', rate: '37/s' }] };

  test('what is to stay as it is does', () => {
    const all = [...simplifications(TWO, { asItIs: ['services', 'policies', 'load', 'sources'], faults: 1 })];
    expect(all.some(({ document }) => !('ads' in document.services))).toBe(true);
    for (const { document } of all) {
      expect(document.traffic).toEqual(TWO.traffic);
      expect(document.faults?.length ?? 0).toBeGreaterThanOrEqual(1);
      for (const [name, { calls: _, routes: __, ...service }] of Object.entries(document.services)) expect(TWO.services[name]).toMatchObject(service);
    }
  });

  test('sources that stay send less, and ask whom they asked', () => {
    const asks = ({ traffic }: ScenarioDocument): unknown => traffic.map(({ name, to }) => ({ name, to }));
    const all = [...simplifications(TWO, { asItIs: ['sources'] })];
    for (const { document } of all) expect(asks(document)).toEqual(asks(TWO));
    expect(all.some(({ document }) => expectedRequests(document) < expectedRequests(TWO))).toBe(true);
    expect([...simplifications(TWO)].some(({ document }) => document.traffic.length === 1)).toBe(true);
  });
});

describe('what is left of a failure', () => {
  const generated = fc.sample(arbScenario({ services: [2, 4], faults: [1, 3] }), { seed: 11, numRuns: 300 });
  const anyEdge = (holdsOf: (edge: ScenarioRun['result']['edges'][string]) => boolean) => ({ result }: ScenarioRun): boolean => Object.values(result.edges).some(holdsOf);
  /** What a bug could show itself by. */
  test.each<readonly [string, (run: ScenarioRun) => boolean]>([
    ['a retry', anyEdge(({ retries }) => retries > 0)],
    ['a retry that nothing but a budget stops', anyEdge(({ budgetRefusals }) => budgetRefusals > 0)],
    ['an ejection', anyEdge(({ ejections }) => ejections > 0)],
    ['an overflow', anyEdge(({ overflows }) => overflows > 0)],
    ['a breaker that opened', anyEdge(({ breakerOpenings }) => breakerOpenings > 0)],
    ['a panic', anyEdge(({ panicMs }) => panicMs > 0)],
    ['a request that times out in a queue during a fault', ({ result }) => result.faults.some(({ during }) => (during.causes.timeout ?? 0) > 0)],
  ])('%s is shown by at most 3 services, 2 faults and 50 requests', (_, shows) => {
    const seen = (scenario: ScenarioDocument): true | null => (isRunnable(scenario) && shows(runScenario(scenario)) ? true : null);
    const found = generated.find((scenario) => seen(scenario));
    expect(found).toBeDefined();
    const { document } = shrink(found!, true, seen);
    expect(Object.keys(document.services).length).toBeLessThanOrEqual(3);
    expect(document.faults?.length ?? 0).toBeLessThanOrEqual(2);
    expect(expectedRequests(document)).toBeLessThanOrEqual(50);
    expect(seen(document)).toBe(true);
  });
});
