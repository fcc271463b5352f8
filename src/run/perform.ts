/** Runs one task on this thread: what a worker does. */
import { sampleOf } from '../compare/side.ts';
import { INVARIANT_NAMES } from '../invariant/registry.ts';
import { totalsOf } from '../result/build.ts';
import { loadOf } from '../result/load.ts';
import { seriesOf } from '../result/series.ts';
import { type Aside, carryOut, carryOutReal, figuresIn, type FinishedRun, resultOf } from './carry-out.ts';
import { workOf } from './objective.ts';
import { pilotOf } from './pilot.ts';
import { replicationOf } from './replication.ts';
import type { RunControl } from './run.ts';
import type { AnswerTo, Task, Want } from './task.ts';
import { valueOf } from './threshold-value.ts';

/** @throws MeshError when this machine cannot carry a mesh of sockets, or a recording cannot be written */
export async function perform<W extends Want>(task: Task<W>, control?: RunControl): Promise<AnswerTo<W>>;
export async function perform({ hasInvariants, job, mode, recordTo, seed, want }: Task, control?: RunControl): Promise<AnswerTo<Want>> {
  if (want.kind === 'pilot') return pilotOf(job.plan, seed, control);
  const aside: Aside = {
    ...(want.kind === 'metrics' ? { queuesAt: want.queuesAt ?? [] } : recordTo === undefined ? {} : { recordTo }),
    ...(hasInvariants === true ? { invariants: INVARIANT_NAMES } : {}),
  };
  const run = mode?.kind === 'real' ? await carryOutReal(job.plan, seed, mode, control, recordTo) : carryOut(job.plan, seed, control, aside);
  return answerOf(run, { job, seed, want });
}

/** What a run that is over says to what was wanted of it. */
export function answerOf<W extends Exclude<Want, { readonly kind: 'pilot' }>>(run: FinishedRun, task: Task<W>): AnswerTo<W>;
export function answerOf(run: FinishedRun, { job, seed, want }: Task<Exclude<Want, { readonly kind: 'pilot' }>>): AnswerTo<Want> {
  switch (want.kind) {
    case 'result':
      return resultOf(run, job);
    case 'replication':
      return replicationOf(run);
    case 'sample': {
      const figures = figuresIn(run);
      return { complete: run.ending === 'complete', audited: run.audited, sample: sampleOf({ seed, totals: figures.totals }, loadOf(figures)) };
    }
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
