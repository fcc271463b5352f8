import { describe, expect, test } from 'vitest';
import { cumulativeStdNormalProbability } from 'simple-statistics';
import { tQuantile, tTail } from '../../src/stats/student-t.ts';

describe('quantiles', () => {
  /** scipy 1.17, `t.ppf(p, df)`. */
  test.each([
    [0.975, 1, 12.7062047362], [0.975, 2, 4.30265272975], [0.975, 5, 2.57058183564], [0.975, 9, 2.2621571628],
    [0.975, 19, 2.09302405441], [0.975, 29, 2.04522964213], [0.995, 19, 2.86093460646], [0.9995, 10, 4.5868938587],
    [0.95, 120, 1.65765089936], [0.6, 7, 0.263166861352], [0.975, 17.776, 2.10282131038], [0.9, 0.5, 10.2703244102],
  ])('at %d with %d degrees of freedom', (p, df, t) => {
    expect(tQuantile(p, df)).toBeCloseTo(t, 8);
    expect(tQuantile(1 - p, df)).toBeCloseTo(-t, 8);
  });

  test('one and two degrees of freedom have a closed form', () => {
    for (const p of [0.51, 0.7, 0.9, 0.99, 0.9999]) {
      expect(tQuantile(p, 1) / Math.tan(Math.PI * (p - 0.5))).toBeCloseTo(1, 10);
      expect(tQuantile(p, 2) / ((2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p))))).toBeCloseTo(1, 10);
    }
  });
});

describe('tails', () => {
  test.each([0.3, 1, 2.5, 7, 19.6, 63, 64, 65, 500, 1e5])('are those of the quantile with %d degrees of freedom', (df) => {
    for (const p of [0.5001, 0.6, 0.9, 0.975, 0.999, 0.999999]) expect(tTail(tQuantile(p, df), df) / (2 * (1 - p))).toBeCloseTo(1, 9);
  });

  test('come near those of the normal law', () => {
    for (const t of [0.1, 0.5, 1, 1.96, 3]) expect(tTail(t, 1e7)).toBeCloseTo(2 * (1 - cumulativeStdNormalProbability(t)), 3);
    expect(tTail(1.959963985, 1e6)).toBeCloseTo(0.05, 6);
  });

  test('integrate the density', () => {
    // Simpson over t = tan(u), with 4 degrees of freedom: density 3/8 (1 + t^2/4)^(-5/2).
    const density = (u: number): number => (3 / 8) * (1 + Math.tan(u) ** 2 / 4) ** -2.5 / Math.cos(u) ** 2;
    const steps = 2000;
    for (const t of [0.5, 2, 6]) {
      const [from, to] = [Math.atan(t), Math.PI / 2 - 1e-9];
      const h = (to - from) / steps;
      let sum = density(from) + density(to);
      for (let i = 1; i < steps; i++) sum += density(from + i * h) * (i % 2 === 1 ? 4 : 2);
      expect(tTail(t, 4)).toBeCloseTo((2 * sum * h) / 3, 8);
    }
  });

  test('reach far', () => {
    expect(tTail(0, 5)).toBe(1);
    expect(tTail(Infinity, 5)).toBe(0);
    expect(tTail(1e6, 19)).toBeGreaterThan(0);
    expect(tTail(1e6, 19)).toBeLessThan(1e-90);
    expect(tTail(1e-9, 19)).toBeCloseTo(1, 8);
  });
});
