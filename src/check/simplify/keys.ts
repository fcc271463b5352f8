/** Keys of services and policies left out, so that their defaults hold. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { isMap, stepsOf, tidied, withSteps } from './mesh.ts';

type Documents = Generator<ScenarioDocument, void, undefined>;

/** What other simplifications deal with. */
const NOT_HERE = ['latency', 'calls', 'replicas', 'policy'];
const PLAIN_LATENCY = '10ms';

export function* dropServiceKeys(document: ScenarioDocument): Documents {
  for (const [name, service] of Object.entries(document.services)) {
    const change = (changed: JsonObject): ScenarioDocument => tidied({ ...document, services: { ...document.services, [name]: changed } });
    for (const key of Object.keys(service).filter((one) => !NOT_HERE.includes(one))) for (const less of without(service, key)) yield change(less);
    if (isMap(service['latency'])) yield change({ ...service, latency: PLAIN_LATENCY });
    for (const [i, step] of stepsOf(service).entries()) {
      for (const [j, call] of step.calls.entries()) {
        for (const key of Object.keys(call).filter((one) => one !== 'service')) {
          const { [key]: _, ...rest } = call;
          yield change(withSteps(service, stepsOf(service).with(i, { ...step, calls: step.calls.with(j, rest) })));
        }
      }
    }
  }
}

/** Nobody's, one service's, one source's. */
export function* dropPolicies(document: ScenarioDocument): Documents {
  const { policies, ...rest } = document;
  const bare = (site: JsonObject): JsonObject => {
    const { policy: _, ...others } = site;
    return others;
  };
  const services = (change: (service: JsonObject) => JsonObject): ScenarioDocument['services'] => Object.fromEntries(Object.entries(document.services).map(([name, service]) => [name, change(service)]));
  const bareCalls = (service: JsonObject): JsonObject => withSteps(service, stepsOf(service).map((step) => ({ ...step, calls: step.calls.map(bare) })));
  yield { ...rest as ScenarioDocument, services: services((service) => bareCalls(bare(service))), traffic: document.traffic.map(bare) };
  for (const [name, service] of Object.entries(document.services)) {
    if ('policy' in service) yield tidied({ ...document, services: { ...document.services, [name]: bare(service) } });
    yield tidied({ ...document, services: { ...document.services, [name]: bareCalls(service) } });
  }
  for (const [i, source] of document.traffic.entries()) if ('policy' in source) yield tidied({ ...document, traffic: document.traffic.with(i, bare(source)) });
  for (const name of Object.keys(policies ?? {})) {
    const { [name]: _, ...others } = policies!;
    yield { ...document, policies: others };
  }
}

/** Each key of each policy, however deep. */
export function dropPolicyKeys(document: ScenarioDocument): Documents {
  return withPolicies(document, below);
}

/** Less that has to happen before a policy acts: a window of 20 calls with 2 in it needs fewer requests to be shown. */
export function smallerAmounts(document: ScenarioDocument): Documents {
  return withPolicies(document, smallerIn);
}

function* withPolicies(document: ScenarioDocument, simpler: (policy: Json | undefined) => Iterable<Json>): Documents {
  for (const [name, policy] of Object.entries(document.policies ?? {})) {
    for (const less of simpler(policy)) yield { ...document, policies: { ...document.policies, [name]: less as JsonObject } };
  }
  for (const [name, service] of Object.entries(document.services)) {
    for (const less of simpler(service['policy'])) yield { ...document, services: { ...document.services, [name]: { ...service, policy: less } } };
  }
  for (const [i, source] of document.traffic.entries()) {
    for (const less of simpler(source['policy'])) yield { ...document, traffic: document.traffic.with(i, { ...source, policy: less }) };
  }
}

/** With one whole number that is smaller. */
function* smallerIn(value: Json | undefined): Generator<Json, void, undefined> {
  if (typeof value === 'number' && Number.isInteger(value)) {
    for (const smaller of new Set([1, Math.floor(value / 2)])) if (smaller >= 1 && smaller < value) yield smaller;
  } else if (isMap(value)) for (const [key, inner] of Object.entries(value)) for (const smaller of smallerIn(inner)) yield { ...value, [key]: smaller };
}

/** Without one key, first of its own, then of what is below. */
function* below(value: Json | undefined): Generator<Json, void, undefined> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.length > 1) for (const i of items.keys()) yield items.toSpliced(i, 1);
    return;
  }
  if (!isMap(value)) return;
  for (const key of Object.keys(value)) {
    const { [key]: _, ...others } = value;
    yield others;
  }
  for (const [key, inner] of Object.entries(value)) for (const less of below(inner)) yield { ...value, [key]: less };
}

function* without(map: JsonObject, key: string): Generator<JsonObject, void, undefined> {
  const { [key]: value, ...others } = map;
  yield others;
  for (const less of below(value)) yield { ...map, [key]: less };
}
