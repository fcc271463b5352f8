/**
 * Who is compared: scenario files, values of one path in a file, or what `run` saved, each with the name that its column gets.
 */
import { basename } from 'node:path';
import type { SavedSide } from '../compare/saved.ts';
import { type Job, REPLICATIONS_DEFAULT } from '../run/task.ts';
import type { Override } from '../scenario/override.ts';
import type { Problem } from '../scenario/problem.ts';
import { splitValues } from '../scenario/value-list.ts';
import { savedIn } from './baseline.ts';
import { overridesOf, pathAndValue, policyOverrides, refuseOverlaps, repsOverride } from './overrides.ts';
import { repsFlagOf } from './replication-settings.ts';
import { checkRunnable } from './runnable.ts';
import { checkScenario, readScenario, type ScenarioInput } from './scenario-input.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';

export interface Contestant {
  readonly label: string;
  readonly input: ScenarioInput;
  /** What flags change of the file. */
  readonly overrides: readonly Override[];
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
  const reps = repsFlagOf(settings);
  const checked = inputs.flatMap((input, i): Entry[] => {
    const saved = savedOf(input, labels[i]!);
    if (saved !== null && variation !== null) throw new UserError('usage', `--vary: ${input.file} is a saved result, and only scenario files have values to vary`);
    if (saved !== null) return [{ label: labels[i]!, input, saved, job: null, overrides: [], problems: [] }];
    const policy = policyOverrides(settings, input.file, checkScenario(input, overrides).resolved);
    if (variation === null) return [{ label: labels[i]!, input, saved: null, ...check(input, [...overrides, ...policy], reps) }];
    return variation.sides.map((values) => ({
      label: values.join(', '), input, saved: null, ...check(input, [...overrides, ...policy, ...values.map((value, at) => overrideFor(variation.paths[at]!, value))], reps),
    }));
  });
  const problems = problemsOf(checked);
  if (!checked.every(({ job, saved }) => job !== null || saved !== null)) return { problems };
  return { contestants: checked, subject: variation === null ? commonName(checked) : `${variation.paths.join(', ')} in ${basename(operands[0]!)}`, isVaried: variation !== null, problems };
}

interface Entry extends Contestant {
  readonly problems: readonly Problem[];
}

interface Variation {
  readonly paths: readonly string[];
  /** Of each side, in the order of the paths. */
  readonly sides: readonly (readonly string[])[];
}

/** `--vary` once, or several times: the first values together are a side, the second ones another. */
function variationOf(operands: readonly string[], settings: Settings): Variation | null {
  const lists = settings.all('vary').map(listOf);
  const [first] = lists;
  if (first === undefined) {
    if (operands.length < 2) throw new UserError('usage', 'compare takes at least two files, or one file and --vary path=value,value');
    return null;
  }
  if (operands.length > 1) throw new UserError('usage', '--vary takes one file: its sides are the values');
  const odd = lists.find(({ values }) => values.length !== first.values.length);
  if (odd !== undefined) throw new UserError('usage', `--vary ${odd.flag}: ${odd.values.length} values, and ${first.values.length} of ${first.path}; what varies together has one value a side`);
  const paths = lists.map(({ path }) => path);
  refuseOverlaps('--vary', paths);
  // What is set for all sides would be lost in each.
  for (const text of settings.all('set')) refuseOverlaps('--vary', [pathAndValue('--set', text).path, ...paths]);
  const sides = first.values.map((_, i) => lists.map(({ values }) => values[i]!));
  if (new Set(sides.map((values) => JSON.stringify(values))).size < sides.length) throw new UserError('usage', `--vary ${first.flag}: a value is there twice`);
  return { paths, sides };
}

function listOf(flag: string): { readonly flag: string; readonly path: string; readonly values: readonly string[] } {
  const { path, value } = pathAndValue('--vary', flag);
  if (path === 'seed' || path === 'replications') throw new UserError('usage', `--vary ${flag}: all sides have the same ${path}, or luck would be compared; set it with --${path === 'seed' ? 'seed' : 'reps'}`);
  const values = splitValues(value);
  if (values.length < 2 || values.includes('')) throw new UserError('usage', `--vary ${flag}: write at least two values, parted by commas, such as ${path}=${exampleOf(values[0]!)}`);
  return { flag, path, values };
}

/** Two values of the kind of the one that was given. */
function exampleOf(value: string): string {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(.*)$/.exec(value) ?? [];
  if (number !== undefined) return `${value},${number === '0' ? 1 : 2 * Number(number)}${unit}`;
  if (value === 'true' || value === 'false') return 'true,false';
  return value === '' ? 'VALUE,VALUE' : `${value},VALUE`;
}

function overrideFor(path: string, value: string): Override {
  return { path, value, flag: `--vary ${path}=${value}` };
}

function check(input: ScenarioInput, given: readonly Override[], repsFlag: number | null): Pick<Entry, 'job' | 'overrides' | 'problems'> {
  const reps = repsFlag ?? ((checkScenario(input, given).plan?.replications ?? 0) > 1 ? null : REPLICATIONS_DEFAULT);
  const overrides = reps === null ? given : [...given, repsOverride(reps)];
  const { runnable, problems } = checkRunnable(input, overrides, []);
  if (runnable === null) return { job: null, overrides, problems };
  // Nothing is judged here, and a run that a threshold cuts short cannot be compared.
  return { job: { plan: { ...runnable.plan, thresholds: [] }, resolved: runnable.resolved, sha256: '' }, overrides, problems };
}

/** Null where the file is a scenario. */
function savedOf({ file, text }: ScenarioInput, label: string): SavedSide | null {
  const saved = savedIn(text, label);
  if (typeof saved === 'string') throw new UserError('input', `${file}: ${saved}`);
  return saved;
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
