/** One plan in both worlds, in turn, and whether they agree: calibrate, run pairs, judge, explain. */
import type { MetricPlan, Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import { VERSION } from '../model/version.ts';
import { replicationSeed } from '../random/replication-seed.ts';
import type { Result } from '../result/result.ts';
import { distortedOf, explain, latenessNs, LEAST_PAIRS, type Pair, type Row, rowsOf, verdictOf } from '../verify/agreement.ts';
import { CALIBRATION_RUNS, calibrationMetrics, calibrationPlan, later, onSockets, type Overhead, overheadFigures, overheadOf } from '../verify/calibration.ts';
import { VERIFICATION_SCHEMA, type Verification } from '../verify/verification.ts';
import type { Mode, RealMode } from './run.ts';
import type { AnswerTo, Job, MetricsAnswer, Task } from './task.ts';

export interface VerifyOptions {
  /** Pairs of runs, at least 2. */
  readonly repetitions: number;
  /** Real time per time of the run, 1 or more. */
  readonly timeScale: number;
  /** Measure what sockets add, and let the simulator add it. */
  readonly calibrates: boolean;
}

type VerifyWant = { readonly kind: 'result' } | { readonly kind: 'metrics'; readonly metrics: readonly MetricPlan[] };

/** Real time for code to be compiled in, which the first run would otherwise pay for. */
const WARM_UP_NS = 1e9;

/** What is known at any time, so that a verification that is stopped has what there is. */
export class Verifying {
  private readonly job: Job;
  private readonly plan: Plan;
  private readonly options: VerifyOptions;
  private readonly real: RealMode;
  private readonly pairs: Pair[] = [];
  private overhead: Overhead | null = null;
  private rows: readonly Row[] = [];

  constructor(job: Job, options: VerifyOptions) {
    this.job = job;
    // Thresholds are not judged here, and one with `abort` would end a run early.
    this.plan = { ...job.plan, thresholds: [] };
    this.options = options;
    this.real = { kind: 'real', timeScale: options.timeScale };
  }

  /** Runs before any verdict. */
  get runs(): number {
    return (this.options.calibrates ? CALIBRATION_RUNS : 0) + 1 + 2 * this.options.repetitions;
  }

  /** For `inRounds`; one run at a time, because side by side they would keep each other waiting. */
  *rounds(): Generator<readonly Task<VerifyWant>[], void, readonly AnswerTo<VerifyWant>[]> {
    const { plan, real } = this;
    const { calibrates, repetitions, timeScale } = this.options;
    if (calibrates) this.overhead = yield* this.calibration();
    yield [taskOf(this.jobOf({ ...plan, warmupNs: 0, durationNs: Math.min(plan.durationNs, WARM_UP_NS / timeScale), drainNs: 0 }), plan.seed, real)];
    const simulated = this.jobOf(this.overhead === null ? plan : onSockets(plan, this.overhead, timeScale));
    const onSocket = this.jobOf(plan);
    for (let i = 0; i < repetitions; i++) {
      const seed = replicationSeed(plan.seed, i);
      const [sim, onWire] = resultsOf(yield [taskOf(simulated, seed), taskOf(onSocket, seed, real)]);
      if (sim?.complete === true && onWire?.complete === true) this.pairs.push({ sim, real: onWire });
    }
    if (this.pairs.length < LEAST_PAIRS) return;
    this.rows = rowsOf(plan, this.pairs);
    if (verdictOf(this.rows) !== 'disagree') return;
    const late = this.jobOf(later(simulated.plan, latenessNs(this.pairs)));
    const fastest = resultsOf(yield this.pairs.map(({ sim }) => taskOf(onSocket, sim.seed)));
    const slowest = resultsOf(yield this.pairs.map(({ sim }) => taskOf(late, sim.seed)));
    this.rows = explain(plan, this.rows, this.pairs, { fastest, slowest });
  }

  verification(): Verification {
    const { job, overhead, pairs, plan } = this;
    const { repetitions, timeScale } = this.options;
    const isKnown = pairs.length >= LEAST_PAIRS;
    const rows = this.rows.length > 0 || !isKnown ? this.rows : rowsOf(plan, pairs);
    return {
      schema: VERIFICATION_SCHEMA,
      meshsim: VERSION,
      scenario: { name: plan.name, sha256: job.sha256 },
      seed: plan.seed,
      durationMs: msOf(plan.durationNs),
      requests: pairs.reduce((sum, { real }) => sum + real.totals.requests / pairs.length, 0),
      timeScale,
      overhead: overhead === null ? null : overheadFigures(overhead),
      repetitions: pairs.length,
      complete: pairs.length === repetitions,
      latenessP99Ms: pairs.length === 0 ? 0 : msOf(latenessNs(pairs)),
      distorted: distortedOf(pairs),
      verdict: isKnown ? verdictOf(rows) : 'unknown',
      rows,
    };
  }

  private *calibration(): Generator<readonly Task<VerifyWant>[], Overhead, readonly AnswerTo<VerifyWant>[]> {
    const job: Job = { plan: calibrationPlan(this.plan), resolved: null, sha256: '' };
    const want = { kind: 'metrics', metrics: calibrationMetrics(this.plan) } as const;
    const answers = yield Array.from({ length: CALIBRATION_RUNS }, (_, i) => ({ job, seed: replicationSeed(this.plan.seed, i), mode: { kind: 'real', timeScale: 1 }, want }));
    return overheadOf(this.plan, answers.filter((answer): answer is MetricsAnswer => 'values' in answer).map(({ values }) => values));
  }

  private jobOf(plan: Plan): Job {
    return { ...this.job, plan };
  }
}

function taskOf(job: Job, seed: number, mode: Mode = { kind: 'sim' }): Task<VerifyWant> {
  return { job, seed, mode, want: { kind: 'result' } };
}

function resultsOf(answers: readonly AnswerTo<VerifyWant>[]): Result[] {
  return answers.filter((answer): answer is Result => 'schema' in answer);
}
