import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bracket, type Search as SearchFor, together, turningPoint } from '../../src/search/turning-point.ts';

type Search<Value> = SearchFor<Value, number, null>;

const RANGE = { low: 0.01, high: 100, from: 1, within: 1.1 };

/** Asks whether values up to a limit hold; each question is a trial of that load. */
function* limited(limit: number): Search<Bracket<number> & { readonly asked: readonly number[] }> {
  const asked: number[] = [];
  const bracket = yield* turningPoint(RANGE, function* (value): Search<{ readonly holds: boolean; readonly evidence: number }> {
    asked.push(value);
    yield [value];
    return { holds: value <= limit, evidence: value };
  });
  return { ...bracket, asked };
}

function run<Value>(search: Search<Value>): { readonly value: Value; readonly rounds: number } {
  for (let step = search.next(), rounds = 0; ; rounds++) {
    if (step.done === true) return { value: step.value, rounds };
    step = search.next(step.value.map(() => null));
  }
}

describe('the point where an answer turns', () => {
  test('is closed in, whatever it is, and never asked about twice', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.012, max: 80, noNaN: true }), (limit) => {
        const { holds, breaks, asked } = run(limited(limit)).value;
        expect(holds).toBeLessThanOrEqual(limit);
        expect(breaks).toBeGreaterThan(limit);
        // Three digits, so the bracket may be a hair wider.
        expect(breaks! / holds!).toBeLessThanOrEqual(RANGE.within * 1.01);
        expect(new Set(asked).size).toBe(asked.length);
        expect(asked.length).toBeLessThan(15);
      }),
    );
  });

  test('may lie beyond either end', () => {
    expect(run(limited(1000)).value).toMatchObject({ holds: 100, breaks: null });
    expect(run(limited(0.001)).value).toMatchObject({ holds: null, breaks: 0.01 });
  });
});

describe('among whole numbers', () => {
  test('the two ends are neighbours, or as near as asked', () => {
    for (let limit = 1; limit <= 2_000; limit = Math.ceil(limit * 1.3)) {
      const asked: number[] = [];
      const { holds, breaks } = run(turningPoint({ low: 1, high: 6_400, from: 100, within: 1.01, snap: Math.round }, function* (value): Search<{ readonly holds: boolean; readonly evidence: null }> {
        asked.push(value);
        yield [value];
        return { holds: value <= limit, evidence: null };
      })).value;
      expect(asked.every(Number.isInteger)).toBe(true);
      expect(new Set(asked).size).toBe(asked.length);
      expect([holds! <= limit, breaks! > limit]).toEqual([true, true]);
      expect(breaks! === holds! + 1 || breaks! / holds! <= 1.021).toBe(true); // three digits
    }
  });
});

test('searches side by side find what each finds alone, in as many rounds as the longest', () => {
  const limits = [0.001, 0.5, 3, 1000];
  const alone = limits.map((limit) => run(limited(limit)));
  const beside = run(together(limits.map(limited)));
  expect(beside.value).toEqual(alone.map(({ value }) => value));
  expect(beside.rounds).toBe(Math.max(...alone.map(({ rounds }) => rounds)));
});
