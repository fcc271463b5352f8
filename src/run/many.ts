/**
 * Many runs for those who use meshsim as a library, in threads of their own: replications of one plan, and plans set against each
 * other. In virtual time; figures and bytes do not depend on the number of threads. A plan that names code runs on one thread only, with
 * `simulate`.
 */
import { type CompareOptions, compareSides } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import { msOf } from '../model/units.ts';
import type { Plan } from '../model/plan.ts';
import { VERSION } from '../model/version.ts';
import { refuseCode } from '../own/named-code.ts';
import type { Result } from '../result/result.ts';
import { gatherPairs, pairedTasks } from './paired.ts';
import { warmedUp } from './pilot.ts';
import { type PoolOptions, runMany } from './pool.ts';
import { replicate } from './replicate.ts';
import type { RunOptions } from './run.ts';
import { type Job, REPLICATIONS_DEFAULT, replications, replicationSeeds } from './task.ts';

export interface ManyOptions {
  /** A whole number of replications, 1 or more. */
  readonly reps?: number;
  /** Threads, 1 or more; `auto`, the default, is one for each processor. */
  readonly jobs?: PoolOptions['jobs'];
  /** Instead of the plan's; the first replication has it, and the others draw theirs from it. */
  readonly seed?: number;
}

/**
 * As `meshsim run --reps N`: independent replications of a plan as one result, whose histograms are merged and whose figures have
 * intervals over the replications. One replication is what `simulate` gives.
 *
 * @param options.reps  the plan's `replications` unless given
 * @throws RunTooShort  where `warmup: auto` finds no steady state; what broke the runs, when all did; Error where the plan names code
 */
export async function simulateMany(plan: Plan, { jobs = 'auto', reps = plan.replications, resolved = null, seed = plan.seed, sha256 = '' }: ManyOptions & Pick<RunOptions, 'resolved' | 'sha256'> = {}): Promise<Result> {
  checkReps(reps);
  const job: Job = { plan: { ...runnable(plan), seed }, resolved, sha256 };
  return (await replicate(job, runMany(replications(job, reps, { kind: 'replication' }), { jobs }), { count: reps, precision: null })).result;
}

export interface ComparedPlan {
  /** What it is called in the comparison. */
  readonly label: string;
  readonly plan: Plan;
}

/**
 * As `meshsim compare`: under the same seeds, so that all sides meet the same requests with the same work where their traffic and services are alike, with a
 * verdict for each figure. Thresholds are not judged.
 *
 * @param sides         two or more; the first is the reference, and its seed is the one that counts
 * @param options.reps  20 unless given; fewer than 6 give values and no verdict
 * @param options.minEffect  changes up to this share, 0..1, are no change; none unless given
 * @throws as `simulateMany`
 */
export async function comparePlans(sides: readonly ComparedPlan[], { jobs = 'auto', reps = REPLICATIONS_DEFAULT, seed, minEffect = null, ...options }: ManyOptions & Partial<CompareOptions> = {}): Promise<Comparison> {
  checkReps(reps);
  const [reference] = sides;
  if (reference === undefined || sides.length < 2) throw new RangeError(`a comparison takes two plans or more, and these are ${sides.length}`);
  const from = seed ?? reference.plan.seed;
  const cut = sharingWarmup(sides.map(({ plan }) => ({ auto: plan.isWarmupAuto, plan: { ...runnable(plan), thresholds: [] } })));
  const ran = cut.map((plan): Job => ({ plan, resolved: null, sha256: '' }));
  const { samples } = await gatherPairs(ran, runMany(pairedTasks(ran, replicationSeeds(from, reps)), { jobs }));
  const missing = reps - samples[0]!.length;
  const caveats = [...(missing === 0 ? [] : [`${missing} of ${reps} replications ended before their time on some side, and are left out`]), ...(options.caveats ?? [])];
  return compareSides(sides.map(({ label }, i) => {
    const { durationNs, name, warmupNs } = ran[i]!.plan;
    return { label, scenario: name, sha256: '', meshsim: VERSION, seed: from, durationMs: msOf(durationNs), warmupMs: msOf(warmupNs), replications: samples[i]! };
  }), { ...options, minEffect, caveats });
}

function checkReps(reps: number): void {
  if (!(Number.isInteger(reps) && reps >= 1)) throw new RangeError(`reps: ${reps} is no whole number from 1 on`);
}

function runnable(plan: Plan): Plan {
  refuseCode(plan, 'does not go to other threads: use `simulate` or `simulateAsync`');
  return plan.isWarmupAuto ? warmedUp(plan) : plan;
}

/** What a side of its own would cut is what its policy makes of the start, so all that find theirs share the longest. */
function sharingWarmup(sides: readonly { readonly auto: boolean; readonly plan: Plan }[]): Plan[] {
  const warmupNs = Math.max(0, ...sides.filter(({ auto }) => auto).map(({ plan }) => plan.warmupNs));
  return sides.map(({ auto, plan }) => (auto ? { ...plan, warmupNs } : plan));
}
