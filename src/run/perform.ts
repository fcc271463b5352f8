/** Runs one task on this thread: what a worker does. */
import { courseOf } from '../compare/course.ts';
import { sampleOf } from '../compare/side.ts';
import { msOf } from '../model/units.ts';
import { figuresOf, totalsOf } from '../result/build.ts';
import { loadOf } from '../result/load.ts';
import { seriesOf } from '../result/series.ts';
import { type Aside, carryOut, carryOutReal, type FinishedRun, resultOf } from './carry-out.ts';
import { workOf } from './objective.ts';
import { pilotOf } from './pilot.ts';
import { replicationOf } from './replication.ts';
import type { RunControl } from './run.ts';
import type { AnswerTo, Task, Want } from './task.ts';
import { Traces } from './traces.ts';
import { valueOf } from './threshold-value.ts';
import { runWhy } from './why.ts';

/** @throws MeshError when this machine cannot carry a mesh of sockets, or a recording cannot be written */
export async function perform<W extends Want>(task: Task<W>, control?: RunControl): Promise<AnswerTo<W>>;
export async function perform({ trace, ...task }: Task, control?: RunControl): Promise<AnswerTo<Want>> {
  if (trace === undefined) return performed(task, control);
  const traces = new Traces(task.job.plan, task.seed, task.mode?.kind ?? 'sim', trace);
  try {
    return await performed(task, control, traces);
  } finally {
    traces.close();
  }
}

async function performed({ job, mode, recordTo, seed, want }: Task, control: RunControl | undefined, traces?: Traces): Promise<AnswerTo<Want>> {
  if (want.kind === 'pilot') return pilotOf(job.plan, seed, control);
  if (want.kind === 'why') return runWhy([job.plan, want.other], seed, control);
  const tracer = traces?.tracer;
  const aside: Aside = { ...(want.kind === 'metrics' ? { queuesAt: want.queuesAt ?? [] } : {}), ...(recordTo === undefined ? {} : { recordTo }), ...(tracer === undefined ? {} : { tracer }) };
  const run = mode?.kind === 'real' ? await carryOutReal(job.plan, seed, mode, control, aside) : carryOut(job.plan, seed, control, aside);
  const answer = answerOf(run, { job, seed, want });
  const tail = traces?.end() ?? null;
  return tail === null || !(want.kind === 'result' || want.kind === 'replication') ? answer : { ...answer, tail };
}

/** What a run that is over says to what was wanted of it. */
export function answerOf<W extends Exclude<Want, { readonly kind: 'pilot' | 'why' }>>(run: FinishedRun, task: Task<W>): AnswerTo<W>;
export function answerOf(run: FinishedRun, { job, seed, want }: Task<Exclude<Want, { readonly kind: 'pilot' | 'why' }>>): AnswerTo<Want> {
  switch (want.kind) {
    case 'result':
      return resultOf(run, job);
    case 'replication':
      return replicationOf(run);
    case 'sample': {
      const figures = figuresOf(run.measurements, run.world.faults.targets);
      const course = want.withCourse === true ? { course: courseOf({ faults: figures.faults, reps: [seed], series: seriesOf(run.series), window: { warmupMs: msOf(job.plan.warmupNs) } }) } : {};
      return { complete: run.ending === 'complete', sample: sampleOf({ seed, totals: figures.totals }, loadOf(figures)), ...course };
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
