import { formatPath, type Path } from './path.ts';
import type { Place, Problem, ProblemCode } from './problem.ts';
import type { Span } from './source.ts';

export interface ProblemDetails {
  readonly severity?: 'error' | 'warning';
  readonly hint?: string | null;
  readonly allowed?: readonly string[];
  readonly help?: string;
  readonly second?: { readonly span: Span; readonly label: string } | null;
}

/** Beyond this many nothing more is learnt; it bounds the work on hostile files. */
const KEPT_MAX = 1000;

/** Collects the problems of one scenario and turns offsets into lines and columns. */
export class ProblemList {
  readonly problems: Problem[] = [];
  private readonly broken = new Set<string>();
  private readonly lineStarts: readonly number[];
  private readonly file: string;

  constructor(file: string, text: string) {
    this.file = file;
    this.lineStarts = lineStartsOf(text);
  }

  add(code: ProblemCode, path: Path, span: Span, message: string, details: ProblemDetails = {}): void {
    const severity = details.severity ?? 'error';
    if (this.isFull()) return;
    if (severity === 'error') this.markBroken(path);
    this.problems.push({
      code,
      severity,
      ...this.placeOf(span),
      path: formatPath(path),
      message,
      hint: details.hint ?? null,
      allowed: details.allowed ?? null,
      help: details.help ?? null,
      second: details.second ? { ...this.placeOf(details.second.span), label: details.second.label } : null,
    });
  }

  isFull(): boolean {
    return this.problems.length >= KEPT_MAX;
  }

  hasErrors(): boolean {
    return this.broken.size > 0;
  }

  /** No error at, above or below the path: its value is what the file says, not a stand-in. */
  isSound(path: Path): boolean {
    if (this.broken.size === 0) return true;
    return !this.broken.has(JSON.stringify(path)) && !path.some((_, i) => this.broken.has(`${JSON.stringify(path.slice(0, i))}!`));
  }

  lineOf(span: Span): number | null {
    return this.placeOf(span).line;
  }

  /** `path` itself with a `!`, and every path above it without: so both questions of `isSound` are look-ups. */
  private markBroken(path: Path): void {
    this.broken.add(`${JSON.stringify(path)}!`);
    for (let length = 0; length <= path.length; length++) this.broken.add(JSON.stringify(path.slice(0, length)));
  }

  private placeOf(span: Span): Place {
    if (span.flag !== null) return { file: span.flag, line: null, column: null, endLine: null, endColumn: null };
    const [line, column] = this.positionOf(span.start);
    const [endLine, endColumn] = this.positionOf(Math.max(span.start, span.end));
    return { file: this.file, line, column, endLine, endColumn };
  }

  private positionOf(offset: number): readonly [line: number, column: number] {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return [low + 1, offset - this.lineStarts[low]! + 1];
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const newline of text.matchAll(/\r\n|\r|\n/g)) starts.push(newline.index + newline[0].length);
  return starts;
}
