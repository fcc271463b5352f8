import { describe, expect, test } from 'vitest';
import type { Change, Comparison } from '../../src/compare/comparison.ts';
import { compareSides } from '../../src/compare/compare.ts';
import type { Sample, Side } from '../../src/compare/side.ts';
import { exampleSide, wobble } from '../support/example-side.ts';

const ALL = { minEffect: null };
const N = 12;

/** Like its neighbour but for a factor on the latency and some failures; the same wobble on both sides, and a little of its own. */
function side(label: string, { factor = 1, timeouts = 0, own = 0, n = N, changes = {} }: { factor?: number; timeouts?: number; own?: number; n?: number; changes?: Partial<Side> } = {}): Side {
  return exampleSide(label, Array.from({ length: n }, (_, i): Partial<Sample> => {
    const p99 = 200 * factor * (1 + wobble(i, 0.1) + wobble(i * 5 + 1, own));
    return { requests: 50_000 + 10 * i, latencyMs: { p50: 40, p99, p999: 2.5 * p99 }, causes: timeouts === 0 ? {} : { timeout: timeouts + (i % 3) } };
  }), changes);
}

function change(comparison: Comparison, metric: string, other = 0): Change {
  const row = comparison.rows.find((one) => one.metric === metric);
  expect(row, metric).toBeDefined();
  return row!.changes[other]!;
}

describe('a pair of sides', () => {
  test('is compared replication by replication, so that luck they share does not blur the change', () => {
    const paired = change(compareSides([side('a'), side('b', { factor: 1.05, own: 0.001 })], ALL), 'latency p99');
    expect(paired).toMatchObject({ kind: 'ratio', verdict: 'worse', n: N });
    expect(paired.estimate).toBeCloseTo(0.05, 3);
    expect(paired.high! - paired.low!).toBeLessThan(0.005);

    const others = side('b', { factor: 1.05, own: 0.001 });
    const apart = { ...others, replications: others.replications.map((one) => ({ ...one, seed: one.seed + 1000 })) };
    const unpaired = compareSides([side('a'), apart], ALL);
    expect(unpaired.sides[1]!.pairing).toBe('unpaired');
    expect(change(unpaired, 'latency p99').verdict).toBe('inconclusive');
    expect(unpaired.caveats.join()).toContain('other seeds');
  });

  test('is paired by seed, in whatever order the replications come', () => {
    const [a, b] = [side('a'), side('b', { factor: 1.05, own: 0.001 })];
    const shuffled = { ...b, replications: [...b.replications].reverse() };
    expect(compareSides([a, shuffled], ALL).rows.map(({ changes }) => changes[0]!.estimate!.toFixed(12)))
      .toEqual(compareSides([a, b], ALL).rows.map(({ changes }) => changes[0]!.estimate!.toFixed(12)));
  });

  test('the other way round is the inverse ratio, and better for worse', () => {
    const [a, b] = [side('a'), side('b', { factor: 1.2, timeouts: 500, own: 0.003 })];
    const [there, back] = [compareSides([a, b], ALL), compareSides([b, a], ALL)];
    const [p99, inverse] = [change(there, 'latency p99'), change(back, 'latency p99')];
    expect((1 + p99.estimate!) * (1 + inverse.estimate!)).toBeCloseTo(1, 12);
    expect((1 + p99.low!) * (1 + inverse.high!)).toBeCloseTo(1, 12);
    expect([p99.verdict, inverse.verdict]).toEqual(['worse', 'better']);
    expect(change(there, 'errors').estimate).toBeCloseTo(-change(back, 'errors').estimate!, 15);
    expect(there.counts.worse).toBe(back.counts.better);
  });

  test('and itself are the same in every row, with no change at all', () => {
    const comparison = compareSides([side('a', { timeouts: 3 }), side('b', { timeouts: 3 })], ALL);
    for (const { changes } of comparison.rows) expect(changes[0]).toMatchObject({ estimate: 0, low: 0, high: 0, p: 1, detectable: 0, verdict: 'same' });
  });

  test('less is better of errors, more of goodput', () => {
    const comparison = compareSides([side('a', { timeouts: 900 }), side('b', { timeouts: 100 })], ALL);
    expect(change(comparison, 'errors')).toMatchObject({ kind: 'difference', verdict: 'better' });
    expect(change(comparison, 'errors').estimate).toBeCloseTo(-0.016, 4);
    expect(change(comparison, 'goodput')).toMatchObject({ kind: 'ratio', verdict: 'better' });
  });
});

describe('the rows', () => {
  test('always hold latency, goodput, errors, extra work and the busiest endpoint', () => {
    expect(compareSides([side('a'), side('b')], ALL).rows.map(({ metric }) => metric))
      .toEqual(['latency p50', 'latency p99', 'latency p99.9', 'goodput', 'errors', 'attempts/request', 'busiest endpoint']);
  });

  test('hold each cause of errors, and one cause is told with the total', () => {
    const one = compareSides([side('a', { timeouts: 5 }), side('b')], ALL);
    expect(one.rows.filter(({ metric }) => metric.startsWith('errors'))).toMatchObject([{ metric: 'errors', cause: 'timeout' }]);
    const resets = exampleSide('b', Array.from({ length: N }, () => ({ causes: { reset: 4 } })));
    const two = compareSides([side('a', { timeouts: 5 }), resets], ALL);
    expect(two.rows.filter(({ metric }) => metric.startsWith('errors')).map(({ metric }) => metric)).toEqual(['errors', 'errors: timeout', 'errors: reset']);
  });

  test('measure the busiest endpoint by its share of the attempts where nobody has a limit', () => {
    const unlimited = (label: string, imbalance: number): Side => exampleSide(label, Array.from({ length: N }, () => ({ busiest: null, imbalance })));
    expect(change(compareSides([unlimited('a', 1), unlimited('b', 1.5)], ALL), 'busiest endpoint')).toMatchObject({ kind: 'ratio', verdict: 'worse' });
  });
});

describe('a cell', () => {
  test('of a share lies between 0 and 1, whatever its spread', () => {
    const busy = (label: string, values: readonly number[]): Side => exampleSide(label, Array.from({ length: N }, (_, i) => ({ busiest: values[i % values.length]! })));
    const [low, high] = compareSides([busy('idle', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.2]), busy('full', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.8])], ALL).rows.find(({ metric }) => metric === 'busiest endpoint')!.cells;
    expect([low!.low, high!.high]).toEqual([0, 1]);
  });
});

describe('verdicts', () => {
  test('a small change that is certain counts, unless only larger ones matter', () => {
    const sides = [side('a'), side('b', { factor: 1.01, own: 0.0005 })];
    expect(change(compareSides(sides, ALL), 'latency p99')).toMatchObject({ verdict: 'worse', tolerated: null });
    const tolerant = compareSides(sides, { minEffect: 0.02 });
    expect(change(tolerant, 'latency p99')).toMatchObject({ verdict: 'same', tolerated: 'worse' });
    expect(tolerant.counts).toMatchObject({ worse: 0, tolerated: 2 });
  });

  test('no change shown is the same where the interval is narrow, and inconclusive where a change may hide in it', () => {
    expect(change(compareSides([side('a'), side('b', { own: 0.002 })], ALL), 'latency p99').verdict).toBe('same');
    const wide = change(compareSides([side('a'), side('b', { own: 0.2 })], ALL), 'latency p99');
    expect(wide.verdict).toBe('inconclusive');
    expect(wide.detectable).toBeGreaterThan(wide.high!);
    expect(change(compareSides([side('a'), side('b', { own: 0.002 })], { minEffect: 0.0001 }), 'latency p99').verdict).toBe('inconclusive');
  });

  test('errors that nobody would act on are the same, whatever share of nothing they are', () => {
    const some = exampleSide('b', Array.from({ length: N }, (_, i) => ({ causes: i === 3 ? { timeout: 1 } : {} })));
    expect(change(compareSides([exampleSide('a', Array.from({ length: N }, () => ({}))), some], ALL), 'errors').verdict).toBe('same');
  });

  describe('where nothing fails on either side', () => {
    const few = (label: string, p50: number, changes: Partial<Sample> = {}): Side => exampleSide(label, Array.from({ length: N }, () => ({ requests: 1_000, latencyMs: { p50, p99: 200, p999: 500 }, ...changes })));

    test('what may yet fail is as much as the requests leave open, whoever is paired', () => {
      const apart = few('b', 41);
      for (const other of [apart, { ...apart, replications: apart.replications.map((one) => ({ ...one, seed: one.seed + 1000 })) }]) {
        const errors = change(compareSides([few('a', 40), other], ALL), 'errors');
        // Wilson's upper end for none of 12,000, with t of eleven degrees for z.
        expect(errors).toMatchObject({ estimate: 0, low: expect.closeTo(-4.844 / 12_004.8, 6), high: expect.closeTo(4.844 / 12_004.8, 6), p: 1, verdict: 'inconclusive' });
        expect(errors.detectable).toBeGreaterThan(errors.high!);
      }
      expect(compareSides([few('a', 40), few('b', 41)], ALL).rows.find(({ metric }) => metric === 'errors')!.cells[0]).toEqual({ mean: 0, low: 0, high: expect.closeTo(4.844 / 12_004.8, 6) });
    });

    test('it is the same once that is too little to matter', () => {
      expect(change(compareSides([side('a'), side('b', { factor: 1.1 })], ALL), 'errors').verdict).toBe('same');
    });

    test('it is the same where each pair is alike in everything, which does nothing otherwise', () => {
      expect(change(compareSides([few('a', 40), few('b', 40)], ALL), 'errors')).toMatchObject({ low: 0, high: 0, detectable: 0, verdict: 'same' });
    });

    test('nor does it cost the other rows of the table their significance', () => {
      const latency = change(compareSides([side('a'), side('b', { factor: 1.01, own: 0.004 })], ALL), 'latency p99');
      expect(latency.pAdjusted).toBeCloseTo(2 * latency.p!, 12); // p99 and p99.9
    });
  });

  test('with fewer than six replications there are values and no verdicts', () => {
    const comparison = compareSides([side('a', { n: 5 }), side('b', { n: 5, factor: 2 })], ALL);
    for (const { changes } of comparison.rows) expect(changes[0]).toMatchObject({ p: null, low: null, verdict: null });
    expect(change(comparison, 'latency p99').estimate).toBeCloseTo(1, 12);
    expect(comparison.caveats.join()).toContain('5 replications');
    expect(comparison.counts).toEqual({ better: 0, same: 0, worse: 0, inconclusive: 0, tolerated: 0 });
  });

  test('a value that is missing somewhere leaves its row without one', () => {
    const gaps = exampleSide('b', Array.from({ length: N }, (_, i) => (i === 2 ? { requests: 0, latencyMs: { p50: null, p99: null, p999: null } } : {})));
    const comparison = compareSides([side('a'), gaps], ALL);
    expect(change(comparison, 'latency p99')).toMatchObject({ verdict: null, estimate: null });
    expect(comparison.rows[1]!.cells[1]).toEqual({ mean: null, low: null, high: null });
    expect(change(comparison, 'busiest endpoint').verdict).toBe('same');
  });

  test('a goodput of nothing has no ratio and is compared as it is', () => {
    const dead = exampleSide('b', Array.from({ length: N }, () => ({ causes: { timeout: 50_000 } })));
    const goodput = change(compareSides([side('a'), dead], ALL), 'goodput');
    expect(goodput).toMatchObject({ kind: 'difference', verdict: 'worse' });
    expect(goodput.estimate).toBeCloseTo(-1001.1, 6);
  });
});

test('the more is asked, the surer an answer must be', () => {
  const [a, b] = [side('a'), side('b', { factor: 1.05, own: 0.05 })];
  const two = change(compareSides([a, b], ALL), 'latency p99');
  const five = change(compareSides([a, b, side('c', { own: 0.1 }), side('d', { own: 0.11 }), side('e', { own: 0.12 })], ALL), 'latency p99');
  expect(five.p).toBe(two.p);
  expect(five.pAdjusted).toBeGreaterThan(two.pAdjusted!);
  expect(five.detectable).toBeGreaterThan(two.detectable!);
});

describe('caveats', () => {
  test('say which percentiles are of too few requests a replication', () => {
    const of = (requests: number): string => compareSides([exampleSide('a', [{}, {}]), exampleSide('b', [{ requests }, {}])].map((side) => ({ ...side, replications: side.replications.map((one) => ({ ...one, requests })) })), ALL).caveats.join('\n');
    expect(of(200_000)).not.toContain('biased');
    expect(of(50_000)).toContain('50,000 requests in a replication: percentiles of single runs are biased, p99.9 below 100,000');
    expect(of(5_000)).toContain('5,000 requests in a replication: percentiles of single runs are biased, p99 below 10,000, p99.9 below 100,000');
  });

  test('say when a side was asked for less', () => {
    const slow = exampleSide('b', Array.from({ length: N }, () => ({ requests: 45_000 })));
    expect(compareSides([exampleSide('a', Array.from({ length: N }, () => ({}))), slow], ALL).caveats).toContain('b was asked 10.0 % less a second than the reference');
  });

  test('name what else differs', () => {
    const text = compareSides([side('a'), side('b', { changes: { durationMs: 30_000, meshsim: '9.9.9' } })], { ...ALL, caveats: ['known before'] }).caveats;
    expect(text[0]).toBe('known before');
    expect(text[1]).toBe('durations differ: 60 s (a), 30 s (b)');
    expect(text[2]).toContain('9.9.9 (b)');
  });

  test('say how many replications have no partner', () => {
    const b = side('b');
    const half = { ...b, replications: b.replications.map((one, i) => (i < 7 ? one : { ...one, seed: one.seed + 500 })) };
    const comparison = compareSides([side('a'), half], ALL);
    expect(comparison.sides[1]!.pairing).toBe('paired');
    expect(change(comparison, 'latency p99').n).toBe(7);
    expect(comparison.caveats).toContain('b shares 7 seeds with the reference; 10 replications without a partner count in the columns, not in the change');
  });
});
