/**
 * Property tests for policies: `meshsim/testing`. Scenarios that are generated and shrink well, what must hold in each, and a search for the one in which it does not.
 *
 *     checkPolicy({ retries: { attempts: 2, budget: '20%' } }, 'retries ratio <= 3');
 *     fc.assert(fc.property(arbScenario({ services: [1, 3], faults: 'single' }), holds('settles-once')));
 */
export { arbCase, type CaseShape } from './check/arbitrary/case.ts';
export { arbFaults, type FaultOptions } from './check/arbitrary/fault.ts';
export { arbLoad, type LoadOptions } from './check/arbitrary/load.ts';
export { arbPolicy, type PolicyOptions, type PolicyPart } from './check/arbitrary/policy.ts';
export { arbScenario, type ScenarioOptions } from './check/arbitrary/scenario.ts';
export type { Section } from './check/simplify/simplifications.ts';
export { INVARIANT_NAMES, INVARIANTS } from './invariant/registry.ts';
export type { Invariant } from './invariant/invariant.ts';
export type { InvariantName, Violation } from './model/violation.ts';
export { runScenario, runScenarioAsync, type ScenarioRun, type ScenarioRunOptions } from './run/scenario-run.ts';
export { documentOf, documentText, type ScenarioDocument } from './scenario/document.ts';
export { anyOneFault, type OneFault } from './testing/any-one-fault.ts';
export { checkPolicy, checkPolicyAsync, type Checked, type CheckOptions, holds } from './testing/check-policy.ts';
export type { Property } from './testing/property.ts';
