/** A job with `warmup: auto` before its runs: the warm-up is found by pilot runs and put in its place. */
import type { Pilot } from '../run/pilot.ts';
import type { PoolOptions } from '../run/pool.ts';
import { type Job, pilots } from '../run/task.ts';
import { RunTooShort, warmupOf, withWarmup } from '../run/warmup.ts';
import type { FoundProblem } from '../scenario/parse.ts';
import { follow, type Following } from './follow.ts';
import type { Signal } from './shell.ts';

export type FoundWarmup =
  | { readonly kind: 'found'; readonly job: Job }
  /** There is no steady state. */
  | { readonly kind: 'problem'; readonly problem: FoundProblem }
  | { readonly kind: 'stopped'; readonly signal: Signal };

/** A job with another warm-up is found at once. */
export async function findWarmup(job: Job, options: PoolOptions, followingPilots: () => Following): Promise<FoundWarmup> {
  if (!job.plan.isWarmupAuto) return { kind: 'found', job };
  const following = followingPilots();
  const { value: done, signal } = await follow(await following.shell.runMany(pilots(job), options), following, async (outcomes) => {
    const answers: Pilot[] = [];
    for await (const { answer, error, task } of outcomes) {
      if (error !== undefined) throw Object.assign(error, { seed: task.seed });
      answers.push(answer);
    }
    return answers;
  });
  if (signal !== null) return { kind: 'stopped', signal };
  try {
    return { kind: 'found', job: { ...job, plan: withWarmup(job.plan, warmupOf(job.plan, done)) } };
  } catch (error) {
    if (!(error instanceof RunTooShort)) throw error;
    const { code, message, hint } = error;
    return { kind: 'problem', problem: { code, message, hint, path: ['warmup'] } };
  }
}
