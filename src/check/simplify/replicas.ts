/** Fewer endpoints and clients. */
import type { ScenarioDocument } from '../../scenario/document.ts';

type Documents = Generator<ScenarioDocument, void, undefined>;

/** Faults on an endpoint that is gone strike the first instead. */
export function* fewerReplicas(document: ScenarioDocument): Documents {
  for (const [name, service] of Object.entries(document.services)) {
    for (const replicas of fewerThan(service['replicas'])) {
      // What is said of each endpoint has no place any more.
      const { weights: _, replicas: __, ...rest } = service;
      const faults = document.faults?.map((fault) => {
        const [hit, index] = String(fault['target']).split('/');
        return hit === name && index !== undefined && Number(index) >= replicas ? { ...fault, target: `${name}/0` } : fault;
      });
      yield { ...document, services: { ...document.services, [name]: replicas === 1 ? rest : { ...rest, replicas } }, ...(faults === undefined ? {} : { faults }) };
    }
  }
}

export function* fewerClients(document: ScenarioDocument): Documents {
  for (const [i, source] of document.traffic.entries()) {
    for (const clients of fewerThan(source['clients'])) {
      const { clients: _, ...rest } = source;
      yield { ...document, traffic: document.traffic.with(i, clients === 1 ? rest : { ...rest, clients }) };
    }
  }
}

/** Where it says 1 itself, that need not be said. */
function fewerThan(count: unknown): readonly number[] {
  if (count === 1) return [1];
  const most = typeof count === 'number' ? count : 1;
  return [...new Set([1, 2, Math.floor(most / 2), most - 1])].filter((fewer) => fewer >= 1 && fewer < most);
}
