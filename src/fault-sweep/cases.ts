/**
 * The cases of a sweep of faults: each fault of the standard set on each thing it can happen to, and pairs of those. A case is
 * values of the file (`--set`), so what was run, what is written down and what a person runs again are one and the same.
 */
import type { Plan, ServicePlan } from '../model/plan.ts';
import { isSentOn, isSentTo } from '../model/sent.ts';
import type { Override } from '../scenario/override.ts';
import { formatDuration } from '../scenario/units.ts';
import { FAULT_NAMES, type FaultForm, type FaultName, type Scope, STANDARD_FAULTS } from './standard-faults.ts';
import { surged } from './surge.ts';
import type { Window } from './window.ts';

/** One fault on one target. */
export interface Part {
  /** `crash:cart/4`, `cut:web->cart`, `crash:zone:eu-a`, `surge:*`. */
  readonly id: string;
  readonly fault: FaultName;
  readonly form: FaultForm;
  readonly scope: Scope;
  /** It happens to it, or to a part of it. */
  readonly service: ServicePlan | null;
  /** As in a file; a traffic source by its name, or `*` for all. */
  readonly target: string;
  /** For people: `cart/4, one of 5`. */
  readonly subject: string;
  /** Of two parts of one thing only one is a failure of its own: the service of an endpoint, the edge, the zone, the traffic. */
  readonly thing: string;
}

export interface FaultCase {
  readonly id: string;
  readonly parts: readonly Part[];
}

export interface PairCase extends FaultCase {
  /** Ids of single cases that tell what its two do alone. */
  readonly alone: readonly [string, string];
}

/** Name of the first fault of each case, and of the time that it is on: for `phase` in thresholds. */
export const FAULT_PHASE = 'fault';

/** Of a service, the number of the endpoint that faults of one endpoint hit. */
export type EndpointChoice = (service: ServicePlan) => number;

/** Every fault of the set on everything it can happen to, in the order of the set; of the endpoints of a service, on one. */
export function partsOf(plan: Plan, endpointOf: EndpointChoice): Part[] {
  const targets = targetsOf(plan, endpointOf);
  return FAULT_NAMES.flatMap((fault) => {
    const { on } = STANDARD_FAULTS[fault];
    return targets.flatMap((target) => {
      const form = on[target.scope];
      const isSuited = form !== undefined && (target.service === null || (form.suits?.(target.service) ?? true));
      return isSuited ? [{ id: `${fault}:${target.target}`, fault, form, ...target }] : [];
    });
  });
}

/**
 * Two things break at once: faults of different things, or of two endpoints of a service that has others left.
 * @param seconds  parts of another endpoint of each service, where the same fault is tried
 */
export function pairsOf(parts: readonly Part[], seconds: readonly Part[]): PairCase[] {
  const ids = parts.map(({ id }) => id);
  return parts.flatMap((one, i) => [
    // The second endpoint does alone what the first one does.
    ...seconds.filter((second) => one.fault === second.fault && arePair(one, second) && one.thing === second.thing && !ids.includes(second.id)).map((second) => ({ ...caseOf([one, second]), alone: [one.id, one.id] as const })),
    ...parts.slice(i + 1).filter((other) => arePair(one, other)).map((other) => ({ ...caseOf([one, other]), alone: [one.id, other.id] as const })),
  ]);
}

/** Of a service with two endpoints, both would be the service. */
export function arePair(one: Part, other: Part): boolean {
  return one.thing !== other.thing || (one.scope === 'endpoint' && other.scope === 'endpoint' && one.target !== other.target && one.service!.replicas > 2);
}

export function caseOf(parts: readonly Part[]): FaultCase {
  return { id: parts.map(({ id }) => id).join('+'), parts };
}

/** What happens, in words. */
export function wordsOf({ parts }: FaultCase): string {
  return parts.map(({ subject, form }) => `${subject} ${form.what}`).join(', and ');
}

/** The file's values of a case without parts: nothing breaks, and the time of the fault can be looked at all the same. */
export function overridesOf(parts: readonly Part[], window: Window, plan: Plan, hasRate: (source: number) => boolean): Override[] {
  const faults = parts.flatMap(({ form, target }) => form.effects.map(({ yaml, forNs }) => ({ target, yaml, forNs: Math.min(forNs ?? Infinity, window.toNs - window.fromNs) })));
  // A fault that changes nothing: `times one`.
  if (faults.length === 0) faults.push({ target: plan.services[0]!.name, yaml: 'latency: { multiply: 1 }', forNs: window.toNs - window.fromNs });
  const written = faults.map(({ target, yaml, forNs }, i) =>
    `{ name: ${i === 0 ? FAULT_PHASE : `${FAULT_PHASE}-${i + 1}`}, at: ${formatDuration(window.fromNs)}, for: ${formatDuration(forNs)}, target: ${target}, ${yaml} }`);
  return [{ path: 'faults', value: `[ ${written.join(', ')} ]` }, ...parts.flatMap((part) => surgesOf(part, window, plan, hasRate))];
}

function surgesOf({ form, target }: Part, window: Window, plan: Plan, hasRate: (source: number) => boolean): Override[] {
  const { load: times } = form;
  if (times === undefined) return [];
  return plan.traffic.flatMap(({ load, name }, i) => {
    if (load.kind !== 'open' || (target !== ALL && target !== name)) return [];
    const points = surged(load.profile, window, times);
    // Beside a `rate` a profile begins where it differs from it.
    const listed = hasRate(i) && points[0]!.atNs === 0 && window.fromNs > 0 ? points.slice(1) : points;
    return [{ path: `traffic[${i}].profile`, value: `[ ${listed.map(({ atNs, ratePerS, step }) => `{ at: ${formatDuration(atNs)}, rate: ${digits(ratePerS)}/s${step ? ', step: true' : ''} }`).join(', ')} ]` }];
  });
}

/** Without an exponent, which rates cannot have. */
function digits(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20) : text;
}

type Target = Omit<Part, 'id' | 'fault' | 'form'>;

/** All sources together; no source can be called so. */
const ALL = '*';

function targetsOf(plan: Plan, endpointOf: EndpointChoice): Target[] {
  const { edges, traffic, zones } = plan;
  const services = plan.services.filter((_, service) => isSentTo(plan, service));
  const endpoints = services.map((service): Target => {
    const target = `${service.name}/${endpointOf(service)}`;
    return { scope: 'endpoint', target, subject: service.replicas === 1 ? target : `${target} of ${service.replicas}`, thing: service.name, service };
  });
  const wholes = services.map((service): Target => ({ scope: 'service', target: service.name, subject: `all of ${service.name}`, thing: service.name, service }));
  const used = zones.filter((_, zone) => services.some((service) => service.zones.includes(zone)));
  const networks = [...new Set(edges.filter((_, edge) => isSentOn(plan, edge)).map(({ name }) => name.split('#')[0]!))]; // calls of one pair under policies of their own share a network
  const sources = traffic.filter(({ load }) => load.kind === 'open').map(({ name }) => name);
  return [
    ...endpoints,
    ...wholes,
    // One zone is everything.
    ...(used.length < 2 ? [] : used).map((zone): Target => ({ scope: 'zone', target: `zone:${zone}`, subject: `zone ${zone}`, thing: `zone:${zone}`, service: null })),
    ...networks.map((edge): Target => ({ scope: 'edge', target: edge, subject: `the network ${edge}`, thing: edge, service: null })),
    ...sources.map((source): Target => ({ scope: 'traffic', target: source, subject: `the traffic ${source}`, thing: ALL, service: null })),
    ...(sources.length < 2 ? [] : [{ scope: 'traffic', target: ALL, subject: 'all traffic', thing: ALL, service: null } as const]),
  ];
}
