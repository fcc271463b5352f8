/** The runs of a comparison: every side under the same seeds, each over the same stretch of time. */
import type { Course } from '../compare/course.ts';
import type { Side } from '../compare/side.ts';
import { msOf } from '../model/units.ts';
import type { Audited } from '../model/violation.ts';
import { VERSION } from '../model/version.ts';
import { gatherPairs, type Pairs, pairedTasks } from '../run/paired.ts';
import type { PoolOptions } from '../run/pool.ts';
import { type Job, replicationSeeds } from '../run/task.ts';
import { pilotSeeds } from '../run/warmup.ts';
import type { Problem } from '../scenario/problem.ts';
import type { Contest, Contestant } from './contestants.ts';
import { displayFor } from './display.ts';
import { follow, type Following } from './follow.ts';
import { findWarmup } from './found-warmup.ts';
import type { Subject } from './progress.ts';
import { invariantsOf } from './invariants.ts';
import { deathOf, jobsOf, repsFlagOf } from './replication-settings.ts';
import { checkScenario, type ScenarioInput } from './scenario-input.ts';
import { systemHash } from './scenario-caveats.ts';
import type { Settings } from './settings.ts';
import type { Shell, Signal } from './shell.ts';

export interface Luck {
  readonly seed: number;
  readonly seeds: readonly number[];
}

/** One seed and one number of replications for all: the flags', else those of a saved side, which cannot have others, else the reference's. */
export function luckOf({ contestants }: Contest, settings: Settings): Luck {
  const saved = contestants.find((contestant) => contestant.saved !== null)?.saved?.side;
  const plan = contestants.find(({ job }) => job !== null)?.job?.plan;
  const seed = settings.text('seed') === null ? (saved?.seed ?? plan!.seed) : Number(settings.text('seed')); // there are sides
  return { seed, seeds: replicationSeeds(seed, repsFlagOf(settings) ?? saved?.replications.length ?? plan!.replications) };
}

export type ContestRuns =
  | {
      readonly kind: 'ran';
      readonly sides: readonly Side[];
      /** Of each side how one run went; null where that is not known. */
      readonly courses: readonly (Course | null)[];
      /** Of each side; null where no invariants were looked after, as in saved ones. */
      readonly audits: readonly (Audited | null)[];
      /** Of those that were run, with the warm-up that all share. */
      readonly jobs: readonly { readonly label: string; readonly job: Job }[];
      /** Replications that some run did not finish, or that never began. */
      readonly incomplete: number;
      readonly signal: Signal | null;
    }
  | { readonly kind: 'stopped'; readonly signal: Signal }
  /** A side with `warmup: auto` has no steady state. */
  | { readonly kind: 'problem'; readonly input: ScenarioInput; readonly problems: readonly Problem[] };

export async function runContest({ contestants, subject }: Contest, { seed, seeds }: Luck, settings: Settings, shell: Shell): Promise<ContestRuns> {
  const notes: string[] = [];
  const options: PoolOptions = { jobs: jobsOf(settings), onRetry: (task, error) => notes.push(deathOf(task, error)) };
  const following = (about: Subject): Following => ({ display: displayFor(about, settings, shell), shell, isQuiet: settings.isOn('quiet'), notes });
  const cut = await withSharedWarmup(contestants, options, following);
  if ('kind' in cut) return cut;

  const jobs = cut.flatMap(({ job }) => (job === null ? [] : [job]));
  const ran = ({ audits, courses, samples }: Pairs): Pick<Extract<ContestRuns, { kind: 'ran' }>, 'kind' | 'sides' | 'courses' | 'audits' | 'jobs'> => ({
    kind: 'ran',
    sides: cut.map((contestant) => sideOf(contestant, seed, samples[jobs.indexOf(contestant.job!)])),
    courses: cut.map(({ job, saved }) => saved?.course ?? courses[jobs.indexOf(job!)] ?? null),
    audits: cut.map(({ job }) => audits[jobs.indexOf(job!)] ?? null),
    jobs: cut.flatMap(({ job, label }) => (job === null ? [] : [{ job, label }])),
  });
  const [first] = jobs;
  if (first === undefined) return { ...ran({ samples: [], courses: [], audits: [] }), incomplete: 0, signal: null };
  const about = { name: subject === '' ? first.plan.name : subject, seed, durationNs: first.plan.durationNs, runs: jobs.length * seeds.length };
  const { value, signal } = await follow(await shell.runMany(pairedTasks(jobs, seeds, invariantsOf(settings)), options), following(about), (outcomes) => gatherPairs(jobs, outcomes));
  return { ...ran(value), incomplete: seeds.length - value.samples[0]!.length, signal };
}

/** What a side of its own would cut is what its policy makes of the start, so all that find theirs share the longest. */
async function withSharedWarmup(contestants: readonly Contestant[], options: PoolOptions, following: (about: Subject) => Following): Promise<readonly Contestant[] | Exclude<ContestRuns, { kind: 'ran' }>> {
  const found = new Map<Contestant, Job>();
  for (const contestant of contestants) {
    const { job, input, overrides } = contestant;
    if (job?.plan.isWarmupAuto !== true) continue;
    const warmup = await findWarmup(job, options, () => following({ ...job.plan, name: `${contestant.label} (pilot for the warm-up)`, runs: pilotSeeds(job.plan).length }));
    if (warmup.kind === 'stopped') return warmup;
    if (warmup.kind === 'problem') return { kind: 'problem', input, problems: checkScenario(input, overrides, [warmup.problem]).problems.filter(({ code }) => code === warmup.problem.code) };
    found.set(contestant, warmup.job);
  }
  const warmupNs = Math.max(0, ...[...found.values()].map(({ plan }) => plan.warmupNs));
  return contestants.map((contestant) => {
    const job = found.get(contestant);
    return job === undefined ? contestant : { ...contestant, job: { ...job, plan: { ...job.plan, warmupNs } } };
  });
}

function sideOf({ label, job, saved }: Contestant, seed: number, replications: Side['replications'] | undefined): Side {
  if (job === null || replications === undefined) return saved!.side; // a contestant has the one or the other
  const { name, durationNs, warmupNs } = job.plan;
  return { label, scenario: name, sha256: systemHash(job.resolved), meshsim: VERSION, seed, durationMs: msOf(durationNs), warmupMs: msOf(warmupNs), replications };
}
