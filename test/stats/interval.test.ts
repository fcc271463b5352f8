import { mean, sampleStandardDeviation } from 'simple-statistics';
import { describe, expect, test } from 'vitest';
import { normalQuantile } from '../../src/model/math.ts';
import { intervalAround, shareInterval, Spread } from '../../src/stats/interval.ts';
import { studentQuantile, studentWithin } from '../../src/stats/student.ts';

describe("Student's t", () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, to its three decimals; 12.706 and 4.303 by closed form below.
  test.each([[1, 12.706], [2, 4.303], [3, 3.182], [4, 2.776], [5, 2.571], [9, 2.262], [10, 2.228], [19, 2.093], [29, 2.045], [30, 2.042], [60, 2.0], [99, 1.984], [100, 1.984]])('has the tabulated 97.5 %% quantile with %d degrees', (degrees, t) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(t, 3);
  });

  test.each([0.9, 0.95, 0.975, 0.995, 0.9995])('is exact with one and two degrees, where it has a closed form, at %d', (p) => {
    expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 8);
    expect(studentQuantile(p, 2)).toBeCloseTo((2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 10);
  });

  test('tends to the normal law', () => {
    expect(studentQuantile(0.975, 100_000)).toBeCloseTo(normalQuantile(0.975), 4);
  });

  test('the quantile undoes the share, whatever the degrees', () => {
    for (let degrees = 1; degrees <= 40; degrees++) {
      for (const within of [0, 0.1, 0.5, 0.8, 0.95, 0.99]) expect(studentWithin(studentQuantile((1 + within) / 2, degrees), degrees)).toBeCloseTo(within, 12);
    }
  });
});

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

function spreadOf(values: readonly number[]): Spread {
  const spread = new Spread();
  for (const value of values) spread.add(value);
  return spread;
}
