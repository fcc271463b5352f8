/** From a scenario as an object to its plan, for programs that have no use for a list of problems. */
import type { Plan } from '../model/plan.ts';
import { documentText, type ScenarioDocument } from './document.ts';
import { type NamedCode, parseScenario } from './parse.ts';
import { formatProblems } from './problem.ts';

/**
 * @param policies  the code that it names
 * @throws Error with every problem of a scenario that is not valid, or that a run would not simulate as it is written
 */
export function planOfDocument(scenario: ScenarioDocument, policies: NamedCode = {}): Plan {
  const { plan, notSimulated } = parseScenario(scenario, { policies });
  if (plan !== null && notSimulated.length === 0) return plan;
  // Read once more as text, so that the problems have lines.
  const text = documentText(scenario);
  throw new Error(`the scenario cannot be run\n${formatProblems(parseScenario(text, { policies }).problems, text, { unicode: true })}`);
}

/** Whether a run would simulate it as it is written. */
export function isRunnable(scenario: ScenarioDocument, policies: NamedCode = {}): boolean {
  const { notSimulated, plan } = parseScenario(scenario, { policies });
  return plan !== null && notSimulated.length === 0;
}
