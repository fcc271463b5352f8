/** What a system for continuous integration shows beside a line of a file. */
import type { Comparison } from '../../compare/comparison.ts';
import { fails } from '../../compare/failure.ts';
import type { ThresholdPlan } from '../../model/plan.ts';
import { sentenceOn as sentenceOnChange } from '../../report/comparison/change-text.ts';
import { markOf } from '../../report/summary.ts';
import { sentenceOn } from '../../report/threshold-text.ts';
import type { Result, ThresholdResult } from '../../result/result.ts';
import { type Problem, sortProblems } from '../../scenario/problem.ts';

export interface Annotation {
  readonly level: 'error' | 'warning';
  /** As the person named it; null where it is about none. */
  readonly file: string | null;
  /** From 1; null where it is about the whole file. */
  readonly line: number | null;
  readonly column: number | null;
  readonly title: string;
  readonly message: string;
}

/** Thresholds that did not hold, or only just, worst first. @param plans  of the same thresholds, which know their lines */
export function thresholdAnnotations({ scenario, thresholds, complete }: Pick<Result, 'scenario' | 'thresholds' | 'complete'>, plans: readonly ThresholdPlan[], file: string): Annotation[] {
  const open = thresholds.map((threshold, i) => ({ threshold, line: plans[i]!.line })).filter(({ threshold }) => markOf(threshold) !== 'pass');
  return open.sort((a, b) => excessOf(b.threshold) - excessOf(a.threshold)).map(({ threshold, line }) => ({
    level: threshold.pass ? 'warning' : 'error',
    file, line, column: null,
    title: `${scenario.name}: ${threshold.pass ? 'a threshold only just held' : 'a threshold failed'}${complete ? '' : ' in what was measured'}`,
    message: `${threshold.expr}: ${sentenceOn(threshold)}`,
  }));
}

/** They are about no line of the file. */
export function invariantAnnotations({ invariants }: Pick<Result, 'invariants'>, file: string): Annotation[] {
  return (invariants?.violations ?? []).map(({ invariant, message }) => ({ level: 'error', file, line: null, column: null, title: `invariant ${invariant}`, message }));
}

/** How far beyond its limit, as a ratio; what could not be measured, or never came, is worst. */
function excessOf({ value, limit, pass }: ThresholdResult): number {
  if (pass) return 0;
  if (value === null || value <= 0 || limit <= 0) return Infinity;
  return Math.max(value / limit, limit / value);
}

export function comparisonAnnotations({ sides, rows, failOn }: Comparison, file: string | null): Annotation[] {
  const [reference, ...others] = sides.map(({ label }) => label);
  return others.flatMap((label, i) => rows.filter(({ changes }) => fails(changes[i]!, failOn)).map((row): Annotation => ({
    level: 'error', file, line: null, column: null,
    title: `${label} against ${reference}: ${row.metric}`,
    message: sentenceOnChange(row, i),
  })));
}

/** Errors before warnings, each in the order of the file. */
export function problemAnnotations(problems: readonly Problem[]): Annotation[] {
  const sorted = sortProblems(problems);
  return [...sorted.filter(({ severity }) => severity === 'error'), ...sorted.filter(({ severity }) => severity === 'warning')].map(({ severity, code, file, line, column, message, hint }) => ({
    level: severity, line, column,
    // What came by a flag has none.
    file: line === null ? null : file,
    title: code,
    message: `${line === null ? `${file}: ` : ''}${message}${hint === null ? '' : `; ${hint}`}`,
  }));
}
