/** Runs one task on this thread: what a worker does. */
import { totalsOf } from '../result/build.ts';
import { carryOut, carryOutReal, resultOf, type RunControl } from './run.ts';
import type { AnswerTo, Task, Want } from './task.ts';
import { valueOf } from './threshold-value.ts';

/** @throws MeshError when this machine cannot carry a mesh of sockets */
export async function perform<W extends Want>(task: Task<W>, control?: RunControl): Promise<AnswerTo<W>>;
export async function perform({ job, mode, seed, want }: Task, control?: RunControl): Promise<AnswerTo<Want>> {
  const run = mode?.kind === 'real' ? await carryOutReal(job.plan, seed, mode, control) : carryOut(job.plan, seed, control);
  switch (want.kind) {
    case 'result':
      return resultOf(run, job);
    case 'metrics':
      return {
        seed,
        complete: run.complete,
        digest: run.digest,
        totals: totalsOf(run.measurements),
        values: want.metrics.map((metric) => valueOf(metric, run.measurements, run.series)),
      };
    default:
      return want satisfies never;
  }
}
