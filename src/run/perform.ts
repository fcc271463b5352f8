/** Runs one task on this thread: what a worker does. What few tasks want is loaded only for them, for each thread loads all of it anew. */
import { courseOf } from '../compare/course.ts';
import { sampleOf } from '../compare/side.ts';
import { INVARIANT_NAMES } from '../invariant/registry.ts';
import { totalsOf } from '../result/build.ts';
import { loadOf } from '../result/load.ts';
import { seriesOf } from '../result/series.ts';
import { type Aside, carryOut, figuresIn, type FinishedRun, resultOf } from './carry-out.ts';
import { carryOutReal } from './carry-out-real.ts';
import { workOf } from './objective.ts';
import { pilotOf } from './pilot.ts';
import { recordedReal, recordedSim } from './recorded.ts';
import { replicationOf } from './replication.ts';
import type { RunControl } from './run.ts';
import type { AnswerTo, CheckWant, Task, Want } from './task.ts';
import type { Traces } from './traces.ts';
import { valueOf } from './threshold-value.ts';
import { windowOf } from './write-up.ts';

/** @throws MeshError when this machine cannot carry a mesh of sockets, or a recording cannot be written */
export async function perform<W extends Want>(task: Task<W>, control?: RunControl): Promise<AnswerTo<W>>;
export async function perform({ trace, ...task }: Task, control?: RunControl): Promise<AnswerTo<Want>> {
  if (trace === undefined) return performed(task, control);
  const { Traces } = await import('./traces.ts');
  const traces = new Traces(task.job.plan, task.seed, task.mode?.kind ?? 'sim', trace);
  try {
    return await performed(task, control, traces);
  } finally {
    traces.close();
  }
}

async function performed({ hasInvariants, job, mode, recordTo, seed, want }: Task, control: RunControl | undefined, traces?: Traces): Promise<AnswerTo<Want>> {
  if (want.kind === 'pilot') return pilotOf(job.plan, seed, control);
  if (isCheck(want)) return answerToCheck(want, control);
  if (want.kind === 'why') return (await import('./why.ts')).runWhy([job.plan, want.other], seed, control);
  if (want.kind === 'instant') return (await import('./instant.ts')).runToInstant(job.plan, seed, want.atNs, control);
  const tracer = traces?.tracer;
  const aside: Aside = { ...(want.kind === 'metrics' ? { queuesAt: want.queuesAt ?? [] } : {}), ...(tracer === undefined ? {} : { tracer }), ...(hasInvariants === true ? { invariants: INVARIANT_NAMES } : {}) };
  const run =
    mode?.kind === 'real'
      ? await recordedReal(recordTo, (watchers) => carryOutReal(job.plan, seed, mode, control, { ...aside, watchers }))
      : recordedSim(recordTo, (watchers) => carryOut(job.plan, seed, control, { ...aside, watchers }));
  const answer = answerOf(run, { job, seed, want });
  const tail = traces?.end() ?? null;
  return tail === null || !(want.kind === 'result' || want.kind === 'replication') ? answer : { ...answer, tail };
}

/** Of one run of the job. */
type RunWant = Exclude<Want, CheckWant | { readonly kind: 'pilot' | 'why' | 'instant' }>;

function isCheck(want: Want): want is CheckWant {
  return want.kind === 'cases' || want.kind === 'simplest' || want.kind === 'verdict';
}

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
      const figures = figuresIn(run);
      const course = want.withCourse === true ? { course: courseOf({ faults: figures.faults, reps: [seed], series: seriesOf(run.series), window: windowOf(run.plan, run.world.now) }) } : {};
      return { complete: run.ending === 'complete', audited: run.audited, sample: sampleOf({ seed, totals: figures.totals }, loadOf(figures)), ...course };
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
