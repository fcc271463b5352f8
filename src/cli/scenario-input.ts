/** Scenario files as commands get them: bytes read, text parsed, nothing printed. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Plan } from '../model/plan.ts';
import type { Override } from '../scenario/override.ts';
import { type FoundProblem, parseScenario } from '../scenario/parse.ts';
import type { Problem } from '../scenario/problem.ts';
import type { Shell } from './shell.ts';
import { unreadable } from './unreadable.ts';

export interface ScenarioInput {
  /** As the caller named it, `-` for standard input. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

export interface CheckedScenario {
  readonly plan: Plan | null;
  readonly resolved: unknown;
  readonly problems: readonly Problem[];
  /** Those of the problems that only keep it from being run. */
  readonly notSimulated: readonly Problem[];
}

export async function readScenario(operand: string, shell: Shell): Promise<ScenarioInput> {
  const bytes = operand === '-' ? await shell.readStdin() : readBytes(operand);
  return { file: operand, bytes, text: new TextDecoder().decode(bytes) };
}

/** Files that the scenario names are looked up beside it. @param found  by a run, to be told with the others */
export function checkScenario({ file, text }: ScenarioInput, set: readonly Override[], found: readonly FoundProblem[] = []): CheckedScenario {
  const folder = file === '-' ? '.' : dirname(file);
  return parseScenario(text, { file, set, found, readFile: (path) => readFileSync(resolve(folder, path), 'utf8') });
}

export function isValid({ plan, problems }: CheckedScenario): boolean {
  return plan !== null && problems.every(({ severity }) => severity !== 'error');
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}
