/** The runs of `search/knee.ts`: a verdict is that of the plan's thresholds at that load. */
import type { TrafficPlan } from '../model/plan.ts';
import { replicationSeed } from '../random/replication-seed.ts';
import type { ThresholdResult } from '../result/result.ts';
import { findKnee, type Knee, type Verdict } from '../search/knee.ts';
import type { Range } from '../search/turning-point.ts';
import { withLoad } from './load.ts';
import type { Replication } from './replication.ts';
import { Replications } from './replications.ts';
import { type Rounds, inRounds } from './rounds.ts';
import type { Job, Task } from './task.ts';

export interface CapacityRules {
  readonly job: Job;
  /** The sources whose load is asked for; all others stay as they are. */
  isScaled(source: TrafficPlan): boolean;
  /** Of these sources together in the file, above 0. */
  readonly load: number;
  readonly range: Range;
  readonly reps: number;
  /** Runs to spend. */
  readonly runs: number;
}

type WantReplication = { readonly kind: 'replication' };

/** What the verdict of all replications is made of, by load. */
export type ThresholdsByLoad = Map<number, readonly ThresholdResult[]>;

/**
 * @param knee        fresh; filled as the runs come in
 * @param thresholds  empty; filled likewise
 */
export function capacityRuns(rules: CapacityRules, knee: Knee, thresholds: ThresholdsByLoad): Rounds<WantReplication, boolean> {
  return inRounds(course(rules, knee, thresholds));
}

/** Whether it came to its end and was not stopped. */
function* course({ job, isScaled, load: inFile, range, reps, runs }: CapacityRules, knee: Knee, thresholds: ThresholdsByLoad): Generator<readonly Task<WantReplication>[], boolean, readonly Replication[]> {
  const jobs = new Map<number, Job>();
  const jobAt = (load: number): Job => {
    let loaded = jobs.get(load);
    if (loaded === undefined) jobs.set(load, (loaded = { ...job, plan: withLoad(job.plan, load / inFile, isScaled) }));
    return loaded;
  };
  const trials = findKnee(range, reps, runs, knee);
  for (let step = trials.next(); ; ) {
    if (step.done === true) return true;
    const answers = yield step.value.flatMap(({ load, replications }) =>
      replications.map((replication): Task<WantReplication> => ({ job: jobAt(load), seed: replicationSeed(job.plan.seed, replication), want: { kind: 'replication' } })));
    if (answers.some(({ ending }) => ending === 'stopped')) return false;
    let next = 0;
    step = trials.next(step.value.map(({ load, replications }): Verdict => {
      const ofTrial = answers.slice(next, (next += replications.length));
      const together = judged(jobAt(load), ofTrial);
      if (replications.length === reps) thresholds.set(load, together.thresholds);
      return { isMet: together.isMet, each: ofTrial.map((run) => judged(jobAt(load), [run]).isMet) };
    }));
  }
}

function judged(job: Job, runs: readonly Replication[]): { readonly isMet: boolean; readonly thresholds: readonly ThresholdResult[] } {
  const sum = new Replications(job);
  for (const run of runs) sum.add(run);
  const { thresholds } = sum.result({ complete: true, warnings: [], wallMs: 0 });
  return { isMet: runs.every(({ ending }) => ending === 'complete') && thresholds.every(({ pass }) => pass), thresholds };
}
