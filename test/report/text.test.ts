import { expect, test } from 'vitest';
import { shorten } from '../../src/report/text.ts';

test.each([
  ['like 100% of the slow ones', 26, 'like 100% of the slow ones'],
  ['like 100% of the slow ones', 12, 'like 100% o…'],
  ['like 100% of the slow ones', 8, 'like …'],
  ['took 1,234 ms', 9, 'took …'],
  ['took 31.6 ms', 8, 'took …'],
  ['took 31.6 ms', 10, 'took 31.6…'],
])('%s is cut to %d characters, and not within a number', (text, width, cut) => {
  expect(shorten(text, width)).toBe(cut);
});
