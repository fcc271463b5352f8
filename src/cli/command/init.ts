import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { prepareFolder, writeFile } from '../output-folder.ts';
import { commandLine } from '../shell-words.ts';
import { SCENARIO_FILE, type TemplateName, TEMPLATES } from '../template/registry.ts';
import { starterFiles } from '../template/starter.ts';
import { UserError } from '../user-error.ts';

export const init: Command = {
  doc: 'Write a starter: a scenario, a property test of it, and a workflow for CI. Asks nothing, and overwrites nothing unless told to.',
  operand: '[dir]',
  operandDoc: 'where to, the current folder unless given; its name is that of the scenario',
  examples: [
    { command: 'meshsim init shop', doc: 'a small shop with one bad replica, in shop/' },
    { command: 'meshsim init storm --template retry-storm', doc: 'another beginning' },
  ],
  flags: [
    { name: 'template', value: 'name', choices: Object.keys(TEMPLATES), default: 'minimal', group: 'Input', doc: 'what to begin with' },
    { name: 'force', group: 'Output', doc: 'overwrite files that are there' },
  ],
  notes: [{ title: 'Templates', rows: Object.entries(TEMPLATES).map(([name, { doc }]) => [name, doc]) }],
  async run({ shell, operands: [folder = '.'], settings }) {
    const template = TEMPLATES[settings.text('template') as TemplateName]; // one of the flag's choices
    const name = nameFrom(folder);
    const files = starterFiles(template, name, folder).map((file) => ({ ...file, path: join(folder, file.name) }));
    const there = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
    if (there.length > 0 && !settings.isOn('force')) throw new UserError('output', `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already; --force overwrites`);
    for (const path of new Set(files.map((file) => dirname(file.path)))) prepareFolder(path);
    const widest = Math.max(...files.map(({ path }) => path.length));
    for (const { doc, path, text } of files) {
      writeFile(path, text);
      shell.stdout.write(`${`  + ${path.padEnd(widest)}   ${doc}`.trimEnd()}\n`);
    }
    const steps = template.first.map((words) => commandLine(words.map((word) => (word === SCENARIO_FILE ? `${name}.yaml` : word))));
    shell.stdout.write(`  next:  ${[...(folder === '.' ? [] : [commandLine(['cd', folder])]), ...steps].join(' && ')}        (${template.shows})\n`);
    return ExitCode.ok;
  },
};

/** The folder's own name, as far as a scenario and a file can have it. */
function nameFrom(folder: string): string {
  return basename(resolve(folder)).toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'scenario';
}
