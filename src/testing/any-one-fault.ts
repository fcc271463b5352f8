/** What if any one thing breaks, as cases of a test: the standard set of `meshsim check --sweep-faults`. */
import { busiestOf } from '../fault-sweep/busiest.ts';
import { caseOf, partsOf, wordsOf } from '../fault-sweep/cases.ts';
import { ScenarioCases } from '../fault-sweep/scenario-cases.ts';
import { middleOf } from '../fault-sweep/window.ts';
import { simulate } from '../run/run.ts';
import { documentOf, type ScenarioDocument } from '../scenario/document.ts';
import { parseScenario } from '../scenario/parse.ts';
import { formatProblems } from '../scenario/problem.ts';

export interface OneFault {
  /** `crash:cart/4`, as `meshsim check --sweep-faults --break` takes it. */
  readonly id: string;
  /** In words. */
  readonly what: string;
  /** With this fault in place of its own, in the middle third of the time that is measured; thresholds about a fault of the file are about this one. */
  readonly scenario: ScenarioDocument;
}

/**
 * Each fault of the standard set on everything it can happen to; of the endpoints of a service, on the busiest.
 *
 *     for (const { what, scenario } of anyOneFault(yaml)) test(what, () => { … runScenario(scenario) … });
 *
 * @throws Error with every problem of a scenario that is not valid
 */
export function anyOneFault(yaml: string): OneFault[] {
  const { plan, problems, resolved } = parseScenario(yaml);
  if (plan === null) throw new Error(`the scenario has problems\n${formatProblems(problems, yaml, { unicode: true })}`);
  const cases = new ScenarioCases(plan, resolved, { window: middleOf(plan), thresholds: [] });
  const normal = simulate(parseScenario(yaml, { set: cases.overrides([]) }).plan!); // its own faults apart, it is the same file
  return partsOf(plan, (service) => busiestOf(service, normal)[0]!).map((part) => {
    const one = caseOf([part]);
    return { id: one.id, what: wordsOf(one), scenario: documentOf(yaml, { set: cases.overrides(one.parts) }) };
  });
}
