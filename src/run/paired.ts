/**
 * The runs behind a comparison: each seed is run by every side before the next, so that whenever it is stopped, the
 * replications that are complete are complete in pairs.
 */
import type { Sample } from '../compare/side.ts';
import type { TaskOutcome } from './pool.ts';
import type { Job, Task } from './task.ts';

type WantSample = { readonly kind: 'sample' };

export function* pairedTasks(jobs: readonly Job[], seeds: readonly number[]): Generator<Task<WantSample>> {
  for (const seed of seeds) for (const job of jobs) yield { job, seed, want: { kind: 'sample' } };
}

/**
 * Of each job, in the order of the seeds: the replications that every job completed.
 * @param outcomes  of `pairedTasks` with these jobs. Throws what broke a run twice, with its seed.
 */
export async function gatherPairs(jobs: readonly Job[], outcomes: AsyncIterable<TaskOutcome<WantSample>>): Promise<Sample[][]> {
  const bySeed = new Map<number, (Sample | null)[]>();
  for await (const { task, answer, error } of outcomes) {
    if (error !== undefined) throw Object.assign(error, { seed: task.seed });
    bySeed.set(task.seed, [...(bySeed.get(task.seed) ?? []), answer.complete ? answer.sample : null]);
  }
  const whole = [...bySeed.values()].filter((ofSeed): ofSeed is Sample[] => ofSeed.length === jobs.length && !ofSeed.includes(null));
  return jobs.map((_, i) => whole.map((ofSeed) => ofSeed[i]!));
}
