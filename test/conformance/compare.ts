/** Where an answer differs from what is expected of it, as `path: expected X, got Y`; empty when it does not. */

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export function differences(expected: unknown, actual: unknown, tolerance: Tolerance, path = ''): string[] {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const allowed = Math.max(tolerance.absolute, tolerance.relative * Math.abs(expected));
    return Object.is(expected, actual) || Math.abs(expected - actual) <= allowed ? [] : [difference(path, expected, actual)];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return [difference(path, expected, actual)];
    return expected.flatMap((value, i) => differences(value, actual[i], tolerance, `${path}[${i}]`));
  }
  if (isRecord(expected)) {
    if (!isRecord(actual)) return [difference(path, expected, actual)];
    return Object.entries(expected).flatMap(([key, value]) => differences(value, actual[key], tolerance, path === '' ? key : `${path}.${key}`));
  }
  return expected === actual ? [] : [difference(path, expected, actual)];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function difference(path: string, expected: unknown, actual: unknown): string {
  const text = (value: unknown): string => {
    const json = JSON.stringify(value) ?? 'nothing';
    return json.length > 160 ? `${json.slice(0, 160)}…` : json;
  };
  return `${path === '' ? 'answer' : path}: expected ${text(expected)}, got ${text(actual)}`;
}
