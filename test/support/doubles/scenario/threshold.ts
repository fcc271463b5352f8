/** Stands in for `src/scenario/threshold.ts` until it exists. */
import type { ThresholdPlan } from '../../../../src/model/plan.ts';
import type { Problem } from './problem.ts';

export function parseThreshold(expr: string): { readonly threshold: ThresholdPlan | null; readonly problems: readonly Problem[] } {
  const read = /^errors rate < ([\d.]+)%$/.exec(expr);
  if (read === null) return { threshold: null, problems: [problemOf(expr)] };
  return {
    threshold: {
      expr, metric: 'errors', tags: {}, stat: { kind: 'rate' }, op: '<', limit: Number(read[1]) / 100, unit: 'ratio',
      abort: null, confidence: 'point', line: null,
    },
    problems: [],
  };
}

function problemOf(expr: string): Problem {
  return {
    code: 'bad-threshold', severity: 'error', file: '--threshold', line: null, column: null, endLine: null, endColumn: null,
    path: '', message: `\`${expr}\` cannot be read`, hint: null, allowed: null, help: null, second: null,
  };
}
