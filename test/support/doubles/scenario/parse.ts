/** Stands in for `src/scenario/parse.ts` until it exists: reads enough to run the command line. */
import { parse } from 'yaml';
import type { Plan, ThresholdPlan } from '../../../../src/model/plan.ts';
import type { Problem } from './problem.ts';
import { parseThreshold } from './threshold.ts';

export interface ParseOptions {
  readonly file?: string;
  readonly set?: readonly { readonly path: string; readonly value: string }[];
  readonly readFile?: (path: string) => string;
}

export interface Parsed {
  readonly plan: Plan | null;
  readonly resolved: unknown;
  readonly problems: readonly Problem[];
  readonly notSimulated: readonly Problem[];
}

const KEYS = ['name', 'description', 'seed', 'duration', 'warmup', 'services', 'traffic', 'thresholds', 'policies', 'odd'];

export function parseScenario(text: string, { file = 'scenario', set = [] }: ParseOptions = {}): Parsed {
  const map = parse(text) as Record<string, unknown>;
  for (const { path, value } of set) map[path] = parse(value);
  const problem = (code: Problem['code'], severity: Problem['severity'], message: string): Problem => ({
    code, severity, file, line: 1, column: 1, endLine: 1, endColumn: 2, path: '', message, hint: null, allowed: null, help: null, second: null,
  });
  const problems = Object.keys(map).filter((key) => !KEYS.includes(key)).map((key) => problem('unknown-key', 'error', `\`${key}\` is not a field of a scenario`));
  for (const key of ['services', 'traffic', 'duration']) {
    if (map[key] === undefined) problems.push(problem('missing-key', 'error', `\`${key}\` is missing`));
  }
  const seconds = /^([\d.]+)s$/.exec(String(map['duration']));
  if (map['duration'] !== undefined && seconds === null) problems.push(problem('bad-value', 'error', `\`${String(map['duration'])}\` is not a duration`));
  const thresholds = ((map['thresholds'] ?? []) as string[]).map((expr): ThresholdPlan => parseThreshold(expr).threshold!);
  const failed = problems.length > 0;
  if (map['odd'] !== undefined) problems.push(problem('few-samples', 'warning', 'few samples'));
  if (JSON.stringify(map).includes('hedge')) problems.push(problem('not-simulated-yet', 'warning', '`hedge` is not simulated yet'));
  return {
    plan: failed ? null : planOf(map, Number(seconds![1]) * 1e9, thresholds),
    resolved: { ...map, seed: map['seed'] ?? 1 },
    problems,
    notSimulated: problems.filter(({ code }) => code === 'not-simulated-yet'),
  };
}

function planOf(map: Record<string, unknown>, durationNs: number, thresholds: readonly ThresholdPlan[]): Plan {
  return {
    name: String(map['name'] ?? 'scenario'), description: '', seed: Number(map['seed'] ?? 1), durationNs, warmupNs: 0, drainNs: 30e9,
    replications: 1, zones: ['default'], network: { links: [null], loss: 0 }, services: [], edges: [], traffic: [], faults: [], thresholds,
  };
}
