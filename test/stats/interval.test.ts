import { mean, sampleStandardDeviation } from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import { countInterval, intervalAround, shareInterval, Spread } from '../../src/stats/interval.ts';

describe('an interval', () => {
  const values = [3, 7, 8, 12, 15.5, 9, 4.25];
  const spread = spreadOf(values);

  test('is t standard errors to both sides', () => {
    const half = (2.4469 * sampleStandardDeviation(values)) / Math.sqrt(values.length);
    const [low, high] = intervalAround(mean(values), spread)!;
    expect(low).toBeCloseTo(mean(values) - half, 3);
    expect(high).toBeCloseTo(mean(values) + half, 3);
  });

  test('is around the figure of all replications, and not below 0', () => {
    const [low, high] = intervalAround(1, spread)!;
    expect(low).toBe(0);
    expect(high - 1).toBeCloseTo(intervalAround(100, spread)![1] - 100, 9);
  });

  test('ends where what it is of can be no more and no less', () => {
    const centre = mean(values);
    expect(intervalAround(centre, spread, [centre - 1, centre + 1])).toEqual([centre - 1, centre + 1]);
  });

  test('takes two', () => {
    expect(intervalAround(1, spreadOf([1]))).toBeNull();
    expect(shareInterval(0.5, 10, spreadOf([0.5]))).toBeNull();
  });

  test('of a share is the t interval where that is far from 0 and 1', () => {
    const shares = spreadOf([0.49, 0.5, 0.51, 0.5, 0.5]);
    const [[low, high], [tLow, tHigh]] = [shareInterval(0.5, 1e9, shares)!, intervalAround(0.5, shares)!];
    expect(low).toBeCloseTo(tLow, 4);
    expect(high).toBeCloseTo(tHigh, 4);
  });

  test('of a share that was never seen ends where it would have been, and begins at 0', () => {
    // Wilson's upper end for 0 of n is z²/(n + z²); "3/n" with 95 % to one side.
    const none = spreadOf(new Array<number>(1000).fill(0));
    const [low, high] = shareInterval(0, 10_000, none)!;
    expect(low).toBe(0);
    expect(high).toBeCloseTo(3.85 / 10_000, 5);
    expect(shareInterval(1, 10_000, spreadOf(new Array<number>(1000).fill(1)))).toEqual([expect.closeTo(1 - high, 12), 1]);
  });

  test('of a rare share is lopsided, and wider where failures come in clusters', () => {
    const single = shareInterval(1e-3, 10_000, spreadOf([1e-3, 2e-3, 0, 1e-3, 1e-3, 0, 2e-3, 1e-3, 1e-3, 1e-3]))!;
    const clustered = shareInterval(1e-3, 10_000, spreadOf([0, 1e-2, 0, 0, 0, 0, 0, 0, 0, 0]))!;
    expect(single[0]).toBeGreaterThan(0);
    expect(1e-3 - single[0]).toBeLessThan(single[1] - 1e-3);
    expect(clustered[1]).toBeGreaterThan(2 * single[1]);
  });
});

describe('an interval of a count', () => {
  test('is that of the share where failures are rare', () => {
    const counts = [1, 0, 0, 2, 1, 0, 1, 1, 3, 1];
    const [low, high] = countInterval(1, 10_000, spreadOf(counts))!;
    const share = shareInterval(1e-4, 100_000, spreadOf(counts.map((count) => count / 10_000)))!;
    expect(low / 10_000 / share[0]).toBeCloseTo(1, 3);
    expect(high / 10_000 / share[1]).toBeCloseTo(1, 3);
  });

  test('is the t interval where there are many, for their number varies even if all fail', () => {
    const counts = [9_900, 10_000, 10_100, 10_050, 9_950];
    const [[low, high], [tLow, tHigh]] = [countInterval(10_000, 10_000, spreadOf(counts))!, intervalAround(10_000, spreadOf(counts))!];
    expect(Math.abs(low - tLow)).toBeLessThan(1);
    expect(Math.abs(high - tHigh)).toBeLessThan(1);
  });

  test('of what never happened ends where that of its share does', () => {
    const none = spreadOf([0, 0, 0, 0, 0]);
    expect(countInterval(0, 100, none)).toEqual([0, 100 * shareInterval(0, 500, none)![1]]);
    expect(countInterval(0, 100, spreadOf([0]))).toBeNull();
  });
});

function spreadOf(values: readonly number[]): Spread {
  const spread = new Spread();
  for (const value of values) spread.add(value);
  return spread;
}
