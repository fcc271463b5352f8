import type { Look } from '../style.ts';

export interface SearchReportOptions extends Look {
  readonly width: number;
  /** A command that repeats the search. */
  readonly again: string;
  /** The scenario's, as it was named. */
  readonly file: string;
}
