/** `check --sweep-faults`: what if any one thing breaks? Its flags, and from a file to the table. */
import { createHash } from 'node:crypto';
import { FAULT_PHASE } from '../fault-sweep/cases.ts';
import { type CaseOutcome, FAULT_SWEEP_SCHEMA, type FaultSweep, isHarmful, worstOf } from '../fault-sweep/fault-sweep.ts';
import { FAULT_NAMES, STANDARD_FAULTS } from '../fault-sweep/standard-faults.ts';
import { msOf } from '../model/units.ts';
import { VERSION } from '../model/version.ts';
import { FaultSweepRuns } from '../run/fault-sweep.ts';
import type { PoolOptions } from '../run/pool.ts';
import { replicationSeeds } from '../run/task.ts';
import type { Flag, Invocation, Note } from './command.ts';
import { deliverFaultSweep, FAULT_SWEEP_REPORTS } from './deliver-fault-sweep.ts';
import { displayFor, tellOrigins } from './display.ts';
import { ExitCode } from './exit-codes.ts';
import { FaultCases } from './fault-cases.ts';
import { FaultChoice } from './fault-choice.ts';
import { readThresholds } from './flag-thresholds.ts';
import { follow, SIGNAL_CODES } from './follow.ts';
import { prepareFile, prepareFolder } from './output-folder.ts';
import { filesIn, refuseSharedPlaces, refuseTwoPrinted, type Written, writeOutputs } from './outputs.ts';
import { overridesOf } from './overrides.ts';
import { deathOf, jobsOf, numberOf, repsFlagOf } from './replication-settings.ts';
import { checkRunnable, refusalCode, refusalJson, tellProblems } from './runnable.ts';
import { readScenario } from './scenario-input.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';
import { commandLine } from './shell-words.ts';
import { UserError } from './user-error.ts';

const PAIRS_MOST = 200;
const PAIRS_LIMIT = 100_000;

const SWEEP = 'with --sweep-faults: ';

/** Beside `set`, `seed`, `jobs` and `json`. */
export const FAULT_SWEEP_FLAGS: readonly Flag[] = [
  { name: 'sweep-faults', group: 'Run', doc: 'instead of a search: try each fault of the standard set below on everything it can happen to, one at a time, and rank them by the harm they do to the thresholds' },
  { name: 'pairs', group: 'Run', doc: `${SWEEP}any two things as well` },
  { name: 'limit', value: 'n', group: 'Run', doc: `with --pairs: so many pairs at most (${PAIRS_MOST}), first those of which each alone is stood, the nearest to a limit first` },
  { name: 'break', value: 'what', repeats: true, group: 'Run', doc: `${SWEEP}only this fault, target or case, such as crash, cart/4, crash:cart/4 or crash:cart/4+slow:stock` },
  { name: 'at', value: 'time', group: 'Run', doc: `${SWEEP}when the fault begins; a third into the measured time unless given` },
  { name: 'for', value: 'time', group: 'Run', doc: `${SWEEP}how long it is on; a third of the measured time unless given` },
  { name: 'duration', value: 'time', group: 'Run', doc: `${SWEEP}how long traffic arrives, instead of the file's duration` },
  { name: 'threshold', value: 'expr', repeats: true, group: 'Run', doc: `${SWEEP}one more threshold beside the file's; phase:${FAULT_PHASE} is the time of the fault, as in 'latency{phase:${FAULT_PHASE}} p(99) < 1s'` },
  { name: 'reps', value: 'n', group: 'Run', doc: `${SWEEP}independent runs of each case, instead of the file's replications` },
  { name: 'fail-on', value: 'verdict', choices: ['harm', 'never'], default: 'never', group: 'Run', doc: `${SWEEP}harm: exit 99 when some case breaks a threshold, or one fails when nothing breaks` },
  { name: 'csv', group: 'Output', doc: `${SWEEP}print CSV instead of the table` },
  { name: 'out', value: 'folder', group: 'Output', doc: `${SWEEP}write fault-sweep.json and fault-sweep.csv there` },
  { name: 'write', value: 'file', group: 'Output', doc: `${SWEEP}write the scenario of the most harmful case, to be run by itself` },
];

export const STANDARD_SET: Note = { title: 'Standard set of faults', rows: FAULT_NAMES.map((name) => [name, STANDARD_FAULTS[name].doc]) };

export async function sweepFaults({ shell, operands, settings }: Invocation): Promise<ExitCode> {
  refuseTwoPrinted(settings);
  const [operand] = operands;
  if (operand === undefined) throw new UserError('usage', 'check: name a scenario file');
  const input = await readScenario(operand, shell);
  if (settings.isOn('verbose')) tellOrigins(settings, shell);
  const { runnable, problems } = checkRunnable(input, overridesOf(settings), []);
  tellProblems(problems, input, settings, shell);
  if (runnable === null) return refused(problems, settings, shell);
  const unjudged = new FaultCases(input, runnable, settings, []);
  const added = readThresholds(settings.all('threshold'), unjudged.planOf([]));
  tellProblems(added.problems, input, settings, shell);
  if (added.problems.some(({ severity }) => severity === 'error')) return refused(added.problems, settings, shell);
  const cases = new FaultCases(input, runnable, settings, added.thresholds.map(({ expr }) => expr));
  const plan = cases.planOf([]);
  if (plan.thresholds.length === 0) throw new UserError('usage', `nothing could be harmed: the file has no thresholds; add one, such as --threshold 'errors rate < 0.1%' or --threshold 'latency{phase:${FAULT_PHASE}} p(99) < 250ms'`);
  const choice = new FaultChoice(plan, settings.all('break'), settings.isOn('pairs'));
  const file = settings.text('write');
  const folder = settings.text('out');
  const inFolder = filesIn(folder, FAULT_SWEEP_REPORTS).map(({ path }) => ({ name: 'out', path }));
  refuseSharedPlaces([operand], [...(file === null ? [] : [{ name: 'write', path: file }]), ...inFolder]);
  if (file !== null) prepareFile(file);
  if (folder !== null) prepareFolder(folder);

  const seeds = replicationSeeds(plan.seed, repsFlagOf(settings) ?? plan.replications);
  const runs = new FaultSweepRuns({
    seeds, phase: FAULT_PHASE, choice, pairsMost: pairsMostOf(settings, choice),
    jobOf: (parts) => cases.jobOf(parts),
    setOf: (parts) => cases.overrides(parts).map(({ path, value }) => `${path}=${value}`),
  });
  const notes: string[] = [];
  const options: PoolOptions = { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) };
  const display = displayFor({ ...plan, runs: null }, settings, shell);
  const known = (): string => `${runs.count.ended} of ${runs.count.known} cases`;
  const { signal } = await follow(await shell.runMany(runs.tasks, options), { display, shell, isQuiet: settings.isOn('quiet'), known, notes }, (outcomes) => runs.read(outcomes));
  if (runs.baseline === null) {
    shell.stderr.write('meshsim: stopped before the first run was over: there is nothing to tell\n');
    return signal === null ? ExitCode.inconclusive : SIGNAL_CODES[signal];
  }
  const { complete, pairs, singles } = runs.ranking();
  const sweep: FaultSweep = {
    schema: FAULT_SWEEP_SCHEMA, meshsim: VERSION,
    scenario: { name: plan.name, sha256: createHash('sha256').update(input.bytes).digest('hex') },
    complete, seeds, durationMs: msOf(plan.durationNs), window: { fromMs: msOf(cases.window.fromNs), toMs: msOf(cases.window.toNs) },
    thresholds: plan.thresholds.map(({ expr }) => expr), own: cases.own, baseline: runs.baseline, singles, pairs,
  };
  const one = worstOf(choice.areAllPairs ? { pairs, singles: { ...singles, cases: [] } } : sweep);
  const written = file === null ? NOTHING_WRITTEN : writeWorst(one, cases, file, shell);
  const next = one === null ? null : commandLine([...commandOf(operand, settings, plan.seed), '--break', one.id, '--write', 'case.yaml']);
  const again = commandLine([...commandOf(operand, settings, plan.seed), ...repeated(settings, 'break', 'pairs', 'limit', 'write')]);
  const { failures } = deliverFaultSweep(sweep, { again, next, written, folder, settings, shell });
  for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
  if (!sweep.complete) return signal === null ? ExitCode.inconclusive : SIGNAL_CODES[signal];
  if (settings.text('fail-on') === 'harm' && hasHarm(sweep)) return ExitCode.thresholdFailed;
  return failures.length > 0 ? ExitCode.usage : ExitCode.ok;
}

function refused(problems: Parameters<typeof refusalJson>[0], settings: Settings, shell: Shell): ExitCode {
  if (settings.isOn('json')) shell.stdout.write(refusalJson(problems));
  return refusalCode(problems);
}

function pairsMostOf(settings: Settings, { wantsPairs }: FaultChoice): number | null {
  const text = settings.text('limit');
  if (!wantsPairs) {
    if (text !== null) throw new UserError('usage', '--limit goes with --pairs');
    return null;
  }
  return text === null ? PAIRS_MOST : numberOf('limit', text, PAIRS_LIMIT);
}

const NOTHING_WRITTEN: Written = { files: [], failures: [] };

function writeWorst(worst: CaseOutcome | null, cases: FaultCases, file: string, shell: Shell): Written {
  if (worst !== null) return writeOutputs({ files: [{ flag: 'write', what: 'scenario', path: file, reporter: cases }], printed: null }, ({ reporter }) => reporter.textOf(worst));
  shell.stderr.write(`meshsim: ${file} was not written: no case was run to its end\n`);
  return NOTHING_WRITTEN;
}

function hasHarm({ baseline, pairs, singles }: FaultSweep): boolean {
  return baseline.thresholds.some(({ pass }) => !pass) || [...singles.cases, ...(pairs?.cases ?? [])].some(isHarmful);
}

/** Everything that changes the numbers, but for which cases there are. */
function commandOf(operand: string, settings: Settings, seed: number): string[] {
  return ['meshsim', 'check', operand === '-' ? 'FILE' : operand, '--sweep-faults', ...repeated(settings, 'set', 'threshold'), '--seed', String(seed), ...repeated(settings, 'duration', 'reps', 'at', 'for')];
}

function repeated(settings: Settings, ...names: readonly string[]): string[] {
  return names.flatMap((name) => settings.all(name).flatMap((value) => (value === '' ? [`--${name}`] : [`--${name}`, value])));
}
