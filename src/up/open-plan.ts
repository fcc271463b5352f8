/**
 * The plan of a mesh that is up: no end, nothing to judge, and for every service somebody who may call it from outside. A service
 * that the file sends traffic to is called by that source, under its policy; every other one gets a source that
 * sends nothing of itself.
 */
import type { LoadPlan, Plan, TrafficPlan } from '../model/plan.ts';
import type { Json, JsonObject } from '../scenario/schema.ts';

export interface OpenOptions {
  /** The file's own traffic runs … */
  readonly traffic: boolean;
  /** … and its faults come at their times. */
  readonly faults: boolean;
}

/**
 * The scenario with sources for those services that have none, as text: what policy such calls have, and where splits lead
 * them, is the business of whoever reads scenarios.
 * @param resolved  the file with every default, of which `plan` was made
 */
export function withIngress(resolved: unknown, { edges, services, traffic }: Plan): string {
  const file = resolved as JsonObject; // what a scenario that was read resolves to
  const called = new Set(traffic.map(({ edge }) => edges[edge]!.to));
  const taken = new Set([...traffic, ...services].map(({ name }) => name));
  const added = services.flatMap(({ name }, service) => (called.has(service) ? [] : [{ to: name, name: freeName(`ingress-${name}`, taken), rate: '0/s' }]));
  return JSON.stringify({ ...file, traffic: [...(file['traffic'] as readonly Json[]), ...added] });
}

/** @param plan  with a source for each service */
export function openPlan(plan: Plan, { faults, traffic }: OpenOptions): Plan {
  return {
    ...plan,
    durationNs: Infinity,
    warmupNs: 0,
    isWarmupAuto: false,
    drainNs: 0,
    thresholds: [],
    traffic: traffic ? plan.traffic : plan.traffic.map((source): TrafficPlan => ({ ...source, load: NOBODY })),
    faults: faults ? plan.faults : plan.faults.map((fault) => ({ ...fault, windows: [] })),
  };
}

const NOBODY: LoadPlan = { kind: 'recorded', offsetsNs: [], classes: [] };

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`${name}-`, taken) : name;
}
