/** One run in virtual time under invariants: what it came to, and what it broke. */
import { INVARIANT_NAMES } from '../invariant/registry.ts';
import type { Plan } from '../model/plan.ts';
import type { InvariantName, Violation } from '../model/violation.ts';
import { type Aside, carryOut, type FinishedRun } from './carry-out.ts';
import type { RunControl } from './run.ts';

export interface AuditedRun {
  readonly run: FinishedRun;
  /** The first of each invariant that was broken, in the order in which they were found. */
  readonly violations: readonly Violation[];
}

/**
 * Deterministic and free of side effects, as `carryOut`; its digest is that of a run without invariants.
 *
 * @param names  the invariants to look after; all, if absent
 * @param carry  carries it out, where the plan names code
 */
export function audited(plan: Plan, seed: number = plan.seed, names: readonly InvariantName[] = INVARIANT_NAMES, control?: RunControl, aside: Aside = {}, carry: typeof carryOut = carryOut): AuditedRun {
  const run = carry(plan, seed, control, { ...aside, invariants: names });
  return { run, violations: run.audited!.violations }; // invariants were asked for
}
