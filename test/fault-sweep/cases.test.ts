import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shippedScenarios } from '../../scripts/shipped.ts';
import { caseOf, FAULT_PHASE, overridesOf, pairsOf, type Part, partsOf } from '../../src/fault-sweep/cases.ts';
import { FAULT_NAMES } from '../../src/fault-sweep/standard-faults.ts';
import { rateAt, surged } from '../../src/fault-sweep/surge.ts';
import { middleOf } from '../../src/fault-sweep/window.ts';
import type { Plan, RatePoint } from '../../src/model/plan.ts';
import { NS_PER_S } from '../../src/model/units.ts';
import { simulate } from '../../src/run/run.ts';
import type { Override } from '../../src/scenario/override.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

const SHOP = `
name: shop
duration: 9s
zones: [a, b]
services:
  web: { replicas: 3, concurrency: 8, latency: { exponential: 5ms }, calls: [ { service: cart, policy: own }, cart ] }
  cart: { replicas: 1, concurrency: 1, latency: 2ms }
policies: { own: { timeout: 1s } }
traffic:
  - { to: web, name: browse, rate: 50/s }
  - { to: web, name: ramp, profile: [ { at: 0, rate: 10/s }, { at: 6s, rate: 40/s } ] }
  - { to: web, name: people, users: 2 }
`;

function planOf(text: string, set: readonly Override[] = []): Plan {
  const { plan, problems } = parseScenario(text, { set });
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return plan;
}

const shop = planOf(SHOP);
const window = middleOf(shop);
const parts = partsOf(shop, () => 0);
const hasRate = (source: number): boolean => source === 0;

describe('the standard set', () => {
  test('is tried on everything that it can happen to', () => {
    const ids = parts.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(parts.map(({ fault }) => fault))).toEqual(new Set(FAULT_NAMES));
    expect(ids.filter((id) => id.startsWith('crash:'))).toEqual(['crash:web/0', 'crash:cart/0', 'crash:web', 'crash:zone:a', 'crash:zone:b']);
    // Two calls of one pair share a network; half of one slot is none; only open loops surge.
    expect(ids.filter((id) => id.startsWith('cut:'))).toEqual(['cut:browse->web', 'cut:ramp->web', 'cut:people->web', 'cut:web->cart']);
    expect(ids.filter((id) => id.startsWith('capacity:'))).toEqual(['capacity:web']);
    expect(ids.filter((id) => id.startsWith('surge:'))).toEqual(['surge:browse', 'surge:ramp', 'surge:*']);
  });

  test('says the same of a file as of its plan: each case is a scenario without a problem, on in the window', () => {
    const texts = [SHOP, ...shippedScenarios().map(({ text }) => text)];
    for (const text of texts) {
      const { plan: own, resolved } = parseScenario(text);
      const plan = own!;
      const { traffic } = resolved as { traffic: readonly { rate?: unknown }[] };
      const set = (chosen: readonly Part[]): Override[] => [{ path: 'thresholds', value: '[]' }, ...overridesOf(chosen, middleOf(plan), plan, (i) => traffic[i]!.rate != null)];
      for (const part of partsOf(plan, () => 0)) {
        const { plan: broken, problems } = parseScenario(text, { set: set([part]) });
        expect(problems.filter(({ severity, path }) => severity === 'error' || path.startsWith('faults')), part.id).toEqual([]);
        const [fault] = broken!.faults;
        expect(fault).toMatchObject({ name: FAULT_PHASE, windows: [middleOf(plan)] });
        expect({ ...broken, faults: [], traffic: [], thresholds: [] }).toEqual({ ...plan, faults: [], traffic: [], thresholds: [] });
      }
    }
  });

  test('where nothing breaks, changes nothing', () => {
    const nothing = planOf(SHOP, overridesOf([], window, shop, hasRate));
    expect(nothing.faults).toHaveLength(1);
    expect(simulate(nothing).digest).toBe(simulate(shop).digest);
  });
});

describe('pairs', () => {
  const seconds = partsOf(shop, ({ replicas }) => replicas - 1);
  const pairs = pairsOf(parts, seconds);

  test('are of two things, each pair once', () => {
    const keys = pairs.map(({ parts: [one, other] }) => [one!.id, other!.id].sort().join(' '));
    expect(new Set(keys).size).toBe(pairs.length);
    for (const { parts: [one, other], alone } of pairs) {
      expect(parts.map(({ id }) => id)).toEqual(expect.arrayContaining([...alone]));
      if (one!.thing === other!.thing) expect([one!.scope, other!.scope, one!.fault]).toEqual(['endpoint', 'endpoint', other!.fault]);
    }
    const apart = parts.flatMap((one, i) => parts.slice(i + 1).filter((other) => other.thing !== one.thing)).length;
    const twins = parts.filter(({ scope, thing }) => scope === 'endpoint' && thing === 'web');
    expect(pairs.length).toBe(apart + twins.length);
  });

  test('have two endpoints of a service that has others left', () => {
    expect(pairs.map(({ id }) => id)).toContain('crash:web/0+crash:web/2');
    expect(pairs.filter(({ parts: both }) => both.every(({ thing }) => thing === 'cart'))).toEqual([]);
    // Named by a person.
    const named = ['crash:web/0', 'slow:web/0', 'crash:web/1'].map((id) => [...parts, ...partsOf(shop, () => 1).slice(0, 1)].find((part) => part.id === id)!);
    expect(pairsOf(named, seconds).map(({ id }) => id)).toEqual(['crash:web/0+crash:web/2', 'crash:web/0+crash:web/1', 'slow:web/0+slow:web/2', 'slow:web/0+crash:web/1', 'crash:web/1+crash:web/2']);
  });

  test('are both on, in one window, under names of their own', () => {
    const chosen = ['restart:web', 'surge:*'].map((id) => parts.find((part) => part.id === id)!);
    const { faults, traffic } = planOf(SHOP, overridesOf(caseOf(chosen).parts, window, shop, hasRate));
    expect(faults.map(({ name, windows }) => [name, windows])).toEqual([[FAULT_PHASE, [window]], ['fault-2', [{ fromNs: window.fromNs, toNs: window.fromNs + NS_PER_S }]]]);
    expect(traffic.map(({ load }) => (load.kind === 'open' ? rateAt(load.profile, 4 * NS_PER_S) : null))).toEqual([100, 60, null]);
  });
});

describe('more load for a while', () => {
  const profile: fc.Arbitrary<RatePoint[]> = fc
    .array(fc.record({ after: fc.integer({ min: 1, max: 1000 }), ratePerS: fc.integer({ min: 0, max: 1000 }), step: fc.boolean() }), { minLength: 1, maxLength: 6 })
    .map((points) => {
      let atNs = 0;
      return points.map(({ after, ratePerS, step }, i): RatePoint => ({ atNs: (atNs += i === 0 ? 0 : after), ratePerS, step: i === 0 || step }));
    });

  test('is as many times the rate inside the window, and the rate as it was outside', () => {
    fc.assert(fc.property(profile, fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 2, max: 2000 }), (points, fromNs, lengthNs) => {
      const toNs = fromNs + lengthNs;
      const more = surged(points, { fromNs, toNs }, 3);
      for (const [i, { atNs }] of more.slice(1).entries()) expect(atNs).toBeGreaterThan(more[i]!.atNs);
      for (let atNs = 0; atNs < toNs + 1000; atNs += 7) {
        const isInside = atNs >= fromNs && atNs < toNs;
        expect(rateAt(more, atNs)).toBeCloseTo(rateAt(points, atNs) * (isInside ? 3 : 1), 6);
      }
    }));
  });
});
