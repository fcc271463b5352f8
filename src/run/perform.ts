/** Runs one task on this thread: what a worker does. */
import { totalsOf } from '../result/build.ts';
import { seriesOf } from '../result/series.ts';
import { workOf } from './objective.ts';
import { replicationOf } from './replication.ts';
import { carryOut, carryOutReal, resultOf, type RunControl } from './run.ts';
import type { AnswerTo, Task, Want } from './task.ts';
import { valueOf } from './threshold-value.ts';

/** @throws MeshError when this machine cannot carry a mesh of sockets */
export async function perform<W extends Want>(task: Task<W>, control?: RunControl): Promise<AnswerTo<W>>;
export async function perform({ job, mode, seed, want }: Task, control?: RunControl): Promise<AnswerTo<Want>> {
  const run = mode?.kind === 'real' ? await carryOutReal(job.plan, seed, mode, control) : carryOut(job.plan, seed, control, want.kind === 'metrics' ? want.queuesAt : undefined);
  switch (want.kind) {
    case 'result':
      return resultOf(run, job);
    case 'replication':
      return replicationOf(run);
    case 'metrics': {
      const series = seriesOf(run.series);
      return {
        seed,
        ending: run.ending,
        digest: run.digest,
        totals: totalsOf(run.measurements),
        work: workOf(run.measurements),
        queued: run.world.queued,
        values: want.metrics.map((metric) => valueOf(metric, run.measurements, series)),
      };
    }
    default:
      return want satisfies never;
  }
}
