import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averaged, GroupMeans } from '../../src/stats/group-means.ts';
import { mserCut } from '../../src/stats/mser.ts';

/** Around 10, never the same twice in a row, of equal spread everywhere, and beginning in the middle of it. */
const settled = (length: number): number[] => Array.from({ length }, (_, i) => 10 + ((i * 7 + 2) % 5) - 2);

describe('the cut of MSER', () => {
  test('leaves out a start that is unlike the rest', () => {
    expect(mserCut([...new Array<number>(30).fill(0), ...settled(200)])).toBe(30);
    expect(mserCut([...new Array<number>(30).fill(40), ...settled(200)])).toBe(30);
  });

  test('leaves out a climb up to where it ends, give or take a few', () => {
    const cut = mserCut([...Array.from({ length: 40 }, (_, i) => i / 4), ...settled(300)]);
    expect(cut).toBeGreaterThan(28);
    expect(cut).toBeLessThanOrEqual(40);
  });

  test('leaves out nothing of what is settled or all the same', () => {
    expect(mserCut(settled(200))).toBeLessThan(5);
    expect(mserCut(new Array<number>(100).fill(3))).toBe(0);
    expect(mserCut([])).toBe(0);
    expect(mserCut([1, 2, 3])).toBe(0);
  });

  test('is in the second half for what never settles', () => {
    expect(mserCut(Array.from({ length: 200 }, (_, i) => i))).toBeGreaterThan(100);
    expect(mserCut([...settled(150), ...settled(50).map((value) => value + 30)])).toBe(150);
  });

  test('is that of its definition', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 5, maxLength: 60 }), (values) => {
        const g = (cut: number): number => {
          const rest = values.slice(cut);
          const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
          return rest.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (rest.length * rest.length);
        };
        const least = Math.min(...values.slice(0, values.length - 4).map((_, cut) => g(cut)));
        expect(g(mserCut(values))).toBeCloseTo(least, 9);
      }),
    );
  });
});

describe('means of groups', () => {
  const groupsOf = (count: number): GroupMeans => {
    const groups = new GroupMeans();
    for (let i = 1; i <= count; i++) groups.add(i, 10 * i);
    return groups;
  };

  test('are of five, and what is left over counts for nothing', () => {
    expect(groupsOf(14).groups()).toEqual({ size: 5, means: Float64Array.of(3, 8), ends: Float64Array.of(50, 100) });
  });

  test('are of ten and more when there are many, and still the same series', () => {
    const { size, means, ends } = groupsOf(1_000_003).groups();
    expect(size).toBe(80);
    expect(means).toHaveLength(12_500);
    expect([means[0], ends[0], means.at(-1), ends.at(-1)]).toEqual([40.5, 800, 1_000_000 - 39.5, 10_000_000]);
  });

  test('of several series are brought to one size and averaged as far as the shortest goes', () => {
    expect(averaged([groupsOf(20).groups(), { size: 10, means: Float64Array.of(1, 2, 3), ends: Float64Array.of(150, 160, 170) }])).toEqual({
      size: 10, means: Float64Array.of((5.5 + 1) / 2, (15.5 + 2) / 2), ends: Float64Array.of(150, 200),
    });
  });
});
