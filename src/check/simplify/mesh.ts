/** Changes to the mesh of a scenario that leave no reference to what is gone. */
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';

type Services = ScenarioDocument['services'];

/** A step of `calls`: calls that are made at once. */
export interface Step {
  readonly isParallel: boolean;
  readonly calls: readonly JsonObject[];
}

/** In one form, of the several that a file may have. */
export function stepsOf(service: JsonObject): readonly Step[] {
  return listOf(service['calls']).map((step) => (isMap(step) && 'parallel' in step ? { isParallel: true, calls: listOf(step['parallel']).map(callOf) } : { isParallel: false, calls: [callOf(step)] }));
}

export function withSteps(service: JsonObject, steps: readonly Step[]): JsonObject {
  const { calls: _, ...rest } = service;
  const written = steps.filter(({ calls }) => calls.length > 0).map(({ isParallel, calls }): Json => (isParallel ? { parallel: calls.map(shortCall) } : shortCall(calls[0]!)));
  return written.length === 0 ? rest : { ...rest, calls: written };
}

function callOf(call: Json): JsonObject {
  return isMap(call) ? call : { service: call };
}

function shortCall(call: JsonObject): Json {
  return Object.keys(call).length === 1 ? call['service']! : call;
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** Null where nobody would ask for anything any more. */
export function withoutService(document: ScenarioDocument, name: string): ScenarioDocument | null {
  const { [name]: _, ...others } = document.services;
  const services = Object.fromEntries(Object.entries(others).map(([other, service]) => {
    const calls = withSteps(service, stepsOf(service).map((step) => ({ ...step, calls: step.calls.filter((call) => call['service'] !== name) })));
    return [other, withoutBackend(calls, name)];
  }));
  const traffic = document.traffic.filter(({ to }) => to !== name);
  return traffic.length === 0 ? null : tidied({ ...document, services, traffic });
}

/** All traffic asks this service. */
export function aimedAt(document: ScenarioDocument, name: string): ScenarioDocument {
  const named = document.traffic.map((source) => ({ name: source['name'] ?? source['to']!, ...source, to: name }));
  const faults = document.faults?.map((fault) => {
    const [from, to] = String(fault['target']).split('->');
    return to !== undefined && named.some((source) => source.name === from) ? { ...fault, target: `${from}->${name}` } : fault;
  });
  return tidied({ ...document, traffic: named, ...(faults === undefined ? {} : { faults }) });
}

/** Without services that nobody reaches, policies that nobody names, and what is said of them. */
export function tidied(document: ScenarioDocument): ScenarioDocument {
  const reached = new Set(document.traffic.map(({ to }) => String(to)));
  for (const name of reached) {
    const service = document.services[name];
    if (service === undefined) continue;
    for (const { calls } of stepsOf(service)) for (const call of calls) reached.add(String(call['service']));
    for (const backend of backendsOf(service)) reached.add(backend);
  }
  const services: Services = Object.fromEntries(Object.entries(document.services).filter(([name]) => reached.has(name)));
  const sources = document.traffic.map((source) => String(source['name'] ?? source['to']));
  /** `cart`, `cart/4`, `cart@eu-a`, `web->cart`, or a source of traffic; a zone is always there. */
  const isThere = (name: string): boolean => name.split('->').every((end) => end.startsWith('zone:') || end.split(/[/@#]/)[0]! in services || sources.includes(end));
  const faults = document.faults?.filter(({ target }) => isThere(String(target)));
  const lost = (document.faults ?? []).filter((fault) => faults?.includes(fault) !== true).map(({ name }) => name);
  const thresholds = document.thresholds?.filter((threshold) => placesIn(threshold).every(isThere) && !phasesOf(threshold).some((phase) => lost.includes(phase)));
  return withUsedPolicies({ ...document, services, ...(faults === undefined ? {} : { faults }), ...(thresholds === undefined ? {} : { thresholds }) });
}

/** Of a threshold: `cart` where it says `service:cart`. */
function placesIn(threshold: Json): string[] {
  return [...exprOf(threshold).matchAll(/(?:service|edge|endpoint|traffic):([^,}]+)/g)].map((match) => match[1]!.trim());
}

/** Of a threshold: `outage` where it says `phase:outage` or `phase:after:outage`. */
export function phasesOf(threshold: Json): string[] {
  return [...exprOf(threshold).matchAll(/phase:(?:after:)?([^,}]+)/g)].map((match) => match[1]!.trim());
}

export function exprOf(threshold: Json): string {
  return isMap(threshold) ? String(threshold['expr']) : String(threshold);
}

function withUsedPolicies(document: ScenarioDocument): ScenarioDocument {
  if (document.policies === undefined) return document;
  const sites = [...Object.values(document.services), ...document.traffic, ...Object.values(document.services).flatMap((service) => stepsOf(service).flatMap(({ calls }) => calls))];
  const used = new Set(['default', ...sites.map((site) => site['policy'])]);
  const { policies, ...rest } = document;
  const kept = Object.entries(policies).filter(([name]) => used.has(name));
  return kept.length === 0 ? rest as ScenarioDocument : { ...rest as ScenarioDocument, policies: Object.fromEntries(kept) };
}

function splitOf(service: JsonObject): JsonObject | null {
  const [route] = listOf(service['routes']);
  return isMap(route) && isMap(route['split']) ? route['split'] : null;
}

function backendsOf(service: JsonObject): string[] {
  return Object.entries(splitOf(service) ?? {}).flatMap(([name, weight]) => (weight === 0 ? [] : [name]));
}

function withoutBackend(service: JsonObject, name: string): JsonObject {
  const split = splitOf(service);
  if (split === null || !(name in split)) return service;
  const { [name]: _, ...others } = split;
  const { routes: __, ...rest } = service;
  return Object.values(others).some((weight) => weight !== 0) ? { ...rest, routes: [{ split: others }] } : rest;
}
