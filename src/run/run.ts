/** One run, from plan to result. */
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { carryOut, resultOf } from './carry-out.ts';
import { pilotOf } from './pilot.ts';
import { pilotSeeds, warmupOf, withWarmup } from './warmup.ts';

export interface RunOptions {
  /** Instead of the plan's. */
  readonly seed?: number;
  /** The file with all defaults, for the result; null when there is no file. */
  readonly resolved?: unknown;
  /** Of the file's bytes; empty when there is no file. */
  readonly sha256?: string;
  readonly control?: RunControl;
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
 * @throws RunTooShort  where `warmup: auto` finds no steady state
 */
export function simulate(plan: Plan, { seed = plan.seed, resolved = null, sha256 = '', control }: RunOptions = {}): Result {
  return resultOf(carryOut(plan.isWarmupAuto ? warmedUp(plan) : plan, seed, control), { resolved, sha256 });
}

function warmedUp(plan: Plan): Plan {
  return withWarmup(plan, warmupOf(plan, pilotSeeds(plan).map((seed) => pilotOf(plan, seed))));
}
