import { COMPARISON_FORMATS } from '../../report/comparison/registry.ts';
import { FORMATS } from '../../report/registry.ts';
import type { Command } from '../command.ts';
import { deliver, REPORTS } from '../deliver.ts';
import { COMPARISON_REPORTS, deliverComparison, REPORTS_BESIDE_A_RUN } from '../deliver-comparison.ts';
import { COLOR_FLAG } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { filesIn, type FolderFile, outputFlags, outputsOf, type Taken } from '../outputs.ts';
import { PLAYGROUND_FLAG, refuseWithoutPage } from '../playground.ts';
import { readStored } from '../stored.ts';
import { UserError } from '../user-error.ts';

/** The result is there already. */
const { result: _, ...REBUILT } = FORMATS;
const { result: __, ...REBUILT_OF_COMPARISONS } = COMPARISON_FORMATS;

export const report: Command = {
  doc: 'Show a stored result again, or write the reports that are made from it.',
  operand: '<result>',
  operandDoc: 'a result.json or comparison.json; - reads standard input',
  examples: [
    { command: 'meshsim report out/result.json', doc: 'the summary that the run printed' },
    { command: 'meshsim report out/result.json --junit junit.xml --markdown comment.md', doc: 'as the run itself would have written them, to the byte' },
  ],
  flags: [
    { name: 'out', value: 'folder', group: 'Output', doc: 'write the reports there that `--out` of `run` or `compare` writes' },
    ...outputFlags(REBUILT),
    PLAYGROUND_FLAG,
    { name: 'summary', value: 'detail', choices: ['compact', 'full', 'none'], default: 'compact', group: 'Display', doc: 'how much to print of a run' },
    COLOR_FLAG,
  ],
  async run({ shell, operands, settings }) {
    const operand = operands[0]!; // the parser asks for exactly one
    const stored = await readStored(operand, shell);
    const taken: Taken = { reads: [operand] };
    const failures: string[] = [];
    const print = settings.text('summary') === 'none' ? 'nothing' : stored.kind === 'run' ? 'below' : 'alone';
    if (stored.kind === 'run') {
      const { result, comparison, again } = stored;
      const outputs = await outputsOf(settings, REBUILT, rebuilt(REPORTS), taken);
      refuseWithoutPage(settings, outputs);
      failures.push(...deliver(result, { comparison, again, outputs, files: [], settings, shell }).failures);
      const beside = { files: filesIn(settings.text('out'), rebuilt(REPORTS_BESIDE_A_RUN)), printed: null };
      if (comparison !== null) failures.push(...deliverComparison(comparison, { subject: result.scenario.name, exitCode: null, again, outputs: beside, print: outputs.printed === null ? print : 'nothing', settings, shell }).failures);
    } else {
      const { comparison } = stored;
      if (settings.wasTyped('playground')) throw new UserError('usage', `--playground is for the page of a run, and ${operand} is a comparison`);
      const { subject, command: again, courses } = comparison;
      const outputs = await outputsOf(settings, REBUILT_OF_COMPARISONS, rebuilt(COMPARISON_REPORTS), taken);
      failures.push(...deliverComparison(comparison, { subject, exitCode: null, again, courses, outputs, print, settings, shell }).failures);
    }
    for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
    return failures.length > 0 ? ExitCode.usage : ExitCode.ok;
  },
};

function rebuilt<R>(files: readonly FolderFile<R>[]): FolderFile<R>[] {
  return files.filter(({ name }) => !name.endsWith('.json'));
}
