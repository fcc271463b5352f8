import { createHash } from 'node:crypto';
import { renderCapacity } from '../../report/search/capacity.ts';
import { renderPolicy } from '../../report/search/policy.ts';
import type { SearchReportOptions } from '../../report/search/options.ts';
import type { CapacityOutcome, PolicyOutcome } from '../../search/outcome.ts';
import { searchCapacity } from '../capacity-search.ts';
import type { Command } from '../command.ts';
import { colorOf, DISPLAY_FLAGS, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { SIGNAL_CODES } from '../follow.ts';
import { lookOf } from '../look.ts';
import { prepareFile, writeFile } from '../output-folder.ts';
import { refuseSharedPlaces } from '../outputs.ts';
import { overridesOf } from '../overrides.ts';
import { policySetup, searchPolicies, winningText } from '../policy-search.ts';
import { JOBS_FLAG } from '../replication-settings.ts';
import { checkRunnable, refusalCode, refusalJson, tellProblems } from '../runnable.ts';
import { readScenario, type ScenarioInput } from '../scenario-input.ts';
import { goalsOf, refuseAutoWarmup } from '../search-settings.ts';
import type { Settings } from '../settings.ts';
import type { Shell, Signal } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { UserError } from '../user-error.ts';

export const search: Command = {
  doc: 'Find the policy values that meet the goals at the least extra work, or the highest load that meets them.',
  operand: '<file>',
  operandDoc: 'a scenario file, with the faults that have to be stood; - reads standard input',
  examples: [
    { command: "meshsim search shop.yaml --goal 'latency p(99) < 250ms' --goal 'errors rate < 0.1%' --minimise retries --over policies.standard.retries.attempts=0..4 --over policies.standard.retries.perTryTimeout=50ms..1s --write better.yaml", doc: 'the fewest retries that do, and the file with them' },
    { command: "meshsim search shop.yaml --over 'policies.standard.loadBalancer=roundRobin,leastRequest,{ type: peakEwma, decay: 10s }' --over policies.standard.timeout=100ms..2s:9", doc: "the thresholds of the file; attempts are kept few" },
    { command: 'meshsim search shop.yaml --capacity web', doc: 'how much traffic web can take before a threshold fails' },
  ],
  flags: [
    { name: 'over', value: 'path=values', repeats: true, group: 'Input', doc: 'what may change: low..high, low..high:n or v1,v2,v3. Durations a factor of ten apart are spaced by ratio, all else evenly; :log or :linear at the end says otherwise' },
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    { name: 'goal', value: 'expr', repeats: true, group: 'Run', doc: "what has to hold, as in thresholds, instead of the file's thresholds" },
    { name: 'minimise', value: 'metric', default: 'attempts', group: 'Run', doc: "of what as little as possible: attempts, retries or hedges (for each request, at all services together), or a threshold's metric, such as 'latency p(99)' or 'busy{service:cart}'" },
    { name: 'capacity', value: 'name', group: 'Run', doc: 'instead: the highest load of this source of traffic, or of the traffic to this service, that meets the goals' },
    { name: 'runs', value: 'n', group: 'Run', doc: 'runs to spend, those on new seeds included; 240 with --over and 400 with --capacity unless given' },
    { name: 'reps', value: 'n', group: 'Run', doc: 'replications behind what is told in the end; 10 unless the file says more than one' },
    { name: 'seed', value: 'n', group: 'Run', doc: "everything random comes from it, instead of the file's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives in each run, such as 60s, instead of the file's duration" },
    JOBS_FLAG,
    { name: 'write', value: 'file', group: 'Output', doc: 'write the scenario with the values found, all else as it stands in the file' },
    { name: 'json', group: 'Output', doc: 'print what was found as one JSON document instead of the tables' },
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    checkFlags(settings);
    const input = await readScenario(operands[0]!, shell); // the parser asks for exactly one
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const { runnable, problems } = checkRunnable(input, overridesOf(settings), []);
    tellProblems(problems, input, settings, shell);
    if (runnable === null) return refused(problems, settings, shell);
    refuseAutoWarmup(runnable.plan);
    const file = settings.text('write');
    if (file !== null) {
      refuseSharedPlaces([input.file], [{ name: 'write', path: file }]);
      prepareFile(file);
    }
    const sha256 = createHash('sha256').update(input.bytes).digest('hex');
    const options: SearchReportOptions = { ...lookOf(shell.stdout, shell.env, colorOf(settings)), again: againOf(operands[0]!, runnable.plan.seed, settings), file: operands[0]! };

    if (settings.text('capacity') !== null) {
      const { goals, problems: wrong } = goalsOf(runnable.plan, settings);
      tellProblems(wrong, input, settings, shell);
      if (wrong.length > 0) return refused(wrong, settings, shell);
      const { outcome, signal } = await searchCapacity(runnable.plan, goals, sha256, settings, shell);
      shell.stdout.write(settings.isOn('json') ? jsonOf(outcome) : renderCapacity(outcome, options));
      return codeOf(outcome, signal);
    }
    const setup = policySetup(input, runnable, settings);
    if (!('space' in setup)) {
      tellProblems(setup, input, settings, shell);
      return refused(setup, settings, shell);
    }
    const { outcome, signal } = await searchPolicies(setup, input, sha256, settings, shell);
    let written: string | null = null;
    try {
      if (file !== null && outcome.status === 'found') written = writeWinner(outcome, input, file, settings);
      if (file !== null && outcome.status !== 'found') shell.stderr.write(`meshsim: ${file} was not written: ${outcome.complete ? 'nothing was found that surely meets the goals' : 'the search was stopped before it was sure'}\n`);
    } finally {
      shell.stdout.write(settings.isOn('json') ? jsonOf(outcome) : renderPolicy(outcome, { ...options, written }));
    }
    return codeOf(outcome, signal);
  },
};

function checkFlags(settings: Settings): void {
  const isCapacity = settings.text('capacity') !== null;
  if (!isCapacity && settings.all('over').length === 0) throw new UserError('usage', 'search: say what may change, such as --over policies.standard.timeout=100ms..2s, or ask for --capacity NAME');
  for (const name of isCapacity ? ['over', 'minimise', 'write'] : []) {
    if (settings.wasTyped(name) || settings.isInherited(name)) throw new UserError('usage', `--${name} goes without --capacity: one search is for policies, the other for the load they stand`);
  }
}

function refused(problems: Parameters<typeof refusalJson>[0], settings: Settings, shell: Shell): ExitCode {
  if (settings.isOn('json')) shell.stdout.write(refusalJson(problems));
  return refusalCode(problems);
}

function jsonOf(outcome: PolicyOutcome | CapacityOutcome): string {
  return `${JSON.stringify(outcome, null, 2)}\n`;
}

function writeWinner(outcome: PolicyOutcome, input: ScenarioInput, file: string, settings: Settings): string {
  writeFile(file, winningText(outcome, input, settings));
  return file;
}

function codeOf(outcome: PolicyOutcome | CapacityOutcome, signal: Signal | null): ExitCode {
  if (signal !== null && !outcome.complete) return SIGNAL_CODES[signal];
  switch (outcome.status) {
    case 'found':
    case 'unbounded': return ExitCode.ok;
    case 'none': return ExitCode.thresholdFailed;
    case 'unconfirmed':
    case 'unfinished': return ExitCode.inconclusive;
    default: return outcome satisfies never;
  }
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operand: string, seed: number, settings: Settings): string {
  const repeated = (...names: readonly string[]): string[] => names.flatMap((name) => settings.all(name).flatMap((value) => [`--${name}`, value]));
  const isDefault = settings.text('capacity') !== null || settings.text('minimise') === 'attempts';
  return commandLine([
    'meshsim', 'search', operand === '-' ? 'FILE' : operand,
    ...repeated('goal', ...(isDefault ? [] : ['minimise']), 'over', 'capacity'), '--seed', String(seed), ...repeated('reps', 'runs', 'duration', 'set', 'write'),
  ]);
}
