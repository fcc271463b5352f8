import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byHarm, type CaseOutcome, worstOf } from '../../src/fault-sweep/fault-sweep.ts';
import { thresholdHarm } from '../../src/fault-sweep/harm.ts';
import { mostTelling } from '../../src/fault-sweep/pair-choice.ts';
import type { ThresholdPlan } from '../../src/model/plan.ts';
import type { ThresholdResult } from '../../src/result/result.ts';
import { holds } from '../../src/model/holds.ts';

const OPS = ['<', '<=', '>', '>='] as const;

function judged(value: number | null, limit: number, op: ThresholdPlan['op'], said?: ThresholdResult['judged']): [ThresholdResult, ThresholdPlan] {
  const pass = value !== null && holds(value, op, limit) && said === undefined;
  const result: ThresholdResult = { expr: 'it', value, limit, low: null, high: null, unit: 'ratio', pass, judged: said ?? (pass ? 'pass' : 'fail') };
  return [result, { expr: 'it', op, limit, metric: 'errors', tags: {}, stat: { kind: 'rate' }, unit: 'ratio', abort: null, confidence: 'point', line: null }];
}

describe('harm to a threshold', () => {
  const value = fc.double({ min: 0, max: 1e6, noNaN: true });
  const limit = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

  test('is 0 where it holds, and grows from 0 to 1 the further the value is beyond the limit', () => {
    fc.assert(fc.property(value, value, limit, fc.constantFrom(...OPS), (one, other, at, op) => {
      const harms = [one, other].map((measured) => thresholdHarm(...judged(measured, at, op), true));
      for (const { broken, harm, pass } of harms) {
        expect(broken).toBe(!pass);
        expect(harm).toBeGreaterThanOrEqual(0);
        expect(harm).toBeLessThanOrEqual(1);
        if (pass) expect(harm).toBe(0);
      }
      const isFurther = op.startsWith('<') ? one >= other : one <= other;
      const [first, second] = harms as [typeof harms[0], typeof harms[0]];
      if (isFurther) expect(first!.harm).toBeGreaterThanOrEqual(second!.harm);
    }));
  });

  test.each([
    [judged(0.2, 0.1, '<'), 0.5],
    [judged(50, 100, '>'), 0.5],
    [judged(0.1, 0.1, '<'), 0],
    [judged(0, 100, '>'), 1],
    [judged(3, 0, '<='), 1],
    [judged(null, 0.1, '<'), 1],
    [judged(0.01, 0.1, '<', 'no goodput'), 1],
    [judged(4, 3, '=='), 1],
  ])('case %#', ([result, plan], harm) => expect(thresholdHarm(result, plan, true)).toMatchObject({ broken: true, harm }));

  test('is none where it fails although nothing breaks', () => {
    expect(thresholdHarm(...judged(5, 1, '<'), false)).toMatchObject({ broken: false, harm: 0, strain: null });
    expect(thresholdHarm(...judged(5, 1, '<'), null)).toMatchObject({ broken: false, harm: 0 });
  });
});

function outcome(id: string, harm: number, strain: number): CaseOutcome {
  const threshold = { expr: 'it', value: strain, limit: 1, unit: 'ratio', judged: harm > 0 ? 'fail' : 'pass', pass: harm === 0, broken: harm > 0, harm, strain } as const;
  return { id, what: '', set: [], harm, thresholds: [threshold], complete: true, lost: 0, recoveryMs: null, recovered: null, amplification: null };
}

describe('a ranking', () => {
  const [terrible, bad, near, fine] = [outcome('terrible', 0.9, 10), outcome('bad', 0.2, 1.25), outcome('near', 0, 0.9), outcome('fine', 0, 0.1)];

  test('goes by harm, and then by who comes nearest to a limit', () => {
    expect(byHarm([fine, bad, near, terrible]).map(({ id }) => id)).toEqual(['terrible', 'bad', 'near', 'fine']);
  });

  test('prefers the pair where it is as bad', () => {
    const singles = { possible: 2, planned: 2, cases: [bad, fine] };
    expect(worstOf({ singles, pairs: null })?.id).toBe('bad');
    expect(worstOf({ singles, pairs: { possible: 1, planned: 1, cases: [outcome('pair', 0.2, 1)] } })?.id).toBe('pair');
    expect(worstOf({ singles, pairs: { possible: 1, planned: 1, cases: [outcome('pair', 0.1, 1)] } })?.id).toBe('bad');
  });

  test('of pairs, those come first whose two are each stood, the nearest to a limit first', () => {
    const pairOf = (one: CaseOutcome, other: CaseOutcome) => ({ pair: { id: `${one.id}+${other.id}`, parts: [] }, alone: [one, other] });
    const all = [pairOf(terrible, bad), pairOf(fine, fine), pairOf(near, bad), pairOf(near, fine)];
    expect(mostTelling(all, 3).map(({ pair: { id } }) => id)).toEqual(['near+fine', 'fine+fine', 'terrible+bad']);
  });
});
