/** Conformance cases: one folder a system, one JSON file a topic. Their form is described in each file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './topic.ts';

export const IS_OWN_FOLDER: boolean = process.env['MESHSIM_VECTORS'] === undefined;

/** Another folder of files of the same form may take the place of test/vectors. */
export const FOLDER: string = process.env['MESHSIM_VECTORS'] ?? join(import.meta.dirname, '..', 'vectors');

export interface VectorFile {
  /** `system/topic`, by the names of folder and file. */
  readonly name: string;
  readonly system: string;
  readonly cases: readonly Case[];
}

export function readVectors(folder: string = FOLDER): VectorFile[] {
  if (!existsSync(folder)) throw new Error(`MESHSIM_VECTORS: no folder ${folder}`);
  const systems = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
  return systems.flatMap((system) =>
    readdirSync(join(folder, system))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => ({ name: `${system}/${file.slice(0, -'.json'.length)}`, system, cases: casesOf(join(folder, system, file)) })),
  );
}

function casesOf(path: string): readonly Case[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
  const { cases } = (content ?? {}) as { readonly cases?: unknown };
  if (!Array.isArray(cases)) throw new Error(`${path}: no list of \`cases\``);
  for (const [i, one] of cases.entries()) {
    const lacking = ['name', 'input', 'expected'].find((key) => typeof one !== 'object' || one === null || !(key in one));
    if (lacking !== undefined) throw new Error(`${path}: case ${i + 1} has no \`${lacking}\``);
  }
  return cases as Case[]; // each has what a case needs
}
