/** Stands in for `src/scenario/threshold.ts` until it exists. */
import type { Plan, ThresholdPlan } from '../../../../src/model/plan.ts';
import type { ProblemCode } from './problem.ts';

export interface ThresholdProblem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint: string | null;
  readonly allowed: readonly string[] | null;
}

export interface ParsedThreshold {
  readonly threshold: ThresholdPlan | null;
  readonly problems: readonly ThresholdProblem[];
}

export type TagNames = Readonly<Record<string, readonly string[]>>;

export function tagNamesOf(_plan: Pick<Plan, 'services' | 'edges' | 'traffic' | 'faults'>): TagNames {
  return {};
}

export function parseThreshold(expr: string, _names: TagNames | null = null): ParsedThreshold {
  const read = /^errors rate < ([\d.]+)%$/.exec(expr);
  if (read === null) {
    return { threshold: null, problems: [{ code: 'bad-threshold', severity: 'error', start: 0, end: expr.length, message: `\`${expr}\` is not a threshold`, hint: null, allowed: null }] };
  }
  return {
    threshold: {
      expr, metric: 'errors', tags: {}, stat: { kind: 'rate' }, op: '<', limit: Number(read[1]) / 100, unit: 'ratio',
      abort: null, confidence: 'point', line: null,
    },
    problems: [],
  };
}
