/** Runs one task on this thread: what a worker does. */
import { sampleOf } from '../compare/side.ts';
import { figuresOf, totalsOf } from '../result/build.ts';
import { loadOf } from '../result/load.ts';
import { seriesOf } from '../result/series.ts';
import { carryOut, carryOutReal, type FinishedRun, resultOf } from './carry-out.ts';
import { workOf } from './objective.ts';
import { pilotOf } from './pilot.ts';
import { replicationOf } from './replication.ts';
import type { RunControl } from './run.ts';
import type { AnswerTo, CheckWant, Task, Want } from './task.ts';
import { valueOf } from './threshold-value.ts';

/** @throws MeshError when this machine cannot carry a mesh of sockets, or a recording cannot be written */
export async function perform<W extends Want>(task: Task<W>, control?: RunControl): Promise<AnswerTo<W>>;
export async function perform({ job, mode, recordTo, seed, want }: Task, control?: RunControl): Promise<AnswerTo<Want>> {
  if (want.kind === 'pilot') return pilotOf(job.plan, seed, control);
  if (isCheck(want)) return answerToCheck(want, control);
  const aside = want.kind === 'metrics' ? { queuesAt: want.queuesAt ?? [] } : recordTo === undefined ? {} : { recordTo };
  const run = mode?.kind === 'real' ? await carryOutReal(job.plan, seed, mode, control, recordTo) : carryOut(job.plan, seed, control, aside);
  return answerOf(run, { job, seed, want });
}

/** Of one run of the job. */
type RunWant = Exclude<Want, CheckWant | { readonly kind: 'pilot' }>;

function isCheck(want: Want): want is CheckWant {
  return want.kind === 'cases' || want.kind === 'simplest' || want.kind === 'verdict';
}

/** Its code, and what generates cases, is loaded only for this. */
async function answerToCheck(want: CheckWant, control: RunControl | undefined): Promise<AnswerTo<CheckWant>> {
  const { searchBatch, simplest, verdictOn } = await import('./check.ts');
  switch (want.kind) {
    case 'cases': return searchBatch(want.scenario, want.batch, want.options, want.invariants, control);
    case 'simplest': return simplest(want.found, control);
    case 'verdict': return verdictOn(want.scenario, want.demands, control);
    default: return want satisfies never;
  }
}

/** What a run that is over says to what was wanted of it. */
export function answerOf<W extends RunWant>(run: FinishedRun, task: Task<W>): AnswerTo<W>;
export function answerOf(run: FinishedRun, { job, seed, want }: Task<RunWant>): AnswerTo<RunWant> {
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
