/** One plan in both worlds, in turn, and whether they agree: calibrate, run pairs, judge, explain. */
import type { MetricPlan, Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import { VERSION } from '../model/version.ts';
import { replicationSeed } from '../random/replication-seed.ts';
import type { Result } from '../result/result.ts';
import { distortedOf, explain, latenessNs, LEAST_PAIRS, type Pair, type Row, rowsOf, verdictOf } from '../verify/agreement.ts';
import { CALIBRATION_RUNS, calibrationMetrics, calibrationPlan, later, onSockets, type Overhead, overheadFigures, overheadOf } from '../verify/calibration.ts';
import { VERIFICATION_SCHEMA, type Verification } from '../verify/verification.ts';
import type { RealMode } from './run.ts';
import type { AnswerTo, Job, Task, Want } from './task.ts';

export interface VerifyOptions {
  /** Pairs of runs, at least 2. */
  readonly repetitions: number;
  /** Real time per time of the run, 1 or more. */
  readonly timeScale: number;
  /** Measure what sockets add, and let the simulator add it. */
  readonly calibrates: boolean;
}

/**
 * Carries out tasks one after another. Fewer answers than tasks mean that it was stopped; the last one may be of a run that was.
 * @param what  is being done, for progress
 */
export type CarryOut = <W extends Want>(tasks: readonly Task<W>[], what: 'calibrating' | 'running' | 'explaining') => Promise<readonly AnswerTo<W>[]>;

const RESULT = { kind: 'result' } as const;

export async function verify(job: Job, { calibrates, repetitions, timeScale }: VerifyOptions, carryOut: CarryOut): Promise<Verification> {
  // Thresholds are not judged here, and one with `abort` would end a run early.
  const plan: Plan = { ...job.plan, thresholds: [] };
  const real: RealMode = { kind: 'real', timeScale };
  const overhead = calibrates ? await calibrated(plan, carryOut) : null;
  const simJob: Job = { ...job, plan: overhead === null ? plan : onSockets(plan, overhead, timeScale) };
  const realJob: Job = { ...job, plan };
  const seeds = Array.from({ length: repetitions }, (_, i) => replicationSeed(plan.seed, i));

  const wasStopped = calibrates && overhead === null;
  const tasks = seeds.flatMap((seed): Task<typeof RESULT>[] => [{ job: simJob, seed, want: RESULT }, { job: realJob, seed, mode: real, want: RESULT }]);
  const answers = wasStopped ? [] : await carryOut([warmUp(realJob, real), ...tasks], 'running');
  const pairs = pairsOf(answers.slice(1));
  let rows: Row[] = pairs.length < LEAST_PAIRS ? [] : rowsOf(plan, pairs);
  if (verdictOf(rows) === 'disagree' && pairs.length === repetitions) {
    const ends = [plan, later(simJob.plan, latenessNs(pairs))].map((end): Job => ({ ...job, plan: end }));
    const results = await carryOut(ends.flatMap((end) => seeds.map((seed) => ({ job: end, seed, want: RESULT }))), 'explaining');
    if (results.length === 2 * repetitions) rows = explain(plan, rows, pairs, { fastest: results.slice(0, repetitions), slowest: results.slice(repetitions) });
  }
  return {
    schema: VERIFICATION_SCHEMA,
    meshsim: VERSION,
    scenario: { name: plan.name, sha256: job.sha256 },
    seed: plan.seed,
    durationMs: msOf(plan.durationNs),
    requests: pairs.reduce((sum, pair) => sum + pair.real.totals.requests / pairs.length, 0),
    timeScale,
    overhead: overhead === null ? null : overheadFigures(overhead),
    repetitions: pairs.length,
    complete: pairs.length === repetitions,
    latenessP99Ms: pairs.length === 0 ? 0 : msOf(latenessNs(pairs)),
    distorted: distortedOf(pairs),
    verdict: pairs.length < LEAST_PAIRS ? 'unknown' : verdictOf(rows),
    rows,
  };
}

/** Real time for code to be compiled in, which the first run would otherwise pay for. */
const WARM_UP_NS = 1e9;

/** The beginning of the plan, which is not compared. */
function warmUp(job: Job, mode: RealMode): Task<typeof RESULT> {
  return { job: { ...job, plan: { ...job.plan, durationNs: Math.min(job.plan.durationNs, WARM_UP_NS / mode.timeScale), drainNs: 0 } }, seed: job.plan.seed, mode, want: RESULT };
}

/** Null when it was stopped. */
async function calibrated(plan: Plan, carryOut: CarryOut): Promise<Overhead | null> {
  const job: Job = { plan: calibrationPlan(plan), resolved: null, sha256: '' };
  const metrics: readonly MetricPlan[] = calibrationMetrics(plan);
  const runs = Array.from({ length: CALIBRATION_RUNS }, (_, i): Task<{ kind: 'metrics'; metrics: readonly MetricPlan[] }> => ({ job, seed: replicationSeed(plan.seed, i), mode: { kind: 'real', timeScale: 1 }, want: { kind: 'metrics', metrics } }));
  const answers = await carryOut(runs, 'calibrating');
  return answers.length < runs.length || answers.some(({ complete }) => !complete) ? null : overheadOf(plan, answers.map(({ values }) => values));
}

/** Answers come as simulated, real, simulated, real …; pairs of whole runs count. */
function pairsOf(answers: readonly Result[]): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < answers.length; i += 2) {
    const [sim, real] = [answers[i]!, answers[i + 1]!];
    if (sim.complete && real.complete) pairs.push({ sim, real });
  }
  return pairs;
}
