/** The search on functions whose optimum is known, without any scenario. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { assess, type Measured } from '../../src/search/assessment.ts';
import { type Candidates, explore, leastRuns, ranked, type Rules, type Trial } from '../../src/search/explore.ts';
import { frontOf } from '../../src/search/front.ts';
import { pointAt, type Space } from '../../src/search/space.ts';
import { sizeOf } from '../../src/sweep/grid.ts';

const axis = (count: number, isOrdered = true): Space[number] => ({ path: '', values: Array.from({ length: count }, (_, i) => String(i)), isOrdered });

interface World {
  readonly space: Space;
  /** At a point, each coordinate 0..1; the goal is met below 1. */
  measure(at: readonly number[], replication: number): { readonly objective: number; readonly goal: number };
  isRunnable?(point: readonly number[]): boolean;
}

interface Searched {
  readonly candidates: Candidates;
  readonly trials: readonly Trial[];
}

function search({ space, measure, isRunnable = () => true }: World, runs: number, reps = 5, seed = 1): Searched {
  const rules: Rules = { runs, reps, seed, isRunnable, assess: (measured, luck) => assess([{ op: '<', limit: 1, unit: 'ratio' }], measured, (_, value) => value < 1, luck) };
  const candidates: Candidates = new Map();
  const trials: Trial[] = [];
  const steps = explore(space, rules, candidates);
  for (let step = steps.next(); step.done !== true; ) {
    trials.push(...step.value);
    step = steps.next(step.value.map(({ point, replication }): Measured => {
      const { objective, goal } = measure(point.map((value, i) => value / Math.max(1, space[i]!.values.length - 1)), replication);
      return { objective, goals: [goal] };
    }));
  }
  return { candidates, trials };
}

/** Of all points, without noise. */
function optimum({ space, measure }: World): number {
  const all = Array.from({ length: sizeOf(space) }, (_, i) => measure(pointAt(space, i).map((value, k) => value / Math.max(1, space[k]!.values.length - 1)), -1));
  return Math.min(...all.filter(({ goal }) => goal < 1).map(({ objective }) => objective));
}

/** Work rises and trouble falls along every axis, as with most policies: the optimum lies on an edge that runs across the space. */
const TRADE_OFF: World = {
  space: [axis(10), axis(12), axis(3, false)],
  measure: ([x = 0, y = 0, z = 0], replication) => {
    const noise = replication < 0 ? 0 : 0.01 * Math.sin(37 * replication + 11 * x + 5 * y);
    return { objective: 1 + 2 * x + y * y + [0.3, 0, 0.1][Math.round(2 * z)]! + noise, goal: 1.6 - 0.7 * x - 0.5 * y + noise };
  },
};

describe('the search', () => {
  test.each([1, 2, 3, 4, 5])('finds the edge where a goal begins to hold, in a tenth of the grid (seed %d)', (seed) => {
    const runs = Math.floor((sizeOf(TRADE_OFF.space) * 5) / 10);
    const { candidates, trials } = search(TRADE_OFF, runs, 5, seed);
    const [best] = ranked(candidates.values());
    expect(trials.length).toBeLessThanOrEqual(runs);
    expect(best!.assessment.isFeasible).toBe(true);
    expect(best!.assessment.objective).toBeLessThan(optimum(TRADE_OFF) * 1.02 + 0.01);
  });

  it('keeps to its runs, asks for no run twice, and knows its best with all replications', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), fc.boolean()), { minLength: 1, maxLength: 4 }), fc.integer({ min: 2, max: 8 }), fc.nat(80), fc.nat(), (axes, reps, more, seed) => {
      const world: World = { space: axes.map(([count, isOrdered]) => axis(count, isOrdered)), measure: (at) => ({ objective: at.reduce((sum, x) => sum + x, 0), goal: 2 - at.reduce((sum, x) => sum + x, 0) }) };
      const runs = leastRuns(world.space, reps) + more;
      const { candidates, trials } = search(world, runs, reps, seed);
      expect(trials.length).toBeLessThanOrEqual(runs);
      expect(new Set(trials.map(({ point, replication }) => `${point.join()}/${replication}`)).size).toBe(trials.length);
      expect([...candidates.values()].reduce((sum, candidate) => sum + candidate.runs.length, 0)).toBe(trials.length);
      expect(Math.max(...[...candidates.values()].map((candidate) => candidate.runs.length))).toBe(reps);
    }), { numRuns: 20 });
  });

  it('goes the same way again', () => {
    expect(search(TRADE_OFF, 120).trials).toEqual(search(TRADE_OFF, 120).trials);
    expect(search(TRADE_OFF, 120, 5, 2).trials).not.toEqual(search(TRADE_OFF, 120).trials);
  });

  it('never asks for what cannot be run', () => {
    const isRunnable = ([x = 0, y = 0]: readonly number[]): boolean => x <= y;
    const { trials } = search({ ...TRADE_OFF, isRunnable }, 150);
    expect(trials.length).toBeGreaterThan(50);
    expect(trials.every(({ point }) => isRunnable(point))).toBe(true);
  });

  it('looks at all of a small space', () => {
    const world: World = { space: [axis(3), axis(2, false)], measure: ([x = 0, y = 0]) => ({ objective: 3 - x - y, goal: 0 }) };
    const { candidates } = search(world, 200);
    expect(candidates.size).toBe(6);
    expect(ranked(candidates.values())[0]!.point).toEqual([2, 1]);
  });

  it('comes as near as can be where nothing meets the goal', () => {
    const world: World = { ...TRADE_OFF, measure: (at, replication) => ({ ...TRADE_OFF.measure(at, replication), goal: 1.2 + (at[0]! - 0.5) ** 2 + (at[1]! - 0.5) ** 2 }) };
    const [best] = ranked(search(world, 150).candidates.values());
    expect(best!.assessment.isFeasible).toBe(false);
    expect(best!.assessment.goals[0]!.value).toBeLessThan(1.21);
  });

  it('finds its way in a space that is too large to be listed', () => {
    const world: World = { space: Array.from({ length: 5 }, () => axis(33)), measure: (at) => ({ objective: 1 + at.reduce((sum, x) => sum + (x - 0.7) ** 2, 0), goal: 0 }) };
    expect(ranked(search(world, 260).candidates.values())[0]!.assessment.objective).toBeLessThan(1.02);
  });

  it('stops when nothing promises any more', () => {
    const world: World = { space: [axis(33), axis(33)], measure: () => ({ objective: 0, goal: 0 }) };
    expect(search(world, 2000).trials.length).toBeLessThan(100);
  });
});

describe('the front', () => {
  it('has what nothing beats in both, and nothing else', () => {
    const all = [...search(TRADE_OFF, 150).candidates.values()];
    const front = frontOf(all);
    expect(front.length).toBeGreaterThan(2);
    for (const [i, { assessment }] of front.entries()) {
      expect(assessment.isFeasible).toBe(true);
      expect(all.some((other) => other.assessment.isFeasible && other.assessment.objective <= assessment.objective && other.assessment.margin > assessment.margin)).toBe(false);
      if (i > 0) expect(assessment.margin).toBeGreaterThan(front[i - 1]!.assessment.margin);
    }
  });
});
