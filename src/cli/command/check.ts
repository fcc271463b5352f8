import type { Command } from '../command.ts';
import { DISPLAY_FLAGS } from '../display.ts';
import { FAULT_SWEEP_FLAGS, STANDARD_SET, sweepFaults } from '../fault-sweep.ts';
import { JOBS_FLAG } from '../replication-settings.ts';

export const check: Command = {
  doc: 'What if any one thing breaks?',
  operand: '<file>',
  operandDoc: 'a scenario file; - reads standard input',
  examples: [{ command: 'meshsim check shop.yaml --sweep-faults', doc: 'each fault of the standard set' }],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    ...FAULT_SWEEP_FLAGS,
    { name: 'seed', value: 'n', group: 'Run', doc: "everything random comes from it, instead of the file's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives, such as 60s, instead of the file's duration" },
    { name: 'threshold', value: 'expr', repeats: true, group: 'Run', doc: "one more threshold beside the file's, such as 'latency p(99) < 250ms'" },
    { name: 'reps', value: 'n', group: 'Run', doc: "replications of each case, instead of the file's" },
    JOBS_FLAG,
    { name: 'json', group: 'Output', doc: 'print one JSON document instead of the table' },
    { name: 'csv', group: 'Output', doc: 'print CSV instead of the table' },
    { name: 'out', value: 'folder', group: 'Output', doc: 'write fault-sweep.json and fault-sweep.csv there' },
    ...DISPLAY_FLAGS,
  ],
  notes: [STANDARD_SET],
  run: sweepFaults,
};
