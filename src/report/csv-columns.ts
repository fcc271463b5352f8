/** The columns that results and comparisons have in common as CSV, so that files of both can be put one below the other. */
import { type CsvField, csvText } from './csv-text.ts';

/** In the order of the file; new ones come last. */
const COLUMNS = ['scenario', 'seed', 'scope', 'name', 'metric', 'unit', 'value', 'low', 'high', 'limit', 'change_kind', 'change', 'change_low', 'change_high', 'verdict'] as const;

/** Of what, which figure, and how much. What is absent is an empty field. */
export interface Figure extends Readonly<Partial<Record<Exclude<(typeof COLUMNS)[number], 'scope' | 'name' | 'metric' | 'unit' | 'value'>, CsvField>>> {
  readonly scope: string;
  readonly name: string;
  readonly metric: string;
  readonly unit: CsvUnit;
  readonly value: number | null;
}

/** `ratio` is a share of 0..1 or a factor. */
export type CsvUnit = 'ms' | 'per_s' | 'ratio' | 'count';

export function figuresCsv(figures: readonly Figure[]): string {
  return csvText(COLUMNS, figures.map((figure) => COLUMNS.map((column) => figure[column] ?? null)));
}
