/** Stands in for `src/scenario/problem.ts` until it exists. */
export const PROBLEM_CODES: Readonly<Record<'unknown-key' | 'missing-key' | 'bad-value' | 'bad-threshold' | 'not-simulated-yet' | 'few-samples', string>> = {
  'unknown-key': 'A map has a key that means nothing there.',
  'missing-key': 'A key that has no default is absent.',
  'bad-value': 'A value cannot be read.',
  'bad-threshold': 'A threshold cannot be read or measured.',
  'not-simulated-yet': 'A policy that is understood but not carried out by this release; a run with it is refused.',
  'few-samples': 'A quantile is asked of too few samples to mean much.',
};
export type ProblemCode = keyof typeof PROBLEM_CODES;

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly path: string;
  readonly message: string;
  readonly hint: string | null;
  readonly allowed: readonly string[] | null;
  readonly help: string | null;
  readonly second: null;
}

export function formatProblems(problems: readonly Problem[], _text: string, _options: { readonly color?: boolean; readonly unicode: boolean }): string {
  return problems
    .map(({ code, severity, message, file, line, column }) => `${severity}[${code}]: ${message}\n  --> ${file}${line === null ? '' : `:${line}:${column}`}\n`)
    .join('\n');
}
