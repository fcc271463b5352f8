/**
 * JSON for a repository: a line for each object or array that holds no other, so that a changed figure is a
 * changed line and a series of 240 numbers is one line, not 240.
 */
export function lineJson(value: unknown): string {
  return `${written(value, '')}\n`;
}

function written(value: unknown, indent: string): string {
  if (isFlat(value)) return inline(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((item) => `${inner}${written(item, inner)}`).join(',\n')}\n${indent}]`;
  const entries = entriesOf(value as object); // neither a scalar nor an array
  return `{\n${entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${written(item, inner)}`).join(',\n')}\n${indent}}`;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = entriesOf(value);
  return entries.length === 0 ? '{}' : `{ ${entries.map(([key, item]) => `${JSON.stringify(key)}: ${inline(item)}`).join(', ')} }`;
}

/** Scalars, and what holds nothing but scalars and empty things. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((item) => typeof item !== 'object' || item === null || Object.keys(item).length === 0);
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}
