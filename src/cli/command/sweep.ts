import { createHash } from 'node:crypto';
import type { Plan, ThresholdPlan } from '../../model/plan.ts';
import { VERSION } from '../../model/version.ts';
import { holds } from '../../model/holds.ts';
import { workPerRequest } from '../../run/objective.ts';
import { type Job, replicationSeeds, type Task } from '../../run/task.ts';
import type { PoolOptions, TaskOutcome } from '../../run/pool.ts';
import type { Override } from '../../scenario/override.ts';
import type { Problem } from '../../scenario/problem.ts';
import { ProblemList } from '../../scenario/problem-list.ts';
import { readValueRange, valuesOf } from '../../scenario/value-range.ts';
import { type Axis, pointsOf, type Shard, sizeOf, valuesAt } from '../../sweep/grid.ts';
import { type Point, pointOf, type Rep, repOf, SWEEP_SCHEMA, type Sweep } from '../../sweep/sweep.ts';
import type { Command } from '../command.ts';
import { deliverSweep } from '../deliver-sweep.ts';
import { DISPLAY_FLAGS, displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { follow, type Following, SIGNAL_CODES } from '../follow.ts';
import { prepareFolder } from '../output-folder.ts';
import { refuseTwoPrinted } from '../outputs.ts';
import { namedOverridesOf, refuseOverlaps } from '../overrides.ts';
import type { Subject } from '../progress.ts';
import { deathOf, JOBS_FLAG, jobsOf } from '../replication-settings.ts';
import { checkRunnable, refusalCode, refusalJson, type Runnable, tellProblems } from '../runnable.ts';
import { readScenario, type ScenarioInput } from '../scenario-input.ts';
import type { Settings } from '../settings.ts';
import { commandLine } from '../shell-words.ts';
import { UserError } from '../user-error.ts';

const REPS = 5;
const REPS_MAX = 10_000;
const POINTS_MAX = 100_000;

/** Thresholds are judged run by run. */
interface WantThresholds {
  readonly kind: 'metrics';
  readonly metrics: readonly ThresholdPlan[];
}

export const sweep: Command = {
  doc: 'Run a scenario at every combination of some values, and tabulate what each does.',
  operand: '<file>',
  operandDoc: 'a scenario file; - reads standard input',
  examples: [
    { command: 'meshsim sweep shop.yaml --set traffic[0].rate=100/s..900/s:9 --set policies.standard.retries.attempts=0..3', doc: '36 points' },
    { command: 'meshsim sweep shop.yaml --set policies.standard.loadBalancer=roundRobin,leastRequest --out out', doc: 'writes out/sweep.json, out/sweep.csv and out/report.html' },
    { command: 'meshsim sweep shop.yaml --set traffic[0].rate=100/s..900/s:9 --shard 2/3 --out part-2', doc: 'the second of three machines; `meshsim merge` puts the parts together' },
  ],
  flags: [
    { name: 'set', value: 'path=values', repeats: true, group: 'Input', doc: 'values of one path: v1,v2,v3 or low..high:n; all combinations are run. One value is the same everywhere' },
    { name: 'seed', value: 'n', group: 'Run', doc: "everything random comes from it, instead of the file's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives, such as 60s, instead of the file's duration" },
    { name: 'threshold', value: 'expr', repeats: true, group: 'Run', doc: "one more threshold beside the file's, such as 'latency p(99) < 250ms'" },
    { name: 'reps', value: 'n', group: 'Run', doc: `replications of each point, with the same seeds at all of them; ${REPS} unless the file says more than one` },
    { name: 'shard', value: 'i/n', group: 'Run', doc: 'only the i-th of n parts of the grid, from 1' },
    JOBS_FLAG,
    { name: 'json', group: 'Output', doc: 'print the sweep as one JSON document instead of the table' },
    { name: 'csv', group: 'Output', doc: 'print it as CSV instead of the table' },
    { name: 'out', value: 'folder', group: 'Output', doc: 'write sweep.json, sweep.csv and report.html there' },
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    refuseTwoPrinted(settings);
    const input = await readScenario(operands[0]!, shell); // the parser asks for exactly one
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const shard = shardOf(settings);
    const grid = gridOf(input, settings, shard);
    tellProblems(grid.problems, input, settings, shell);
    if (grid.first === null) {
      if (settings.isOn('json')) shell.stdout.write(refusalJson(grid.problems));
      return refusalCode(grid.problems);
    }
    const folder = settings.text('out');
    if (folder !== null) prepareFolder(folder);

    const { plan } = grid.first;
    if (plan.isWarmupAuto) throw new UserError('usage', 'sweep: the points of a grid share one warm-up, and `warmup: auto` would find another at each; give a time, such as --set warmup=10s');
    const { axes, points } = grid;
    const seeds = replicationSeeds(plan.seed, repsOf(plan, settings));
    const notes: string[] = [];
    const options: PoolOptions = { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) };
    const following = (subject: Subject): Following => ({ display: displayFor(subject, settings, shell), shell, isQuiet: settings.isOn('quiet'), notes });
    const pool = await shell.runMany(tasksOf(grid, seeds, input, settings), options);
    const { value: measured, signal } = await follow(pool, following({ ...plan, runs: points.length * seeds.length }), (outcomes) => gather(grid, seeds.length, outcomes));
    const isPartial = measured.length < points.length;
    const result: Sweep = {
      schema: SWEEP_SCHEMA, meshsim: VERSION, complete: !isPartial, scenario: { name: plan.name, sha256: createHash('sha256').update(input.bytes).digest('hex') },
      seeds, flags: flagsOf(settings), axes, thresholds: plan.thresholds.map(({ expr }) => expr), shard, points: measured,
    };
    const { failures } = deliverSweep(result, { again: againOf(operands[0]!, plan, seeds.length, settings), folder, settings, shell });
    for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
    if (!isPartial) return failures.length > 0 ? ExitCode.usage : ExitCode.ok;
    return signal === null ? ExitCode.inconclusive : SIGNAL_CODES[signal];
  },
};

interface Grid {
  readonly axes: readonly Axis[];
  /** Of this shard. */
  readonly points: readonly number[];
  /** Of the first of them; null where some cannot be run. */
  readonly first: Runnable | null;
  /** Each once, however many points have it. */
  readonly problems: readonly Problem[];
}

/** Every point is read before the first is run. */
function gridOf(input: ScenarioInput, settings: Settings, shard: Shard | null): Grid {
  const list = new ProblemList(input.file, input.text);
  const axes = settings.all('set').flatMap((text) => axisOf(text, list));
  refuseOverlaps('--set', axes.map(({ path }) => path));
  if (list.problems.length > 0) return { axes, points: [], first: null, problems: list.problems };
  const size = sizeOf(axes);
  if (size > POINTS_MAX) throw new UserError('usage', `--set: ${size} points are too many; ${POINTS_MAX} is the most, and \`meshsim search\` finds the best of many in few runs`);
  if (shard !== null && shard.of > size) throw new UserError('usage', `--shard ${shard.index}/${shard.of}: there are only ${size} points`);
  const points = pointsOf(axes, shard);
  const problems = new Map<string, Problem>();
  let first: Runnable | null = null;
  let isRefused = false;
  for (const point of points) {
    const checked = runnableAt(point, axes, input, settings);
    for (const problem of checked.problems) problems.set(JSON.stringify(problem), problem);
    if (checked.runnable === null) isRefused = true;
    first ??= checked.runnable;
  }
  return { axes, points, first: isRefused ? null : first, problems: [...problems.values()] };
}

function axisOf(text: string, list: ProblemList): Axis[] {
  const range = readValueRange(text, '--set', list);
  if (range === null) return [];
  const values = valuesOf(range);
  if (values === null) throw new UserError('usage', `--set ${text}: say how many values, such as ${text}:9`);
  return [{ path: range.path, values }];
}

function runnableAt(point: number, axes: readonly Axis[], input: ScenarioInput, settings: Settings): ReturnType<typeof checkRunnable> {
  const values = valuesAt(axes, point);
  const changes = axes.map(({ path }, i): Override => ({ path, value: values[i]!, flag: `--set ${path}=${values[i]!}` }));
  return checkRunnable(input, [...changes, ...namedOverridesOf(settings)], settings.all('threshold'));
}

/** Plans are made as they are needed: a hundred thousand of them would fill the memory. */
function* tasksOf({ axes, points }: Grid, seeds: readonly number[], input: ScenarioInput, settings: Settings): Generator<Task<WantThresholds>> {
  for (const point of points) {
    const { plan } = runnableAt(point, axes, input, settings).runnable!; // all were checked
    // A run that a threshold cuts short cannot be compared with the others.
    const job: Job = { plan: { ...plan, thresholds: [] }, resolved: null, sha256: '' };
    for (const seed of seeds) yield { job, seed, want: { kind: 'metrics', metrics: plan.thresholds } };
  }
}

/** Points all of whose replications ran. */
async function gather({ axes, points }: Grid, repsEach: number, outcomes: AsyncIterable<TaskOutcome<WantThresholds>>): Promise<Point[]> {
  const measured: Point[] = [];
  let reps: Rep[] = [];
  for await (const { task, answer, error } of outcomes) {
    if (error !== undefined) throw Object.assign(error, { seed: task.seed });
    // What was under way when the sweep was stopped says nothing of its point.
    if (answer.ending === 'stopped') return measured;
    const held = task.want.metrics.map(({ limit, op }, i) => {
      const value = answer.values[i] ?? null;
      return value !== null && holds(value, op, limit);
    });
    reps.push(repOf(task.seed, answer.ending === 'complete', answer.totals, workPerRequest(answer.work, 'attempts'), held));
    if (reps.length < repsEach) continue;
    measured.push(pointOf(axes, points[measured.length]!, reps));
    reps = [];
  }
  return measured;
}

function shardOf(settings: Settings): Shard | null {
  const text = settings.text('shard');
  if (text === null) return null;
  const [, index = 0, of = 0] = (/^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > of) throw new UserError('usage', `--shard ${text}: write which part of how many, such as 3/10`);
  return { index, of };
}

function repsOf({ replications }: Plan, settings: Settings): number {
  const text = settings.text('reps');
  if (text === null) return replications > 1 ? replications : REPS;
  const reps = /^[1-9]\d{0,5}$/.test(text) ? Number(text) : Infinity;
  if (reps > REPS_MAX) throw new UserError('usage', `--reps ${text}: write a whole number from 1 to ${REPS_MAX}`);
  return reps;
}

/** Those that change numbers beside the grid and the seeds. */
function flagsOf(settings: Settings): Record<string, string> {
  const duration = settings.text('duration');
  return duration === null ? {} : { duration };
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operand: string, { seed }: Plan, reps: number, settings: Settings): string {
  const repeated = (name: string): string[] => settings.all(name).flatMap((value) => [`--${name}`, value]);
  return commandLine(['meshsim', 'sweep', operand === '-' ? 'FILE' : operand, ...repeated('set'), '--seed', String(seed), '--reps', String(reps), ...['duration', 'threshold', 'shard'].flatMap(repeated)]);
}
