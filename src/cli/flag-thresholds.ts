/** Thresholds from `--threshold`, read like those of the file and added to them. */
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { Problem } from '../scenario/problem.ts';
import { parseThreshold } from '../scenario/threshold.ts';

export interface FlagThresholds {
  readonly thresholds: readonly ThresholdPlan[];
  readonly problems: readonly Problem[];
}

export function readThresholds(expressions: readonly string[]): FlagThresholds {
  const read = expressions.map((expression) => parseThreshold(expression));
  return {
    thresholds: read.map(({ threshold }) => threshold).filter((threshold) => threshold !== null),
    problems: read.flatMap(({ problems }) => problems),
  };
}

export function withThresholds(plan: Plan, added: readonly ThresholdPlan[]): Plan {
  return added.length === 0 ? plan : { ...plan, thresholds: [...plan.thresholds, ...added] };
}
