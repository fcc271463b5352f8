import type { Result } from '../result/result.ts';

export interface ReportOptions {
  readonly detail: 'compact' | 'full';
  /** A command that reproduces the run. */
  readonly again: string;
  /** What was written beside the report, for pointing at. */
  readonly files: readonly { readonly what: string; readonly path: string }[];
  /** Characters in a line, for reporters that have lines. */
  readonly width: number;
  readonly color: boolean;
  readonly unicode: boolean;
}

/** Turns a result into text. Pure: the same result and options give the same text, on any machine. */
export interface Reporter {
  readonly doc: string;
  /** Its name in the folder of `--out`; null for one that writes no file. */
  readonly file: string | null;
  render(result: Result, options: ReportOptions): string;
}
