import { describe, expect, it, test } from 'vitest';
import { type Assessment, assess, compareAssessments, type Goal, luckOf, type Measured } from '../../src/search/assessment.ts';

const P99: Goal = { op: '<', limit: 100e6, unit: 'ns' };
const ERRORS: Goal = { op: '<=', limit: 0.01, unit: 'ratio' };
const GOODPUT: Goal = { op: '>', limit: 200, unit: 'perSecond' };
const below = (goal: Goal) => (_: number, value: number): boolean => (goal.op === '<' ? value < goal.limit : goal.op === '<=' ? value <= goal.limit : value > goal.limit);

function of(goal: Goal, ...values: (number | null)[]): Assessment {
  return assess([goal], values.map((value) => ({ objective: 1, goals: [value] })), below(goal));
}

describe('an assessment', () => {
  test.each([
    [P99, 75e6, 0.25], [P99, 120e6, -0.2], [ERRORS, 0, 1], [ERRORS, 0.05, -4], [GOODPUT, 250, 0.25], [GOODPUT, 100, -0.5],
    [{ op: '<', limit: 0, unit: 'count' } as Goal, 3, -Infinity],
  ])('of %j at %d leaves %d of the limit', (goal, value, margin) => expect(of(goal, value).margin).toBeCloseTo(margin, 12));

  it('is of the mean of the runs', () => {
    const { goals, objective } = assess([P99], [{ objective: 1, goals: [60e6] }, { objective: 4, goals: [80e6] }], below(P99));
    expect([goals[0]!.value, objective]).toEqual([70e6, 2.5]);
  });

  it('is missed where some run measured nothing', () => {
    const { goals, isFeasible, margin, miss } = of(P99, 50e6, null);
    expect([goals[0]!.value, isFeasible, margin]).toEqual([null, false, -Infinity]);
    expect(miss).toBe(of(P99, 1e15).miss);
  });

  it('counts a goal as missed the more the farther off it is, and a goal that holds not at all', () => {
    expect(of(P99, 99e6).miss).toBe(0);
    expect(of(P99, 100e6).miss).toBeGreaterThan(0);
    expect(of(P99, 200e6).miss).toBeGreaterThan(of(P99, 110e6).miss);
    expect(of(ERRORS, 0.02).miss).toBeGreaterThan(0);
    expect(of(GOODPUT, 100).miss).toBeGreaterThan(of(GOODPUT, 190).miss);
    expect(of(P99, Infinity).miss).toBe(of(P99, 1e15).miss);
  });

  it('puts goals before the metric, the metric before what is to spare, and less missed before more', () => {
    const make = (isFeasible: boolean, objective: number, margin: number, miss: number): Assessment => ({ isFeasible, objective, margin, miss, goals: [] });
    const order = [make(true, 1, 0.5, 0), make(true, 1, 0.2, 0), make(true, 2, 0.9, 0), make(false, 5, -1, 0.5), make(false, 0, -1, 1), make(false, Infinity, -1, 1)];
    expect([...order].reverse().sort(compareAssessments)).toEqual(order);
  });
});

describe('the luck of the first seeds', () => {
  const run = (objective: number, goal: number | null): Measured => ({ objective, goals: [goal] });

  it('is what others measured more with all of them', () => {
    const others = [[run(1, 10e6), run(1, 10e6), run(1.6, 16e6)], [run(2, 20e6), run(2, 20e6), run(3.2, 32e6)]];
    const luck = luckOf(others, 2);
    expect(luck!.objective).toBeCloseTo(1.2, 12);
    expect(luck!.goals[0]).toBeCloseTo(1.2, 12);
    const { objective, goals } = assess([P99], [run(3, 30e6), run(3, 30e6)], below(P99), luck);
    expect(objective).toBeCloseTo(3.6, 12);
    expect(goals[0]!.value).toBeCloseTo(36e6, 3);
  });

  it('is no more than half as much again', () => {
    expect(luckOf([[run(0.1, 1), run(9, 100)]], 1)).toEqual({ objective: 1.5, goals: [1.5] });
    expect(luckOf([[run(9, 100), run(0.1, 1)]], 1)).toEqual({ objective: 1 / 1.5, goals: [1 / 1.5] });
  });

  it('is none where there are no others, or nothing was measured', () => {
    expect(luckOf([], 1)).toBeNull();
    expect(luckOf([[run(0, null), run(0, 5)]], 1)).toEqual({ objective: 1, goals: [1] });
  });
});
