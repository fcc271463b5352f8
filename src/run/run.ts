/** One run, from plan to result. */
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { carryOut, resultOf } from './carry-out.ts';
import { carryOutReal } from './carry-out-real.ts';
import { warmedUp } from './pilot.ts';
import { recordedReal, recordedSim } from './recorded.ts';

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
 * @throws RunTooShort  where `warmup: auto` finds no steady state; MeshError when `recordTo` cannot be written
 */
export function simulate(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control, recordTo }: RunOptions = {}): Result {
  const run = recordedSim(recordTo, (watchers) => carryOut(plan.isWarmupAuto ? warmedUp(plan) : plan, seed, control, { watchers }));
  return resultOf(run, { resolved, sha256 });
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
export async function runReal(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control, recordTo, timeScale = 1, workers = 0 }: RunOptions & Partial<RealMode> = {}): Promise<Result> {
  const run = await recordedReal(recordTo, (watchers) => carryOutReal(plan.isWarmupAuto ? warmedUp(plan) : plan, seed, { kind: 'real', timeScale, workers }, control, { watchers }));
  return resultOf(run, { resolved, sha256 });
}
