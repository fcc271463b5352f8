/** One run, from plan to result. */
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { refuseCode } from '../own/named-code.ts';
import type { OwnPolicies } from '../own/policies.ts';
import { GroupMeans } from '../stats/group-means.ts';
import { type carryOut, resultOf } from './carry-out.ts';
import { carryOutOwn, carryOutWaiting } from './carry-out-own.ts';
import { carryOutReal } from './carry-out-real.ts';
import { type Pilot, pilotOf, pilotPlan, warmedUp } from './pilot.ts';
import { recordedReal, recordedSim } from './recorded.ts';
import { pilotSeeds } from './warmup.ts';

export interface RunOptions {
  /** Instead of the plan's. */
  readonly seed?: number;
  /** The file with all defaults, for the result; null when there is no file. */
  readonly resolved?: unknown;
  /** Of the file's bytes; empty when there is no file. */
  readonly sha256?: string;
  readonly control?: RunControl;
  /** A file for all that the engine is told and decides, to be replayed; see `docs/recording.md`. */
  readonly recordTo?: string;
  /** The code that the plan names, as it was passed to `parseScenario`; see `docs/own-policies.md`. */
  readonly policies?: OwnPolicies;
}

export interface RunControl {
  /** Called every few thousand events; true stops the run, whose result is then not `complete`. */
  onProgress?(progress: Progress): boolean;
}

export interface Progress {
  readonly nowNs: number;
  readonly events: number;
  readonly requests: number;
  readonly failed: number;
  readonly phase: 'running' | 'draining';
}

/**
 * Simulate a plan in virtual time. Synchronous and deterministic: equal plan and seed give an equal result, `env` apart.
 * One replication, whatever the plan says of `replications`.
 *
 * @throws RunTooShort  where `warmup: auto` finds no steady state; MeshError when `recordTo` cannot be written; OwnPolicyError when a policy of
 *                      `policies` fails; Error where the plan names code that was not passed, or asynchronous code (`wrapper`)
 */
export function simulate(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control, recordTo, policies = {} }: RunOptions = {}): Result {
  if (recordTo !== undefined) refuseCode(plan, 'a recording is replayed without any');
  const carry: typeof carryOut = (...run) => carryOutOwn(policies, ...run);
  const warm = plan.isWarmupAuto ? warmedUp(plan, pilotSeeds(plan).map((pilot) => pilotOf(plan, pilot, undefined, carry))) : plan;
  return resultOf(recordedSim(recordTo, (watchers) => carry(warm, seed, control, { watchers })), { resolved, sha256 });
}

/**
 * As `simulate`, for a plan with a `wrapper`, or with a policy of its own that sets timers: the run stops between events for such code. Time is as virtual
 * for the code as for the rest, and what it finds random comes from the seed, so equal plan, code and seed give an equal result.
 *
 * Several may go on at once; each one's time is its own.
 *
 * @throws as `simulate`
 */
export async function simulateAsync(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control, policies = {} }: Omit<RunOptions, 'recordTo'> = {}): Promise<Result> {
  let warm = plan;
  if (plan.isWarmupAuto) {
    const pilots: Pilot[] = [];
    for (const pilot of pilotSeeds(plan)) pilots.push(await pilotWaiting(plan, pilot, policies));
    warm = warmedUp(plan, pilots);
  }
  return resultOf(await carryOutWaiting(policies, warm, seed, control), { resolved, sha256 });
}

async function pilotWaiting(plan: Plan, seed: number, policies: OwnPolicies): Promise<Pilot> {
  const latencies = new GroupMeans();
  const { ending } = await carryOutWaiting(policies, pilotPlan(plan), seed, undefined, { latencies });
  return { ending, latencies: latencies.groups() };
}

/** How time passes in a run. */
export type Mode = { readonly kind: 'sim' } | RealMode;

export interface RealMode {
  readonly kind: 'real';
  /** Real time per time of the run, 1 or more. */
  readonly timeScale: number;
  /** Threads that host the endpoints, beside the one that sends the requests; with none, the default, that one does both. */
  readonly workers?: number;
}

/**
 * Run a plan on HTTP servers and sockets on loopback. What is random in the plan comes from the seed, what is random in
 * this machine does not.
 * @throws MeshError when this machine cannot carry the mesh, or `recordTo` cannot be written; RunTooShort as `simulate`
 */
export async function runReal(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control, recordTo, timeScale = 1, workers = 0 }: Omit<RunOptions, 'policies'> & Partial<RealMode> = {}): Promise<Result> {
  const run = await recordedReal(recordTo, (watchers) => carryOutReal(plan.isWarmupAuto ? warmedUp(plan) : plan, seed, { kind: 'real', timeScale, workers }, control, { watchers }));
  return resultOf(run, { resolved, sha256 });
}
