/** The runs of `search/knee.ts`: a rung is a load, a verdict is that of the plan's thresholds. */
import { power } from '../model/math.ts';
import type { TrafficPlan } from '../model/plan.ts';
import { replicationSeed } from '../random/replication-seed.ts';
import type { ThresholdResult } from '../result/result.ts';
import { findKnee, type Knee, type KneeRules, type Probe, type Verdict } from '../search/knee.ts';
import { type Batches, type Course, inBatches } from './in-batches.ts';
import { withLoad } from './load.ts';
import type { Replication } from './replication.ts';
import { Replications } from './replications.ts';
import type { Job, Task } from './task.ts';

export interface CapacityRules extends Pick<KneeRules, 'reps' | 'runs'> {
  readonly job: Job;
  /** The sources whose load is asked for; all others stay as they are. */
  isScaled(source: TrafficPlan): boolean;
}

type WantReplication = { readonly kind: 'replication' };

/** From one rung to the next. */
export const RUNG_STEP = 0.01;
/** Loads from the file's by this factor down to by this factor up. */
export const FACTOR_MAX = 64;
const RUNGS_MAX = 418; // 1.01^418 = 64.03

export function factorAt(rung: number): number {
  return rung >= 0 ? power(1 + RUNG_STEP, rung) : 1 / power(1 + RUNG_STEP, -rung);
}

/**
 * @param knee        fresh; filled as the runs come in
 * @param thresholds  empty; gets what each common verdict is made of, by rung
 */
export function capacityRuns(rules: CapacityRules, knee: Knee, thresholds: Map<number, readonly ThresholdResult[]>): Batches<WantReplication> {
  return inBatches(course(rules, knee, thresholds), ({ ending }) => ending === 'stopped');
}

function* course({ job, isScaled, reps, runs }: CapacityRules, knee: Knee, thresholds: Map<number, readonly ThresholdResult[]>): Course<WantReplication> {
  const jobAt = (rung: number): Job => ({ ...job, plan: withLoad(job.plan, factorAt(rung), isScaled) });
  const steps = findKnee({ reps, runs, rungsMax: RUNGS_MAX }, knee);
  let step = steps.next();
  while (step.done !== true) {
    const probes: readonly { readonly probe: Probe; readonly job: Job }[] = step.value.map((probe) => ({ probe, job: jobAt(probe.rung) }));
    const outcomes = yield probes.flatMap(({ probe, job: loaded }) =>
      probe.replications.map((replication): Task<WantReplication> => ({ job: loaded, seed: replicationSeed(job.plan.seed, replication), want: { kind: 'replication' } })));
    let next = 0;
    const verdicts = probes.map(({ probe, job: loaded }): Verdict => {
      const runsOfProbe = outcomes.slice(next, (next += probe.replications.length)).map(({ answer }) => answer!); // `inBatches` throws errors
      const together = judged(loaded, runsOfProbe);
      if (probe.replications.length === reps) thresholds.set(probe.rung, together.thresholds);
      return { isMet: together.isMet, each: runsOfProbe.map((run) => (runsOfProbe.length === 1 ? together : judged(loaded, [run])).isMet) };
    });
    step = steps.next(verdicts);
  }
}

function judged(job: Job, runs: readonly Replication[]): { readonly isMet: boolean; readonly thresholds: readonly ThresholdResult[] } {
  const sum = new Replications(job);
  for (const run of runs) sum.add(run);
  const { thresholds } = sum.result({ complete: true, warnings: [], wallMs: 0 });
  return { isMet: runs.every(({ ending }) => ending === 'complete') && thresholds.every(({ pass }) => pass), thresholds };
}
