import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holm } from '../../src/stats/holm.ts';

test('multiplies each by how many are left to judge, and none is below the one before', () => {
  const ps = [0.01, 0.04, 0.03, 0.05, 0.005, 0.015];
  const expected = [0.01 * 5, 0.03 * 3, 0.03 * 3, 0.03 * 3, 0.005 * 6, 0.015 * 4];
  for (const [i, p] of holm(ps).entries()) expect(p).toBeCloseTo(expected[i]!, 12);
});

test('rejects what the step-down rule rejects: smallest first, p <= level / (left to judge), up to the first that is not', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { maxLength: 12 }), (ps) => {
    const rejected = new Set<number>();
    const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
    for (const [rank, i] of order.entries()) {
      if (ps[i]! * (ps.length - rank) > 0.05) break;
      rejected.add(i);
    }
    expect(holm(ps).map((p) => p <= 0.05)).toEqual(ps.map((_, i) => rejected.has(i)));
  }));
});

test('one test is left alone, none is none', () => {
  expect(holm([0.03])).toEqual([0.03]);
  expect(holm([])).toEqual([]);
  expect(holm([0.7, 0.8])).toEqual([1, 1]);
});
