/** Runs one task on this thread: what a worker does. */
import { sampleOf } from '../compare/side.ts';
import { figuresOf, totalsOf } from '../result/build.ts';
import { loadOf } from '../result/load.ts';
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
    case 'sample': {
      const figures = figuresOf(run.measurements, run.world.faults.targets);
      return { complete: run.ending === 'complete', sample: sampleOf({ seed, totals: figures.totals }, loadOf(figures)) };
    }
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
