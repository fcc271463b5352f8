/** Small CSV files that a scenario refers to: recorded arrivals, recorded latencies. */
import type { At } from './schema.ts';

export interface Table {
  readonly file: string;
  /** Names of the columns, where the first line has names. */
  readonly header: readonly string[] | null;
  readonly rows: readonly { readonly line: number; readonly cells: readonly string[] }[];
}

const ROWS_MAX = 10_000_000;

/** The file's rows, or null with the problem reported. Cells are split at commas; quotes are stripped, `#` starts a comment line. */
export function readTable(at: At, file: string): Table | null {
  let content: string;
  try {
    content = at.context.readFile(file);
  } catch (error) {
    at.report('bad-file', `\`${file}\` cannot be read`, { hint: error instanceof Error ? error.message : String(error) });
    return null;
  }
  const rows: { line: number; cells: string[] }[] = [];
  let line = 0;
  for (const raw of content.split(/\r\n|\r|\n/)) {
    line++;
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    if (rows.length >= ROWS_MAX) {
      reportFile(at, file, line, `there are more than ${ROWS_MAX} lines`, null);
      return null;
    }
    rows.push({ line, cells: trimmed.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1')) });
  }
  const named = rows.length > 0 && !/^[\d.+-]/.test(rows[0]!.cells[0] ?? '');
  return { file, header: named ? rows[0]!.cells : null, rows: named ? rows.slice(1) : rows };
}

/** The index of the named column, the first one without a name. */
export function columnOf(at: At, table: Table, column: string | null): number | null {
  if (column === null) return 0;
  const index = table.header?.indexOf(column) ?? -1;
  if (index >= 0) return index;
  at.report('bad-file', `\`${table.file}\` has no column \`${column}\``, table.header === null ? { hint: 'its first line has no names' } : { allowed: table.header });
  return null;
}

export function reportFile(at: At, file: string, line: number | null, message: string, hint: string | null): void {
  at.report('bad-file', `${file}${line === null ? '' : `:${line}`}: ${message}`, { hint });
}
