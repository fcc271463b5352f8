/**
 * Files of a run in the folder of `--out`. Each is written beside its place and then renamed over it,
 * so a reader, or a second run into the same folder, sees an old file or a new one and never half of one.
 */
import { accessSync, constants, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** Synchronous, so that no signal ends the process between a file and its rename. */
export function writeFiles(folder: string, files: readonly OutputFile[]): void {
  for (const { name, text } of files) {
    const path = join(folder, name);
    const temporary = join(folder, `.${name}.${process.pid}.tmp`);
    try {
      writeFileSync(temporary, text);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new UserError('output', `cannot write ${path}: ${reasonOf(error)}`, error);
    }
  }
}
