import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedDraws } from '../../../src/engine/route/keyed-draws.ts';
import { createSplit } from '../../../src/engine/route/registry.ts';
import { NONE } from '../../../src/model/ids.ts';
import { Stream } from '../../../src/random/hash.ts';

const draws = new KeyedDraws(new Stream(1, 'split'));
const ALL = { isReady: () => true };
const weightLists = fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }).filter((weights) => weights.some((weight) => weight > 0));

describe.each(['fixed', 'available'] as const)('a split, %s', (mode) => {
  it('draws by weight, the same for the same call', () => {
    const split = createSplit(mode, [90, 0, 10]);
    const drawn = Array.from({ length: 20_000 }, (_, call) => split.choose(draws.seek(call, 0), ALL));
    expect(drawn.filter((backend) => backend === 2).length / drawn.length).toBeCloseTo(0.1, 1);
    expect(drawn).not.toContain(1);
    expect(Array.from({ length: 100 }, (_, call) => split.choose(draws.seek(call, 0), ALL))).toEqual(drawn.slice(0, 100));
  });
});

describe('a fixed split', () => {
  it('takes no notice of who is ready', () => {
    fc.assert(fc.property(weightLists, fc.integer(), (weights, call) => {
      const split = createSplit('fixed', weights);
      expect(split.choose(draws.seek(call, 1), { isReady: () => false })).toBe(split.choose(draws.seek(call, 1), ALL));
    }));
  });
});

describe('a split over what is available', () => {
  it('finds the ready backend with weight if there is one, and nobody else', () => {
    fc.assert(fc.property(weightLists, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), fc.integer(), (weights, ready, call) => {
      const backend = createSplit('available', weights).choose(draws.seek(call, 2), { isReady: (i) => ready[i]! });
      const possible = weights.flatMap((weight, i) => (ready[i] && (weight > 0 || weights.length === 1) ? [i] : []));
      if (possible.length === 0) expect(backend).toBe(NONE);
      else expect(possible).toContain(backend);
    }));
  });
});
