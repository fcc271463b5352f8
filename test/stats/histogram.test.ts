import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, statesOf } from '../../src/stats/histogram.ts';

const values = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 2 ** 53 - 1 }), fc.constantFrom(0, 1, 5e9)),
  { minLength: 1, maxLength: 300 },
);
const shares = fc.oneof(fc.constantFrom(0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1), fc.double({ min: 1e-9, max: 1, noNaN: true }));

function filled(list: readonly number[], bits?: number): Histogram {
  const histogram = new Histogram(bits);
  for (const value of list) histogram.record(value);
  return histogram;
}

/** The ceil(p * n)-th smallest value. */
function rankOf(p: number, n: number): number {
  return Math.max(1, Math.ceil(p * n));
}

describe('a histogram', () => {
  it.each([6, 10])('with %i bits knows every percentile to half a part of its octave', (bits) => {
    fc.assert(
      fc.property(values, shares, (list, p) => {
        const exact = list.toSorted((a, b) => a - b)[rankOf(p, list.length) - 1]!;
        const estimate = filled(list, bits).percentile(p);
        // Values are counted as value + 1. The highest bucket answers with the maximum, so up to a whole part off.
        const isTop = Math.max(...list) + 1 <= (exact + 1) * (1 + 2 ** -bits);
        const allowed = (exact + 1) * 2 ** -(bits + (isTop ? 0 : 1));
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(allowed * (1 + 1e-9));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([1, 2, 10, 1000])('of %i values answers with the ceil(p n)-th', (n) => {
    // Powers of two are bucket edges apart, however many there are: one value in each of n buckets.
    const list = Array.from({ length: n }, (_, i) => 4096 + 8 * i);
    const histogram = filled(list);
    for (const p of [0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]) {
      const exact = 4096 + 8 * (rankOf(p, n) - 1);
      expect(Math.abs(histogram.percentile(p) - exact), `p ${p}`).toBeLessThan(4.1);
    }
  });

  it('merges exactly: the same as having recorded everything in one', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const merged = filled(a);
        merged.merge(filled(b));
        const all = filled([...a, ...b]);
        expect(merged.toData()).toEqual(all.toData());
        expect([merged.count, merged.min, merged.max]).toEqual([all.count, all.min, all.max]);
        expect(Math.abs(merged.sum - all.sum)).toBeLessThanOrEqual(1e-12 * all.sum);
      }),
    );
  });

  it('is not changed by reading, copying, or being merged into another', () => {
    fc.assert(
      fc.property(values, shares, (list, p) => {
        const histogram = filled(list);
        const before = JSON.stringify(histogram.toData());
        histogram.percentile(p);
        const copy = histogram.copy();
        copy.record(1);
        new Histogram().merge(histogram);
        expect(JSON.stringify(histogram.toData())).toBe(before);
      }),
      { numRuns: 100 },
    );
  });

  it('counts beyond 32 bits: one by one, zeros at once, merged, sent and grown', () => {
    const histogram = filled([1e6]);
    for (let i = 0; i < 31; i++) histogram.merge(histogram.copy());
    histogram.recordZeros(2 ** 31 - 1);
    expect(histogram.toData().counts).toEqual([2 ** 31 - 1, 2 ** 31]);
    for (let i = 0; i < 3; i++) histogram.record(1e6);
    histogram.merge(filled([1e6, 1e9]));
    const [sent, narrow] = statesOf([histogram, filled([5])]);
    const received = new Histogram();
    received.mergeState(narrow!);
    received.mergeState(sent!);
    received.merge(histogram);
    received.recordZeros(2 ** 33);
    expect(received.toData().counts).toEqual([2 * (2 ** 31 - 1) + 2 ** 33, 1, 2 ** 32 + 8, 2]);
    expect(received.count).toBe(2 ** 33 + 2 ** 33 + 9);
    expect(received.percentile(1)).toBe(1e9);
  });

  it('counts zeros at once as it does one by one', () => {
    const [one, many] = [filled([5, 0, 0, 0]), filled([5])];
    many.recordZeros(3);
    many.recordZeros(0);
    expect(many.toData()).toEqual(one.toData());
    expect([many.count, many.min, many.mean()]).toEqual([4, 0, 1.25]);
    expect(many.percentile(0.75)).toBe(0);
  });

  it('answers equal values exactly, such as a limit that everybody hits', () => {
    const histogram = filled(Array.from({ length: 1000 }, () => 123_456_789));
    for (const p of [0.001, 0.5, 0.999, 1]) expect(histogram.percentile(p)).toBe(123_456_789);
    expect(histogram.mean()).toBe(123_456_789);
    expect(histogram.stddev()).toBe(0);
  });

  it('reports a limit at the top of the data exactly', () => {
    const histogram = filled([...Array.from({ length: 90 }, (_, i) => 1000 + i), ...Array.from({ length: 10 }, () => 300_000_001)]);
    expect(histogram.percentile(0.99)).toBe(300_000_001);
  });

  it('has the mean and the deviation of the sample', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 2, maxLength: 100 }), (list) => {
        const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
        const deviation = Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1));
        const histogram = filled(list);
        expect(histogram.mean()).toBeCloseTo(mean, 6);
        expect(histogram.stddev()).toBeCloseTo(deviation, 1);
      }),
    );
  });

  it('is empty until something is recorded', () => {
    const histogram = new Histogram();
    expect(histogram.count).toBe(0);
    expect(histogram.percentile(0.5)).toBeNaN();
    expect(histogram.mean()).toBeNaN();
    expect(histogram.toData()).toMatchObject({ indexes: [], counts: [] });
  });

  it('refuses to merge another resolution', () => {
    expect(() => new Histogram(6).merge(filled([1]))).toThrow('cannot merge');
  });
});
