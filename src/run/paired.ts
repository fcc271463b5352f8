/**
 * The runs behind a comparison: each seed is run by every side before the next, so that whenever it is stopped, the
 * replications that are complete are complete in pairs.
 */
import type { Course } from '../compare/course.ts';
import type { Sample } from '../compare/side.ts';
import type { TaskOutcome } from './pool.ts';
import type { Job, Task, Want } from './task.ts';

type WantSample = Extract<Want, { readonly kind: 'sample' }>;

export interface Pairs {
  /** Of each job, in the order of the seeds: the replications that every job completed. */
  readonly samples: readonly (readonly Sample[])[];
  /** Of each job: how its run under the first seed went; null where that is not known. */
  readonly courses: readonly (Course | null)[];
}

export function* pairedTasks(jobs: readonly Job[], seeds: readonly number[]): Generator<Task<WantSample>> {
  for (const seed of seeds) for (const job of jobs) yield { job, seed, want: { kind: 'sample', ...(seed === seeds[0] ? { withCourse: true } : {}) } };
}

/** @param outcomes  of `pairedTasks` with these jobs. Throws what broke a run twice, with its seed. */
export async function gatherPairs(jobs: readonly Job[], outcomes: AsyncIterable<TaskOutcome<WantSample>>): Promise<Pairs> {
  const bySeed = new Map<number, (Sample | null)[]>();
  const courses = jobs.map((): Course | null => null);
  for await (const { task, answer, error } of outcomes) {
    if (error !== undefined) throw Object.assign(error, { seed: task.seed });
    if (answer.course !== undefined) courses[jobs.indexOf(task.job)] = answer.course;
    bySeed.set(task.seed, [...(bySeed.get(task.seed) ?? []), answer.complete ? answer.sample : null]);
  }
  const whole = [...bySeed.values()].filter((ofSeed): ofSeed is Sample[] => ofSeed.length === jobs.length && !ofSeed.includes(null));
  return { samples: jobs.map((_, i) => whole.map((ofSeed) => ofSeed[i]!)), courses };
}
