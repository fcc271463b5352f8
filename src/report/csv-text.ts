/** Rows as CSV (RFC 4180): a header, fields quoted where they must be, lines that end in CRLF. What is null or not finite is an empty field. */
export type CsvField = string | number | boolean | null;

export function csvText(header: readonly string[], rows: readonly (readonly CsvField[])[]): string {
  return [header, ...rows].map((row) => `${row.map(written).join(',')}\r\n`).join('');
}

function written(field: CsvField): string {
  const text = field === null || (typeof field === 'number' && !Number.isFinite(field)) ? '' : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
