/** What hash balancers promise: keys stay where they are, shares are fair, bounds hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Balancer } from '../../src/engine/balance/balancer.ts';
import { sharesOf } from '../../src/engine/balance/endpoint-shares.ts';
import { type HashRing, layRing } from '../../src/engine/balance/hash-ring.ts';
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import { fillTable } from '../../src/engine/balance/maglev-table.ts';
import { balancerMaker } from '../../src/engine/balance/registry.ts';
import { TableCache } from '../../src/engine/balance/table-cache.ts';
import { EndpointSet } from '../../src/engine/endpoints.ts';
import type { OptionValues } from '../../src/model/kind.ts';
import { hashText, Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';
import { defaultsOf } from '../support/defaults.ts';

type Name = 'ringHash' | 'maglev';

interface Caller {
  readonly set: EndpointSet;
  readonly balancer: Balancer;
  pick(hash: number, tries?: number): number;
}

function callerOf(name: Name, options: OptionValues, weights: readonly number[], seed = 1, panicThreshold = 0): Caller {
  const set = new EndpointSet(weights, panicThreshold);
  const make = balancerMaker({ kind: name, options: { ...defaultsOf(balancerKinds[name].options), ...options } });
  const balancer = make({ set, random: new Sequence(new Stream(seed, 'pick'), 0), nameOf: (endpoint) => `cart/${endpoint}` });
  return { set, balancer, pick: (hash, tries = 0) => balancer.pick(0, hash, tries) };
}

const equal = (count: number): number[] => new Array<number>(count).fill(1);
const KEYS: readonly number[] = Array.from({ length: 500 }, (_, i) => hashText(`key-${i}`));
const counts = fc.integer({ min: 2, max: 12 });

/** One entry an endpoint: its ring without one endpoint is the same ring without that entry. */
const SINGLE: OptionValues = { minRingSize: 1 };

describe.each<readonly [string, Name, OptionValues]>([
  ['ringHash', 'ringHash', {}],
  ['ringHash of all', 'ringHash', { members: 'all' }],
  ['maglev', 'maglev', { tableSize: 5003 }],
])('%s', (_, name, options) => {
  it('takes a key to the same endpoint, whoever calls and however often', () => {
    fc.assert(
      fc.property(counts, fc.nat(), fc.integer().filter((hash) => hash !== 0), (count, seed, hash) => {
        const one = callerOf(name, options, equal(count), seed);
        const other = callerOf(name, options, equal(count), seed + 1);
        expect(new Set([one.pick(hash), one.pick(hash), other.pick(hash)]).size).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it('takes a call without a key anywhere', () => {
    const one = callerOf(name, options, equal(4));
    const picks = Array.from({ length: 4000 }, () => one.pick(0));
    for (let i = 0; i < 4; i++) expect(picks.filter((pick) => pick === i).length / 4000).toBeGreaterThan(0.15);
  });

  it('takes all keys back where they were when an endpoint returns', () => {
    const one = callerOf(name, options, equal(6));
    const before = KEYS.map((key) => one.pick(key));
    one.set.setReady(2, false);
    expect(KEYS.map((key) => one.pick(key))).not.toContain(2);
    one.set.setReady(2, true);
    expect(KEYS.map((key) => one.pick(key))).toEqual(before);
  });

  it('goes on to others when its picks are turned down', () => {
    const one = callerOf(name, options, equal(8));
    const homes = KEYS.map((key) => one.pick(key));
    const others = KEYS.filter((key, i) => [1, 2, 3].some((tries) => one.pick(key, tries) !== homes[i]));
    expect(others.length / KEYS.length).toBeGreaterThan(0.95);
  });

  it('uses all endpoints in panic', () => {
    const one = callerOf(name, options, equal(4), 1, 0.5);
    const before = KEYS.map((key) => one.pick(key));
    for (const endpoint of [0, 1, 2]) one.set.setReady(endpoint, false);
    expect(one.set.panic).toBe(true);
    expect(KEYS.map((key) => one.pick(key))).toEqual(before);
  });

  it('gives shares by weight', () => {
    const one = callerOf(name, { ...options, minRingSize: 8192 }, [1, 2, 5]);
    const picks = Array.from({ length: 20_000 }, (_, i) => one.pick(hashText(`k${i}`)));
    for (const [endpoint, share] of [1 / 8, 2 / 8, 5 / 8].entries()) expect(Math.abs(picks.filter((pick) => pick === endpoint).length / 20_000 - share)).toBeLessThan(0.03);
  });
});

describe('a ring', () => {
  it.each<readonly [string, OptionValues]>([['of all endpoints', { members: 'all' }], ['with an entry for each', SINGLE]])('%s moves no keys but those of the endpoint that goes', (_, options) => {
    fc.assert(
      fc.property(counts, fc.nat(), (count, which) => {
        const one = callerOf('ringHash', options, equal(count));
        const before = KEYS.map((key) => one.pick(key));
        const gone = which % count;
        one.set.setReady(gone, false);
        for (const [i, key] of KEYS.entries()) {
          if (before[i] === gone) expect(one.pick(key)).not.toBe(gone);
          else expect(one.pick(key)).toBe(before[i]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('as Envoy lays it anew moves few others: entries are added to make up for those that go', () => {
    const one = callerOf('ringHash', {}, equal(10));
    const before = KEYS.map((key) => one.pick(key));
    one.set.setReady(3, false);
    const moved = KEYS.filter((key, i) => before[i] !== 3 && one.pick(key) !== before[i]);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length / KEYS.length).toBeLessThan(0.15);
  });

  it('smaller than the set still answers with an endpoint that is ready', () => {
    const one = callerOf('ringHash', { members: 'all', minRingSize: 1, maxRingSize: 2 }, equal(5));
    for (const endpoint of [0, 1, 2, 3]) {
      one.set.setReady(endpoint, false);
      for (const key of KEYS.slice(0, 20)) expect(one.set.isReady(one.pick(key))).toBe(true);
    }
  });

  it('divides the keys as uniform spacings do: test/reference, ring-hash-share-n10-vnodes100', () => {
    const shares = Array.from({ length: 300 }, (_, service) => {
      const shape = sharesOf(Float64Array.from(equal(10)), [...Array(10).keys()]);
      return arcsOf(layRing(shape, (endpoint) => `s${service}/${endpoint}`, { minRingSize: 1000, maxRingSize: 1000, hashFunction: 'xxHash' }), 10);
    }).flat();
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const deviation = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
    expect(mean).toBeCloseTo(0.1, 10);
    expect(Math.abs(deviation / mean - 0.09482093119)).toBeLessThan(0.009);
  });
});

/** Of the key space, by endpoint. */
function arcsOf(ring: HashRing, count: number): number[] {
  const shares = new Array<number>(count).fill(0);
  for (let entry = 0; entry < ring.size; entry++) {
    const before = entry === 0 ? ring.hi[ring.size - 1]! - 2 ** 32 : ring.hi[entry - 1]!;
    shares[ring.owners[entry]!]! += (ring.hi[entry]! - before) / 2 ** 32;
  }
  return shares;
}

describe('a Maglev table', () => {
  const slotCounts = (weights: readonly number[], size: number): number[] => {
    const { slots } = fillTable(sharesOf(Float64Array.from(weights), [...weights.keys()]), (endpoint) => `cart/${endpoint}`, size);
    return weights.map((_, endpoint) => slots.filter((slot) => slot === endpoint).length);
  };

  it('is as even as its size allows: test/reference, maglev-table-M65537-n10', () => {
    const slots = slotCounts(equal(10), 65537);
    expect([Math.min(...slots), Math.max(...slots), slots.filter((count) => count === 6554).length]).toEqual([6553, 6554, 7]);
  });

  it('gives each endpoint its share of the slots, but for one turn', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 }), (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [endpoint, count] of slotCounts(weights, 1021).entries()) {
          // Each has a slot more or less than its turns so far are worth, and what all lack together is shared out by weight.
          const share = weights[endpoint]! / total;
          expect(Math.abs(count - 1021 * share)).toBeLessThanOrEqual(1 + weights.length * share);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('moves few keys of those who stay', () => {
    const one = callerOf('maglev', {}, equal(10));
    const before = KEYS.map((key) => one.pick(key));
    one.set.setReady(3, false);
    expect(KEYS.filter((key, i) => before[i] !== 3 && one.pick(key) !== before[i]).length / KEYS.length).toBeLessThan(0.05);
  });
});

describe('a bounded load', () => {
  const starts = fc.record({ weights: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }), gone: fc.nat(), steps: fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 150 }) });

  /** Calls of few keys that begin and end; `check` sees each pick and what was in flight before it. */
  function load(one: Caller, { steps, gone }: { readonly steps: readonly (readonly [boolean, number])[]; readonly gone: number }, check: (endpoint: number) => void): void {
    const { set } = one;
    const inFlight: number[] = [];
    if (set.size > 1) set.setReady(gone % set.size, false);
    for (const [begins, n] of steps) {
      if (begins || inFlight.length === 0) {
        const endpoint = one.pick(KEYS[n % 3]!);
        expect(set.isReady(endpoint)).toBe(true);
        check(endpoint);
        set.active[endpoint]!++;
        set.activeTotal++;
        inFlight.push(endpoint);
      } else {
        set.active[inFlight.splice(n % inFlight.length, 1)[0]!]!--;
        set.activeTotal--;
      }
    }
  }

  const weightReady = ({ weights, list, count }: EndpointSet): number => list.subarray(0, count).reduce((sum, endpoint) => sum + weights[endpoint]!, 0);

  it.each([1, 1.25, 3])('%d, clockwise: nobody ever takes more than that multiple of its share', (bound) => {
    for (const members of ['ready', 'all']) {
      fc.assert(
        fc.property(starts, (start) => {
          const one = callerOf('ringHash', { boundedLoad: bound, overflow: 'clockwise', minRingSize: 64, members }, start.weights);
          load(one, start, (endpoint) => {
            const capacity = Math.ceil((bound * (one.set.activeTotal + 1) * one.set.weights[endpoint]!) / weightReady(one.set));
            expect(one.set.active[endpoint]! + 1).toBeLessThanOrEqual(capacity);
          });
        }),
        { numRuns: 60 },
      );
    }
  });

  it.each(['ringHash', 'maglev'] as const)('%s, shuffled: nobody takes a call whose slots are exceeded while another has room', (name) => {
    fc.assert(
      fc.property(starts, fc.constantFrom(1, 1.25, 3), (start, bound) => {
        const one = callerOf(name, { boundedLoad: bound, minRingSize: 64, tableSize: 251 }, start.weights);
        load(one, start, (endpoint) => {
          const { set } = one;
          const loadOf = (other: number): number => {
            const slots = Math.max(1, Math.ceil((Math.floor(((set.activeTotal + 1) * Math.round(100 * bound) + 99) / 100) * set.weights[other]!) / weightReady(set)));
            return set.active[other]! / slots;
          };
          const loads = [...set.list.subarray(0, set.count)].map(loadOf);
          expect(loadOf(endpoint)).toBeLessThanOrEqual(Math.max(1, Math.min(...loads)));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('leaves keys at home while there is room', () => {
    const [free, bounded] = [Infinity, 100].map((boundedLoad) => callerOf('ringHash', { boundedLoad }, equal(5)));
    expect(KEYS.map((key) => bounded!.pick(key))).toEqual(KEYS.map((key) => free!.pick(key)));
  });

  it('places a single hot key within the bound: test/reference, bounded-load-n10-q100-f1.25', () => {
    const one = callerOf('ringHash', { boundedLoad: 1.25, overflow: 'clockwise' }, equal(10));
    for (let i = 0; i < 100; i++) {
      one.set.active[one.pick(KEYS[0]!)]!++;
      one.set.activeTotal++;
    }
    expect(Math.max(...one.set.active)).toBeLessThanOrEqual(13);
  });
});

describe('shares', () => {
  it('with locality weights are those of the locality, then of the endpoint in it; no locality makes up for an absent one', () => {
    const localities = [{ weight: 3, endpoints: [0, 1] }, { weight: 1, endpoints: [2] }, { weight: 0, endpoints: [3] }];
    const weights = Float64Array.of(1, 2, 5, 5);
    expect(sharesOf(weights, [0, 1, 2, 3], localities)).toMatchObject({ endpoints: [0, 1, 2], shares: [0.25, 0.5, 0.25], least: 0.25, most: 0.5 });
    expect(sharesOf(weights, [0, 1, 3], localities)).toMatchObject({ endpoints: [0, 1], shares: [0.25, 0.5] });
    expect(sharesOf(weights, [3], localities)).toMatchObject({ endpoints: [3], shares: [1] });
  });
});

describe('a cache of tables', () => {
  it('makes a table once, and forgets the one that was asked for least recently', () => {
    const cache = new TableCache<number>();
    let made = 0;
    const get = (key: string): number => cache.get(key, () => made++);
    expect([get('a'), get('a')]).toEqual([0, 0]);
    for (let i = 0; i < 15; i++) get(`b${i}`);
    expect(get('a')).toBe(0);
    get('c');
    expect([get('a'), get('b0')]).toEqual([0, 17]);
  });
});
