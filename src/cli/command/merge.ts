import { readFileSync } from 'node:fs';
import { mergeSweeps, SWEEP_SCHEMA, type Sweep } from '../../sweep/sweep.ts';
import type { Command } from '../command.ts';
import { deliverSweep } from '../deliver-sweep.ts';
import { ExitCode } from '../exit-codes.ts';
import { prepareFolder } from '../output-folder.ts';
import { refuseTwoPrinted } from '../outputs.ts';
import { commandLine } from '../shell-words.ts';
import { unreadable } from '../unreadable.ts';
import { UserError } from '../user-error.ts';

export const merge: Command = {
  doc: 'Put the parts of a sweep together that ran on several machines.',
  operand: '<files...>',
  operandDoc: 'the sweep.json of every shard, in any order',
  examples: [
    { command: 'meshsim merge part-*/sweep.json --out all', doc: 'JSON and CSV to the byte as one machine would have written them' },
    { command: 'meshsim merge part-*/sweep.json --csv > sweep.csv', doc: 'for a spreadsheet' },
  ],
  flags: [
    { name: 'json', group: 'Output', doc: 'print the sweep as one JSON document instead of the table' },
    { name: 'csv', group: 'Output', doc: 'print it as CSV instead of the table' },
    { name: 'out', value: 'folder', group: 'Output', doc: 'write sweep.json, sweep.csv and report.html there' },
    { name: 'color', value: 'when', choices: ['auto', 'always', 'never'], default: 'auto', group: 'Display', doc: 'colour' },
    { name: 'verbose', group: 'Display', doc: 'where a failure of ours happened' },
  ],
  async run({ shell, operands, settings }) {
    refuseTwoPrinted(settings);
    const folder = settings.text('out');
    if (folder !== null) prepareFolder(folder);
    const merged = mergeSweeps(operands.map(readPart), operands);
    if (merged.sweep === undefined) throw new UserError('input', merged.problem);
    const { failures } = deliverSweep(merged.sweep, { again: commandLine(['meshsim', 'merge', ...operands]), folder, settings, shell });
    for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
    return failures.length > 0 ? ExitCode.usage : ExitCode.ok;
  },
};

function readPart(file: string): Sweep {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  const value = parsed(text);
  if (typeof value === 'object' && value !== null && 'schema' in value && value.schema === SWEEP_SCHEMA) return value as Sweep; // what `sweep` wrote
  throw new UserError('input', `${file} is no part of a sweep: it has no \`"schema": "${SWEEP_SCHEMA}"\`; sweep --out writes one`);
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
