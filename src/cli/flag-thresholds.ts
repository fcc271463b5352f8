/** Thresholds from flags, read like those of the file. */
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { Problem } from '../scenario/problem.ts';
import type { ThresholdProblem } from '../scenario/threshold.ts';
import { parseThreshold, tagNamesOf } from '../scenario/threshold.ts';

export interface FlagThresholds {
  readonly thresholds: readonly ThresholdPlan[];
  readonly problems: readonly Problem[];
}

/**
 * @param plan  whose names the tags may use; null, when the file has errors, leaves them unchecked
 * @param flag  that they come from
 */
export function readThresholds(expressions: readonly string[], plan: Plan | null, flag: string = '--threshold'): FlagThresholds {
  const names = plan === null ? null : tagNamesOf(plan);
  const read = expressions.map((expression) => ({ expression, ...parseThreshold(expression, names) }));
  return {
    thresholds: read.map(({ threshold }) => threshold).filter((threshold) => threshold !== null),
    problems: read.flatMap(({ expression, problems }) => problems.map((problem) => problemOf(`${flag} ${expression}`, problem))),
  };
}

export function withThresholds(plan: Plan, added: readonly ThresholdPlan[]): Plan {
  return added.length === 0 ? plan : { ...plan, thresholds: [...plan.thresholds, ...added] };
}

/** A flag has no lines: its expression stands where a file would. */
export function problemOf(flag: string, { code, severity, message, hint, allowed }: ThresholdProblem): Problem {
  return {
    code, severity, message, hint, allowed,
    file: flag, line: null, column: null, endLine: null, endColumn: null, path: '', help: null, second: null,
  };
}
