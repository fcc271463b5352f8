/**
 * What is wrong with a scenario, as data: one shape for everything a person can fix, each with the
 * place it stands at and, where there is one, the fix. Problems are collected, never thrown.
 */

/** Every code with what it means; `meshsim help CODE` prints the sentence. Codes are stable. */
export const PROBLEM_CODES = {
  'yaml-syntax': 'The text is not YAML.',
  'yaml-tab': 'A tab stands where YAML wants spaces.',
  'yaml-duplicate-key': 'A map has the same key twice; YAML keeps only one of them.',
  'yaml-boolean': 'YAML 1.1 reads yes, no, on and off as booleans and YAML 1.2 as words; write true, false, or the word that is meant.',
  'yaml-sexagesimal': 'YAML 1.1 reads 1:30 as the number 90; write a duration such as 1m30s.',
  'yaml-alias': 'Aliases refer to nothing, to themselves, or expand to an unreasonable size.',
  'yaml-multiple-documents': 'A scenario is one YAML document.',
  'too-deep': 'Maps and lists are nested deeper than any scenario needs.',
  'too-large': 'The scenario asks for more than a run can hold.',
  'unknown-key': 'A map has a key that means nothing there.',
  'unknown-path': 'An override names a place that the scenario does not have.',
  'missing-key': 'A key that has no default is absent.',
  'wrong-type': 'A value is of another type than its key takes.',
  'unknown-word': 'A word is not one of those its key takes.',
  'missing-unit': 'A bare number stands where a unit is needed.',
  'bad-value': 'A value cannot be read.',
  'bad-name': 'A name holds characters that targets, edges and thresholds could not quote.',
  'out-of-range': 'A value is outside the range that makes sense.',
  'unknown-reference': 'A name refers to something that the scenario does not have.',
  'duplicate-name': 'Two things have the same name.',
  contradiction: 'Two values cannot both be meant.',
  'wrong-effect': 'A fault has an effect that its target cannot have.',
  'bad-threshold': 'A threshold cannot be read or measured.',
  'unknown-template': 'A faker template calls something that does not exist.',
  'bad-file': 'A file that the scenario names cannot be read or understood.',
  'call-cycle': 'Services call each other in a circle that never ends.',
  'unreachable-service': 'No traffic ever reaches a service.',
  'timeout-order': 'An inner timeout is as long as the outer one, so what follows it can never happen.',
  'no-effect': 'A value is valid and changes nothing.',
  overload: 'More work is offered than a service has capacity for.',
  'few-samples': 'A quantile is asked of too few samples to mean much.',
  'no-interval': 'A threshold is to be judged by an interval, which takes two replications or more; a run with fewer is refused.',
  'run-too-short': '`warmup: auto` found no steady state: the run is too short for it, or its load above what the services can take.',
  'not-supported-yet': 'A key or word of a later release.',
  'not-simulated-yet': 'An option or metric that is understood but not carried out by this release; a run with it is refused.',
} as const;
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** Problems of valid files that a run would have to leave something out for, and so refuses. */
export const KEEPS_FROM_RUNNING: ReadonlySet<ProblemCode> = new Set(['no-interval', 'not-simulated-yet']);

/** A stretch of the file; lines and columns count from 1, the end is exclusive. All null when it came from a flag. */
export interface Place {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
}

export interface Problem extends Place {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** `services.cart.calls[0]`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  /** What would be right; stands beside the caret. */
  readonly hint: string | null;
  /** Keys or words that are valid here. */
  readonly allowed: readonly string[] | null;
  /** A command or a page that says more. */
  readonly help: string | null;
  /** The other place that a contradiction is about. */
  readonly second: (Place & { readonly label: string }) | null;
}

const SHOWN_MAX = 20;

/** All problems as text for people, sorted by position, at most 20. `text` is the scenario's. */
export function formatProblems(
  problems: readonly Problem[],
  text: string,
  options: { readonly color?: boolean; readonly unicode: boolean },
): string {
  const lines = text.split(/\r\n|\r|\n/);
  const sorted = sortProblems(problems);
  const blocks = sorted.slice(0, SHOWN_MAX).map((problem) => formatProblem(problem, lines, options));
  if (sorted.length > SHOWN_MAX) blocks.push(`and ${sorted.length - SHOWN_MAX} more\n`);
  return blocks.join('\n');
}

/** By position; those without one first; errors before warnings of the same place. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      Number(a.severity === 'warning') - Number(b.severity === 'warning'),
  );
}

function formatProblem(problem: Problem, lines: readonly string[], options: { readonly color?: boolean; readonly unicode: boolean }): string {
  const paint = options.color ? painted : plain;
  const bar = options.unicode ? '│' : '|';
  const corner = options.unicode ? '┌─' : '-->';
  const hue = problem.severity === 'error' ? 'red' : 'yellow';
  const gutter = String(Math.max(problem.line ?? 0, problem.second?.line ?? 0) || 1).length;
  const margin = ' '.repeat(gutter);
  const out = [`${paint(hue, `${problem.severity}[${problem.code}]`)}${paint('bold', `: ${clean(problem.message)}`)}`];
  const frame = (place: Place, label: string | null): void => {
    if (place.line === null || place.column === null) {
      out.push(`${margin}${paint('blue', corner)} ${clean(place.file)}`);
      if (label !== null) out.push(`${margin} ${paint('blue', '=')} ${clean(label)}`);
      return;
    }
    out.push(`${margin}${paint('blue', corner)} ${clean(place.file)}:${place.line}:${place.column}`);
    for (let line = Math.max(1, place.line - 2); line <= place.line; line++) {
      out.push(`${paint('blue', `${String(line).padStart(gutter)} ${bar}`)} ${shown(lines[line - 1] ?? '')}`.trimEnd());
    }
    const source = lines[place.line - 1] ?? '';
    const end = place.endLine === place.line && place.endColumn !== null ? place.endColumn : source.length + 1;
    const width = Math.max(1, Math.min(end, WIDTH_MAX) - place.column);
    const caret = `${' '.repeat(Math.min(place.column, WIDTH_MAX) - 1)}${paint(hue, `${'^'.repeat(width)}${label === null ? '' : ` ${clean(label)}`}`)}`;
    out.push(`${margin} ${paint('blue', bar)} ${caret}`);
  };
  frame(problem, problem.hint);
  if (problem.second !== null) frame(problem.second, problem.second.label);
  if (problem.allowed !== null) out.push(`${margin} ${paint('blue', '=')} allowed here: ${problem.allowed.map(clean).join(', ')}`);
  if (problem.help !== null) out.push(`${margin} ${paint('blue', '=')} help: ${clean(problem.help)}`);
  const text = `${out.join('\n')}\n`;
  return options.unicode ? text : text.replace(/[^\x00-\x7f]/gu, '?');
}

const WIDTH_MAX = 160;

/** A source line fit for a terminal: tabs one column wide, so carets line up; no control characters. */
function shown(line: string): string {
  const cut = line.length > WIDTH_MAX ? `${line.slice(0, WIDTH_MAX)}...` : line;
  return clean(cut.replaceAll('\t', ' '));
}

/** Control characters in a file or a flag must not reach the terminal. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}

type Hue = 'red' | 'yellow' | 'blue' | 'bold';
const CODES: Readonly<Record<Hue, number>> = { red: 31, yellow: 33, blue: 34, bold: 1 };

function painted(hue: Hue, text: string): string {
  return `\u001b[${CODES[hue]}m${text}\u001b[0m`;
}

function plain(_hue: Hue, text: string): string {
  return text;
}
