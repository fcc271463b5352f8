/** Where the faults of a scenario can strike. */
import type { Plan } from '../../model/plan.ts';
import { documentText, type ScenarioDocument } from '../../scenario/document.ts';
import { parseScenario } from '../../scenario/parse.ts';
import { formatProblems } from '../../scenario/problem.ts';

export interface Places {
  readonly durationNs: number;
  readonly services: readonly { readonly name: string; readonly replicas: number; readonly concurrency: number }[];
  /** `caller->service`. */
  readonly edges: readonly string[];
  readonly zones: readonly string[];
}

/** @throws Error with every problem of a scenario that is not valid */
export function placesOf(scenario: ScenarioDocument): Places {
  const { durationNs, edges, services, zones } = planOfDocument(scenario);
  const populated = new Set(services.flatMap((service) => service.zones));
  return { durationNs, services, edges: [...new Set(edges.map(({ name }) => name.split('#')[0]!))], zones: zones.length > 1 ? zones.filter((_, i) => populated.has(i)) : [] };
}

/** @throws Error with every problem of a scenario that is not valid, or that a run would not simulate as it is written */
export function planOfDocument(scenario: ScenarioDocument): Plan {
  const { plan, notSimulated } = parseScenario(scenario);
  if (plan !== null && notSimulated.length === 0) return plan;
  // Read once more as text, so that the problems have lines.
  const text = documentText(scenario);
  throw new Error(`the scenario cannot be run\n${formatProblems(parseScenario(text).problems, text, { unicode: true })}`);
}
