/** Files that come with the package, wherever it is installed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this file that has a `package.json`: sources and built files lie differently deep in it. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export interface ExampleScenario {
  /** `quickstart`, `museum/all-ejected`. */
  readonly name: string;
  readonly text: string;
}

/** Those of the museum last; each part by name. */
export function exampleScenarios(): ExampleScenario[] {
  return exampleNames().map((name) => ({ name, text: readFileSync(join(packageRoot(), 'scenarios', `${name}.yaml`), 'utf8') }));
}

export function exampleNames(): string[] {
  const folder = join(packageRoot(), 'scenarios');
  const namesIn = (part: string): string[] =>
    readdirSync(join(folder, part))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => part + file.slice(0, -'.yaml'.length))
      .sort();
  return [...namesIn(''), ...namesIn('museum/')];
}
