import { compareSides } from '../../compare/compare.ts';
import type { Side } from '../../compare/side.ts';
import { msOf } from '../../model/units.ts';
import { VERSION } from '../../model/version.ts';
import { gatherPairs, type PairedRuns, pairedTasks } from '../../run/paired.ts';
import { type Job, replicationSeeds } from '../../run/task.ts';
import { differingPaths } from '../../scenario/identity.ts';
import type { Command } from '../command.ts';
import { type Contest, type Contestant, contestOf, systemHash } from '../contestants.ts';
import { deliverComparison } from '../deliver-comparison.ts';
import { displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { COMPARISON_FLAGS, isFailure, minEffectOf } from '../fail-on.ts';
import { follow, SIGNAL_CODES } from '../follow.ts';
import { prepareFolder } from '../output-folder.ts';
import { refusalJson, tellProblems } from '../runnable.ts';
import type { Settings } from '../settings.ts';
import type { Shell, Signal } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { UserError } from '../user-error.ts';

/** Finds a change of 5 % in the p99 of the noisiest scenario shipped at least 95 times of 100; see test/statistics/power.test.ts. */
export const REPLICATIONS_DEFAULT = 20;
const REPLICATIONS_MAX = 10_000;

export const compare: Command = {
  doc: 'Compare policies, scenarios or saved results under the same luck, and say how sure the answer is.',
  operand: '<files...>',
  operandDoc: 'scenario files, results or baselines, the reference first; - reads standard input',
  examples: [
    { command: 'meshsim compare today.yaml tomorrow.yaml', doc: 'is tomorrow better?' },
    { command: 'meshsim compare shop.yaml --vary policies.standard.loadBalancer=roundRobin,leastRequest,peakEwma', doc: 'values of one path; YAML maps are values, too' },
    { command: 'meshsim compare before.json after.yaml --fail-on worse --min-effect 2%', doc: 'in CI: exit 5 on a regression of more than 2 %' },
  ],
  flags: [
    { name: 'vary', value: 'path=v1,v2', repeats: true, group: 'Input', doc: 'compare these values of one path of one file; the first is the reference' },
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of every scenario file; paths as in its problems' },
    { name: 'seed', value: 'n', group: 'Run', doc: "the replications' seeds come from it, instead of the reference's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives in each run, such as 60s, instead of the files' duration" },
    { name: 'reps', value: 'n', group: 'Run', doc: `replications a side; ${REPLICATIONS_DEFAULT} unless a file says more than one or a saved side has its own number` },
    { name: 'jobs', value: 'n', default: 'auto', group: 'Run', doc: 'runs at once; auto is one for each processor' },
    ...COMPARISON_FLAGS,
    { name: 'json', group: 'Output', doc: 'print the comparison as one JSON document instead of the table' },
    { name: 'out', value: 'folder', group: 'Output', doc: 'write comparison.json and comparison.md there' },
    { name: 'quiet', group: 'Display', doc: 'no progress, warnings or notes' },
    { name: 'no-progress', group: 'Display', doc: 'no progress' },
    { name: 'color', value: 'when', choices: ['auto', 'always', 'never'], default: 'auto', group: 'Display', doc: 'colour' },
    { name: 'verbose', group: 'Display', doc: 'where each changed setting came from, and where a failure of ours happened' },
  ],
  async run({ shell, operands, settings }) {
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const minEffect = minEffectOf(settings);
    const jobs = jobsOf(settings);
    const contest = await contestOf(operands, settings, shell);
    for (const { input, problems } of contest.problems) tellProblems(problems, input, settings, shell);
    if (!('contestants' in contest)) {
      if (settings.isOn('json')) shell.stdout.write(refusalJson(contest.problems.flatMap(({ problems }) => problems)));
      return ExitCode.invalidScenario;
    }
    const folder = settings.text('out');
    if (folder !== null) prepareFolder(folder);

    const luck = luckOf(contest, settings);
    const { sides, incomplete, signal } = await measured(contest, luck, jobs, { settings, shell });
    const caveats = [...endedEarly(incomplete, luck.seeds.length, signal), ...differences(contest)];
    const comparison = compareSides(sides, { minEffect, caveats });
    const verdict = isFailure(comparison, settings) ? ExitCode.regression : incomplete > 0 ? ExitCode.inconclusive : ExitCode.ok;
    const code = signal !== null && incomplete > 0 ? SIGNAL_CODES[signal] : verdict;
    deliverComparison(comparison, { subject: contest.subject, exitCode: code, again: againOf(operands, luck, settings), folder, settings, shell });
    return code;
  },
};

interface Luck {
  readonly seed: number;
  readonly seeds: readonly number[];
}

/** One seed and one number of replications for all: the flags', else those of a saved side, which cannot have others, else the reference's. */
function luckOf({ contestants }: Contest, settings: Settings): Luck {
  const saved = contestants.find((contestant) => contestant.saved !== null)?.saved?.side;
  const plan = contestants.find(({ job }) => job !== null)?.job?.plan;
  const seed = settings.text('seed') === null ? saved?.seed : undefined;
  const own = saved?.replications.length ?? (plan !== undefined && plan.replications > 1 ? plan.replications : REPLICATIONS_DEFAULT);
  const base = seed ?? plan?.seed ?? 0;
  return { seed: base, seeds: replicationSeeds(base, countOf('reps', settings, REPLICATIONS_MAX) ?? own) };
}

interface Surroundings {
  readonly settings: Settings;
  readonly shell: Shell;
}

interface Measured {
  readonly sides: readonly Side[];
  /** Replications that some run did not finish, or that never began. */
  readonly incomplete: number;
  readonly signal: Signal | null;
}

async function measured({ contestants, subject }: Contest, { seed, seeds }: Luck, jobsAtOnce: number | 'auto', { settings, shell }: Surroundings): Promise<Measured> {
  const jobs = contestants.flatMap(({ job }) => (job === null ? [] : [job]));
  const ran = jobs.length === 0 ? { value: null, signal: null } : await follow(
    await shell.runMany(pairedTasks(jobs, seeds), { jobs: jobsAtOnce, onRetry: ({ seed: lost }, error) => shell.stderr.write(`meshsim: a run with seed ${lost} died and is run again: ${error.message}\n`) }),
    {
      display: displayFor({ mode: 'sim', name: subject === '' ? jobs[0]!.plan.name : subject, seed, durationNs: jobs[0]!.plan.durationNs, runs: jobs.length * seeds.length }, settings, shell),
      shell,
      isQuiet: settings.isOn('quiet'),
    },
    (outcomes) => gatherPairs(jobs, outcomes),
  );
  return {
    sides: contestants.map((contestant) => sideOf(contestant, jobs, ran.value, seed)),
    incomplete: ran.value === null ? 0 : seeds.length - ran.value.replications[0]!.length,
    signal: ran.signal,
  };
}

function sideOf({ label, job, saved }: Contestant, jobs: readonly Job[], runs: PairedRuns | null, seed: number): Side {
  if (job === null || runs === null) return saved!.side; // a contestant has the one or the other
  const { name, durationNs, warmupNs } = job.plan;
  return {
    label, scenario: name, sha256: systemHash(job.resolved), meshsim: VERSION, seed,
    durationMs: msOf(durationNs), warmupMs: msOf(warmupNs), replications: runs.replications[jobs.indexOf(job)]!,
  };
}

function endedEarly(incomplete: number, count: number, signal: Signal | null): string[] {
  if (incomplete === 0) return [];
  return [signal === null
    ? `${incomplete} of ${count} replications ended before their time on some side, with more in flight than a run can hold, and are left out`
    : `PARTIAL: stopped with ${count - incomplete} of ${count} replications complete`];
}

const PATHS_NAMED = 3;

/** What else than the name sets two files apart. A value that is varied needs no mention. */
function differences({ contestants: [reference, ...others], isVaried }: Contest): string[] {
  if (isVaried) return [];
  return others.flatMap((other): string[] => {
    const [one, two] = [resolvedOf(reference!), resolvedOf(other)];
    if (one === null || two === null) return hashOf(reference!) === hashOf(other) ? [] : [`${other.label} is of another scenario than ${reference!.label}: their hashes differ`];
    const paths = differingPaths(one, two);
    if (paths.length === 0) return [`${other.label} and ${reference!.label} are the same system under the same load`];
    const more = paths.length - PATHS_NAMED;
    return [`${other.label} differs from ${reference!.label} in ${paths.slice(0, PATHS_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
  });
}

function resolvedOf({ job, saved }: Contestant): unknown {
  return job?.resolved ?? saved?.resolved ?? null;
}

function hashOf({ job, saved }: Contestant): string {
  return job === null ? saved!.side.sha256 : systemHash(job.resolved);
}

function jobsOf(settings: Settings): number | 'auto' {
  return settings.text('jobs') === 'auto' ? 'auto' : countOf('jobs', settings, 256)!; // it has a default
}

function countOf(name: string, settings: Settings, most: number): number | null {
  const text = settings.text(name);
  if (text === null) return null;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most) throw new UserError('usage', `--${name} ${text}: write a whole number from 1 to ${most}`);
  return count;
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operands: readonly string[], { seed, seeds }: Luck, settings: Settings): string {
  const repeated = (name: string): string[] => settings.all(name).flatMap((value) => [`--${name}`, value]);
  return commandLine([
    'meshsim', 'compare', ...operands.map((operand) => (operand === '-' ? 'FILE' : operand)), ...repeated('vary'),
    '--seed', String(seed), '--reps', String(seeds.length), ...repeated('duration'), ...repeated('set'), ...repeated('min-effect'),
  ]);
}
