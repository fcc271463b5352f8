/** The folder of failures that were found and kept: scenario files, complete, each with its story as a comment. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { reasonOf } from '../model/system-error.ts';
import type { Failure } from '../check/failure.ts';
import { headlineOf } from '../check/story.ts';
import { documentOf, documentText, type ScenarioDocument } from '../scenario/document.ts';
import { parseScenario } from '../scenario/parse.ts';
import { prepareFolder, writeFiles } from './output-folder.ts';
import { commandLine } from './shell-words.ts';
import { UserError } from './user-error.ts';

export interface KeptFailure {
  readonly file: string;
  readonly scenario: ScenarioDocument;
}

/** Those of one scenario, by name, in the order of their files. What is no valid scenario is none of ours. */
export function keptFailures(folder: string, name: string): readonly KeptFailure[] {
  return filesIn(folder).flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    if (parseScenario(text, { file }).plan === null) return [];
    const scenario = documentOf(text);
    return scenario['name'] === name ? [{ file, scenario }] : [];
  });
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort().map((name) => join(folder, name));
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
