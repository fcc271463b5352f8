/** The folder of failures that were found and kept: scenario files, complete, each with its story as a comment. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reasonOf } from '../model/system-error.ts';
import type { Failure } from '../check/failure.ts';
import { headlineOf } from '../check/story.ts';
import { documentOf, documentText, type ScenarioDocument } from '../scenario/document.ts';
import { parseScenario } from '../scenario/parse.ts';
import type { Problem } from '../scenario/problem.ts';
import { prepareFolder, writeFiles } from './output-folder.ts';
import { commandLine } from './shell-words.ts';
import { unreadable } from './unreadable.ts';
import { UserError } from './user-error.ts';

export interface KeptFailure {
  readonly file: string;
  readonly scenario: ScenarioDocument;
}

/** A file of the folder that is no valid scenario, or none any more. */
export interface InvalidKept {
  readonly file: string;
  readonly text: string;
  readonly problems: readonly Problem[];
}

export interface KeptFailures {
  readonly kept: readonly KeptFailure[];
  readonly invalid: readonly InvalidKept[];
}

/** Those of one scenario, by name, in the order of their files. What says that it is of another one is none of ours, valid or not. */
export function keptFailures(folder: string, name: string): KeptFailures {
  const kept: KeptFailure[] = [];
  const invalid: InvalidKept[] = [];
  for (const file of filesIn(folder)) {
    const text = textOf(file);
    const { plan, problems } = parseScenario(text, { file });
    const scenario = plan === null ? null : documentOf(text);
    if (scenario !== null && scenario['name'] === name) kept.push({ file, scenario });
    if (scenario === null && [name, null].includes(nameIn(text))) invalid.push({ file, text, problems });
  }
  return { kept, invalid };
}

/** Of a scenario that is not valid; null where it says none, or cannot even be read. */
function nameIn(text: string): string | null {
  try {
    const { name } = documentOf(text);
    return typeof name === 'string' ? name : null;
  } catch {
    return null;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)).sort().map((name) => join(folder, name)).filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new UserError('input', `cannot read the folder ${folder}: ${reasonOf(error)}`, error);
  }
}

/** Its path; the same failure of the same scenario has the same. */
export function pathOf(folder: string, { name }: Failure, scenario: ScenarioDocument): string {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40);
  return join(folder, `${slug}-${createHash('sha256').update(documentText(scenario)).digest('hex').slice(0, 4)}.yaml`);
}

/** A command that runs it and fails as it did. */
export function againOf(path: string, { kind }: Failure, { seed }: ScenarioDocument): string {
  return commandLine(['meshsim', 'run', path, '--seed', String(seed ?? 1), ...(kind === 'invariant' ? ['--invariants'] : [])]);
}

/** @throws UserError where it cannot be written */
export function keep(folder: string, path: string, failure: Failure, scenario: ScenarioDocument, story: readonly string[]): void {
  prepareFolder(folder);
  const comment = [headlineOf(failure), '', ...story.map((line) => `  ${line}`), '', `again: ${againOf(path, failure, scenario)}`, ''];
  writeFiles(folder, [{ name: basename(path), text: documentText(scenario, comment) }]);
}
