import { expect, test } from 'vitest';
import * as format from '../../src/report/format.ts';

test.each([
  [0, '0'], [0.00012, '1.20e-4'], [0.0123, '0.0123'], [0.9996, '1.00'], [1.5, '1.50'], [9.996, '10.0'], [41.23, '41.2'],
  [99.96, '100'], [212.4, '212'], [999.6, '1,000'], [2004, '2,004'], [999_999, '999,999'], [1_234_567, '1.23 M'], [2.5e9, '2.50 G'], [null, '-'], [NaN, '-'],
])('%s has three significant digits: %s', (value, text) => {
  expect(format.number(value)).toBe(text);
});

test('a share never rounds a failure or a success away', () => {
  expect([0, 0.0031, 1e-7, 1 - 1e-7, 1, 0.5].map(format.percent)).toEqual(['0%', '0.31%', '0.000010%', '99.999990%', '100%', '50.00%']);
});
