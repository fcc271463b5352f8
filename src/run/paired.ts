/**
 * The runs behind a comparison: each seed is run by every side before the next, so that whenever it is stopped, the
 * replications that are complete are complete in pairs.
 */
import type { Course } from '../compare/course.ts';
import type { Sample } from '../compare/side.ts';
import { type Audited, joinedAudits } from '../model/violation.ts';
import type { TaskOutcome } from './pool.ts';
import type { Job, Task, Want } from './task.ts';

type WantSample = Extract<Want, { readonly kind: 'sample' }>;

export interface Pairs {
  /** Of each job, in the order of the seeds: the replications that every job completed. */
  readonly samples: readonly (readonly Sample[])[];
  /** Of each job: how its run under the first seed went; null where that is not known. */
  readonly courses: readonly (Course | null)[];
  /** Of each job, all its replications together; null where no invariants were looked after. */
  readonly audits: readonly (Audited | null)[];
}

/** @param more  what else each of the tasks says */
export function* pairedTasks(jobs: readonly Job[], seeds: readonly number[], more: Pick<Task, 'hasInvariants'> = {}): Generator<Task<WantSample>> {
  for (const seed of seeds) for (const job of jobs) yield { job, seed, ...more, want: { kind: 'sample', ...(seed === seeds[0] ? { withCourse: true } : {}) } };
}

/** @param outcomes  of `pairedTasks` with these jobs. Throws what broke a run twice, with its seed. */
export async function gatherPairs(jobs: readonly Job[], outcomes: AsyncIterable<TaskOutcome<WantSample>>): Promise<Pairs> {
  const bySeed = new Map<number, (Sample | null)[]>();
  const courses = jobs.map((): Course | null => null);
  const audits = jobs.map((): Audited | null => null);
  for await (const { task, answer, error } of outcomes) {
    if (error !== undefined) throw Object.assign(error, { seed: task.seed });
    const ofSeed = bySeed.get(task.seed) ?? [];
    // They come in the order of the jobs.
    const side = ofSeed.length;
    if (answer.course !== undefined) courses[side] = answer.course;
    if (answer.audited !== null) audits[side] = joinedAudits(audits[side]!, answer.audited);
    bySeed.set(task.seed, [...ofSeed, answer.complete ? answer.sample : null]);
  }
  const whole = [...bySeed.values()].filter((ofSeed): ofSeed is Sample[] => ofSeed.length === jobs.length && !ofSeed.includes(null));
  return { samples: jobs.map((_, i) => whole.map((ofSeed) => ofSeed[i]!)), courses, audits };
}
