import { wrapped } from '../../report/text.ts';
import { parseScenario } from '../../scenario/parse.ts';
import { didYouMean } from '../../scenario/suggest.ts';
import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { lookOf } from '../look.ts';
import { exampleNames, exampleScenarios } from '../shipped.ts';
import { UserError } from '../user-error.ts';

export const examples: Command = {
  doc: 'List the scenarios that come with meshsim, or print one of them.',
  operand: '[name]',
  operandDoc: 'an example; without one, all are listed',
  operandWords: () => exampleNames(),
  examples: [
    { command: 'meshsim examples', doc: 'what there is' },
    { command: 'meshsim examples retry-storm > storm.yaml', doc: 'one of them, to change' },
    { command: 'meshsim examples retry-storm | meshsim run -', doc: 'or to run as it is' },
  ],
  flags: [],
  async run({ shell, operands: [name] }) {
    if (name === undefined) {
      shell.stdout.write(listed(lookOf(shell.stdout, shell.env, 'never').width));
      return ExitCode.ok;
    }
    const found = exampleScenarios().find((example) => example.name === name);
    if (found === undefined) throw new UserError('usage', `there is no example \`${name}\`: ${didYouMean(name, exampleNames()) ?? '`meshsim examples` lists them'}`);
    shell.stdout.write(found.text);
    return ExitCode.ok;
  },
};

function listed(width: number): string {
  const rows = exampleScenarios().map(({ name, text }) => ({ name, description: parseScenario(text).plan?.description ?? '' }));
  const widest = Math.max(...rows.map(({ name }) => name.length)) + 4;
  const isStacked = width - widest < NARROWEST;
  const indent = isStacked ? 6 : widest;
  const lines = rows.flatMap(({ name, description }) => {
    const [first = '', ...rest] = wrapped(description, width - indent - 1);
    if (isStacked) return [`  ${name}`, ...[first, ...rest].map((line) => `${' '.repeat(indent)}${line}`.trimEnd())];
    return [`  ${name.padEnd(indent - 2)}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(indent) + line)];
  });
  return `${lines.join('\n')}\n`;
}

/** A column of descriptions; in a narrower one each word is a line. */
const NARROWEST = 22;
