/**
 * What could stand where the cursor is. Made from the descriptions of the commands, so a new flag or example completes itself; paths and
 * names of policies come from the scenario that the line names.
 */
import { readFileSync } from 'node:fs';
import { parseScenario } from '../../scenario/parse.ts';
import type { Command, Flag } from '../command.ts';
import { COMMANDS, isCommandName } from '../registry.ts';

export interface Candidates {
  readonly words: readonly Candidate[];
  /** Files may stand there, too. */
  readonly files: boolean;
}

export interface Candidate {
  readonly word: string;
  readonly doc: string;
  /** More has to follow without a space, such as the value after `path=`. */
  readonly isOpen?: true;
}

/** More would be no help. */
const PATHS_MAX = 500;
const NOTHING: Candidates = { words: [], files: false };
const FILES: Candidates = { words: [], files: true };

/** @param words  of the line up to the cursor, without `meshsim`; the last is the one that is being written, maybe empty */
export async function candidatesFor(words: readonly string[]): Promise<Candidates> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const name = before.find((word) => !word.startsWith('-'));
  if (name === undefined) return beginningWith(current, [...Object.entries(COMMANDS).map(([word, { summary }]) => ({ word, doc: summary })), { word: '--version', doc: 'print the version' }, { word: '--help', doc: 'of meshsim' }]);
  if (!isCommandName(name)) return NOTHING;
  const command = await COMMANDS[name].load();
  const rest = before.slice(before.indexOf(name) + 1);

  const flag = flagNamed(command, rest.at(-1));
  if (flag?.value !== undefined) return beginningWith(current, valuesOf(flag, rest), takesFile(flag));
  // `--flag=value`: the shell takes the word as a whole.
  const [written, value] = current.split(/=(.*)/s);
  const begun = value === undefined ? undefined : flagNamed(command, written);
  if (begun?.value !== undefined) return beginningWith(current, valuesOf(begun, rest).map((one) => ({ ...one, word: `${written}=${one.word}` })));
  if (current.startsWith('-')) return beginningWith(current, [...command.flags.map(({ name: long, doc }) => ({ word: `--${long}`, doc })), { word: '--help', doc: `of ${name}` }]);
  if (command.operand === undefined) return NOTHING;
  return command.operandWords === undefined ? FILES : beginningWith(current, command.operandWords().map((word) => ({ word, doc: '' })));
}

function beginningWith(start: string, words: readonly Candidate[], files: boolean = false): Candidates {
  return { words: words.filter(({ word }) => word.startsWith(start)), files };
}

function flagNamed({ flags }: Command, word: string | undefined): Flag | undefined {
  return word?.startsWith('--') === true ? flags.find(({ name }) => `--${name}` === word) : undefined;
}

function takesFile({ value }: Flag): boolean {
  return value === 'file' || value === 'folder';
}

function valuesOf(flag: Flag, rest: readonly string[]): Candidate[] {
  if (flag.choices !== undefined) return flag.choices.map((word) => ({ word, doc: '' }));
  if (flag.value?.startsWith('path=') === true) return pathsOf(scenarioIn(rest)).map((path) => ({ word: `${path}=`, doc: '', isOpen: true }));
  if (flag.value === 'policy') return Object.keys(mapIn(scenarioIn(rest), 'policies')).map((word) => ({ word, doc: 'policy' }));
  return [];
}

/** The first word that is a scenario, with all defaults; null where none can be read. */
function scenarioIn(rest: readonly string[]): unknown {
  for (const word of rest.filter((one) => !one.startsWith('-'))) {
    try {
      return parseScenario(readFileSync(word, 'utf8'), { file: word }).resolved;
    } catch {
      // The value of a flag, or a file still to be written: the next word may be one.
    }
  }
  return null;
}

function mapIn(value: unknown, key: string): object {
  const inner = isMap(value) ? value[key] : null;
  return isMap(inner) ? inner : {};
}

/** Of values and maps of values; those in lists are left to those who know their numbers. */
function pathsOf(value: unknown, path: string = ''): string[] {
  const own = path === '' ? [] : [path];
  if (!isMap(value)) return own;
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, path === '' ? key : `${path}.${key}`))].slice(0, PATHS_MAX);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
