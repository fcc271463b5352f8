/**
 * What a worker thread is asked to run, and what comes back: plain data both ways, so that it can be cloned.
 *
 * A task is one run: a job, a seed, and what is wanted of it. Where many runs are summed up, want `metrics`: a few
 * hundred bytes instead of a whole result.
 */
import type { CaseOptions } from '../check/cases.ts';
import type { Course } from '../compare/course.ts';
import type { Sample } from '../compare/side.ts';
import type { MetricPlan, Plan } from '../model/plan.ts';
import type { Audited, InvariantName } from '../model/violation.ts';
import { replicationSeed } from '../random/replication-seed.ts';
import type { Metrics, Result } from '../result/result.ts';
import type { ScenarioDocument } from '../scenario/document.ts';
import type { Instant } from '../result/instant.ts';
import type { Why } from '../result/why.ts';
import type { Ending } from './carry-out.ts';
import type { Demands, Found, Search, Simplest, Verdict } from './check.ts';
import type { Work } from './objective.ts';
import type { Replication } from './replication.ts';
import type { Pilot } from './pilot.ts';
import type { Mode } from './run.ts';
import type { TraceOrder } from './traces.ts';
import { pilotSeeds } from './warmup.ts';

/** Of what is to be compared and says nothing itself. Finds a change of 5 % in the p99 of the noisiest scenario shipped at least 95 times of 100: test/theory/power.test.ts. */
export const REPLICATIONS_DEFAULT = 20;

/** A scenario ready to run. Its identity counts: tasks that share the object share one copy in each worker. */
export interface Job {
  readonly plan: Plan;
  /** The file with all defaults, for the result. */
  readonly resolved: unknown;
  /** Of the scenario's bytes. */
  readonly sha256: string;
}

export interface Task<W extends Want = Want> {
  readonly job: Job;
  /** Instead of the plan's; of replications from `random/replication-seed.ts`. */
  readonly seed: number;
  /** Virtual time unless it says otherwise. */
  readonly mode?: Mode;
  /** A file for what the engine is told and decides; of this task alone. */
  readonly recordTo?: string;
  /** Follow every request; not where endpoints are in threads of their own. */
  readonly trace?: TraceOrder;
  /** Whether all invariants are looked after; in virtual time only. */
  readonly hasInvariants?: boolean;
  readonly want: W;
}

export type Want =
  /** The whole result, some 100 kB. */
  | { readonly kind: 'result' }
  /** What `replicate.ts` makes one result of. */
  | { readonly kind: 'replication' }
  /** What a comparison needs. */
  | { readonly kind: 'sample'; /** And what happened when, some 10 kB. */ readonly withCourse?: true }
  /** What the other plan did otherwise with the same requests, and why. */
  | { readonly kind: 'why'; readonly other: Plan }
  /** How things stand at an instant, ns, and what is decided from then on. */
  | { readonly kind: 'instant'; readonly atNs: number }
  /** What `warmup.ts` finds the warm-up with. */
  | { readonly kind: 'pilot' }
  /** The totals, the work of all services, and some values in the units of a plan (ns, ratios 0..1). */
  | { readonly kind: 'metrics'; readonly metrics: readonly MetricPlan[]; /** Ascending, ns. */ readonly queuesAt?: readonly number[] }
  /** What a check does; the job is the scenario that it is about, and not run itself. */
  | CheckWant;

export type CheckWant =
  /** What fails in a batch of cases. */
  | { readonly kind: 'cases'; readonly scenario: ScenarioDocument; readonly batch: number; readonly options: CaseOptions; readonly invariants: readonly InvariantName[] }
  /** The simplest case that fails in the same. */
  | { readonly kind: 'simplest'; readonly found: Found }
  /** What fails in one scenario. */
  | { readonly kind: 'verdict'; readonly scenario: ScenarioDocument; readonly demands: Demands };

export interface MetricsAnswer {
  readonly seed: number;
  readonly ending: Ending;
  readonly digest: string;
  readonly totals: Metrics;
  readonly work: Work;
  /** Attempts that waited in queues at the times of `queuesAt`, as far as the run got. */
  readonly queued: readonly number[];
  /** One for each metric wanted; null where nothing was measured, `Infinity` for a recovery that never came. */
  readonly values: readonly (number | null)[];
}

export interface SampleAnswer {
  /** False when the run ended early. */
  readonly complete: boolean;
  readonly sample: Sample;
  readonly course?: Course;
  /** Null where no invariants were looked after. */
  readonly audited: Audited | null;
}

interface Answers {
  readonly result: Result;
  readonly replication: Replication;
  readonly sample: SampleAnswer;
  readonly pilot: Pilot;
  /** Null where a run ended early. */
  readonly why: Omit<Why, 'sides'> | null;
  /** Null where the run did not get there. */
  readonly instant: Instant | null;
  readonly metrics: MetricsAnswer;
  readonly cases: Search;
  readonly simplest: Simplest;
  readonly verdict: Verdict | null;
}

export type AnswerTo<W extends Want> = Answers[W['kind']];

/**
 * The first `count` replications of a job, as tasks; the first of all has the seed of the plan. A plan with `warmup: auto` must have had
 * its warm-up found before.
 */
export function* replications<W extends Want>(job: Job, count: number, want: W, mode: Mode = { kind: 'sim' }): Generator<Task<W>> {
  for (const seed of replicationSeeds(job.plan.seed, count)) yield { job, seed, mode, want };
}

export function replicationSeeds(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => replicationSeed(seed, i));
}

/** The pilot runs of a job whose plan has `warmup: auto`. */
export function* pilots(job: Job): Generator<Task<{ readonly kind: 'pilot' }>> {
  for (const seed of pilotSeeds(job.plan)) yield { job, seed, want: { kind: 'pilot' } };
}
