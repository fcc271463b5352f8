import { parseScenario } from '../../scenario/parse.ts';
import type { ScenarioChoice } from '../../report/html/page-data.ts';
import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import { SIGNAL_CODES } from '../follow.ts';
import { portOf } from '../port.ts';
import { checkScenario, isValid, readScenario } from '../scenario-input.ts';
import { exampleScenarios } from '../shipped.ts';
import type { Shell, Signal } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { formatProblems } from '../../scenario/problem.ts';
import { lookOf } from '../look.ts';

export const serve: Command = {
  doc: 'A live page on this machine, until Ctrl-C: turn load, policies and faults of a scenario with the mouse, and watch what comes of it. The simulator runs in the page.',
  operand: '[file]',
  operandDoc: 'a scenario file to begin with, - reads standard input; the examples are there in any case',
  examples: [
    { command: 'meshsim serve', doc: 'prints the address of the page' },
    { command: 'meshsim serve shop.yaml --port 8800', doc: 'with a scenario of your own, at http://127.0.0.1:8800/' },
  ],
  flags: [
    { name: 'port', value: 'n', default: '0', group: 'Run', doc: 'on 127.0.0.1; 0 leaves it to the system' },
    { name: 'verbose', group: 'Display', doc: 'where a failure of ours happened' },
  ],
  async run({ shell, operands: [file], settings }) {
    const port = portOf(settings);
    const own: ScenarioChoice[] = [];
    if (file !== undefined) {
      const input = await readScenario(file, shell);
      const checked = checkScenario(input, []);
      if (checked.problems.length > 0) shell.stderr.write(formatProblems(checked.problems, input.text, lookOf(shell.stderr, shell.env, 'auto')));
      if (!isValid(checked)) return ExitCode.invalidScenario;
      own.push({ name: file === '-' ? 'standard input' : file, description: checked.plan?.description ?? '', text: input.text, command: file === '-' ? null : commandLine(['meshsim', 'run', file]) });
    }
    const examples = exampleScenarios().map(({ name, text }) => ({ name, description: parseScenario(text).plan?.description ?? '', text, command: `meshsim examples ${name} | meshsim run -` }));
    // The first one is what a page without a file of somebody's shows.
    examples.sort((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST));
    const { playgroundPage } = await import('../../playground/page.ts');
    const { servePage } = await import('../../playground/server.ts');
    const server = await servePage(playgroundPage([...own, ...examples]), port);
    shell.stdout.write(`${server.url}/\n`);
    shell.stderr.write('the page is there until Ctrl-C\n');
    const signal = await firstSignal(shell);
    await server.close();
    return SIGNAL_CODES[signal];
  },
};

const FIRST = 'quickstart';

function firstSignal(shell: Shell): Promise<Signal> {
  return new Promise((resolve) => {
    const ignore = shell.onSignal((signal) => {
      ignore();
      resolve(signal);
    });
  });
}
