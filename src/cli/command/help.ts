import { PROBLEM_CODES } from '../../scenario/problem.ts';
import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { commandHelp, overview } from '../help.ts';
import { COMMANDS, isCommandName } from '../registry.ts';
import { UserError } from '../user-error.ts';

export const help: Command = {
  doc: 'Explain a command, or the code of a problem.',
  operand: '[topic]',
  operandDoc: 'a command, or a code such as unknown-key',
  operandWords: () => [...Object.keys(COMMANDS), ...Object.keys(PROBLEM_CODES)],
  examples: [
    { command: 'meshsim help run', doc: 'what `meshsim run --help` prints' },
    { command: 'meshsim help unknown-key', doc: 'what a problem code means' },
  ],
  flags: [],
  async run({ shell, operands: [topic] }) {
    shell.stdout.write(await textOn(topic));
    return ExitCode.ok;
  },
};

async function textOn(topic: string | undefined): Promise<string> {
  if (topic === undefined) return overview();
  if (isCommandName(topic)) return commandHelp(topic, await COMMANDS[topic].load());
  const meanings: Readonly<Record<string, string>> = PROBLEM_CODES;
  if (Object.hasOwn(meanings, topic)) return `${topic}: ${meanings[topic]}\n`;
  throw new UserError('usage', `no help on \`${topic}\`; topics are ${Object.keys(COMMANDS).join(', ')} and the codes of problems`);
}
