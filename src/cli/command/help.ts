import { PROBLEM_CODES } from '../../scenario/problem.ts';
import { didYouMean } from '../../scenario/suggest.ts';
import type { Command } from '../command.ts';
import { EXIT_CODE_MEANINGS, ExitCode } from '../exit-codes.ts';
import { commandHelp, overview, section } from '../help.ts';
import { COMMANDS, isCommandName } from '../registry.ts';
import { UserError } from '../user-error.ts';

export const help: Command = {
  doc: 'Explain a command, the code of a problem, or what the shell is told.',
  operand: '[topic]',
  operandDoc: 'a command, a code such as unknown-key, or a table: codes, exit-codes',
  operandWords: () => topics(),
  examples: [
    { command: 'meshsim help run', doc: 'what `meshsim run --help` prints' },
    { command: 'meshsim help unknown-key', doc: 'what a problem code means' },
    { command: 'meshsim help exit-codes', doc: 'what a script is told' },
  ],
  flags: [],
  async run({ shell, operands: [topic] }) {
    shell.stdout.write(await textOn(topic));
    return ExitCode.ok;
  },
};

/** Topics that are no single command or code. */
const TABLES: Readonly<Record<string, () => string>> = {
  codes: () => section('Codes of problems', Object.entries(PROBLEM_CODES)),
  'exit-codes': () => section('Exit codes', Object.entries(EXIT_CODE_MEANINGS)),
};

function topics(): string[] {
  return [...Object.keys(COMMANDS), ...Object.keys(TABLES), ...Object.keys(PROBLEM_CODES)];
}

async function textOn(topic: string | undefined): Promise<string> {
  if (topic === undefined) return overview();
  if (isCommandName(topic)) return commandHelp(topic, await COMMANDS[topic].load());
  if (Object.hasOwn(TABLES, topic)) return `${TABLES[topic]!()}\n`;
  const meanings: Readonly<Record<string, string>> = PROBLEM_CODES;
  if (Object.hasOwn(meanings, topic)) return `${topic}: ${meanings[topic]}\n`;
  throw new UserError('usage', `no help on \`${topic}\`; ${didYouMean(topic, topics()) ?? `topics are ${Object.keys(COMMANDS).join(', ')}, ${Object.keys(TABLES).join(', ')} and the codes of problems`}`);
}
