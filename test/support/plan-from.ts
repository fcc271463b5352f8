import type { Plan } from '../../src/model/plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { ScenarioObject } from './random-scenario.ts';

/** The plan of a scenario written as an object; throws with every problem if it is not a valid one. */
export function planFrom(scenario: ScenarioObject): Plan {
  const { plan, problems, notSimulated } = parseScenario(JSON.stringify(scenario), { file: 'generated.yaml' });
  if (plan === null || notSimulated.length > 0) throw new Error(`not a valid scenario: ${problems.map(({ message, path }) => `${path}: ${message}`).join('; ')}`);
  return plan;
}
