/** One run of a scenario under all invariants, as a property looks at it. */
import { INVARIANT_NAMES } from '../invariant/registry.ts';
import type { InvariantName, Violation } from '../model/violation.ts';
import type { Plan } from '../model/plan.ts';
import type { OwnPolicies } from '../own/policies.ts';
import type { Result } from '../result/result.ts';
import type { ScenarioDocument } from '../scenario/document.ts';
import { planOfDocument } from '../scenario/document-plan.ts';
import { parseDuration } from '../scenario/units.ts';
import { audited } from './audited.ts';
import { type Aside, type FinishedRun, resultOf } from './carry-out.ts';
import { carryOutOwn, carryOutWaiting } from './carry-out-own.ts';

export interface ScenarioRun {
  readonly scenario: ScenarioDocument;
  readonly plan: Plan;
  /** As `simulate` gives it; made when it is asked for. */
  readonly result: Result;
  /** The first of each invariant that was broken. */
  readonly violations: readonly Violation[];
}

export interface ScenarioRunOptions {
  /** Looks after the invariant `recovers`, too: the time that it may take, such as `'5s'`. */
  readonly recoverWithin?: string;
}

/**
 * Runs a scenario once in virtual time, with its own seed, under all invariants. Synchronous and deterministic.
 * @param policies  the code that it names
 * @throws Error with every problem where the scenario cannot be run, or for a `recoverWithin` that is no time; OwnPolicyError
 */
export function runScenario(scenario: ScenarioDocument, policies: OwnPolicies = {}, { recoverWithin }: ScenarioRunOptions = {}): ScenarioRun {
  const plan = planOfDocument(scenario, policies);
  const [names, aside]: [readonly InvariantName[], Aside] = recoverWithin === undefined ? [INVARIANT_NAMES, {}] : [[...INVARIANT_NAMES, 'recovers'], { recoverWithinNs: recoverWithinNsOf(recoverWithin) }];
  const { run, violations } = audited(plan, plan.seed, names, undefined, aside, (...asked) => carryOutOwn(policies, ...asked));
  return scenarioRun(scenario, run, violations);
}

/** @throws Error for a text that is no time */
export function recoverWithinNsOf(text: string): number {
  const ns = parseDuration(text);
  if (ns === null) throw new Error(`\`recoverWithin\` is a time such as '5s', and \`${text}\` is none`);
  return ns;
}

/** As `runScenario`, for code that is asynchronous. Without invariants: they are about what the engine decides, and a wrapper decides instead. */
export async function runScenarioAsync(scenario: ScenarioDocument, policies: OwnPolicies = {}): Promise<ScenarioRun> {
  const plan = planOfDocument(scenario, policies);
  return scenarioRun(scenario, await carryOutWaiting(policies, plan, plan.seed), []);
}

function scenarioRun(scenario: ScenarioDocument, run: FinishedRun, violations: readonly Violation[]): ScenarioRun {
  let result: Result | null = null;
  return {
    scenario, violations,
    plan: run.plan,
    get result(): Result {
      return (result ??= resultOf(run, { resolved: scenario, sha256: '' }));
    },
  };
}
