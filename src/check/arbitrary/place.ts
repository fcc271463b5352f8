/** Where the faults of a scenario can strike. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import { planOfDocument } from '../../scenario/document-plan.ts';
import type { NamedCode } from '../../scenario/parse.ts';

export interface Places {
  readonly durationNs: number;
  readonly services: readonly { readonly name: string; readonly replicas: number; readonly concurrency: number }[];
  /** `caller->service`. */
  readonly edges: readonly string[];
  readonly zones: readonly string[];
}

/**
 * @param policies  the code that the scenario names
 * @throws Error with every problem of a scenario that is not valid
 */
export function placesOf(scenario: ScenarioDocument, policies?: NamedCode): Places {
  const { durationNs, edges, services, zones } = planOfDocument(scenario, policies);
  const populated = new Set(services.flatMap((service) => service.zones));
  return { durationNs, services, edges: [...new Set(edges.map(({ name }) => name.split('#')[0]!))], zones: zones.length > 1 ? zones.filter((_, i) => populated.has(i)) : [] };
}
