/** When two scenarios are the same system under the same load, and where they differ if not. */
import { formatPath, type Path } from './path.ts';

/** What may differ between runs that are compared as runs of one scenario. */
const OF_THE_RUN = new Set(['name', 'description', 'seed', 'replications', 'thresholds']);

/** @param resolved  as `ParsedScenario.resolved` */
export function systemOf(resolved: unknown): unknown {
  if (typeof resolved !== 'object' || resolved === null) return resolved;
  return Object.fromEntries(Object.entries(resolved).filter(([key]) => !OF_THE_RUN.has(key)));
}

/** Places at which two resolved scenarios differ, such as `policies.client.loadBalancer`. */
export function differingPaths(one: unknown, other: unknown): string[] {
  return pathsBelow(systemOf(one), systemOf(other), []).map(formatPath);
}

function pathsBelow(one: unknown, other: unknown, path: Path): Path[] {
  if (Object.is(one, other)) return [];
  if (Array.isArray(one) && Array.isArray(other)) {
    return Array.from({ length: Math.max(one.length, other.length) }, (_, i) => pathsBelow(one[i], other[i], [...path, i])).flat();
  }
  // Another kind of thing altogether: its options have nothing to do with those of the first.
  if (!isMap(one) || !isMap(other) || one['type'] !== other['type']) return [path];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) => pathsBelow(one[key], other[key], [...path, key]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
