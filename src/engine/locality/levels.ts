/** Builds the priorities and localities of one caller's view of a service, as its mode and balancer ask for. */
import type { LocalityPlan } from '../../model/plan.ts';
import type { Chosen } from '../../model/kind.ts';
import type { Balancer, BalancerContext } from '../balance/balancer.ts';
import type { LocalityShare } from '../balance/endpoint-shares.ts';
import type { BalancerMaker } from '../balance/registry.ts';
import type { EndpointSet } from '../endpoints.ts';
import { LocalityWeights } from './locality-weights.ts';
import { prioritiesOf } from './priorities.ts';
import { type Localities, Part, PriorityLevel, weightOf } from './priority-level.ts';
import { ZoneAware } from './zone-aware.ts';

export interface LocalitySetup {
  readonly plan: Exclude<LocalityPlan, { readonly mode: 'none' }>;
  readonly panicThreshold: number;
  /** Its name in the registry. */
  readonly balancer: Chosen;
  readonly newBalancer: BalancerMaker;
  /** What a balancer over the whole service would get. */
  readonly context: BalancerContext;
  /** Of each endpoint. */
  readonly zones: readonly number[];
  /** Of each caller of the edge. */
  readonly callerZones: readonly number[];
  /** Which of these it is. */
  readonly caller: number;
}

export interface Levels {
  readonly levels: readonly PriorityLevel[];
  /** Of each endpoint. */
  readonly levelOf: Int32Array;
  /** Hears how attempts end, for all balancers. */
  readonly learner: Balancer;
  /** Percent. */
  readonly overprovisioning: number;
}

/** Envoy's default overprovisioning factor, percent. */
const OVERPROVISIONING = 140;

export function levelsOf(setup: LocalitySetup): Levels {
  return new Builder(setup).build();
}

/** Balancers that go by the hash of the request: it chooses the priority as well, and they know no localities (`thread_aware_lb_impl.cc`). */
export function isHashing(balancer: string): boolean {
  return balancer === 'ringHash' || balancer === 'maglev';
}

class Builder {
  private readonly setup: LocalitySetup;
  private learner: Balancer | null = null;

  constructor(setup: LocalitySetup) {
    this.setup = setup;
  }

  build(): Levels {
    const { callerZones, caller, plan, zones } = this.setup;
    const own = callerZones[caller]!;
    const priorities = plan.mode === 'failover' ? prioritiesOf(own, plan.order[own]!, zones) : [[...new Set(zones)]];
    const levels = priorities.map((inside) => this.level(this.endpointsIn(inside)));
    return {
      levels,
      levelOf: Int32Array.from(zones, (zone) => priorities.findIndex((inside) => inside.includes(zone))),
      learner: this.learner!,
      overprovisioning: plan.mode === 'zoneAware' ? OVERPROVISIONING : percent(plan.overprovisioningFactor),
    };
  }

  private level(members: Int32Array): PriorityLevel {
    const { balancer, context: { set }, plan } = this.setup;
    const available = set.part(members, false);
    if (isHashing(balancer.kind) && plan.mode === 'weighted') return this.weighted(members, available, plan.weights);
    const all = this.part(set.part(members, true));
    const ready = this.part(available);
    return new PriorityLevel(members, available, all, ready, plan.mode === 'failover' || isHashing(balancer.kind) ? null : this.localities(plan));
  }

  /** Hashing balancers weigh each endpoint by its part of the weight of its zone, however many are ready there; zones without weight are out. */
  private weighted(members: Int32Array, available: EndpointSet, zoneWeights: readonly number[]): PriorityLevel {
    const { set } = this.setup.context;
    const shares = zoneWeights.map((weight, zone) => ({ weight, endpoints: Array.from(this.endpointsIn([zone])) }));
    const inside = this.endpointsIn(zoneWeights.flatMap((weight, zone) => (weight > 0 ? [zone] : [])));
    return new PriorityLevel(members, available, this.part(set.part(inside, true), shares), this.part(set.part(inside, false), shares), null);
  }

  private localities(plan: Exclude<LocalitySetup['plan'], { readonly mode: 'failover' }>): Localities {
    const { caller, callerZones, context: { random, set }, zones } = this.setup;
    const own = callerZones[caller]!;
    const present = [...new Set(zones)].sort((a, b) => (a === own ? -1 : b === own ? 1 : a - b));
    const members = present.map((zone) => this.endpointsIn([zone]));
    const parts = members.map((inside) => this.part(set.part(inside, false)));
    const ready = (): number[] => parts.map((part) => part.set.count);
    if (plan.mode === 'weighted') {
      const choice = new LocalityWeights(present.map((zone) => plan.weights[zone]!), percent(plan.overprovisioningFactor));
      const sizes = members.map(({ length }) => length);
      return { parts, choice, renew: () => choice.rebuild(sizes, ready(), random) };
    }
    const callers = new Int32Array(Math.max(...callerZones, ...present) + 1);
    for (const zone of callerZones) callers[zone]!++;
    const choice = new ZoneAware(callers, own, present, plan);
    const weights = (): number[] => parts.map((part) => weightOf(part.set.weights, part.set.list, part.set.count));
    return { parts, choice, renew: () => choice.rebuild(ready(), plan.basis === 'weights' ? weights() : ready()) };
  }

  private part(set: EndpointSet, localities: readonly LocalityShare[] | null = null): Part {
    const balancer = this.setup.newBalancer({ ...this.setup.context, set, localities, ...(this.learner === null ? {} : { sibling: this.learner }) });
    this.learner ??= balancer;
    return new Part(set, balancer);
  }

  private endpointsIn(zones: readonly number[]): Int32Array {
    return Int32Array.from(this.setup.zones.flatMap((zone, endpoint) => (zones.includes(zone) ? [endpoint] : [])));
  }
}

function percent(factor: number): number {
  return Math.round(factor * 100);
}
