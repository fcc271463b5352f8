/** Runs one task on this thread: what a worker does. */
import { totalsOf } from '../result/build.ts';
import { carryOut, resultOf, type RunControl } from './run.ts';
import type { AnswerTo, Task, Want } from './task.ts';
import { valueOf } from './threshold-value.ts';

export function perform<W extends Want>(task: Task<W>, control?: RunControl): AnswerTo<W>;
export function perform({ job, seed, want }: Task, control?: RunControl): AnswerTo<Want> {
  const run = carryOut(job.plan, seed, control);
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
