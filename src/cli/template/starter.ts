/** The files of a starter: a scenario, the same as a property test, and a workflow that runs both; or a whole project. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { editScenario } from '../../scenario/edit.ts';
import type { OutputFile } from '../output-folder.ts';
import { packageRoot } from '../shipped.ts';
import type { Template } from './registry.ts';

export interface StarterFile extends OutputFile {
  /** Empty where its name says it. */
  readonly doc: string;
}

/** Stands in the templates for the name of the scenario. */
const NAME = 'SCENARIO_NAME';
/** In the package; `npm run docs` writes it. */
const SCHEMA_FILE = 'schema/scenario.schema.json';

/** @param folder  where they will lie, for the way from there to the schema; nothing is written */
export function starterFiles({ doc, from }: Template, name: string, folder: string): StarterFile[] {
  return 'project' in from ? projectFiles(from.project) : scenarioFiles(doc, from.scenario, name, folder);
}

function projectFiles(project: string): StarterFile[] {
  return readdirSync(join(packageRoot(), project), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(packageRoot(), project), join(entry.parentPath, entry.name)))
    .filter((path) => !path.split(sep).includes('node_modules'))
    .sort()
    .map((path) => ({ name: path, text: ofPackage(join(project, path)), doc: '' }));
}

function scenarioFiles(doc: string, scenario: string, name: string, folder: string): StarterFile[] {
  const installed = installedSchema(folder);
  const text = editScenario(ofPackage(scenario), [{ path: 'name', value: name }]);
  return [
    { name: `${name}.yaml`, text: `# yaml-language-server: $schema=${installed ?? './meshsim.schema.json'}\n${text}`, doc },
    { name: `${name}.test.ts`, text: filledIn('templates/property.test.ts', name), doc: 'the same scenario as a vitest + fast-check property' },
    { name: 'ci-github.yml', text: filledIn('templates/ci-github.yml', name), doc: 'copy to .github/workflows at the repository root' },
    ...(installed === null ? [{ name: 'meshsim.schema.json', text: ofPackage(SCHEMA_FILE), doc: 'for editors, which complete and explain the scenario with it' }] : []),
  ];
}

/** From the folder, if meshsim is installed there or above: then the editor's help is always that of the version that runs. */
function installedSchema(folder: string): string | null {
  for (let above = resolve(folder); ; above = dirname(above)) {
    const schema = join(above, 'node_modules', 'meshsim', SCHEMA_FILE);
    if (existsSync(schema)) return relative(resolve(folder), schema);
    if (above === dirname(above)) return null;
  }
}

function filledIn(template: string, name: string): string {
  return ofPackage(template).replaceAll(NAME, name);
}

function ofPackage(path: string): string {
  return readFileSync(join(packageRoot(), path), 'utf8');
}
