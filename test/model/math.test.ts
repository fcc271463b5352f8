import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, ln, normalQuantile, power } from '../../src/model/math.ts';

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** Distance in units of the last place, for values of one sign. */
function ulps(a: number, b: number): number {
  const rank = (value: number): bigint => {
    double[0] = value;
    return bits[0]! < 0n ? -(bits[0]! & 0x7fffffffffffffffn) : bits[0]!;
  };
  return Number(rank(a) - rank(b) < 0n ? rank(b) - rank(a) : rank(a) - rank(b));
}

describe('portable elementary functions', () => {
  it('exp is within 3 ulp of Math.exp', () => {
    fc.assert(fc.property(fc.oneof(fc.double({ min: -700, max: 709, noNaN: true }), fc.double({ min: -2, max: 2, noNaN: true })), (x) => void expect(ulps(exp(x), Math.exp(x))).toBeLessThanOrEqual(3)), { numRuns: 20_000 });
  });

  it('ln is within 3 ulp of Math.log', () => {
    fc.assert(fc.property(fc.oneof(fc.double({ min: 2 ** -1000, max: 1e300, noNaN: true }), fc.double({ min: 0.5, max: 2, noNaN: true }), fc.double({ min: 1e-12, max: 1, noNaN: true })), (x) => void expect(ulps(ln(x), Math.log(x))).toBeLessThanOrEqual(3)), { numRuns: 20_000 });
  });

  it('power is as good as its exponent is large', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.double({ min: -20, max: 20, noNaN: true }), (x, y) => {
        // An error of half an ulp in y ln x is one of |y ln x| half ulps in the result.
        const allowed = 3 + 2 * Math.abs(y * Math.log(x));
        expect(ulps(power(x, y), x ** y)).toBeLessThanOrEqual(allowed);
      }),
      { numRuns: 5000 },
    );
  });

  it('has the usual values at the edges', () => {
    expect([exp(0), exp(-1e9), exp(1e9), exp(-Infinity)]).toEqual([1, 0, Infinity, 0]);
    expect(exp(NaN)).toBeNaN();
    expect([ln(1), ln(0), ln(Infinity)]).toEqual([0, -Infinity, Infinity]);
    expect(ln(-1)).toBeNaN();
    expect([power(0, 2), power(5, 0), power(0, -1)]).toEqual([0, 1, Infinity]);
  });

  // R 4.3, qnorm.
  it.each([
    [0.5, 0],
    [0.75, 0.67448975019608171],
    [0.9, 1.2815515655446004],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.999, 3.0902323061678132],
    [0.9999, 3.7190164854556804],
    [0.01, -2.3263478740408408],
    [1e-6, -4.753424308822899],
  ])('normalQuantile(%d) is %d', (p, expected) => {
    expect(Math.abs(normalQuantile(p) - expected)).toBeLessThanOrEqual(4e-15 * Math.max(1, Math.abs(expected)) / Math.min(1, 40 * Math.min(p, 1 - p)));
  });

  it('normalQuantile ascends and is odd around a half', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (a, b) => {
        fc.pre(Math.abs(a - b) > 1e-9);
        expect(Math.sign(normalQuantile(a) - normalQuantile(b))).toBe(Math.sign(a - b));
        expect(normalQuantile(a) + normalQuantile(1 - a)).toBeCloseTo(0, 6);
      }),
    );
  });
});
