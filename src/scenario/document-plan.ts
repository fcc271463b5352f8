/** From a scenario as an object to its plan, for programs that have no use for a list of problems. */
import type { Plan } from '../model/plan.ts';
import { documentText, type ScenarioDocument } from './document.ts';
import { parseScenario } from './parse.ts';
import { formatProblems } from './problem.ts';

/** @throws Error with every problem of a scenario that is not valid, or that a run would not simulate as it is written */
export function planOfDocument(scenario: ScenarioDocument): Plan {
  const { plan, notSimulated } = parseScenario(scenario);
  if (plan !== null && notSimulated.length === 0) return plan;
  // Read once more as text, so that the problems have lines.
  const text = documentText(scenario);
  throw new Error(`the scenario cannot be run\n${formatProblems(parseScenario(text).problems, text, { unicode: true })}`);
}

/** Whether a run would simulate it as it is written. */
export function isRunnable(scenario: ScenarioDocument): boolean {
  const { notSimulated, plan } = parseScenario(scenario);
  return plan !== null && notSimulated.length === 0;
}
