/**
 * The runs behind a comparison: each seed is run by every side before the next, so that whenever it is stopped, the
 * replications that are complete are complete in pairs.
 */
import type { Replication } from '../compare/side.ts';
import { replicationOf } from '../compare/side.ts';
import type { TaskOutcome } from './pool.ts';
import type { Job, Task } from './task.ts';

type WantResult = { readonly kind: 'result' };

export function* pairedTasks(jobs: readonly Job[], seeds: readonly number[]): Generator<Task<WantResult>> {
  for (const seed of seeds) for (const job of jobs) yield { job, seed, want: { kind: 'result' } };
}

export interface PairedRuns {
  /** Of each job, in the order of the seeds: those that every job completed. */
  readonly replications: readonly (readonly Replication[])[];
  /** Seeds with which some run ended before its time. */
  readonly incomplete: number;
}

/** @param outcomes  of `pairedTasks` with these jobs. Throws what broke a run twice, with its seed. */
export async function gatherPairs(jobs: readonly Job[], outcomes: AsyncIterable<TaskOutcome<WantResult>>): Promise<PairedRuns> {
  const bySeed = new Map<number, (Replication | null)[]>();
  for await (const { task, answer, error } of outcomes) {
    if (error !== undefined) throw Object.assign(error, { seed: task.seed });
    bySeed.set(task.seed, [...(bySeed.get(task.seed) ?? []), answer.complete ? replicationOf(answer) : null]);
  }
  const whole = [...bySeed.values()].filter((ofSeed): ofSeed is Replication[] => ofSeed.length === jobs.length && !ofSeed.includes(null));
  return { replications: jobs.map((_, i) => whole.map((ofSeed) => ofSeed[i]!)), incomplete: bySeed.size - whole.length };
}
