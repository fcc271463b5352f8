import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { BATCH, canLoseOne, type CaseOptions, judgeable } from '../../check/cases.ts';
import { isSame } from '../../check/failure.ts';
import { isOfThreshold, onPresentMesh } from '../../check/kept.ts';
import { CHECK_SCHEMA, type CheckReport, type FoundReport, isBroken, type KeptReport } from '../../check/report.ts';
import { exprOf } from '../../check/simplify/mesh.ts';
import { storyOf } from '../../check/story.ts';
import { INVARIANT_NAMES } from '../../invariant/registry.ts';
import type { Plan } from '../../model/plan.ts';
import { NS_PER_MS, NS_PER_S } from '../../model/units.ts';
import { renderCheck } from '../../report/check/terminal.ts';
import type { Found, Search, Simplest } from '../../run/check.ts';
import type { PoolOptions } from '../../run/pool.ts';
import type { AnswerTo, CheckWant, Job, Task } from '../../run/task.ts';
import { documentOf, type ScenarioDocument } from '../../scenario/document.ts';
import { isRunnable } from '../../scenario/document-plan.ts';
import { formatProblems } from '../../scenario/problem.ts';
import { formatRate, parseDuration } from '../../scenario/units.ts';
import type { Command } from '../command.ts';
import { colorOf, DISPLAY_FLAGS, displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { FAULT_SWEEP_FLAGS, STANDARD_SET, sweepFaults } from '../fault-sweep.ts';
import { follow, SIGNAL_CODES } from '../follow.ts';
import { againOf, keep, type KeptFailure, keptFailures, pathOf } from '../kept-failures.ts';
import { failureOf } from '../outputs.ts';
import { lookOf } from '../look.ts';
import { overridesOf } from '../overrides.ts';
import { deathOf, JOBS_FLAG, jobsOf, numberOf } from '../replication-settings.ts';
import { checkRunnable, refusalCode, refusalJson, tellProblems } from '../runnable.ts';
import { readScenario } from '../scenario-input.ts';
import type { Settings } from '../settings.ts';
import type { Shell, Signal } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { UserError } from '../user-error.ts';

const CASES_MOST = 100_000;
const FAULTS_MOST = 10;
/** Flags that say nothing to a sweep of faults. */
const OF_THE_SEARCH = ['replay', 'failures', 'cases', 'faults', 'time', 'only'];
const LONGEST_NS = 24 * 3600 * NS_PER_S;

export const check: Command = {
  doc: 'Search for a load and faults under which a scenario breaks its thresholds or an invariant, and shrink what is found to the simplest such file.',
  operand: '[file]',
  operandDoc: 'a scenario file, whose services and policies stay as they are; - reads standard input. Not needed with --replay',
  examples: [
    { command: 'meshsim check shop.yaml', doc: 'a thousand cases, for at most a minute' },
    { command: 'meshsim check shop.yaml --faults 1 --only thresholds --time 5m', doc: 'what a single fault on one endpoint does to the thresholds' },
    { command: 'meshsim check shop.yaml --sweep-faults', doc: 'instead of a search: what if any one thing breaks?' },
    { command: 'meshsim check --replay meshsim-failures/errors-rate-0-1-7f3a.yaml', doc: 'whether a failure that was kept still fails' },
  ],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    { name: 'replay', value: 'file', group: 'Input', doc: 'run this kept failure and nothing else' },
    { name: 'failures', value: 'folder', default: 'meshsim-failures', group: 'Input', doc: 'where failures are kept; those of this scenario are run first' },
    { name: 'seed', value: 'n', group: 'Run', doc: "draws the cases; the file's seed unless given" },
    { name: 'cases', value: 'n', default: '1000', group: 'Run', doc: 'cases to try' },
    { name: 'faults', value: 'n', default: '2', group: 'Run', doc: 'at most so many faults in one case' },
    { name: 'time', value: 'time', default: '60s', group: 'Run', doc: 'no further cases are begun after this; what is found is shrunk then' },
    { name: 'only', value: 'what', choices: ['invariants', 'thresholds'], group: 'Run', doc: 'what must hold; both unless given' },
    JOBS_FLAG,
    { name: 'json', group: 'Output', doc: 'print what was found as one JSON document' },
    ...FAULT_SWEEP_FLAGS,
    ...DISPLAY_FLAGS,
  ],
  notes: [STANDARD_SET],
  async run(invocation) {
    const { shell, operands: [operand], settings } = invocation;
    const isSweep = settings.isOn('sweep-faults');
    for (const name of isSweep ? OF_THE_SEARCH : FAULT_SWEEP_FLAGS.map((flag) => flag.name)) {
      if (settings.wasTyped(name)) throw new UserError('usage', `--${name} goes ${isSweep ? 'without' : 'with'} --sweep-faults`);
    }
    if (isSweep) return sweepFaults(invocation);
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const replayed = settings.text('replay');
    if (operand === undefined && replayed === null) throw new UserError('usage', 'check: name a scenario file, or a kept failure with --replay');
    if (operand !== undefined && replayed !== null) throw new UserError('usage', `check: --replay ${replayed} is complete; leave out ${operand}`);
    const input = await readScenario(operand ?? replayed!, shell);
    const { runnable, problems } = checkRunnable(input, overridesOf(settings), []);
    tellProblems(problems, input, settings, shell);
    if (runnable === null) {
      if (settings.isOn('json')) shell.stdout.write(refusalJson(problems));
      return refusalCode(problems);
    }
    const { plan } = runnable;
    const folder = input.file === '-' ? '.' : dirname(input.file);
    const scenario = withRates(documentOf(input.text, { set: overridesOf(settings), readFile: (path) => readFileSync(resolve(folder, path), 'utf8') }), plan);
    const sha256 = createHash('sha256').update(input.bytes).digest('hex');
    const work = new Work({ scenario, plan, sha256, settings, shell });
    return replayed === null ? work.search(operand!) : work.replay(replayed);
  },
};

interface Subject {
  readonly scenario: ScenarioDocument;
  readonly plan: Plan;
  readonly sha256: string;
  readonly settings: Settings;
  readonly shell: Shell;
}

class Work {
  private readonly subject: Subject;
  private readonly job: Job;
  private readonly startedMs: number;

  constructor(subject: Subject) {
    this.subject = subject;
    this.job = { plan: subject.plan, resolved: null, sha256: subject.sha256 };
    this.startedMs = subject.shell.now();
  }

  async search(operand: string): Promise<ExitCode> {
    const { plan, scenario, settings, sha256, shell } = this.subject;
    const most = numberOf('cases', settings.text('cases')!, CASES_MOST);
    const faults = numberOf('faults', settings.text('faults')!, FAULTS_MOST);
    const endMs = this.startedMs + timeNsOf(settings) / NS_PER_MS;
    const only = settings.text('only');
    const { invariants, judged, notJudged } = demandsOf(scenario, only);
    const options: CaseOptions = { seed: plan.seed, most, faults, invariants: invariants.length > 0, thresholds: judged.length > 0 };
    const folder = settings.text('failures')!;

    const { invalid, kept: keptOnes } = keptFailures(folder, plan.name);
    for (const { file, problems, text } of invalid) shell.stderr.write(`${formatProblems(problems, text, lookOf(shell.stderr, shell.env, colorOf(settings)))}meshsim: the kept failure ${file} is no valid scenario: put it right, or delete it\n`);
    const kept = await this.rerun(keptOnes.filter((one) => only === null || isOfThreshold(one.scenario) === (only === 'thresholds')), scenario);
    const batches = this.batches({ scenario, options, invariants }, () => shell.now() <= endMs);
    const searched = kept.signal === null ? await this.carryOut(batches, `batches of ${BATCH} cases`) : { answers: [], signal: kept.signal };
    const sum = summed(searched.answers, kept.reports);
    // Whoever stops a search is not made to wait for what comes after it.
    const shrunk = searched.signal === null ? await this.carryOut(sum.found.map((found) => this.task({ kind: 'simplest', found })), 'counter-examples shrunk') : { answers: [], signal: searched.signal };
    const found = sum.found.map((one, i) => reportOf(one, shrunk.answers[i] ?? null, folder));
    const report: CheckReport = {
      schema: CHECK_SCHEMA,
      scenario: { name: plan.name, sha256 },
      seed: plan.seed,
      complete: shrunk.signal === null && sum.cases >= most,
      cases: sum.cases, casesMost: most, faults,
      requests: sum.requests, events: sum.events, cutOff: sum.cutOff,
      invariants,
      thresholds: { judged, notJudged, failsAnyway: sum.failsAnyway },
      kept: kept.reports,
      found,
    };
    const repeated = ['set', 'cases', 'faults', 'only'].flatMap((name) => settings.all(name).flatMap((value) => [`--${name}`, value]));
    const unkept = found.flatMap(({ failure, file, scenario: simple, story }) => failureOf(() => keep(folder, file, failure, simple, story)));
    // Printed even when it cannot be kept: the search was not for nothing, and its verdict stays.
    this.deliver(report, ['check', operand === '-' ? 'FILE' : operand, '--seed', String(plan.seed), ...repeated]);
    for (const failed of new Set(unkept)) shell.stderr.write(`meshsim: ${failed}\n`);
    const code = codeOf(report, shrunk.signal);
    return code === ExitCode.ok && invalid.length > 0 ? ExitCode.invalidScenario : code;
  }

  /** One kept failure and nothing else. */
  async replay(file: string): Promise<ExitCode> {
    const { plan, scenario, sha256 } = this.subject;
    const { reports, signal } = await this.rerun([{ file, scenario }], null);
    const report: CheckReport = {
      schema: CHECK_SCHEMA, scenario: { name: plan.name, sha256 }, seed: plan.seed, complete: signal === null,
      cases: 0, casesMost: 0, faults: 0, requests: 0, events: 0, cutOff: 0,
      invariants: isOfThreshold(scenario) ? [] : INVARIANT_NAMES,
      thresholds: { judged: (scenario.thresholds ?? []).map(exprOf), notJudged: [], failsAnyway: [] },
      kept: reports,
      found: [],
    };
    this.deliver(report, ['check', '--replay', file]);
    return codeOf(report, signal);
  }

  /** @param present  the scenario as it is by now, whose mesh takes the place of the one that was kept; null leaves that */
  private async rerun(kept: readonly KeptFailure[], present: ScenarioDocument | null): Promise<{ readonly reports: readonly KeptReport[]; readonly signal: Signal | null }> {
    const subjects = kept.map(({ file, scenario }) => ({ file, scenario: present === null || !isOfThreshold(scenario) ? scenario : onPresentMesh(scenario, present) }));
    const runs = subjects.flatMap(({ scenario }) => (scenario === null || !isRunnable(scenario) ? [] : [this.task({ kind: 'verdict', scenario, demands: isOfThreshold(scenario) ? { invariants: [], thresholds: true } : { invariants: INVARIANT_NAMES, thresholds: false } })]));
    const { answers, signal } = await this.carryOut(runs, 'kept failures run');
    const verdicts = new Map(runs.map(({ want }, i) => [want.scenario, answers[i]]));
    const reports = subjects.map(({ file, scenario }): KeptReport => {
      const verdict = scenario === null ? undefined : verdicts.get(scenario);
      if (scenario === null || verdict === undefined || verdict === null) return { file, status: 'gone', failure: null, story: null };
      const [failure] = verdict.failures;
      return failure === undefined ? { file, status: 'fixed', failure: null, story: null } : { file, status: 'fails', failure, story: storyOf(scenario, failure, verdict.requests) };
    });
    return { reports: signal === null ? reports : [], signal };
  }

  private *batches(cases: Omit<Cases, 'kind' | 'batch'>, mayGoOn: () => boolean): Generator<Task<Cases>> {
    for (let batch = 0; batch * BATCH < cases.options.most && mayGoOn(); batch++) yield this.task({ kind: 'cases', batch, ...cases });
  }

  private task<W extends CheckWant>(want: W): Task<W> {
    return { job: this.job, seed: this.job.plan.seed, want };
  }

  /** Answers in the order of the tasks: those that came before a stop, and the partial ones of what was under way then. */
  private async carryOut<W extends CheckWant>(tasks: Iterable<Task<W>>, what: string): Promise<{ readonly answers: readonly AnswerTo<W>[]; readonly signal: Signal | null }> {
    const { plan, settings, shell } = this.subject;
    if (Array.isArray(tasks) && tasks.length === 0) return { answers: [], signal: null };
    const notes: string[] = [];
    const options: PoolOptions = { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) };
    const display = displayFor({ ...plan, unit: what, runs: null }, settings, shell);
    const { value, signal } = await follow(await shell.runMany(tasks, options), { display, shell, isQuiet: settings.isOn('quiet'), notes }, async (outcomes) => {
      const answers: AnswerTo<W>[] = [];
      for await (const { answer, error, task } of outcomes) {
        if (error !== undefined) throw Object.assign(error, { seed: task.seed });
        answers.push(answer);
      }
      return answers;
    });
    return { answers: value, signal };
  }

  private deliver(report: CheckReport, again: readonly string[]): void {
    const { settings, shell } = this.subject;
    const options = { ...lookOf(shell.stdout, shell.env, colorOf(settings)), elapsedMs: shell.now() - this.startedMs, again: commandLine(['meshsim', ...again]), againOf: ({ failure, file, scenario }: FoundReport) => againOf(file, failure, scenario) };
    shell.stdout.write(settings.isOn('json') ? `${JSON.stringify(report, null, 2)}\n` : renderCheck(report, options));
  }
}

type Cases = Extract<CheckWant, { readonly kind: 'cases' }>;

function demandsOf(scenario: ScenarioDocument, only: string | null): { readonly invariants: CheckReport['invariants'] & typeof INVARIANT_NAMES; readonly judged: readonly string[]; readonly notJudged: CheckReport['thresholds']['notJudged'] } {
  const invariants = only === 'thresholds' ? [] : INVARIANT_NAMES;
  if (only === 'invariants') return { invariants, judged: [], notJudged: [] };
  const all = (scenario.thresholds ?? []).map(exprOf);
  const fitting = judgeable(scenario);
  const judged = canLoseOne(scenario) ? fitting : [];
  const notJudged = all.filter((expr) => !judged.includes(expr)).map((expr) => ({ expr, because: fitting.includes(expr) ? 'no service has more than one endpoint, so that no fault could be survived' : "it is about a fault of the file, in whose place others come" }));
  if (only === 'thresholds' && judged.length === 0) throw new UserError('usage', `--only thresholds: ${all.length === 0 ? 'the file has none' : notJudged.map(({ because, expr }) => `\`${expr}\` cannot be judged: ${because}`).join('; ')}`);
  return { invariants, judged, notJudged };
}

/** The first of each failure, invariants before thresholds, in the order of the cases, but for those that a kept one shows already. */
function summed(answers: readonly Search[], kept: readonly KeptReport[]): Search {
  const total = (of: 'cases' | 'cutOff' | 'events' | 'requests'): number => answers.reduce((sum, answer) => sum + answer[of], 0);
  const found: Found[] = [];
  for (const one of answers.flatMap((answer) => answer.found)) if (![...kept, ...found].some(({ failure }) => failure !== null && isSame(failure, one.failure))) found.push(one);
  return { cases: total('cases'), cutOff: total('cutOff'), events: total('events'), requests: total('requests'), failsAnyway: [...new Set(answers.flatMap(({ failsAnyway }) => failsAnyway))], found: [...found.filter(({ failure }) => failure.kind === 'invariant'), ...found.filter(({ failure }) => failure.kind !== 'invariant')] };
}

/** @param simplest  null where it was not looked for */
function reportOf({ case: { document, index }, failure, requests }: Found, simplest: Simplest | null, folder: string): FoundReport {
  const { document: scenario, ...rest } = simplest ?? { document, failure, requests, shrinks: 0, tries: 0 };
  const { failure: shown, requests: arrived, shrinks, tries } = rest;
  const asked: ScenarioDocument = failure.kind === 'threshold' ? { ...scenario, thresholds: [failure.name] } : scenario;
  return { failure: shown, case: index, requests: arrived, shrinks, tries, story: storyOf(asked, shown, arrived), file: pathOf(folder, shown, asked), scenario: asked };
}

function codeOf(report: CheckReport, signal: Signal | null): ExitCode {
  if (signal !== null) return SIGNAL_CODES[signal];
  return isBroken(report) ? ExitCode.invariantBroken : ExitCode.ok;
}

function timeNsOf(settings: Settings): number {
  const text = settings.text('time')!; // it has a default
  const ns = parseDuration(text);
  if (ns === null || ns <= 0 || ns > LONGEST_NS) throw new UserError('usage', `--time ${text}: a time up to 24h, such as 60s`);
  return ns;
}

/** With the file's name for what is kept, and a steady rate in place of recorded arrivals, whose file would have to be kept as well. */
function withRates(document: ScenarioDocument, plan: Plan): ScenarioDocument {
  const traffic = document.traffic.map((source, i) => {
    const { load } = plan.traffic[i]!;
    if (load.kind !== 'recorded') return source;
    const { arrivalsFile: _, ...rest } = source;
    return { ...rest, rate: formatRate((load.offsetsNs.length * NS_PER_S) / plan.durationNs) };
  });
  return { ...document, name: plan.name, traffic };
}
