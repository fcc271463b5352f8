/** What every balancer of the registry owes, whatever its way of choosing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Balancer } from '../../src/engine/balance/balancer.ts';
import { type BalancerName, balancerKinds } from '../../src/engine/balance/kinds.ts';
import { createBalancer } from '../../src/engine/balance/registry.ts';
import { EndpointSet } from '../../src/engine/endpoints.ts';
import type { OptionValues } from '../../src/model/kind.ts';
import { defaultsOf } from '../support/defaults.ts';
import { Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';

const names = Object.keys(balancerKinds) as BalancerName[];

/** Whole numbers that are possible for an option, where 5 is not; large enough that nobody is left off a ring or out of a table. */
const WHOLE: Readonly<Record<string, number>> = { minRingSize: 512, maxRingSize: 2048, tableSize: 1021 };
/** Smaller than the default, since the laws make thousands of them. */
const SMALLER: Readonly<Partial<Record<BalancerName, OptionValues>>> = { ringHash: { minRingSize: 128 }, maglev: { tableSize: 509 } };

/** Each balancer as it comes, and with each value of its words and switches, and with a bound where it has one. */
const variants: readonly (readonly [string, BalancerName, OptionValues])[] = names.flatMap((name) => {
  const { options } = balancerKinds[name];
  const changes = Object.entries(options).flatMap(([key, spec]): readonly OptionValues[] =>
    spec.type === 'choice' ? spec.values.map((value) => ({ [key]: value })) : spec.type === 'boolean' ? [{ [key]: true }] : spec.type === 'integer' ? [{ [key]: WHOLE[key] ?? 5 }] : key === 'boundedLoad' ? [{ [key]: 1.25 }, { [key]: 1, overflow: 'clockwise' }] : [],
  );
  return [{}, ...changes].map((change) => [`${name} ${JSON.stringify(change)}`, name, { ...defaultsOf(options), ...SMALLER[name], ...change }] as const);
});

interface Bench {
  readonly set: EndpointSet;
  readonly balancer: Balancer;
  /** As the engine does: counts the attempt in flight. */
  pick(now: number, hash?: number): number;
  finish(endpoint: number, sentAt: number, failed: boolean, now: number): void;
}

function bench(name: BalancerName, options: OptionValues, weights: readonly number[], seed = 1, panicThreshold = 0): Bench {
  const set = new EndpointSet(weights, panicThreshold);
  const balancer = createBalancer({ kind: name, options }, { set, random: new Sequence(new Stream(seed, 'pick'), 0) });
  return {
    set,
    balancer,
    pick: (now, hash = 0) => {
      const endpoint = balancer.pick(now, hash, 0);
      set.active[endpoint]!++;
      set.activeTotal++;
      return endpoint;
    },
    finish: (endpoint, sentAt, failed, now) => {
      set.active[endpoint]!--;
      set.activeTotal--;
      balancer.learner?.finished(endpoint, sentAt, failed, now);
    },
  };
}

const equal = (count: number): number[] => Array.from({ length: count }, () => 1);

type Step = { readonly kind: 'pick'; readonly hash: number } | { readonly kind: 'finish'; readonly which: number; readonly failed: boolean } | { readonly kind: 'ready'; readonly which: number; readonly ready: boolean };
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('pick' as const), hash: fc.oneof(fc.constant(0), fc.constant(7), fc.integer()) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), which: fc.nat(), failed: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('ready' as const), which: fc.nat(), ready: fc.boolean() }) },
  ),
  { maxLength: 150 },
);
const weightLists = fc.oneof(fc.integer({ min: 1, max: 12 }).map(equal), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }));

/** Plays the steps; returns the picks. */
function play(one: Bench, list: readonly Step[]): number[] {
  const inFlight: { readonly endpoint: number; readonly sentAt: number }[] = [];
  const picks: number[] = [];
  for (const [i, step] of list.entries()) {
    const now = i * 1_000_000;
    if (step.kind === 'ready') one.set.setReady(step.which % one.set.size, step.ready);
    else if (step.kind === 'finish') {
      const [done] = inFlight.splice(step.which % Math.max(1, inFlight.length), 1);
      if (done !== undefined) one.finish(done.endpoint, done.sentAt, step.failed, now);
    } else if (one.set.count > 0) {
      const ready = [...one.set.list.slice(0, one.set.count)];
      const endpoint = one.pick(now, step.hash);
      if (!ready.includes(endpoint)) throw new Error(`picked ${endpoint} of ${ready.join(' ')}`);
      picks.push(endpoint);
      inFlight.push({ endpoint, sentAt: now });
    }
  }
  for (const { endpoint, sentAt } of inFlight) one.finish(endpoint, sentAt, false, list.length * 1_000_000);
  return picks;
}

describe.each(variants)('%s', (_, name, options) => {
  it('picks only endpoints that are ready', () => {
    fc.assert(fc.property(weightLists, steps, (weights, list) => void play(bench(name, options, weights), list)), { numRuns: 300 });
  });

  it('leaves nothing in flight when all is answered', () => {
    fc.assert(
      fc.property(weightLists, steps, (weights, list) => {
        const one = bench(name, options, weights);
        play(one, list);
        expect([...one.set.active]).toEqual(weights.map(() => 0));
        expect(one.set.activeTotal).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('makes the same picks from the same stream', () => {
    fc.assert(fc.property(weightLists, steps, fc.nat(), (weights, list, seed) => void expect(play(bench(name, options, weights, seed), list)).toEqual(play(bench(name, options, weights, seed), list))), { numRuns: 100 });
  });

  it('has one choice when all but one are gone, and goes back to all when they return', () => {
    fc.assert(
      fc.property(weightLists, fc.nat(), (weights, which) => {
        const one = bench(name, options, weights);
        const left = which % weights.length;
        for (let i = 0; i < weights.length; i++) one.set.setReady(i, i === left);
        for (let i = 0; i < 5; i++) expect(one.pick(0)).toBe(left);
        for (let i = 0; i < 5; i++) one.finish(left, 0, false, 0);
        for (let i = 0; i < weights.length; i++) one.set.setReady(i, true);
        const seen = new Set<number>();
        for (let i = 0; i < 4000; i++) {
          const now = i * 100_000_000;
          const endpoint = one.pick(now);
          seen.add(endpoint);
          one.finish(endpoint, now, false, now + 1_000_000);
        }
        expect(seen.size).toBe(weights.length);
      }),
      { numRuns: 30 },
    );
  });

  // The arcs of a ring differ: test/engine/consistent-hash.test.ts.
  if (name === 'ringHash') return;
  it('favours nobody among equals: endpoints about which nothing is known share the picks', () => {
    const { balancer } = bench(name, options, equal(8));
    const picks = 40_000;
    const counts = new Array<number>(8).fill(0);
    for (let i = 0; i < picks; i++) counts[balancer.pick(0, 0, 0)]!++;
    for (const count of counts) expect(Math.abs(count / picks - 1 / 8)).toBeLessThan(5 * Math.sqrt((1 / 8) * (7 / 8) / picks));
  });
});

describe('unequal weights', () => {
  it.each(['roundRobin', 'leastRequest'] as const)('%s: idle endpoints are picked in proportion, never more than one turn off', (name) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 }), fc.nat(), (weights, seed) => {
        fc.pre(new Set(weights).size > 1);
        const one = bench(name, defaultsOf(balancerKinds[name].options), weights, seed);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const counts = weights.map(() => 0);
        for (let i = 0; i < 20 * total; i++) {
          const endpoint = one.pick(i);
          counts[endpoint]!++;
          one.finish(endpoint, i, false, i);
        }
        // leastRequest reads the weight when the endpoint is put back, before its new request counts.
        for (const [i, count] of counts.entries()) expect(Math.abs(count - 20 * weights[i]!)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });

  it('random ignores them, as Envoy does', () => {
    const one = bench('random', {}, [9, 1]);
    let first = 0;
    for (let i = 0; i < 10_000; i++) if (one.balancer.pick(i, 0, 0) === 0) first++;
    expect(Math.abs(first - 5000)).toBeLessThan(250);
  });

  it('random goes by them where it is told to, among those who are ready', () => {
    const one = bench('random', { weighted: true }, [7, 5, 1, 2]);
    one.set.setReady(1, false);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[one.balancer.pick(i, 0, 0)]!++;
    for (const [i, share] of [0.7, 0, 0.1, 0.2].entries()) expect(Math.abs(counts[i]! - 10_000 * share)).toBeLessThanOrEqual(5 * Math.sqrt(10_000 * share * (1 - share)));
  });
});

describe('round robin', () => {
  it('takes each ready endpoint once a round, and keeps its place when the set changes', () => {
    const one = bench('roundRobin', {}, equal(4), 3);
    const start = one.balancer.pick(0, 0, 0);
    expect([1, 2, 3, 4].map(() => one.balancer.pick(0, 0, 0))).toEqual([1, 2, 3, 4].map((i) => (start + i) % 4));
    one.set.setReady((start + 1) % 4, false);
    const round = new Set([1, 2, 3].map(() => one.balancer.pick(0, 0, 0)));
    expect(round.size).toBe(3);
  });
});

describe('least request', () => {
  it('never picks the busier of two, and with a full scan never other than the least busy', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 6 }), fc.nat(), (active, seed) => {
        const scan = bench('leastRequest', { ...defaultsOf(balancerKinds.leastRequest.options), fullScan: true }, equal(active.length), seed);
        scan.set.active.set(active);
        for (let i = 0; i < 20; i++) expect(active[scan.balancer.pick(0, 0, 0)]).toBe(Math.min(...active));
        const two = bench('leastRequest', defaultsOf(balancerKinds.leastRequest.options), equal(active.length), seed);
        two.set.active.set(active);
        const busiest = Math.max(...active);
        if (active.filter((count) => count === busiest).length > 1) return;
        for (let i = 0; i < 20; i++) expect(active[two.balancer.pick(0, 0, 0)]).not.toBe(busiest);
      }),
      { numRuns: 300 },
    );
  });
});

describe('peak EWMA', () => {
  it('jumps up at once, decays down, and so avoids an endpoint after one slow answer', () => {
    const options = { ...defaultsOf(balancerKinds.peakEwma.options), decay: 1e9, defaultRtt: 1e6 };
    const one = bench('peakEwma', options, equal(2));
    // Endpoint 0 answers in 1 s once, endpoint 1 in 1 ms.
    one.balancer.learner?.finished(0, 0, false, 1e9);
    one.balancer.learner?.finished(1, 999e6, false, 1e9);
    for (let i = 0; i < 50; i++) expect(one.balancer.pick(1e9, 0, 0)).toBe(1);
    // After twenty time constants both estimates are as good as gone; 40 in flight on the other outweigh it.
    one.set.active[1] = 2_000_000;
    expect(one.balancer.pick(1e9 + 20e9, 0, 0)).toBe(0);
  });
});
