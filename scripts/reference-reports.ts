/** What `reports/` holds: for each shipped scenario its result without `env`, and the report made from it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTERS } from '../src/report/registry.ts';
import { lineJson } from '../src/result/line-json.ts';
import { run, type Shipped } from './shipped.ts';

export const REPORTS = 'reports';

export interface ReportFile {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

export function reportsOf(scenario: Shipped, root = '.'): ReportFile[] {
  const result = run(scenario, {}, root);
  const { env: _, ...lasting } = result;
  const again = `npx meshsim run ${scenario.path} --seed ${result.seed}`;
  const report = REPORTERS.markdown.render(result, { detail: 'full', again, files: [], width: 80, color: false, unicode: true });
  return [
    { path: `${REPORTS}/${scenario.name}/result.json`, text: lineJson(lasting) },
    { path: `${REPORTS}/${scenario.name}/report.md`, text: report },
  ];
}

/** What is wrong with the file of that path, in words; null when its bytes are the expected ones. */
export function differenceIn({ path, text }: ReportFile, root = '.'): string | null {
  let found: string;
  try {
    found = readFileSync(join(root, path), 'utf8');
  } catch {
    return `${path}: is missing`;
  }
  if (found === text) return null;
  return (path.endsWith('.json') ? inJson(path, found, text) : null) ?? inLines(path, found, text);
}

function inJson(path: string, found: string, text: string): string | null {
  try {
    const difference = firstDifference(JSON.parse(found), JSON.parse(text), '');
    return difference === null ? null : `${path}: ${difference}`;
  } catch {
    return null; // not JSON any more: compared as text
  }
}

/** The first path at which two values differ, both values beside it. */
export function firstDifference(found: unknown, wanted: unknown, path: string): string | null {
  if (Object.is(found, wanted)) return null;
  if (isObject(found) && isObject(wanted) && Array.isArray(found) === Array.isArray(wanted)) {
    const keys = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
    for (const key of keys) {
      const below = Array.isArray(wanted) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      const difference = firstDifference(found[key], wanted[key], below);
      if (difference !== null) return difference;
    }
    return null;
  }
  return `${path || 'the whole'} is ${shown(found)}, regenerated ${shown(wanted)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function inLines(path: string, found: string, text: string): string {
  const [foundLines, lines] = [found.split('\n'), text.split('\n')];
  const at = lines.findIndex((line, i) => line !== foundLines[i]);
  const line = at === -1 ? lines.length : at;
  return `${path}:${line + 1}: is ${shown(foundLines[line])}, regenerated ${shown(lines[line])}`;
}
