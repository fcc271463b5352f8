import { createHash } from 'node:crypto';
import type { Plan } from '../../model/plan.ts';
import { NS_PER_S, NS_PER_US } from '../../model/units.ts';
import { findingOf } from '../../probe/finding.ts';
import { probe as search, type ProbeLimits, type Probed } from '../../probe/probe.ts';
import { type ProbeReport, reportOf } from '../../probe/report.ts';
import { figuresOf, planOf, queueTimesOf, type Trigger } from '../../probe/trial.ts';
import { probeHtml } from '../../report/probe/html.ts';
import { renderProbe, renderStoppedProbe, STOPPED_PROBE } from '../../report/probe/terminal.ts';
import type { AnswerTo, Job, Task } from '../../run/task.ts';
import { replicationSeeds } from '../../run/task.ts';
import type { PoolOptions } from '../../run/pool.ts';
import { inRounds } from '../../run/rounds.ts';
import { parseDuration } from '../../scenario/units.ts';
import type { Command } from '../command.ts';
import { colorOf, DISPLAY_FLAGS, displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { follow, SIGNAL_CODES } from '../follow.ts';
import { lookOf } from '../look.ts';
import { prepareFolder } from '../output-folder.ts';
import { filesIn, type FolderFile, writeOutputs, type Written } from '../outputs.ts';
import { overridesOf } from '../overrides.ts';
import { deathOf, JOBS_FLAG, jobsOf } from '../replication-settings.ts';
import { checkRunnable, refusalCode, refusalJson, tellProblems } from '../runnable.ts';
import { readScenario } from '../scenario-input.ts';
import type { Settings } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { UserError } from '../user-error.ts';

/** Seeds of each trial; whether a push is recovered from is the vote of most of them. */
const RUNS = 5;
const RUNS_MAX = 100;
/** Loads that are tried where nobody asks for others, in multiples of the file's. */
const LOAD_TRIGGERS: readonly Trigger[] = [{ kind: 'load', times: 2 }, { kind: 'load', times: 5 }];
const SHORTEST_NS = 50_000 * NS_PER_US;
/** First looks are a fifth of the watch. */
const LOOK_SHARE = 0.2;
const FLAG_TIMES = { watch: { least: 10, most: 3600 }, longest: { least: 0.1, most: 600 } } as const;

type WantMetrics = Extract<Task['want'], { readonly kind: 'metrics' }>;

export const probe: Command = {
  doc: 'Push a system, release it and watch whether it comes back: metastable failures, and what sustains them.',
  operand: '<file>',
  operandDoc: 'a scenario file; its faults are the pushes, one at a time, beside load that is too much for a while; - reads standard input',
  examples: [
    { command: 'meshsim probe shop.yaml', doc: 'every fault of the file, and twice and five times the load' },
    { command: 'meshsim probe shop.yaml --trigger load:3 --trigger zone-outage --longest 20s', doc: 'these pushes only, none longer than 20 s' },
    { command: 'meshsim probe shop.yaml --set policies.default.retries.attempts=0 --fail-on metastable', doc: 'in CI: exit 99 when some push is not recovered from' },
  ],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    { name: 'seed', value: 'n', group: 'Run', doc: "everything random comes from it, instead of the file's seed" },
    { name: 'trigger', value: 'name', repeats: true, group: 'Run', doc: 'a fault of the file by its name, or load:TIMES, such as load:3; all faults, load:2 and load:5 unless given' },
    { name: 'longest', value: 'time', default: '60s', group: 'Run', doc: 'no push lasts longer' },
    { name: 'watch', value: 'time', default: '5m', group: 'Run', doc: 'how long a system is watched before it counts as down for good' },
    { name: 'reps', value: 'n', default: String(RUNS), group: 'Run', doc: 'runs of each push, with seeds of their own' },
    JOBS_FLAG,
    { name: 'fail-on', value: 'verdict', choices: ['metastable', 'never'], default: 'never', group: 'Run', doc: 'metastable: exit 99 when some push is not recovered from, or the system is down without one' },
    { name: 'json', group: 'Output', doc: 'print what was found as one JSON document instead of the table' },
    { name: 'out', value: 'folder', group: 'Output', doc: 'write probe.json and report.html there' },
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    const input = await readScenario(operands[0]!, shell); // the parser asks for exactly one
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const { runnable, problems } = checkRunnable(input, overridesOf(settings), []);
    tellProblems(problems, input, settings, shell);
    if (runnable === null) {
      if (settings.isOn('json')) shell.stdout.write(refusalJson(problems));
      return refusalCode(problems);
    }
    const { plan } = runnable;
    const limits = limitsOf(plan, settings);
    const runs = runsOf(settings);
    const folder = settings.text('out');
    if (folder !== null) prepareFolder(folder);

    const rounds = inRounds(tasksOf(plan, search(plan, limits), replicationSeeds(plan.seed, runs)));
    const notes: string[] = [];
    const options: PoolOptions = { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) };
    const display = displayFor({ ...plan, durationNs: limits.watchNs, mode: 'sim', runs: null }, settings, shell);
    const { value: probed, signal } = await follow(await shell.runMany(rounds.tasks, options), { display, shell, isQuiet: settings.isOn('quiet'), notes }, rounds.read);
    const again = againOf(operands[0]!, plan, settings);
    if (signal !== null || probed === null) {
      if (settings.isOn('json')) shell.stderr.write(`meshsim: ${STOPPED_PROBE}; nothing was printed\n`);
      else shell.stdout.write(renderStoppedProbe(plan.name, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), again }));
      return signal === null ? ExitCode.inconclusive : SIGNAL_CODES[signal];
    }
    const sha256 = createHash('sha256').update(input.bytes).digest('hex');
    const report = reportOf(probed.value, { plan, sha256, runs, watchNs: limits.watchNs, longestNs: limits.longestNs });
    const { failures } = deliver(report, { again, folder, settings, shell });
    for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
    if (report.verdict !== 'recovers' && settings.text('fail-on') === 'metastable') return ExitCode.thresholdFailed;
    return failures.length > 0 ? ExitCode.usage : ExitCode.ok;
  },
};

/** The search's trials as tasks, each with every seed. */
function* tasksOf(plan: Plan, trials: ReturnType<typeof search>, seeds: readonly number[]): Generator<readonly Task<WantMetrics>[], Probed, readonly AnswerTo<WantMetrics>[]> {
  const metrics = figuresOf(plan);
  for (let step = trials.next(); ; ) {
    if (step.done === true) return step.value;
    const answers = yield step.value.flatMap((trial) => {
      const job: Job = { plan: planOf(plan, trial), resolved: null, sha256: '' };
      return seeds.map((seed) => ({ job, seed, want: { kind: 'metrics' as const, metrics, queuesAt: queueTimesOf(plan, trial) } }));
    });
    // A run that ended early had more in flight than it can hold, which is as down as can be.
    const outcomes = answers.map(({ ending, queued, values }) => (ending === 'complete' ? { figures: values, queued } : { figures: values.map(() => null), queued: [] }));
    step = trials.next(step.value.map((_, i) => findingOf(outcomes.slice(i * seeds.length, (i + 1) * seeds.length))));
  }
}

function limitsOf(plan: Plan, settings: Settings): ProbeLimits {
  if (plan.traffic.some(({ load }) => load.kind === 'recorded')) throw new UserError('usage', 'probe: recorded arrivals (`arrivalsFile`) cannot be made more or fewer; give the traffic a `rate`');
  if (plan.traffic.every(({ load }) => load.kind === 'open' && load.profile.every(({ ratePerS }) => ratePerS === 0))) throw new UserError('usage', 'probe: no request ever arrives, so nothing can be pushed; give the traffic a `rate` above 0');
  const isOpen = plan.traffic.some(({ load }) => load.kind === 'open');
  const names = settings.all('trigger');
  const triggers = names.length > 0 ? names.map((name) => triggerOf(name, plan, isOpen)) : [...plan.faults.map((_, fault): Trigger => ({ kind: 'fault', fault })), ...(isOpen ? LOAD_TRIGGERS : [])];
  if (triggers.length === 0) throw new UserError('usage', 'probe: there is nothing to push with: the file has no faults, and users of a closed loop cannot be made more for a while; add a fault');
  const watchNs = timeOf('watch', settings);
  const longestNs = timeOf('longest', settings);
  return { triggers, shortestNs: Math.min(SHORTEST_NS, longestNs), longestNs, lookNs: watchNs * LOOK_SHARE, watchNs };
}

function triggerOf(name: string, plan: Plan, isOpen: boolean): Trigger {
  const times = /^load:(\d+(?:\.\d+)?)$/.exec(name)?.[1];
  if (times !== undefined) {
    if (!(Number(times) > 1 && Number(times) <= 100)) throw new UserError('usage', `--trigger ${name}: a load above 1 and up to 100 times the file's, such as load:3`);
    if (!isOpen) throw new UserError('usage', `--trigger ${name}: users of a closed loop cannot be made more for a while; push with a fault`);
    return { kind: 'load', times: Number(times) };
  }
  const fault = plan.faults.findIndex((one) => one.name === name);
  if (fault >= 0) return { kind: 'fault', fault };
  throw new UserError('usage', `--trigger ${name}: ${plan.faults.length === 0 ? 'the file has no faults' : `the file has no fault of that name; there are ${plan.faults.map((one) => one.name).join(', ')}`}; or load:TIMES`);
}

function timeOf(name: keyof typeof FLAG_TIMES, settings: Settings): number {
  const text = settings.text(name)!; // it has a default
  const { least, most } = FLAG_TIMES[name];
  const ns = parseDuration(text);
  if (ns === null || ns < least * NS_PER_S || ns > most * NS_PER_S) throw new UserError('usage', `--${name} ${text}: a time from ${least}s to ${most}s, such as 30s`);
  return ns;
}

function runsOf(settings: Settings): number {
  const text = settings.text('reps')!; // it has a default
  const runs = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : Infinity;
  if (runs > RUNS_MAX) throw new UserError('usage', `--reps ${text}: write a whole number from 1 to ${RUNS_MAX}`);
  return runs;
}

interface Delivery {
  readonly again: string;
  readonly folder: string | null;
  readonly settings: Settings;
  readonly shell: Shell;
}

const REPORTS: readonly FolderFile<(report: ProbeReport, options: Pick<Delivery, 'again'>) => string>[] = [
  { what: 'probe', name: 'probe.json', reporter: jsonOf },
  { what: 'report', name: 'report.html', reporter: probeHtml },
];

/** Printed even when a file cannot be written: the runs were not for nothing. */
function deliver(report: ProbeReport, { again, folder, settings, shell }: Delivery): Written {
  const written = writeOutputs({ files: filesIn(folder, REPORTS), printed: null }, ({ reporter }) => reporter(report, { again }));
  shell.stdout.write(settings.isOn('json') ? jsonOf(report) : renderProbe(report, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), files: written.files, again }));
  return written;
}

function jsonOf(report: ProbeReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operand: string, plan: Plan, settings: Settings): string {
  const repeated = (name: string): string[] => settings.all(name).flatMap((value) => [`--${name}`, value]);
  return commandLine(['meshsim', 'probe', operand === '-' ? 'FILE' : operand, '--seed', String(plan.seed), ...['set', 'trigger', 'longest', 'watch', 'reps'].flatMap(repeated)]);
}
