/**
 * The runs behind a comparison: each seed is run by every side before the next, so that whenever it is stopped, the
 * replications that are complete are complete in pairs.
 */
import type { Sample } from '../compare/side.ts';
import { type Audited, joinedAudits } from '../model/violation.ts';
import type { TaskOutcome } from './pool.ts';
import type { Job, Task } from './task.ts';

type WantSample = { readonly kind: 'sample' };

/** @param more  what else each of the tasks says */
export function* pairedTasks(jobs: readonly Job[], seeds: readonly number[], more: Pick<Task, 'hasInvariants'> = {}): Generator<Task<WantSample>> {
  for (const seed of seeds) for (const job of jobs) yield { job, seed, ...more, want: { kind: 'sample' } };
}

/** Of each job. */
export interface Gathered {
  /** In the order of the seeds: the replications that every job completed. */
  readonly samples: readonly (readonly Sample[])[];
  /** Of all its replications; null where no invariants were looked after. */
  readonly audits: readonly (Audited | null)[];
}

/** @param outcomes  of `pairedTasks` with these jobs. Throws what broke a run twice, with its seed. */
export async function gatherPairs(jobs: readonly Job[], outcomes: AsyncIterable<TaskOutcome<WantSample>>): Promise<Gathered> {
  const bySeed = new Map<number, (Sample | null)[]>();
  const audits = jobs.map((): Audited | null => null);
  for await (const { task, answer, error } of outcomes) {
    if (error !== undefined) throw Object.assign(error, { seed: task.seed });
    const ofSeed = bySeed.get(task.seed) ?? [];
    // They come in the order of the jobs.
    const side = ofSeed.length;
    if (answer.audited !== null) audits[side] = joinedAudits(audits[side]!, answer.audited);
    bySeed.set(task.seed, [...ofSeed, answer.complete ? answer.sample : null]);
  }
  const whole = [...bySeed.values()].filter((ofSeed): ofSeed is Sample[] => ofSeed.length === jobs.length && !ofSeed.includes(null));
  return { samples: jobs.map((_, i) => whole.map((ofSeed) => ofSeed[i]!)), audits };
}
