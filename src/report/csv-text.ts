/** Rows as CSV (RFC 4180): a header, fields quoted where they must be, lines that end in CRLF. What is null or not finite is an empty field. */
import { stringify } from 'csv-stringify/sync';

export type CsvField = string | number | boolean | null;

export function csvText(header: readonly string[], rows: readonly (readonly CsvField[])[]): string {
  return stringify([header, ...rows.map((row) => row.map(written))], { record_delimiter: 'windows', quoted_match: LINE_BREAK });
}

/** As RFC 4180 has it, also where a line break is not that of the records. */
const LINE_BREAK = /[\r\n]/;

function written(field: CsvField): string {
  return field === null || (typeof field === 'number' && !Number.isFinite(field)) ? '' : String(field);
}
