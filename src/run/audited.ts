/** One run in virtual time under invariants: what it came to, and what it broke. */
import { Audit } from '../invariant/audit.ts';
import { INVARIANT_NAMES, INVARIANTS } from '../invariant/registry.ts';
import type { InvariantName, Violation } from '../invariant/violation.ts';
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { type Aside, carryOut, type FinishedRun, resultOf } from './carry-out.ts';
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
  const audit = new Audit(names);
  const run = carry(plan, seed, control, { ...aside, audit });
  return { run, violations: violationsIn(audit, run, names) };
}

/** What the audit of a run found that is over, and what the run itself says. */
function violationsIn(audit: Audit, run: FinishedRun, names: readonly InvariantName[]): readonly Violation[] {
  audit.over(run.world.now);
  let result: Result | null = null;
  const ran = {
    plan: run.plan,
    get result(): Result {
      return (result ??= resultOf(run, { resolved: null, sha256: '' }));
    },
  };
  for (const name of names) for (const finding of INVARIANTS[name].judge?.(ran) ?? []) audit.report(name, finding);
  return audit.violations;
}
