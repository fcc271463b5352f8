import type { Comparison } from '../compare/comparison.ts';
import type { Result } from '../result/result.ts';

export interface ReportOptions {
  readonly detail: 'compact' | 'full';
  /** A command that reproduces the run. */
  readonly again: string;
  /** A page has the simulator in it, to try other settings. */
  readonly hasPlayground?: true;
  /** Of the run with a baseline, where there is one. */
  readonly comparison?: Comparison;
  /** Why thresholds were not judged; unless said, there are none. */
  readonly unjudged?: string;
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

/** A reporter that a flag of this name asks for, loaded when it is: some bring a library, or a page of scripts. */
export interface Format<R> {
  readonly doc: string;
  readonly load: () => Promise<R>;
}
