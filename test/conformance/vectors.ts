/** Conformance cases: one folder a system, one JSON file a topic. Their form is described in each file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './topic.ts';

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
  const systems = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return systems.flatMap(({ name: system }) =>
    readdirSync(join(folder, system))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => {
        const path = join(folder, system, file);
        const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { readonly cases?: readonly Case[] };
        if (!Array.isArray(cases)) throw new Error(`${path}: no list of cases`);
        return { name: `${system}/${file.slice(0, -'.json'.length)}`, system, cases };
      }),
  );
}
