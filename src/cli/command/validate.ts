import { formatProblems } from '../../scenario/problem.ts';
import type { Command } from '../command.ts';
import { ExitCode } from '../exit-codes.ts';
import type { ColorChoice } from '../look.ts';
import { lookOf } from '../look.ts';
import type { CheckedScenario, ScenarioInput } from '../scenario-input.ts';
import { checkScenario, isValid, readScenario } from '../scenario-input.ts';
import type { Shell } from '../shell.ts';
import { UserError } from '../user-error.ts';

export const validate: Command = {
  doc: 'Check scenario files and list every problem, without running anything.',
  operand: '<files...>',
  operandDoc: 'scenario files; - reads standard input',
  examples: [
    { command: 'meshsim validate shop.yaml', doc: 'all problems in one pass' },
    { command: 'meshsim validate --resolved shop.yaml', doc: 'the file with every default filled in' },
    { command: 'meshsim validate --json scenarios/*.yaml', doc: 'for other programs' },
  ],
  flags: [
    { name: 'resolved', group: 'Output', doc: 'print the scenario with every default filled in (as JSON, which is YAML too)' },
    { name: 'json', group: 'Output', doc: 'print one JSON document' },
    { name: 'color', value: 'when', choices: ['auto', 'always', 'never'], default: 'auto', group: 'Display', doc: 'colour' },
    { name: 'verbose', group: 'Display', doc: 'where a failure of ours happened' },
  ],
  async run({ shell, operands, settings }) {
    const inputs: ScenarioInput[] = [];
    let unread: UserError | null = null;
    for (const operand of operands) {
      try {
        inputs.push(await readScenario(operand, shell));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        // The others are checked all the same; this one decides the exit code.
        if (unread !== null) shell.stderr.write(`meshsim: ${error.message}\n`);
        unread ??= error;
      }
    }
    const checks = inputs.map((input) => ({ input, checked: checkScenario(input, []) }));

    if (settings.isOn('json')) shell.stdout.write(`${JSON.stringify(documentOf(checks, settings.isOn('resolved')), null, 2)}\n`);
    else for (const check of checks) tell(check, settings.isOn('resolved'), settings.text('color') as ColorChoice, shell); // choices are checked
    if (unread !== null) throw unread;
    return checks.every(({ checked }) => isValid(checked)) ? ExitCode.ok : ExitCode.invalidScenario;
  },
};

interface Check {
  readonly input: ScenarioInput;
  readonly checked: CheckedScenario;
}

function tell({ input, checked }: Check, isResolved: boolean, color: ColorChoice, shell: Shell): void {
  if (checked.problems.length > 0) shell.stderr.write(formatProblems(checked.problems, input.text, lookOf(shell.stderr, shell.env, color)));
  if (!isValid(checked)) return;
  if (isResolved) shell.stdout.write(`${JSON.stringify(checked.resolved, null, 2)}\n`);
  else shell.stdout.write(`${lookOf(shell.stdout, shell.env, color).unicode ? '✓' : 'ok'} ${input.file}: ${verdictOn(checked)}\n`);
}

function verdictOn({ problems, notSimulated }: CheckedScenario): string {
  const warnings = problems.length === 0 ? 'valid' : `valid, ${problems.length} ${problems.length === 1 ? 'warning' : 'warnings'}`;
  return notSimulated.length === 0 ? warnings : `${warnings}, but run would refuse it`;
}

function documentOf(checks: readonly Check[], isResolved: boolean): object {
  return {
    files: checks.map(({ input, checked }) => ({
      file: input.file,
      valid: isValid(checked),
      problems: checked.problems,
      runnable: isValid(checked) && checked.notSimulated.length === 0,
      ...(isResolved && isValid(checked) ? { resolved: checked.resolved } : {}),
    })),
  };
}
