/**
 * Who is compared: scenario files, values of one path in a file, or what `run` saved, each with the name that its column gets.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { isSaved, readSaved, type SavedSide } from '../compare/saved.ts';
import type { Job } from '../run/task.ts';
import { systemOf } from '../scenario/identity.ts';
import type { Override } from '../scenario/override.ts';
import type { Problem } from '../scenario/problem.ts';
import { splitValues } from '../scenario/value-list.ts';
import { overridesOf, pathAndValue } from './overrides.ts';
import { checkRunnable } from './runnable.ts';
import { readScenario, type ScenarioInput } from './scenario-input.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';

export interface Contestant {
  readonly label: string;
  /** To be run, or null where `saved` is the outcome already. */
  readonly job: Job | null;
  readonly saved: SavedSide | null;
}

export interface Contest {
  /** The first is the reference. */
  readonly contestants: readonly Contestant[];
  /** What is compared, where it has one name; else empty. */
  readonly subject: string;
  /** By `--vary`: the sides differ in what they are called. */
  readonly isVaried: boolean;
  /** Each once, with the file it is about. */
  readonly problems: readonly { readonly input: ScenarioInput; readonly problems: readonly Problem[] }[];
}

/** Without contestants when one of them cannot run; its problems say why. */
export async function contestOf(operands: readonly string[], settings: Settings, shell: Shell): Promise<Contest | Pick<Contest, 'problems'>> {
  const variation = variationOf(operands, settings);
  if (operands.filter((operand) => operand === '-').length > 1) throw new UserError('usage', 'standard input can be read once: name files for the other sides');
  const inputs: ScenarioInput[] = [];
  for (const operand of operands) inputs.push(await readScenario(operand, shell));
  const labels = labelsOf(operands);
  const overrides = overridesOf(settings);
  const checked = inputs.flatMap((input, i): Entry[] => {
    const saved = savedOf(input, labels[i]!);
    if (saved !== null && variation !== null) throw new UserError('usage', `--vary: ${input.file} is a saved result, and only scenario files have values to vary`);
    if (saved !== null) return [{ label: labels[i]!, input, saved, job: null, problems: [] }];
    if (variation === null) return [{ label: labels[i]!, input, saved: null, ...check(input, overrides) }];
    return variation.values.map((value) => ({ label: value, input, saved: null, ...check(input, [...overrides, overrideFor(variation.path, value)]) }));
  });
  const problems = problemsOf(checked);
  if (!checked.every(({ job, saved }) => job !== null || saved !== null)) return { problems };
  return { contestants: checked, subject: variation === null ? commonName(checked) : `${variation.path} in ${basename(operands[0]!)}`, isVaried: variation !== null, problems };
}

interface Entry extends Contestant {
  readonly input: ScenarioInput;
  readonly problems: readonly Problem[];
}

interface Variation {
  readonly path: string;
  readonly values: readonly string[];
}

function variationOf(operands: readonly string[], settings: Settings): Variation | null {
  const [flag, ...more] = settings.all('vary');
  if (flag === undefined) {
    if (operands.length < 2) throw new UserError('usage', 'compare takes at least two files, or one file and --vary path=value,value');
    return null;
  }
  if (more.length > 0) throw new UserError('usage', `--vary ${more[0]}: one path is varied at a time; change another one for all sides with --set, or vary a whole map`);
  if (operands.length > 1) throw new UserError('usage', '--vary takes one file: its sides are the values');
  const { path, value } = pathAndValue('--vary', flag);
  const values = splitValues(value);
  if (values.length < 2 || values.includes('')) throw new UserError('usage', `--vary ${flag}: write at least two values, parted by commas, such as ${path}=roundRobin,leastRequest`);
  if (new Set(values).size < values.length) throw new UserError('usage', `--vary ${flag}: a value is there twice`);
  return { path, values };
}

function overrideFor(path: string, value: string): Override {
  return { path, value, flag: `--vary ${path}=${value}` };
}

function check(input: ScenarioInput, overrides: readonly Override[]): { readonly job: Job | null; readonly problems: readonly Problem[] } {
  const { runnable, problems } = checkRunnable(input, overrides, []);
  if (runnable === null) return { job: null, problems };
  // Nothing is judged here, and a run that a threshold cuts short cannot be compared.
  return { job: { plan: { ...runnable.plan, thresholds: [] }, resolved: runnable.resolved, sha256: '' }, problems };
}

/** Null where the file is a scenario. */
function savedOf({ file, text }: ScenarioInput, label: string): SavedSide | null {
  if (!text.trimStart().startsWith('{')) return null;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null; // YAML has maps in braces, too
  }
  if (!isSaved(document)) return null;
  const saved = readSaved(document, label, systemHash);
  if (typeof saved === 'string') throw new UserError('input', `${file}: ${saved}`);
  return saved;
}

export function systemHash(resolved: unknown): string {
  return createHash('sha256').update(JSON.stringify(systemOf(resolved))).digest('hex');
}

/** File names without folder and ending where that leaves them apart. */
function labelsOf(operands: readonly string[]): string[] {
  const short = operands.map((operand) => basename(operand).replace(/\.(ya?ml|json)$/i, ''));
  return new Set(short).size === short.length ? short : [...operands];
}

function commonName(entries: readonly Entry[]): string {
  const names = new Set(entries.map(({ job, saved }) => job?.plan.name ?? saved!.side.scenario));
  return names.size === 1 ? [...names][0]! : '';
}

/** Variants of one file share most of their problems. */
function problemsOf(entries: readonly Entry[]): Contest['problems'] {
  const seen = new Set<string>();
  return entries.map(({ input, problems }) => ({
    input,
    problems: problems.filter((problem) => {
      const key = JSON.stringify([input.file, problem]);
      return !seen.has(key) && seen.add(key);
    }),
  })).filter(({ problems }) => problems.length > 0);
}
