import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sweepCsv } from '../../src/report/sweep/csv.ts';
import { sweepHtml } from '../../src/report/sweep/html.ts';
import { estimateOf } from '../../src/sweep/estimates.ts';
import { type Axis, pointsOf, sizeOf, valuesAt } from '../../src/sweep/grid.ts';
import { mergeSweeps, type Point, pointOf, type Rep, SWEEP_SCHEMA, type Sweep } from '../../src/sweep/sweep.ts';

const arbAxes: fc.Arbitrary<Axis[]> = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
  .map((counts) => counts.map((count, i) => ({ path: `p${i}`, values: Array.from({ length: count }, (_, k) => `v${k}`) })));

const rep = (seed: number): Rep => ({ seed, complete: true, requests: 100, p50: seed, p99: 2 * seed, errorRate: 0, goodput: 10, attemptsPerRequest: 1, held: [true] });

function sweepOf(axes: readonly Axis[], index: number, of: number): Sweep {
  const shard = { index, of };
  const points: Point[] = pointsOf(axes, shard).map((point) => pointOf(axes, point, [rep(point + 1)]));
  return { schema: SWEEP_SCHEMA, meshsim: '1', complete: true, scenario: { name: 's', sha256: 'x' }, seeds: [1], flags: {}, axes, thresholds: ['t'], shard, points };
}

const whole = (axes: readonly Axis[]): Sweep => ({ ...sweepOf(axes, 1, 1), shard: null });

describe('the page of a sweep', () => {
  test('shows the end of a path, and no column of the name of a figure', () => {
    const page = sweepHtml(whole([{ path: 'policies.standard.retries.attempts', values: ['0', '1'] }, { path: 'traffic[0].rate', values: ['1/s', '2/s', '3/s'] }]), { again: 'meshsim sweep s.yaml' });
    expect(page).toMatch(/>…retries\.attempts ↓</);
    expect(page).toContain('>retries.attempts');
  });
});

describe('a grid', () => {
  test('has every combination once, the last axis fastest', () => {
    fc.assert(
      fc.property(arbAxes, (axes) => {
        const all = pointsOf(axes, null).map((point) => valuesAt(axes, point));
        expect(new Set(all.map(String)).size).toBe(sizeOf(axes));
        expect(all[0]).toEqual(axes.map(({ values }) => values[0]));
        if (sizeOf(axes) > 1 && axes.at(-1)!.values.length > 1) expect(all[1]!.at(-1)).toBe('v1');
      }),
    );
  });
});

describe('parts of a sweep', () => {
  test('add up to the whole, in whatever order they come and however many there are', () => {
    fc.assert(
      fc.property(arbAxes, fc.integer({ min: 1, max: 6 }), fc.integer(), (axes, of, order) => {
        const parts = Array.from({ length: of }, (_, i) => sweepOf(axes, ((i + Math.abs(order)) % of) + 1, of));
        const { sweep } = mergeSweeps(parts, parts.map(String));
        expect(JSON.stringify(sweep)).toBe(JSON.stringify(whole(axes)));
      }),
    );
  });

  const axes: Axis[] = [{ path: 'p', values: ['a', 'b', 'c', 'd'] }];

  test('may overlap where they agree', () => {
    expect(mergeSweeps([whole(axes), sweepOf(axes, 1, 2)], ['a', 'b']).sweep?.points).toHaveLength(4);
  });

  test('are refused when one is missing, of another sweep, or says something else', () => {
    expect(mergeSweeps([sweepOf(axes, 1, 3), sweepOf(axes, 3, 3)], ['a', 'b']).problem).toBe('1 point is missing: shard 2/3');
    expect(mergeSweeps([sweepOf(axes, 1, 2), { ...sweepOf(axes, 2, 2), seeds: [2] }], ['a', 'b']).problem).toBe('b is of another sweep than a: they differ in seeds');
    const other = sweepOf(axes, 1, 2);
    const changed = { ...other, points: other.points.map((point) => ({ ...point, reps: [rep(77)] })) };
    expect(mergeSweeps([other, changed, sweepOf(axes, 2, 2)], ['a', 'b', 'c']).problem).toBe('a and b disagree on point 0');
  });
});

test('errors that never came have the interval of a share, and so have those that always did', () => {
  const errorsAt = (errorRate: number): readonly [number, number] => estimateOf(pointOf([], 0, [1, 2, 3].map((seed) => ({ ...rep(seed), errorRate }))), 'errorRate').interval!;
  // Wilson's, with t of two degrees for z: t² / (300 + t²).
  expect(errorsAt(0)).toEqual([0, expect.closeTo(0.0581, 4)]);
  expect(errorsAt(1)).toEqual([expect.closeTo(1 - 0.0581, 4), 1]);
});

test('CSV quotes what needs it', () => {
  const axes: Axis[] = [{ path: 'p', values: ['{ type: "a", b: 1 }'] }];
  expect(sweepCsv(whole(axes)).split('\r\n')[1]).toContain('0,"{ type: ""a"", b: 1 }",1,1,1,');
});
