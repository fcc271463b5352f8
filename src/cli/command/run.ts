import { createHash } from 'node:crypto';
import { isFailure } from '../../compare/failure.ts';
import type { Plan } from '../../model/plan.ts';
import type { Result } from '../../result/result.ts';
import { milliseconds, plusMinus } from '../../report/format.ts';
import { FORMATS } from '../../report/registry.ts';
import type { PoolOptions } from '../../run/pool.ts';
import { type Goal, replicate } from '../../run/replicate.ts';
import type { Replications } from '../../run/replications.ts';
import type { Mode } from '../../run/run.ts';
import { whyNotSpread } from '../../run/spread-run.ts';
import { replications, type Task, type Want } from '../../run/task.ts';
import { pilotSeeds } from '../../run/warmup.ts';
import type { Problem } from '../../scenario/problem.ts';
import { BASELINE_FLAGS, compareWithBaseline, readBaselineOf, repsForBaseline, saveBaseline } from '../baseline.ts';
import { comparisonAnnotations, invariantAnnotations, thresholdAnnotations } from '../ci/annotation.ts';
import { CI_FLAG, ciOf } from '../ci/ci.ts';
import type { Command } from '../command.ts';
import { deliver, REPORTS, textOf } from '../deliver.ts';
import { deliverComparison, REPORTS_BESIDE_A_RUN } from '../deliver-comparison.ts';
import { DISPLAY_FLAGS, displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { follow, type Following, SIGNAL_CODES } from '../follow.ts';
import { findWarmup } from '../found-warmup.ts';
import { INVARIANTS_FLAG, invariantsOf, isBroken } from '../invariants.ts';
import { failureOf, filesIn, outputFlags, outputsOf, reportAmong } from '../outputs.ts';
import { overridesOf, POLICY_FLAG, policyOverrides, repsOverride } from '../overrides.ts';
import { PLAYGROUND_FLAG, refuseWithoutPage } from '../playground.ts';
import type { Subject } from '../progress.ts';
import { refuse } from '../refusal.ts';
import { checkRunnable, tellProblems } from '../runnable.ts';
import { checkScenario, readScenario } from '../scenario-input.ts';
import { deathOf, goalOf, jobsOf, REPLICATION_FLAGS, repsOf } from '../replication-settings.ts';
import type { Settings } from '../settings.ts';
import type { Signal } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { timeScaleOf } from '../time-scale.ts';
import { TRACE_FLAGS, traceOf } from '../trace-settings.ts';
import { UserError } from '../user-error.ts';

export const run: Command = {
  doc: 'Simulate a scenario, judge its thresholds and print a summary.',
  operand: '<file>',
  operandDoc: 'a scenario file; - reads standard input',
  examples: [
    { command: 'meshsim run shop.yaml', doc: 'simulate and judge the thresholds' },
    { command: "meshsim run shop.yaml --set services.web.replicas=5 --threshold 'errors rate < 1%'", doc: 'with five replicas of web and one more thing that must hold' },
    { command: 'meshsim run shop.yaml --mode real', doc: 'the same on real sockets' },
    { command: 'meshsim run shop.yaml --mode real --record shop.tape', doc: 'and write down every decision, for `meshsim replay`' },
    { command: 'meshsim run shop.yaml --invariants', doc: 'and hold every decision of the policies to what they promise' },
    { command: 'meshsim run shop.yaml --reps 20', doc: 'twenty independent runs, and how sure the figures are' },
    { command: 'meshsim run shop.yaml --seed 7 --out out', doc: 'other luck; writes out/result.json, out/report.md and out/report.html' },
  ],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    POLICY_FLAG,
    { name: 'seed', value: 'n', group: 'Run', doc: "everything random comes from it, instead of the file's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives, such as 60s, instead of the file's duration" },
    { name: 'mode', value: 'mode', choices: ['sim', 'real'], default: 'sim', group: 'Run', doc: 'sim: in virtual time; real: on HTTP servers and sockets on this machine, in real time' },
    { name: 'workers', value: 'n', group: 'Run', doc: 'with --mode real: host the endpoints in this many threads, so that they and the source of requests do not keep each other waiting; 0 unless given' },
    { name: 'time-scale', value: 'factor', group: 'Run', doc: 'with --mode real: everything takes this many times as long, and results are scaled back' },
    { name: 'warmup', value: 'time', group: 'Run', doc: "what is not counted at the start, such as 10s, or auto, instead of the file's warmup" },
    { name: 'threshold', value: 'expr', repeats: true, group: 'Run', doc: "one more threshold beside the file's, such as 'latency p(99) < 250ms'" },
    INVARIANTS_FLAG,
    ...REPLICATION_FLAGS,
    ...BASELINE_FLAGS,
    { name: 'json', group: 'Output', doc: 'print the result as one JSON document instead of the summary' },
    { name: 'record', value: 'file', group: 'Output', doc: 'write there all that the policies are told and decide, for `meshsim replay`' },
    ...TRACE_FLAGS,
    { name: 'out', value: 'folder', group: 'Output', doc: 'write result.json, report.md and report.html there' },
    ...outputFlags(FORMATS),
    PLAYGROUND_FLAG,
    CI_FLAG,
    { name: 'summary', value: 'detail', choices: ['compact', 'full', 'none'], default: 'compact', group: 'Display', doc: 'how much to print' },
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    const operand = operands[0]!; // the parser asks for exactly one
    const input = await readScenario(operand, shell);
    const outputs = await outputsOf(settings, FORMATS, REPORTS, { reads: [operand], writes: ['record', 'trace', 'save-baseline'] });
    refuseWithoutPage(settings, outputs);
    const ci = ciOf(settings, shell);
    const unfold = ci.fold(`meshsim run ${operand}`);
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const baseline = readBaselineOf(settings);
    const asked = overridesOf(settings);
    const unchanged = checkScenario(input, asked);
    const given = [...asked, ...policyOverrides(settings, operand, unchanged.resolved)];
    const inFile = unchanged.plan?.replications ?? null;
    const reps = repsOf(settings, inFile) ?? repsForBaseline(inFile, baseline, settings);
    const overrides = reps === null ? given : [...given, repsOverride(reps)];
    const { runnable, problems } = checkRunnable(input, overrides, settings.all('threshold'));
    const refuseFor = (told: readonly Problem[]): Promise<ExitCode> => {
      unfold();
      return refuse({ command: `meshsim run ${operand}`, refused: [{ input, problems: told }], outputs, ci, settings, shell });
    };
    if (runnable === null) return refuseFor(problems);
    tellProblems(problems, input, settings, shell);

    const { plan, resolved } = runnable;
    const goal = goalOf(settings, plan);
    const mode = modeOf(settings, plan);
    const recordTo = recordToOf(settings, goal);
    const keepsTail = [...outputs.files, ...(outputs.printed === null ? [] : [outputs.printed])].some(({ flag }) => flag === null || flag === 'result' || flag === 'html');
    const trace = traceOf(settings, keepsTail);
    const notes: string[] = [];
    const options: PoolOptions = {
      // Meshes side by side would keep each other waiting.
      jobs: mode.kind === 'real' ? 1 : jobsOf(settings),
      onRetry: (task, error) => notes.push(deathOf(task, error)),
    };
    const following = (subject: Subject): Following => ({ display: displayFor(subject, settings, shell), shell, isQuiet: settings.isOn('quiet'), notes });
    const sha256 = createHash('sha256').update(input.bytes).digest('hex');
    const found = await findWarmup({ plan, resolved, sha256 }, options, () => following({ ...plan, name: `${plan.name} (pilot for the warm-up)`, runs: pilotSeeds(plan).length }));
    if (found.kind === 'stopped') return SIGNAL_CODES[found.signal];
    if (found.kind === 'problem') return refuseFor(checkScenario(input, overrides, [found.problem]).problems.filter(({ code }) => code === found.problem.code));
    const { job } = found;
    let known: Replications | null = null;
    const first = { ...(trace === null ? {} : { trace }), ...(recordTo === null ? {} : { recordTo }) };
    const tasks = [...replications(job, goal.count, { kind: 'replication' }, mode)].map((task) => ({ ...task, ...invariantsOf(settings) }));
    const pool = await shell.runMany(withFirst(tasks, first), options);
    const { value: { result: measured, lost, isPrecise }, signal } =
      await follow(pool, { ...following({ ...plan, mode: mode.kind, runs: goal.count, isAtMost: goal.precision !== null }), known: () => wordsOf(known) }, (outcomes) => replicate(job, outcomes, goal, (sum) => (known = sum)));
    unfold();

    if (baseline !== null && !measured.complete) shell.stderr.write('not compared with the baseline: the run ended early\n');

    // Where a baseline decides how many replications there are, a command without it would make one.
    const again = againOf(operand, plan, settings, settings.text('reps') === null && goal.precision === null && plan.replications !== inFile);
    const result: Result = { ...measured, env: { ...measured.env, command: again } };
    const comparison = baseline === null ? null : compareWithBaseline(result, baseline, settings);
    const isFailed = !result.thresholds.every(({ pass }) => pass);
    const verdict = exitCodeOf(result, { signal, isFailed, isRegression: comparison !== null && isFailure(comparison), isPrecise: isPrecise || !settings.isOn('strict') });

    const files = ([['recording', recordTo], ['trace', settings.text('trace')]] as const).flatMap(([what, path]) => (path === null ? [] : [{ what, path }]));
    const written = deliver(result, { comparison, again, outputs, files, settings, shell });
    const failures = [...written.failures];
    if (comparison !== null) {
      const print = outputs.printed !== null || settings.text('summary') === 'none' ? 'nothing' : 'below';
      const beside = { files: filesIn(settings.text('out'), REPORTS_BESIDE_A_RUN), printed: null };
      failures.push(...deliverComparison(comparison, { subject: plan.name, exitCode: verdict, again, print, outputs: beside, settings, shell }).failures);
    }
    const kept = settings.text('save-baseline');
    if (kept !== null) failures.push(...failureOf(() => saveBaseline(result, kept)));
    for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
    // The verdict outlives an output that cannot be written.
    const code = verdict === ExitCode.ok && failures.length > 0 ? ExitCode.usage : verdict;
    await ci.conclude({
      code: lost.length > 0 ? ExitCode.internalError : code,
      annotations: [...invariantAnnotations(result, operand), ...thresholdAnnotations(result, plan.thresholds, operand), ...(comparison === null ? [] : comparisonAnnotations(comparison, operand))],
      markdown: async () => textOf(await FORMATS.markdown.load(), result, { comparison, again, settings }),
      report: reportAmong(written.files),
    });
    if (lost[0] !== undefined) throw Object.assign(lost[0].error, { seed: lost[0].seed });
    return code;
  },
};

/** What is wanted of the first run only. */
function* withFirst<W extends Want>(tasks: Iterable<Task<W>>, first: Pick<Task, 'recordTo' | 'trace'>): Generator<Task<W>> {
  let extra: Pick<Task, 'recordTo' | 'trace'> = first;
  for (const task of tasks) {
    yield { ...task, ...extra };
    extra = {};
  }
}

/** More threads would only wait for processors. */
const WORKERS_MAX = 64;

function modeOf(settings: Settings, plan: Plan): Mode {
  const timeScale = timeScaleOf(settings);
  const workersText = settings.text('workers');
  const workers = Number(workersText ?? 0);
  if (!(Number.isInteger(workers) && workers >= 0 && workers <= WORKERS_MAX)) throw new UserError('usage', `--workers ${workersText}: a whole number from 0 to ${WORKERS_MAX}, such as 2`);
  const obstacle = workers > 0 ? whyNotSpread(plan) : null;
  if (obstacle !== null) throw new UserError('usage', `--workers ${workers}: ${obstacle}; leave out one of the two`);
  if (settings.text('mode') === 'real') {
    if (settings.isOn('invariants')) throw new UserError('usage', '--invariants holds timeouts and deadlines to the nanosecond, which a machine that may be late cannot: leave out --mode real');
    return { kind: 'real', timeScale, workers };
  }
  if (workersText !== null) throw new UserError('usage', '--workers hosts real endpoints in threads; virtual time has none: add --mode real');
  if (settings.text('time-scale') !== null) throw new UserError('usage', '--time-scale stretches real time; virtual time takes none: add --mode real');
  return { kind: 'sim' };
}

/** A recording is of one run. */
function recordToOf(settings: Settings, { count }: Goal): string | null {
  const recordTo = settings.text('record');
  if (recordTo === null) return null;
  if (Number(settings.text('workers') ?? 0) > 0) throw new UserError('usage', `--record ${recordTo}: a recording is of one engine, and --workers has one in each thread; leave out one of the two`);
  if (count > 1) throw new UserError('usage', `--record writes down one run, and these are ${count}: add --reps 1`);
  return recordTo;
}

function wordsOf(known: Replications | null): string {
  const { ms, width } = known?.p99() ?? { ms: null, width: null };
  return ms === null || width === null ? '' : `p99 ${milliseconds(ms)} ${plusMinus(width)}`;
}

interface Findings {
  readonly signal: Signal | null;
  /** By a threshold. */
  readonly isFailed: boolean;
  /** By the baseline. */
  readonly isRegression: boolean;
  /** Or nobody insists on it. */
  readonly isPrecise: boolean;
}

function exitCodeOf({ complete, invariants }: Result, { signal, isFailed, isRegression, isPrecise }: Findings): ExitCode {
  if (signal !== null && !complete) return SIGNAL_CODES[signal];
  if (isBroken(invariants)) return ExitCode.invariantBroken;
  if (isFailed) return ExitCode.thresholdFailed;
  if (isRegression) return ExitCode.regression;
  // Stopped early by itself (more in flight than it can hold): what held so far says nothing about the rest.
  return complete && isPrecise ? ExitCode.ok : ExitCode.inconclusive;
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operand: string, plan: Plan, settings: Settings, hasOwnReps: boolean): string {
  const repeated = (name: string): string[] => settings.all(name).flatMap((value) => [`--${name}`, value]);
  // What came by standard input is not there to be read again.
  return commandLine(['meshsim', 'run', operand === '-' ? 'FILE' : operand, '--seed', String(plan.seed), ...(settings.text('mode') === 'sim' ? [] : ['--mode', 'real']), ...(settings.isOn('invariants') ? ['--invariants'] : []), ...(hasOwnReps ? ['--reps', String(plan.replications)] : []), ...['time-scale', 'workers', 'duration', 'warmup', 'reps', 'precision', 'max-reps', 'set', 'policy', 'threshold', 'baseline', 'min-effect'].flatMap(repeated)]);
}
