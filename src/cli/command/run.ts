import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Plan } from '../../model/plan.ts';
import type { Result } from '../../result/result.ts';
import { hasInterval } from '../../run/estimate.ts';
import { replicate } from '../../run/replicate.ts';
import type { Mode } from '../../run/run.ts';
import { type Job, replications } from '../../run/task.ts';
import { REPORTERS } from '../../report/registry.ts';
import type { ReportOptions } from '../../report/reporter.ts';
import type { Command } from '../command.ts';
import { colorOf, displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { follow, SIGNAL_CODES } from '../follow.ts';
import { lookOf } from '../look.ts';
import { prepareFolder, writeFiles } from '../output-folder.ts';
import { overridesOf } from '../overrides.ts';
import { goalOf, jobsOf, REPLICATION_FLAGS, repsOf } from '../replication-settings.ts';
import { checkRunnable, refusalJson, tellProblems } from '../runnable.ts';
import { checkScenario, readScenario } from '../scenario-input.ts';
import type { Settings } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { UserError } from '../user-error.ts';

export const run: Command = {
  doc: 'Simulate a scenario, judge its thresholds and print a summary.',
  operand: '<file>',
  operandDoc: 'a scenario file; - reads standard input',
  examples: [
    { command: 'meshsim run shop.yaml', doc: 'simulate and judge the thresholds' },
    { command: "meshsim run shop.yaml --set services.web.replicas=5 --threshold 'errors rate < 1%'", doc: 'with five replicas of web and one more thing that must hold' },
    { command: 'meshsim run shop.yaml --mode real', doc: 'the same on real sockets' },
    { command: 'meshsim run shop.yaml --reps 20', doc: 'twenty independent runs, and how sure the figures are' },
    { command: 'meshsim run shop.yaml --seed 7 --out out', doc: 'other luck; writes out/result.json and out/report.md' },
  ],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    { name: 'seed', value: 'n', group: 'Run', doc: "everything random comes from it, instead of the file's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives, such as 60s, instead of the file's duration" },
    { name: 'mode', value: 'mode', choices: ['sim', 'real'], default: 'sim', group: 'Run', doc: 'sim: in virtual time; real: on HTTP servers and sockets on this machine, in real time' },
    { name: 'time-scale', value: 'factor', group: 'Run', doc: 'with --mode real: everything takes this many times as long, and results are scaled back' },
    { name: 'threshold', value: 'expr', repeats: true, group: 'Run', doc: "one more threshold beside the file's, such as 'latency p(99) < 250ms'" },
    ...REPLICATION_FLAGS,
    { name: 'json', group: 'Output', doc: 'print the result as one JSON document instead of the summary' },
    { name: 'out', value: 'folder', group: 'Output', doc: 'write result.json and report.md there' },
    { name: 'summary', value: 'detail', choices: ['compact', 'full', 'none'], default: 'compact', group: 'Display', doc: 'how much to print' },
    { name: 'quiet', group: 'Display', doc: 'no progress, warnings or notes' },
    { name: 'no-progress', group: 'Display', doc: 'no progress' },
    { name: 'color', value: 'when', choices: ['auto', 'always', 'never'], default: 'auto', group: 'Display', doc: 'colour' },
    { name: 'verbose', group: 'Display', doc: 'where each changed setting came from, and where a failure of ours happened' },
  ],
  async run({ shell, operands, settings }) {
    const input = await readScenario(operands[0]!, shell); // the parser asks for exactly one
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const overrides = overridesOf(settings);
    const reps = repsOf(settings, checkScenario(input, overrides).plan?.replications ?? null);
    const allOverrides = reps === null ? overrides : [...overrides, { path: 'replications', value: String(reps), flag: `--reps ${reps}` }];
    const { runnable, problems } = checkRunnable(input, allOverrides, settings.all('threshold'));
    tellProblems(problems, input, settings, shell);
    if (runnable === null) {
      if (settings.isOn('json')) shell.stdout.write(refusalJson(problems));
      return ExitCode.invalidScenario;
    }
    const folder = settings.text('out');
    if (folder !== null) prepareFolder(folder);

    const { plan, resolved } = runnable;
    const goal = goalOf(settings, plan.replications);
    if (goal.precision !== null && !plan.thresholds.some(hasInterval)) throw new UserError('usage', "--precision: there is no threshold whose interval could be that tight; add one, such as --threshold 'latency p(99) < 250ms'");
    const job: Job = { plan, resolved, sha256: createHash('sha256').update(input.bytes).digest('hex') };
    const mode = modeOf(settings);
    const deaths: string[] = [];
    const pool = await shell.runMany(replications(job, goal.count, { kind: 'replication' }, mode), {
      // Runs side by side would keep each other waiting.
      jobs: mode.kind === 'real' ? 1 : jobsOf(settings),
      onRetry: ({ seed }, error) => deaths.push(`the worker of the run with seed ${seed} ended (${error.message}); it was run again`),
    });
    const following = { display: displayFor({ ...plan, mode: mode.kind, runs: goal.count, isAtMost: goal.precision !== null }, settings, shell), shell, isQuiet: settings.isOn('quiet') };
    const { value: { result, lost, isPrecise }, signal } = await follow(pool, following, (outcomes) => replicate(job, outcomes, goal));
    if (!settings.isOn('quiet')) for (const death of deaths) shell.stderr.write(`${death}\n`);

    const isFailed = !result.thresholds.every(({ pass }) => pass);
    try {
      deliver(result, { again: againOf(operands[0]!, plan, settings), folder, settings, shell });
    } catch (error) {
      // The verdict outlives an output that cannot be written.
      if (!(error instanceof UserError) || !isFailed) throw error;
      shell.stderr.write(`meshsim: ${error.message}\n`);
    }
    if (lost[0] !== undefined) throw Object.assign(lost[0].error, { seed: lost[0].seed });
    if (signal !== null && !result.complete) return SIGNAL_CODES[signal];
    if (isFailed) return ExitCode.thresholdFailed;
    // Stopped early by itself (more in flight than it can hold): what held so far says nothing about the rest.
    return result.complete && (isPrecise || !settings.isOn('strict')) ? ExitCode.ok : ExitCode.inconclusive;
  },
};

/** A second then takes a quarter of an hour. */
const SCALE_MAX = 1000;

function modeOf(settings: Settings): Mode {
  const text = settings.text('time-scale');
  const timeScale = text === null ? 1 : Number(text);
  if (!(timeScale >= 1 && timeScale <= SCALE_MAX)) throw new UserError('usage', `--time-scale ${text}: a number from 1 to ${SCALE_MAX}, such as 10`);
  if (settings.text('mode') === 'real') return { kind: 'real', timeScale };
  if (text !== null) throw new UserError('usage', '--time-scale stretches real time; virtual time takes none: add --mode real');
  return { kind: 'sim' };
}

interface Delivery {
  readonly again: string;
  readonly folder: string | null;
  readonly settings: Settings;
  readonly shell: Shell;
}

/** The summary is printed even when a file cannot be written: the run was not for nothing. */
function deliver(result: Result, { again, folder, settings, shell }: Delivery): void {
  const detail = settings.text('summary');
  const options: ReportOptions = {
    ...lookOf(shell.stdout, shell.env, colorOf(settings)),
    detail: detail === 'full' ? 'full' : 'compact',
    again,
    files: [],
  };
  let files: ReportOptions['files'] = [];
  try {
    if (folder !== null) files = writeReports(result, folder, options);
  } finally {
    if (settings.isOn('json')) shell.stdout.write(REPORTERS.json.render(result, options));
    else if (detail !== 'none') shell.stdout.write(REPORTERS.terminal.render(result, { ...options, files }));
  }
}

function writeReports(result: Result, folder: string, options: ReportOptions): ReportOptions['files'] {
  const reporters = Object.values(REPORTERS).flatMap((reporter) => (reporter.file === null ? [] : [{ name: reporter.file, reporter }]));
  writeFiles(folder, reporters.map(({ name, reporter }) => ({ name, text: reporter.render(result, options) })));
  return reporters.map(({ name }) => ({ what: name.split('.')[0]!, path: join(folder, name) }));
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operand: string, plan: Plan, settings: Settings): string {
  const repeated = (name: string): string[] => settings.all(name).flatMap((value) => [`--${name}`, value]);
  // What came by standard input is not there to be read again.
  return commandLine(['meshsim', 'run', operand === '-' ? 'FILE' : operand, '--seed', String(plan.seed), ...(settings.text('mode') === 'sim' ? [] : ['--mode', 'real']), ...['time-scale', 'duration', 'reps', 'precision', 'max-reps', 'set', 'threshold'].flatMap(repeated)]);
}
