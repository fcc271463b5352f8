/** What a candidate's runs say of it: the metric to be small, the goals, and which of two candidates is better. */
import { ln } from '../model/math.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';

/** One run of a candidate. Null where nothing was measured. */
export interface Measured {
  readonly objective: number | null;
  /** In the order of the goals. */
  readonly goals: readonly (number | null)[];
}

export type Goal = Pick<ThresholdPlan, 'op' | 'limit' | 'unit'>;

export interface GoalState {
  /** Of all runs; null where some run measured nothing. */
  readonly value: number | null;
  readonly isMet: boolean;
  /** Share of the limit that is left; below 0 by how much it is missed. -Infinity where nothing was measured. */
  readonly margin: number;
  /** By how much it is missed, on a scale on which all goals can be added up; met at 0 and below; at most `MISS_MAX` either way. */
  readonly miss: number;
}

export interface Assessment {
  /** Infinity where nothing was measured. */
  readonly objective: number;
  readonly goals: readonly GoalState[];
  readonly isFeasible: boolean;
  /** Of the goal that has least. */
  readonly margin: number;
  /** Of all goals that are missed, together. */
  readonly miss: number;
}

/** Whether a goal is met by these values of several runs, whose mean is `value`. */
export type Judge = (goal: number, value: number, values: readonly number[]) => boolean;

/** Metrics that differ by less than this share are as good as each other. */
export const TIED = 0.005;

/** Far off is far off: a model of 10 times the limit says nothing of what lies near it. */
const MISS_MAX = 4;

/** More than that is not the luck of seeds, but of few events: of next to no errors any number is a multiple. */
const LUCK_MAX = 1.5;

/** By how much more would have been measured with all seeds than was with the first few: a factor. */
export interface Luck {
  readonly objective: number;
  /** In the order of the goals. */
  readonly goals: readonly number[];
}

/** @param luck  of as many seeds; null takes what was measured as it is */
export function assess(goals: readonly Goal[], runs: readonly Measured[], judge: Judge, luck: Luck | null = null): Assessment {
  const states = goals.map((goal, i): GoalState => {
    const values = runs.map((run) => run.goals[i] ?? null);
    const known = values.filter((value) => value !== null);
    if (known.length < values.length) return { value: null, isMet: false, margin: -Infinity, miss: MISS_MAX };
    const value = mean(known) * (luck?.goals[i] ?? 1);
    const isMet = judge(i, value, known);
    return { value, isMet, margin: marginOf(goal, value, isMet), miss: missOf(goal, value, isMet) };
  });
  const objectives = runs.map(({ objective }) => objective ?? Infinity);
  return {
    objective: mean(objectives) * (luck?.objective ?? 1),
    goals: states,
    isFeasible: states.every(({ isMet }) => isMet),
    margin: Math.min(...states.map(({ margin }) => margin)),
    miss: states.reduce((sum, { isMet, miss }) => sum + (isMet ? 0 : Math.max(0, miss)), 0),
  };
}

/**
 * The luck of the first `count` seeds, by what others measured with more of them. A fault that hits few or many is luck that all
 * candidates share, so without this the ones that were run least would look best, or worst.
 * @param others  all with equally many runs, more than `count`
 */
export function luckOf(others: readonly (readonly Measured[])[], count: number): Luck | null {
  const [first] = others;
  if (first === undefined) return null;
  const factor = (of: (run: Measured) => number | null): number => {
    const sums = others.map((runs) => [mean(runs.map((run) => of(run) ?? Infinity)), mean(runs.slice(0, count).map((run) => of(run) ?? Infinity))] as const).filter(([all]) => all < Infinity);
    const [all, few] = [sums.reduce((sum, [of]) => sum + of, 0), sums.reduce((sum, [, of]) => sum + of, 0)];
    return few > 0 && all > 0 ? Math.min(LUCK_MAX, Math.max(1 / LUCK_MAX, all / few)) : 1;
  };
  return { objective: factor(({ objective }) => objective), goals: first[0]!.goals.map((_, i) => factor(({ goals }) => goals[i] ?? null)) };
}

/** Negative when the first is better: meets the goals, costs less, has more to spare. */
export function compareAssessments(one: Assessment, other: Assessment): number {
  if (one.isFeasible !== other.isFeasible) return one.isFeasible ? -1 : 1;
  if (!one.isFeasible) return difference(one.miss, other.miss) || difference(one.objective, other.objective);
  return difference(one.objective, other.objective) || difference(other.margin, one.margin);
}

/** Infinity less Infinity is no difference. */
function difference(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

function marginOf({ op, limit }: Goal, value: number, isMet: boolean): number {
  if (op === '==' || op === '!=') return isMet ? 0 : -1;
  const left = op === '<' || op === '<=' ? limit - value : value - limit;
  // Of a limit of 0 there is no share: all that is left is whether it holds.
  return limit > 0 ? left / limit : left === 0 ? 0 : Math.sign(left) * Infinity;
}

/** What counts as next to nothing, in each unit: it keeps the logarithm of 0 finite. */
const LITTLE: Readonly<Record<Goal['unit'], number>> = { ns: NS_PER_MS / 10, ratio: 1e-4, perSecond: 0.1, count: 0.5 };

function missOf({ op, limit, unit }: Goal, value: number, isMet: boolean): number {
  const little = Math.max(LITTLE[unit], limit / 100);
  const ratio = value === Infinity ? MISS_MAX : ln((value + little) / (limit + little));
  const miss = op === '<' || op === '<=' ? ratio : op === '>' || op === '>=' ? -ratio : op === '==' ? Math.abs(ratio) : isMet ? -1 : 1;
  // At the limit itself the sign says whether it holds.
  const signed = isMet ? Math.min(miss, 0) : Math.max(miss, 1e-6);
  return Math.max(-MISS_MAX, Math.min(MISS_MAX, signed));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
