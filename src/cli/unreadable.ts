/** A file that cannot be read, with what may have been meant. */
import { type Dirent, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../model/system-error.ts';
import { nearest } from '../scenario/suggest.ts';
import { exampleNames } from './shipped.ts';
import { UserError } from './user-error.ts';

export function unreadable(path: string, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const way = code === 'ENOENT' ? wayToFile(path) : code === 'EISDIR' ? wayInto(path) : null;
  return new UserError('input', `cannot read ${path === '' ? "''" : path}: ${reasonOf(error)}${way === null ? '' : `; ${way}`}`, error);
}

/** A file beside it, or else an example: the documents name those by their place in our repository. */
function wayToFile(path: string): string | null {
  const beside = nearest(basename(path), filesIn(dirname(path)));
  if (beside !== null) return `did you mean \`${join(dirname(path), beside)}\`?`;
  const example = path.endsWith('.yaml') ? nearest(basename(path, '.yaml'), exampleNames()) : null;
  return example === null ? null : `\`meshsim examples ${example} > ${basename(path)}\` writes the one that comes with meshsim`;
}

function wayInto(folder: string): string | null {
  const [first] = filesIn(folder).filter((name) => name.endsWith('.yaml')).sort();
  return first === undefined ? null : `name a file in it, such as ${join(folder, first)}`;
}

function filesIn(folder: string): string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there either
  }
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
