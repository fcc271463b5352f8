import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalityWeights } from '../../../src/engine/locality/locality-weights.ts';
import { PreviousPriorities } from '../../../src/engine/locality/previous-priorities.ts';
import { PriorityLoad, choosePriority } from '../../../src/engine/locality/priority-load.ts';
import { prioritiesOf } from '../../../src/engine/locality/priorities.ts';
import { ZoneAware, ZoneRouting } from '../../../src/engine/locality/zone-aware.ts';
import { NONE } from '../../../src/model/ids.ts';
import { Stream } from '../../../src/random/hash.ts';
import { Sequence } from '../../../src/random/sequence.ts';

const random = (): Sequence => new Sequence(new Stream(1, 'locality test'), 0);
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, value) => total + value, 0);

const counts = fc.nat(30).chain((hosts) => fc.record({ hosts: fc.constant(hosts), excluded: fc.constant(0), healthy: fc.nat(hosts), degraded: fc.constant(0) }));
const priorities = fc.array(counts, { minLength: 1, maxLength: 5 });

function loadOver(all: readonly { readonly hosts: number; readonly excluded: number; readonly healthy: number; readonly degraded: number }[], panicBelow: number, factor = 140): PriorityLoad {
  const load = new PriorityLoad(all.map(() => factor), panicBelow);
  for (const [i, one] of all.entries()) load.setHosts(i, one);
  load.rebalance();
  return load;
}

describe('priority loads', () => {
  it('add up to the whole, whatever is left of the hosts', () => {
    fc.assert(fc.property(priorities, fc.nat(100), fc.integer({ min: 50, max: 300 }), (all, panicBelow, factor) => {
      const load = loadOver(all, panicBelow, factor);
      expect(sum(load.healthy) + sum(load.degraded)).toBe(100);
      expect(Math.min(...load.healthy)).toBeGreaterThanOrEqual(0);
    }));
  });

  it('panic nowhere while all priorities together can serve everything', () => {
    fc.assert(fc.property(priorities, fc.nat(100), (all, panicBelow) => {
      const load = loadOver(all, panicBelow);
      if (sum(load.healthyAvailability) >= 100) expect(load.anyPanic).toBe(false);
    }));
  });

  it('are the shares of the values that choose', () => {
    const load = loadOver([{ hosts: 10, excluded: 0, healthy: 5, degraded: 0 }, { hosts: 4, excluded: 0, healthy: 4, degraded: 0 }], 50);
    const chosen = Array.from({ length: 100 }, (_, value) => choosePriority(value, load));
    expect(chosen.filter((priority) => priority === 0)).toHaveLength(70);
  });

  it('that avoid what was tried add up, too, and give it nothing while another can serve', () => {
    fc.assert(fc.property(priorities, fc.integer({ min: 1, max: 3 }), fc.array(fc.nat(), { maxLength: 8 }), (all, frequency, tries) => {
      const load = loadOver(all, 50);
      const previous = new PreviousPriorities(all.length, frequency);
      for (const which of tries) {
        previous.attempted(which % all.length);
        const { healthy, degraded } = previous.shares(load);
        expect(sum(healthy) + sum(degraded)).toBe(100);
      }
      const [first] = tries;
      if (frequency === 1 && tries.length === 1 && load.healthyAvailability.some((percent, i) => percent > 0 && i !== first! % all.length)) {
        expect(previous.shares(load).healthy[first! % all.length]).toBe(0);
      }
      previous.reset();
      expect(previous.shares(load)).toBe(load);
    }));
  });
});

describe('the priorities of zones', () => {
  it.each([
    { order: [], zones: [0, 1, 2], expected: [[1], [0, 2]] },
    { order: [2], zones: [0, 1, 2], expected: [[1], [2], [0]] },
    { order: [2, 1], zones: [0, 1, 2], expected: [[2], [1], [0]] },
    { order: [2], zones: [0, 0], expected: [[0]] },
    { order: [], zones: [1, 1], expected: [[1]] },
  ])('for callers of zone 1 that prefer $order, endpoints in $zones: $expected', ({ order, zones, expected }) => {
    expect(prioritiesOf(1, order, zones)).toEqual(expected);
  });
});

describe('zone-aware routing', () => {
  const options = { routingEnabled: 1, minClusterSize: 1, forceLocalZone: Infinity };

  it('loads all hosts alike when all callers ask alike', () => {
    // Two thirds of the callers are in zone 0, a third of the hosts.
    const hosts = [2, 3, 1];
    const callers = [4, 1, 1];
    const words = random();
    const load = [0, 0, 0];
    for (const [own, weight] of callers.entries()) {
      const order = [own, ...[0, 1, 2].filter((zone) => zone !== own)];
      const choice = new ZoneAware(callers, own, order, options);
      choice.rebuild(order.map((zone) => hosts[zone]!));
      for (let i = 0; i < 60_000; i++) load[order[choice.choose(words)]!]! += weight / 60_000;
    }
    for (const [zone, share] of load.entries()) expect(share / hosts[zone]!).toBeCloseTo(1, 1);
  });

  it('heeds no zones where there is one, of hosts or of callers, or too few hosts', () => {
    const routing = (callers: readonly number[], localities: readonly number[], hosts: readonly number[], minClusterSize = 1): number => {
      const choice = new ZoneAware(callers, 0, localities, { ...options, minClusterSize });
      choice.rebuild(hosts);
      if (choice.routing <= ZoneRouting.tooSmall) expect(choice.choose(random())).toBe(NONE);
      return choice.routing;
    };
    expect(routing([1, 1], [0], [9])).toBe(ZoneRouting.none);
    expect(routing([2, 0], [0, 1], [5, 5])).toBe(ZoneRouting.none);
    expect(routing([1, 1], [0, 1], [2, 3], 6)).toBe(ZoneRouting.tooSmall);
    expect(routing([1, 1], [0, 1], [3, 3], 6)).toBe(ZoneRouting.direct);
  });

  it('is left to a share of the picks', () => {
    const choice = new ZoneAware([1, 1], 0, [0, 1], { ...options, routingEnabled: 0.3 });
    choice.rebuild([3, 3]);
    const words = random();
    const heeded = Array.from({ length: 20_000 }, () => choice.choose(words)).filter((locality) => locality === 0);
    expect(heeded.length / 20_000).toBeCloseTo(0.3, 1);
  });
});

describe('locality weights', () => {
  it('never choose a locality without weight or without hosts', () => {
    fc.assert(fc.property(fc.array(fc.record({ weight: fc.nat(5), hosts: fc.nat(4), eligible: fc.nat(4) }), { minLength: 1, maxLength: 6 }), (all) => {
      const eligible = all.map((one) => Math.min(one.hosts, one.eligible));
      const choice = new LocalityWeights(all.map(({ weight }) => weight), 140);
      choice.rebuild(all.map(({ hosts }) => hosts), eligible, random());
      const possible = all.some(({ weight }, i) => weight > 0 && eligible[i]! > 0);
      for (let i = 0; i < 30; i++) {
        const locality = choice.choose();
        if (possible) expect(all[locality]!.weight * eligible[locality]!).toBeGreaterThan(0);
        else expect(locality).toBe(NONE);
      }
    }));
  });
});
