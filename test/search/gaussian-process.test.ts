import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianProcess, type Measurement } from '../../src/search/gaussian-process.ts';

const at = (...axes: number[]): number[] => axes;
const coordinate = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
const measurements = fc
  .uniqueArray(fc.tuple(coordinate, coordinate, fc.double({ min: -5, max: 5, noNaN: true })), { minLength: 2, maxLength: 15, selector: ([x, y]) => `${x},${y}` })
  .map((list) => list.map(([x, y, value]): Measurement => ({ at: [x, y], value, weight: 2 })));

describe('a Gaussian process', () => {
  it('goes through what was measured without noise, and is sure there', () => {
    fc.assert(fc.property(measurements, (known) => {
      const process = new GaussianProcess(known, [true, true], { lengths: [0.3, 0.3], noise: 0 });
      for (const { at: place, value } of known) {
        const { mean, deviation } = process.predict(place);
        expect(mean).toBeCloseTo(value, 3);
        expect(deviation).toBeLessThan(0.01);
      }
    }));
  });

  it('is the less sure the farther away, and far off says the mean', () => {
    const process = new GaussianProcess([{ at: at(0), value: 1, weight: 1 }, { at: at(0.1), value: 3, weight: 1 }], [true], { lengths: [0.1], noise: 0 });
    const deviations = [0.1, 0.12, 0.2, 0.5, 1].map((x) => process.predict([x]).deviation);
    expect(deviations).toEqual([...deviations].sort((a, b) => a - b));
    expect(process.predict([50]).mean).toBeCloseTo(2, 6);
  });

  it('has the mean of two points in closed form', () => {
    // k = correlation of the two; halfway between them both count alike: mean + c (1, 1) K⁻¹ (y - mean) = mean of the two.
    const process = new GaussianProcess([{ at: at(0), value: 1, weight: 1 }, { at: at(1), value: 5, weight: 1 }], [true], { lengths: [1], noise: 0.5 });
    expect(process.predict([0.5]).mean).toBeCloseTo(3, 12);
    // With noise the value at a point is drawn to the other: 3 - 2 (1 - k) / (1 + 0.5 - k), k Matérn's 5/2 at distance 1.
    const k = (1 + Math.sqrt(5) + 5 / 3) * Math.exp(-Math.sqrt(5));
    expect(process.predict([0]).mean).toBeCloseTo(3 - (2 * (1 - k)) / (1.5 - k), 12);
  });

  it('believes measurements of many replications more', () => {
    const weighed = (weight: number): number => new GaussianProcess([{ at: at(0), value: 0, weight: 1 }, { at: at(0.2), value: 1, weight }], [true], { lengths: [1], noise: 0.1 }).predict([0.2]).mean;
    expect(weighed(100)).toBeGreaterThan(weighed(1));
  });

  it('knows of no neighbours where an axis has no order', () => {
    const process = new GaussianProcess([{ at: at(0), value: 0, weight: 1 }, { at: at(1), value: 1, weight: 1 }, { at: at(5), value: 7, weight: 1 }], [false], { lengths: [0.5], noise: 0 });
    expect(process.predict([2])).toEqual(process.predict([4]));
  });

  it('finds on which axis a metric depends', () => {
    const grid = Array.from({ length: 36 }, (_, i) => [(i % 6) / 5, Math.floor(i / 6) / 5] as const);
    const { shape } = new GaussianProcess(grid.map(([x, y]) => ({ at: [x, y], value: Math.sin(6 * x), weight: 1 })), [true, true]);
    expect(shape.lengths[1]).toBeGreaterThan(3 * shape.lengths[0]!);
  });

  it('bears what is the same everywhere', () => {
    const process = new GaussianProcess([{ at: at(0), value: 2, weight: 1 }, { at: at(1), value: 2, weight: 1 }], [true]);
    expect(process.predict([0.5])).toEqual({ mean: 2, deviation: 0 });
  });
});
