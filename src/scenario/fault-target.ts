/** The target of a fault, section 9: `cart`, `cart/4`, `cart@eu-a`, `zone:eu-a`, `web->cart`. */
import type { EdgeId, EndpointId } from '../model/ids.ts';
import type { EdgePlan, ServicePlan } from '../model/plan.ts';
import type { ProblemCode } from './problem.ts';
import { didYouMean } from './suggest.ts';

export interface World {
  readonly zones: readonly string[];
  readonly services: readonly ServicePlan[];
  readonly edges: readonly EdgePlan[];
  /** Edges by name, and by `caller->service` whatever the policy. */
  readonly edgesByName: ReadonlyMap<string, readonly EdgeId[]>;
}

export function edgesByName(edges: readonly EdgePlan[]): ReadonlyMap<string, readonly EdgeId[]> {
  const found = new Map<string, EdgeId[]>();
  for (const [edge, { name }] of edges.entries()) {
    for (const key of new Set([name, name.split('#')[0]!])) found.set(key, [...(found.get(key) ?? []), edge]);
  }
  return found;
}

export type Target =
  | { readonly kind: 'endpoints'; readonly endpoints: readonly EndpointId[] }
  | { readonly kind: 'edges'; readonly edges: readonly EdgeId[] };

export interface TargetProblem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string | null;
  readonly allowed?: readonly string[];
}

export function resolveTarget(text: string, world: World): Target | TargetProblem {
  if (text.includes('->')) return edgesOf(text, world);
  if (text.startsWith('zone:')) return zoneOf(text.slice('zone:'.length), world);
  const [, name = '', separator, rest = ''] = /^([^/@]*)([/@])?(.*)$/s.exec(text) ?? [];
  const service = world.services.find((candidate) => candidate.name === name);
  if (service === undefined) return unknown('service', name, world.services.map((candidate) => candidate.name));
  if (separator === '@') return inZone(service, rest, world);
  if (separator === undefined) return { kind: 'endpoints', endpoints: range(service) };
  if (!/^[-+.\d\s]*$/.test(rest)) return { code: 'not-supported-yet', message: `\`${text}\`: subsets are not supported yet`, hint: `write \`${name}/0\` for one endpoint` };
  const index = /^(0|[1-9]\d*)$/.test(rest) ? Number(rest) : Infinity;
  if (!(index < service.replicas)) return { code: 'unknown-reference', message: `there is no endpoint \`${text}\``, hint: `\`${name}\` has ${service.replicas}, \`${name}/0\`${service.replicas === 1 ? '' : ` to \`${name}/${service.replicas - 1}\``}` };
  return { kind: 'endpoints', endpoints: [service.firstEndpoint + index] };
}

/** That it names, or has an endpoint of. */
export function serviceOf(text: string): string {
  return text.replace(/[/@].*$/s, '');
}

function edgesOf(text: string, world: World): Target | TargetProblem {
  const edges = world.edgesByName.get(text);
  return edges === undefined ? unknown('edge', text, world.edges.map((edge) => edge.name)) : { kind: 'edges', edges };
}

function zoneOf(zone: string, world: World): Target | TargetProblem {
  const index = world.zones.indexOf(zone);
  if (index < 0) return unknown('zone', zone, world.zones);
  const endpoints = world.services.flatMap((service) => range(service).filter((_, replica) => service.zones[replica] === index));
  return endpoints.length > 0 ? { kind: 'endpoints', endpoints } : { code: 'no-effect', message: `there are no endpoints in zone \`${zone}\``, hint: null };
}

function inZone(service: ServicePlan, zone: string, world: World): Target | TargetProblem {
  const index = world.zones.indexOf(zone);
  if (index < 0) return unknown('zone', zone, world.zones);
  const endpoints = range(service).filter((_, replica) => service.zones[replica] === index);
  return endpoints.length > 0 ? { kind: 'endpoints', endpoints } : { code: 'no-effect', message: `\`${service.name}\` has no endpoints in zone \`${zone}\``, hint: null };
}

function unknown(what: string, name: string, known: readonly string[]): TargetProblem {
  return { code: 'unknown-reference', message: `there is no ${what} \`${name.slice(0, 60)}\``, hint: didYouMean(name, known), ...(known.length === 0 ? {} : { allowed: known.slice(0, 12) }) };
}

function range(service: ServicePlan): EndpointId[] {
  return Array.from({ length: service.replicas }, (_, replica) => service.firstEndpoint + replica);
}
