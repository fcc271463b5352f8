/** What stands under a chart can be read at every width. */
import { expect, test } from 'vitest';
import type uPlot from 'uplot';
import { scaleOf } from '../../web/chart/scale.ts';

test.each([
  [280, ['p50', 'p90', 'p99', 'p99.9', 'p99.99']],
  [390, ['p50', 'p90', 'p99', 'p99.9', 'p99.99']],
  [900, ['min', 'p50', 'p90', 'p99', 'p99.9', 'p99.99']],
])('percentiles at %d pixels', (width, expected) => {
  const { axis } = scaleOf({ kind: 'percentile', values: [0, 0.5, 0.9, 0.99, 0.999, 0.9999] });
  const u = { width } as uPlot; // all that is read of it
  const { filter, splits, values } = axis as unknown as Record<'filter' | 'splits' | 'values', (u: uPlot, splits: readonly (number | null)[]) => readonly (number | null)[]>;
  expect(values(u, filter(u, splits(u, []))).filter((label) => label as unknown as string !== '')).toEqual(expected);
});
