import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';

export const schema: Command = {
  doc: 'Print the JSON Schema of scenario files, with every default and unit.',
  examples: [
    { command: 'meshsim schema > meshsim.schema.json', doc: 'for an editor' },
    { command: "meshsim schema | jq '.properties | keys'", doc: 'what a scenario may hold' },
  ],
  flags: [],
  async run({ shell }) {
    const { scenarioSchema } = await import('../../scenario/scenario-schema.ts');
    shell.stdout.write(`${JSON.stringify(scenarioSchema(), null, 2)}\n`);
    return ExitCode.ok;
  },
};
