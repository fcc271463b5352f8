/** One run of a scenario under all invariants, as a property looks at it. */
import type { Violation } from '../invariant/violation.ts';
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import type { ScenarioDocument } from '../scenario/document.ts';
import { planOfDocument } from '../scenario/document-plan.ts';
import { audited } from './audited.ts';
import { resultOf } from './carry-out.ts';

export interface ScenarioRun {
  readonly scenario: ScenarioDocument;
  readonly plan: Plan;
  /** As `simulate` gives it; made when it is asked for. */
  readonly result: Result;
  /** The first of each invariant that was broken. */
  readonly violations: readonly Violation[];
}

/**
 * Runs a scenario once in virtual time, with its own seed, under all invariants. Synchronous and deterministic.
 * @throws Error with every problem where the scenario cannot be run
 */
export function runScenario(scenario: ScenarioDocument): ScenarioRun {
  const plan = planOfDocument(scenario);
  const { run, violations } = audited(plan);
  let result: Result | null = null;
  return {
    scenario, plan, violations,
    get result(): Result {
      return (result ??= resultOf(run, { resolved: scenario, sha256: '' }));
    },
  };
}
