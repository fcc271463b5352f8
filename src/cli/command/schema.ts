import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { packageRoot } from '../shipped.ts';

export const schema: Command = {
  doc: 'Print the JSON Schema of scenario files, with every default and unit, or that of results.',
  examples: [
    { command: 'meshsim schema > meshsim.schema.json', doc: 'for an editor' },
    { command: "meshsim schema | jq '.properties | keys'", doc: 'what a scenario may hold' },
    { command: 'meshsim schema --result', doc: 'what programs can rely on in result.json' },
  ],
  flags: [{ name: 'result', group: 'Output', doc: 'the schema of result.json' }],
  async run({ shell, settings }) {
    // Made by `npm run docs`; a test keeps them current.
    shell.stdout.write(readFileSync(join(packageRoot(), 'schema', settings.isOn('result') ? 'result.schema.json' : 'scenario.schema.json'), 'utf8'));
    return ExitCode.ok;
  },
};
