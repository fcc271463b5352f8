/** Runs one task on this thread: what a worker does. */
import { totalsOf } from '../result/build.ts';
import { seriesOf } from '../result/series.ts';
import { carryOut, resultOf } from './carry-out.ts';
import { pilotOf } from './pilot.ts';
import { replicationOf } from './replication.ts';
import type { RunControl } from './run.ts';
import type { AnswerTo, Task, Want } from './task.ts';
import { valueOf } from './threshold-value.ts';


export function perform<W extends Want>(task: Task<W>, control?: RunControl): AnswerTo<W>;
export function perform({ job, seed, want }: Task, control?: RunControl): AnswerTo<Want> {
  if (want.kind === 'pilot') return pilotOf(job.plan, seed, control);
  const run = carryOut(job.plan, seed, control);
  switch (want.kind) {
    case 'result':
      return resultOf(run, job);
    case 'replication':
      return replicationOf(run);
    case 'metrics': {
      const series = seriesOf(run.series);
      return {
        seed,
        complete: run.ending === 'complete',
        digest: run.digest,
        totals: totalsOf(run.measurements),
        values: want.metrics.map((metric) => valueOf(metric, run.measurements, series)),
      };
    }
    default:
      return want satisfies never;
  }
}
