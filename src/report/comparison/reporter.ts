import type { Comparison } from '../../compare/comparison.ts';
import type { Course } from '../../compare/course.ts';
import type { ReportOptions } from '../reporter.ts';

export interface ComparisonOptions extends Omit<ReportOptions, 'detail'> {
  /** What is compared: a scenario's name, or the path that is varied. */
  readonly subject: string;
  /** Of the command, told beside the verdict; null where nobody has run one, and in files. */
  readonly exitCode: number | null;
  /** Of each side how one run went, for reporters that draw it; null where that is not known. */
  readonly courses?: readonly (Course | null)[];
}

/** Turns a comparison into text; as `Reporter`. */
export interface ComparisonReporter {
  readonly doc: string;
  /** Its name in the folder of `--out`; null for one that writes no file. */
  readonly file: string | null;
  render(comparison: Comparison, options: ComparisonOptions): string;
}
