/**
 * Which files a command writes, and what it prints in place of its summary. One place decides, before anything runs, so that a
 * file that cannot be written, or a flag too many, is no news to wait for.
 */
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Format } from '../report/reporter.ts';
import type { Flag } from './command.ts';
import { prepareFile, prepareFolder, writeFile } from './output-folder.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

export interface Output<R> {
  /** That asks for it; null where it belongs to the folder of `--out`. */
  readonly flag: string | null;
  /** In a word, for the list of what was written. */
  readonly what: string;
  /** `-` is standard output. */
  readonly path: string;
  readonly reporter: R;
}

export interface Outputs<R> {
  readonly files: readonly Output<R>[];
  /** In place of the summary; null where that is printed. */
  readonly printed: Output<R> | null;
}

/** What is written by `--out`, in its order. */
export interface FolderFile<R> {
  readonly what: string;
  readonly name: string;
  readonly reporter: R;
}

/** Files that none of these may be. */
export interface Taken {
  /** Paths of what the command reads. */
  readonly reads: readonly string[];
  /** Flags of other files that it writes. */
  readonly writes?: readonly string[];
}

export function outputFlags(formats: Readonly<Record<string, Format<unknown>>>): Flag[] {
  return Object.entries(formats).map(([name, { doc }]) => ({ name, value: 'file', group: 'Output', doc: `write ${doc}; - prints it instead of the summary` }));
}

export async function outputsOf<R>(settings: Settings, formats: Readonly<Record<string, Format<R>>>, inFolder: readonly FolderFile<R>[], { reads, writes = [] }: Taken): Promise<Outputs<R>> {
  const asked = Object.entries(formats).flatMap(([name, format]) => settings.all(name).map((path) => ({ name, path, format })));
  const json = settings.has('json') && settings.isOn('json') ? [{ name: 'json', path: '-', format: formats['result']! }] : []; // a command with the one has the other
  const printed = [...json, ...asked.filter(({ path }) => path === '-')];
  if (printed.length > 1) throw new UserError('usage', `${printed.map(({ name, path }) => (name === 'json' ? '--json' : `--${name} ${path}`)).join(' and ')}: one of them can be printed; name files for the others`);
  const named = asked.filter(({ path }) => path !== '-');
  const folder = settings.text('out');
  const files = filesIn(folder, inFolder);
  const others = writes.flatMap((name) => settings.all(name).map((path) => ({ name, path })));
  refuseSharedPlaces(reads, [...others, ...named, ...files.map(({ path }) => ({ name: 'out', path }))]);
  if (folder !== null) prepareFolder(folder);
  for (const { path } of named) prepareFile(path);
  const loaded = async ({ name, path, format }: (typeof asked)[number]): Promise<Output<R>> => ({ flag: name, what: name, path, reporter: await format.load() });
  return { files: [...files, ...(await Promise.all(named.map(loaded)))], printed: printed[0] === undefined ? null : await loaded(printed[0]) };
}

export function filesIn<R>(folder: string | null, files: readonly FolderFile<R>[]): Output<R>[] {
  return folder === null ? [] : files.map(({ what, name, reporter }) => ({ flag: null, what, path: join(folder, name), reporter }));
}

/** Before the runs: a flag too many is no news to wait for. */
export function refuseTwoPrinted(settings: Settings): void {
  if (settings.isOn('json') && settings.isOn('csv')) throw new UserError('usage', '--json and --csv: one of them is printed; --out writes both');
}

export interface Written {
  readonly files: readonly { readonly what: string; readonly path: string }[];
  /** What keeps the others from being there, in sentences. */
  readonly failures: readonly string[];
}

/** @param textOf  null for one that is not written */
export function writeOutputs<R>({ files }: Outputs<R>, textOf: (output: Output<R>) => string | null): Written {
  const written: Output<R>[] = [];
  const failures: string[] = [];
  for (const file of files) {
    const text = textOf(file);
    if (text === null) continue;
    const failed = failureOf(() => writeFile(file.path, text));
    if (failed.length === 0) written.push(file);
    failures.push(...failed);
  }
  return { files: written, failures };
}

/** Why it could not be written, if so: one file that cannot keeps no other from being written. */
export function failureOf(write: () => void): string[] {
  try {
    write();
    return [];
  } catch (error) {
    if (error instanceof UserError) return [error.message];
    throw error;
  }
}

/** The file that a person would open first. */
export function reportAmong(files: Written['files']): string | null {
  const best = files.find(({ path }) => path.endsWith('.html')) ?? files.find(({ what }) => what === 'report' || what === 'markdown') ?? files[0];
  return best?.path ?? null;
}

/** Two writers of one file leave that of the second, and a file that is read is not there to be read again. */
export function refuseSharedPlaces(reads: readonly string[], writes: readonly { readonly name: string; readonly path: string }[]): void {
  const owners = new Map(reads.filter((path) => path !== '-').map((path) => [placeOf(path), 'what is read']));
  for (const { name, path } of writes) {
    const place = placeOf(path);
    const owner = owners.get(place);
    if (owner !== undefined && !place.startsWith('/dev/')) throw new UserError('usage', `--${name} ${path} would overwrite ${owner}`);
    owners.set(place, `what --${name} writes`);
  }
}

function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // not there yet
  }
}
