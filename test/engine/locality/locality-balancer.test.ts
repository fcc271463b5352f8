import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BalancerName, balancerKinds } from '../../../src/engine/balance/kinds.ts';
import { balancerMaker } from '../../../src/engine/balance/registry.ts';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import { LocalityBalancer } from '../../../src/engine/locality/locality-balancer.ts';
import type { LocalitySetup } from '../../../src/engine/locality/levels.ts';
import { NONE } from '../../../src/model/ids.ts';
import { Stream } from '../../../src/random/hash.ts';
import { Sequence } from '../../../src/random/sequence.ts';
import { defaultsOf } from '../../support/defaults.ts';

type Mode = LocalitySetup['plan'];
const failover: Mode = { mode: 'failover', overprovisioningFactor: 1.4, weightedHealth: false, order: [[], [], []] };
const weighted: Mode = { mode: 'weighted', overprovisioningFactor: 1.4, weights: [3, 1, 0] };
const zoneAware: Mode = { mode: 'zoneAware', routingEnabled: 1, minClusterSize: 1, forceLocalZone: Infinity, basis: 'hosts', failTrafficOnPanic: false };

interface Bench {
  readonly set: EndpointSet;
  readonly balancer: LocalityBalancer;
}

function bench(plan: Mode, zones: readonly number[], { kind = 'roundRobin', panicThreshold = 0.5, weights = zones.map(() => 1), callerZones = [0, 1, 2] as readonly number[] } = {}): Bench {
  const set = new EndpointSet(weights, panicThreshold);
  const options = defaultsOf(balancerKinds[kind as BalancerName].options);
  const random = new Sequence(new Stream(1, 'pick'), 0);
  const newBalancer = balancerMaker({ kind, options });
  return { set, balancer: new LocalityBalancer({ plan, balancer: { kind, options }, newBalancer, context: { set, random }, panicThreshold, zones, callerZones, caller: 0 }) };
}

/** Picks by endpoint, as shares. */
function shares({ balancer, set }: Bench, picks = 20_000): number[] {
  const counts = new Array<number>(set.size).fill(0);
  for (let i = 0; i < picks; i++) counts[balancer.pick(i, i * 2654435761, 0)]!++;
  return counts.map((count) => count / picks);
}

const byZone = (perEndpoint: readonly number[], zones: readonly number[]): number[] =>
  [0, 1, 2].map((zone) => perEndpoint.reduce((sum, share, i) => sum + (zones[i] === zone ? share : 0), 0));

/** Twelve endpoints, four a zone. */
const ZONES: readonly number[] = Array.from({ length: 12 }, (_, i) => i % 3);

describe('failover', () => {
  it("stays in the caller's zone, also when a quarter of it is gone", () => {
    const one = bench(failover, ZONES);
    expect(byZone(shares(one), ZONES)).toEqual([1, 0, 0]);
    one.balancer.setReady(0, false);
    expect(byZone(shares(one), ZONES)).toEqual([1, 0, 0]);
  });

  it('spills gently: with half of the zone gone, 30 % go to the others', () => {
    const one = bench(failover, ZONES);
    one.balancer.setReady(0, false);
    one.balancer.setReady(3, false);
    const [own, next, last] = byZone(shares(one), ZONES);
    expect(own).toBeCloseTo(0.7, 1);
    expect(next! + last!).toBeCloseTo(0.3, 1);
    expect(one.balancer.panic).toBe(false);
  });

  it('goes down the order, one zone after the other', () => {
    const one = bench({ ...failover, order: [[2], [], []] }, ZONES);
    for (const endpoint of [0, 3, 6, 9]) one.balancer.setReady(endpoint, false);
    expect(byZone(shares(one), ZONES)).toEqual([0, 0, 1]);
    for (const endpoint of [2, 5, 8, 11]) one.balancer.setReady(endpoint, false);
    expect(byZone(shares(one), ZONES)).toEqual([0, 1, 0]);
  });

  it('panics by zone, and by hosts when all do', () => {
    const one = bench(failover, ZONES);
    const changed = ZONES.map((_, endpoint) => endpoint >= 11 || one.balancer.setReady(endpoint, false));
    expect(changed.filter((change) => change === true).length).toBeGreaterThan(0);
    expect(one.balancer.panic).toBe(true);
    const [own, next, last] = byZone(shares(one), ZONES);
    // All endpoints are picked: 33 % and one left over, 66 %.
    expect(own).toBeCloseTo(0.34, 1);
    expect(next! + last!).toBeCloseTo(0.66, 1);
    expect(Math.min(...shares(one))).toBeGreaterThan(0);
  });

  it('goes by weights where these count for health', () => {
    const weights = ZONES.map((_, i) => (i === 0 ? 7 : 1));
    const one = bench({ ...failover, weightedHealth: true }, ZONES, { weights });
    one.balancer.setReady(0, false);
    // 3 of 10 by weight is 42 %; 3 of 4 by number would be all.
    expect(byZone(shares(one), ZONES)[0]).toBeCloseTo(0.42, 1);
  });
});

describe('zone weights', () => {
  it('share the calls, and give a zone less as it has fewer ready', () => {
    const one = bench(weighted, ZONES);
    expect(byZone(shares(one), ZONES).map((share) => share.toFixed(2))).toEqual(['0.75', '0.25', '0.00']);
    one.balancer.setReady(0, false);
    one.balancer.setReady(3, false);
    // 3 x 0.7 to 1.
    expect(byZone(shares(one), ZONES)[0]).toBeCloseTo(2.1 / 3.1, 2);
  });

  it('go to all ready endpoints when those with weight are gone, and to all in panic', () => {
    const one = bench(weighted, ZONES, { panicThreshold: 0.3 });
    for (const endpoint of [0, 3, 6, 9, 1, 4, 7, 10]) one.balancer.setReady(endpoint, false);
    expect(byZone(shares(one), ZONES)).toEqual([0, 0, 1]);
    one.balancer.setReady(2, false);
    expect(one.balancer.panic).toBe(true);
    expect(Math.min(...shares(one))).toBeGreaterThan(0.05);
  });
});

describe('hashing balancers', () => {
  it('choose the priority by the hash, so a key stays where it was', () => {
    const one = bench(failover, ZONES, { kind: 'ringHash' });
    one.balancer.setReady(0, false);
    one.balancer.setReady(3, false);
    const keys = Array.from({ length: 2000 }, (_, i) => (i + 1) * 2654435761);
    const first = keys.map((key) => one.balancer.pick(0, key, 0));
    expect(keys.map((key) => one.balancer.pick(1, key, 0))).toEqual(first);
    expect(first.filter((endpoint) => ZONES[endpoint] === 0).length / keys.length).toBeCloseTo(0.7, 1);
  });

  it('share by zone weights, however many are ready, and find nobody where none with weight is', () => {
    const one = bench(weighted, ZONES, { kind: 'maglev', panicThreshold: 0 });
    one.balancer.setReady(0, false);
    one.balancer.setReady(3, false);
    expect(byZone(shares(one), ZONES)[0]).toBeCloseTo(0.75, 1);
    for (const endpoint of [6, 9, 1, 4, 7, 10]) one.balancer.setReady(endpoint, false);
    expect(one.balancer.pick(0, 5, 0)).toBe(NONE);
  });

  it("keep gRPC's ring to the endpoints of the zone", () => {
    const set = new EndpointSet(ZONES.map(() => 1), 0.5);
    const ring = { kind: 'ringHash', options: { ...defaultsOf(balancerKinds.ringHash.options), members: 'all' } };
    const newBalancer = balancerMaker(ring);
    const random = new Sequence(new Stream(1, 'pick'), 0);
    const balancer = new LocalityBalancer({ plan: failover, balancer: ring, newBalancer, context: { set, random }, panicThreshold: 0.5, zones: ZONES, callerZones: [0], caller: 0 });
    expect(byZone(shares({ set, balancer }, 500), ZONES)).toEqual([1, 0, 0]);
  });
});

describe('zone awareness', () => {
  it('keeps traffic in a zone with its share of the endpoints, and only a part of it otherwise', () => {
    expect(byZone(shares(bench(zoneAware, ZONES)), ZONES)).toEqual([1, 0, 0]);
    // Two of the four callers are in zone 0, and a third of the endpoints.
    const [own] = byZone(shares(bench(zoneAware, ZONES, { callerZones: [0, 0, 1, 2] })), ZONES);
    expect(own).toBeCloseTo(0.67, 1);
  });

  it('is off in small clusters', () => {
    expect(byZone(shares(bench({ ...zoneAware, minClusterSize: 13 }, ZONES)), ZONES)[1]).toBeCloseTo(1 / 3, 2);
  });

  it('compares weights where asked to', () => {
    const weights = ZONES.map((zone) => (zone === 0 ? 1 : 4));
    expect(byZone(shares(bench(zoneAware, ZONES, { weights })), ZONES)[0]).toBe(1);
    expect(byZone(shares(bench({ ...zoneAware, basis: 'weights' }, ZONES, { weights })), ZONES)[0]).toBeCloseTo(1 / 3, 1);
  });
});

describe('every balancer within localities', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 40 });
  const cases = Object.keys(balancerKinds).flatMap((kind) => [failover, weighted, zoneAware].map((plan) => [kind, plan] as const));

  it.each(cases)('%s: picks only the ready, unless in panic: %o', (kind, plan) => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 1, maxLength: 9 }), fc.constantFrom(0, 0.5), changes, fc.boolean(), (zones, panicThreshold, list, unequal) => {
        const one = bench(plan, zones, { kind, panicThreshold, weights: zones.map((_, i) => (unequal ? 1 + (i % 3) : 1)) });
        const { set, balancer } = one;
        for (const [now, [which, ready]] of list.entries()) {
          const wasPanic = balancer.panic;
          expect(balancer.setReady(which % set.size, ready)).toBe(balancer.panic !== wasPanic);
          if (set.count === 0) continue;
          const endpoint = balancer.pick(now, which, 0);
          if (endpoint < 0) continue;
          if (!balancer.panic) expect(set.isReady(endpoint)).toBe(true);
          set.active[endpoint]!++;
          set.activeTotal++;
          balancer.learner?.finished(endpoint, now, false, now + 5);
          set.active[endpoint]!--;
          set.activeTotal--;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('knows one latency of an endpoint, whichever list it was picked from', () => {
    const one = bench({ ...failover, order: [[], [], []] }, [0, 0, 1, 1], { kind: 'peakEwma', callerZones: [0, 1] });
    const S = 1e9;
    one.balancer.learner?.finished(0, 0, false, 2 * S);
    const picks = Array.from({ length: 50 }, (_, i) => one.balancer.pick(2 * S + i, 0, 0));
    expect(new Set(picks)).toEqual(new Set([1]));
  });
});
