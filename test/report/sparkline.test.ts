import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sparkline } from '../../src/report/sparkline.ts';

test('is as high as the values, from nothing to the largest', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 20)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([0, 0, 0], 20)).toBe('▁▁▁');
  expect(sparkline([null, 2, null], 20)).toBe(' █ ');
  expect(sparkline([], 20)).toBe('');
});

test('never loses a peak, however many values share a character', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(499), fc.integer({ min: 1, max: 60 }), (count, at, width) => {
    const values = Array.from({ length: count }, (_, i) => (i === at % count ? 100 : 1));
    const line = sparkline(values, width);
    expect([line.length, line.split('█').length - 1]).toEqual([Math.min(width, count), 1]);
  }));
});
