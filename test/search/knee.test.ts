import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bracketOf, findKnee, type Knee, newKnee } from '../../src/search/knee.ts';

const RANGE = { low: 10, high: 10_000, from: 300, within: 1.01 };

/** Each replication holds up to a load of its own, all together up to another. */
function search(common: number, ofEach: readonly number[], runs = 1000): { readonly knee: Knee; readonly runs: number } {
  const knee = newKnee();
  let spent = 0;
  const steps = findKnee(RANGE, ofEach.length, runs, knee);
  for (let step = steps.next(); step.done !== true; ) {
    spent += step.value.reduce((sum, { replications }) => sum + replications.length, 0);
    step = steps.next(step.value.map(({ load, replications }) => ({ isMet: replications.length === 1 ? load <= ofEach[replications[0]!]! : load <= common, each: replications.map((i) => load <= ofEach[i]!) })));
  }
  return { knee, runs: spent };
}

const load = fc.double({ min: 12, max: 8000, noNaN: true });

describe('the knee', () => {
  it('lies within a hundredth of where the goals begin to fail, for all together and for each', () => {
    fc.assert(fc.property(load, fc.array(load, { minLength: 2, maxLength: 6 }), (common, ofEach) => {
      const { knee } = search(common, ofEach);
      const { passes, fails } = bracketOf(knee);
      expect(passes!).toBeLessThanOrEqual(common);
      expect(fails!).toBeGreaterThan(common);
      expect(fails! / passes!).toBeLessThan(1.02); // three digits, so a hair wider than asked
      for (const [i, found] of knee.ofEach!.entries()) {
        expect(found).toBeLessThanOrEqual(ofEach[i]!);
        expect(found * 1.02).toBeGreaterThan(ofEach[i]!);
      }
    }));
  });

  it('takes no run more for replications that go the same way', () => {
    const { knee, runs } = search(500, [500, 500, 500]);
    expect(runs).toBe(3 * knee.verdicts.size);
    expect(knee.ofEach).toEqual([bracketOf(knee).passes, bracketOf(knee).passes, bracketOf(knee).passes]);
  });

  it('knows where there is none', () => {
    expect(bracketOf(search(1, [1, 1]).knee)).toMatchObject({ passes: null, fails: RANGE.low });
    expect(bracketOf(search(1e9, [1e9, 1e9]).knee)).toMatchObject({ passes: RANGE.high, fails: null });
  });

  it('keeps to its runs and says that they were not enough', () => {
    fc.assert(fc.property(load, fc.array(load, { minLength: 2, maxLength: 6 }), fc.integer({ min: 2, max: 60 }), (common, ofEach, most) => {
      const { knee, runs } = search(common, ofEach, most);
      expect(runs).toBeLessThanOrEqual(most);
      if (knee.ofEach === null) expect(knee.isCutShort).toBe(true);
    }));
  });

  it('sees a load that passes above one that fails', () => {
    const knee = newKnee();
    for (const [at, isMet] of [[1, true], [2, false], [3, true]] as const) knee.verdicts.set(at, isMet);
    expect(bracketOf(knee)).toEqual({ passes: 1, fails: 2, isMonotone: false });
  });
});
