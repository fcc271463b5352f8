/**
 * Files that a command writes. Each is written beside its place and then renamed over it,
 * so a reader, or a second run that writes it, sees an old file or a new one and never half of one.
 */
import { accessSync, constants, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../model/system-error.ts';
import { UserError } from './user-error.ts';

export interface OutputFile {
  readonly name: string;
  readonly text: string;
}

/** Before the run: a folder that cannot be written is no news to wait an hour for. */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError('output', `cannot write to the folder ${folder}: ${reasonOf(error)}`, error);
  }
}

/** Not `recursive: true`, with which Node never returns where the system refuses a folder as not found (/proc). */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // A second run may have made it just now.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Before the run, as `prepareFolder`. */
export function prepareFile(path: string): void {
  if (isSpecial(path)) checkWritable(path);
  else prepareFolder(dirname(placeOf(path)));
}

function checkWritable(path: string): void {
  try {
    if (statSync(path).isDirectory()) throw new UserError('output', `cannot write ${path}: it is a folder`);
    accessSync(path, constants.W_OK);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('output', `cannot write ${path}: ${reasonOf(error)}`, error);
  }
}

export function writeFiles(folder: string, files: readonly OutputFile[]): void {
  for (const { name, text } of files) writeFile(join(folder, name), text);
}

/** Synchronous, so that no signal ends the process between a file and its rename. */
export function writeFile(path: string, text: string): void {
  try {
    if (isSpecial(path)) writeFileSync(path, text);
    else replaceFile(placeOf(path), text);
  } catch (error) {
    throw new UserError('output', `cannot write ${path}: ${reasonOf(error)}`, error);
  }
}

function replaceFile(place: string, text: string): void {
  const temporary = join(dirname(place), `.${basename(place)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, place);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A pipe or a device, such as /dev/stdout, has a reader already and is nothing to be renamed over. */
function isSpecial(path: string): boolean {
  try {
    return !statSync(path).isFile();
  } catch {
    return false; // not there yet
  }
}

/** A link stays one: what it leads to is written. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // not there yet
  }
}
