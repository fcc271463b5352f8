import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbCase, arbFaults, arbLoad, arbPolicy, arbScenario, type ScenarioDocument } from '../../src/testing.ts';
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import { budgetKinds } from '../../src/engine/retry/budget-options.ts';
import type { PolicyFile } from '../../src/scenario/policy-schema.ts';
import { isPolicyPart } from '../../src/scenario/parse-policy.ts';
import { isRunnable, planOfDocument } from '../../src/scenario/document-plan.ts';
import { expectedRequests } from '../../src/check/simplify/size.ts';

const SHOP: ScenarioDocument = {
  name: 'shop',
  duration: '60s',
  warmup: '10s',
  zones: ['a', 'b'],
  services: { web: { replicas: 2, concurrency: 4, latency: '5ms', calls: ['cart'] }, cart: { replicas: 3, concurrency: 'unlimited', latency: '10ms', policy: { retries: 2 } } },
  traffic: [{ to: 'web', name: 'browse', rate: '100/s', requests: [{ name: 'list' }] }, { to: 'cart', users: 3 }],
  faults: [{ target: 'cart/2', crash: true }],
  thresholds: ['errors rate < 1%'],
};

const holds = (property: fc.IProperty<unknown>, numRuns = 200): void => fc.assert(property, { numRuns });

describe('arbScenario', () => {
  test('makes scenarios that can be run', () => holds(fc.property(arbScenario(), (scenario) => isRunnable(scenario))));

  test('within the numbers asked for', () => {
    const asked = arbScenario({ services: [2, 3], replicas: [2, 2], sources: [2, 2], faults: 'single', requests: [5, 10] });
    holds(fc.property(asked, ({ faults, services, traffic, ...scenario }) => {
      const { services: planned } = planOfDocument({ ...scenario, services, traffic });
      expect(planned.length).toBeGreaterThanOrEqual(2);
      expect(planned.length).toBeLessThanOrEqual(3);
      expect(planned.every(({ replicas }) => replicas === 2)).toBe(true);
      expect([traffic.length, faults!.length]).toEqual([2, 1]);
      expect(expectedRequests({ ...scenario, traffic })).toBeLessThanOrEqual(2 * 2 * 10);
    }));
  });

  test('one policy for all is the default of the file', () => {
    const policy = { retries: { attempts: 2 } };
    holds(fc.property(arbScenario({ policy }), ({ policies, services }) => {
      expect(policies).toEqual({ default: policy });
      expect(Object.values(services).every((service) => !('policy' in service))).toBe(true);
    }), 20);
  });

  test('what it shrinks to can be run, is simpler, and keeps to what was asked for', () => {
    const asked = arbScenario({ services: [2, 4], faults: [1, 3] });
    const tried: ScenarioDocument[] = [];
    fc.check(fc.property(asked, (scenario) => {
      tried.push(scenario);
      return false;
    }), { seed: 5 });
    const [first, smallest] = [tried[0]!, tried.at(-1)!];
    expect(isRunnable(smallest)).toBe(true);
    expect(Object.keys(smallest.services)).toHaveLength(2);
    expect(smallest.faults).toHaveLength(1);
    expect(JSON.stringify(smallest).length).toBeLessThan(JSON.stringify(first).length / 2);
  });
});

describe('arbPolicy', () => {
  test('has only what a file may say', () => {
    holds(fc.property(arbPolicy(), (policy) => {
      for (const [name, part] of Object.entries(policy)) expect(isPolicyPart(name as keyof PolicyFile, part), name).toBe(true);
    }), 500);
  });

  test('comes to every balancer and every budget that there is', () => {
    const policies = fc.sample(arbPolicy({ parts: ['loadBalancer', 'retries'] }), { seed: 1, numRuns: 2000 }) as readonly { readonly loadBalancer?: string | { readonly type: string }; readonly retries?: { readonly budget?: { readonly type: string } } }[];
    expect(new Set(policies.flatMap(({ loadBalancer }) => (loadBalancer === undefined ? [] : typeof loadBalancer === 'string' ? [loadBalancer] : [loadBalancer.type])))).toEqual(new Set(Object.keys(balancerKinds)));
    expect(new Set(policies.flatMap(({ retries }) => (retries?.budget === undefined ? [] : [retries.budget.type])))).toEqual(new Set(Object.keys(budgetKinds)));
  });

  test('shrinks to no parts at all', () => {
    expect(fc.check(fc.property(arbPolicy(), () => false), { seed: 7 }).counterexample).toEqual([{}]);
  });
});

describe('arbFaults', () => {
  const valid = (faults: ScenarioDocument['faults']): boolean => isRunnable({ ...SHOP, faults: faults! });

  test('strike what the scenario has, in a way that it can be struck', () => holds(fc.property(arbFaults(SHOP), valid)));

  test('none, one, or as many as asked for', () => {
    for (const [faults, least, most] of [['none', 0, 0], ['single', 1, 1], ['any', 0, 3], [[2, 4], 2, 4]] as const) {
      const counts = fc.sample(arbFaults(SHOP, { faults }), 100).map(({ length }) => length);
      expect([Math.min(...counts), Math.max(...counts)]).toEqual([least, most]);
    }
  });

  test('one endpoint of several, where nothing more is to be lost', () => {
    const lonely: ScenarioDocument = { ...SHOP, services: { ...SHOP.services, cart: { ...SHOP.services['cart'], replicas: 1, latency: '1ms' } }, faults: [] };
    holds(fc.property(arbFaults(lonely, { faults: 'single', targets: 'one' }), ([fault]) => {
      expect(fault!['target']).toMatch(/^web\/[01]$/);
    }), 50);
  });

  test('a scenario that is none is said to be so', () => {
    expect(() => arbFaults({ ...SHOP, services: { web: { latency: '5' } } })).toThrow(/`5` is not a duration/);
  });
});

describe('arbLoad', () => {
  test('asks the same of the same, as much as it may', () => {
    holds(fc.property(arbLoad(SHOP, { requests: [1, 50] }), (traffic) => {
      expect(traffic.map(({ to, name, requests }) => ({ to, name, requests }))).toEqual([{ to: 'web', name: 'browse', requests: [{ name: 'list' }] }, { to: 'cart' }]);
      expect(isRunnable({ ...SHOP, faults: [], traffic })).toBe(true);
      expect(expectedRequests({ duration: SHOP.duration, traffic })).toBeLessThanOrEqual(2 * 2 * 50);
    }));
  });
});

describe('arbCase', () => {
  test('keeps services and policies, and nothing that was said of the load', () => {
    holds(fc.property(arbCase(SHOP), (scenario) => {
      expect(scenario.services).toBe(SHOP.services);
      expect(scenario.thresholds).toBeUndefined();
      expect(isRunnable(scenario)).toBe(true);
    }), 100);
  });
});
