/**
 * The endpoints of one priority, in the lists that Envoy keeps of them: all, ready, ready in each locality. Each list
 * has a balancer of its own; a change of one endpoint renews all of them (1.38, `EdfLoadBalancerBase::refresh`).
 */
import { NONE } from '../../model/ids.ts';
import type { Balancer } from '../balance/balancer.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { LocalityChoice, RandomWords } from './locality-choice.ts';
import type { HostCounts } from './priority-load.ts';

/** A list of endpoints, and who picks from it. */
export class Part {
  readonly set: EndpointSet;
  readonly balancer: Balancer;

  constructor(set: EndpointSet, balancer: Balancer) {
    this.set = set;
    this.balancer = balancer;
  }
}

export interface Localities {
  readonly parts: readonly Part[];
  readonly choice: LocalityChoice;
  /** The lists have changed. */
  renew(): void;
}

export class PriorityLevel {
  private readonly members: Int32Array;
  private readonly available: EndpointSet;
  private readonly all: Part;
  private readonly ready: Part;
  private readonly localities: Localities | null;

  /** @param available  the members that are ready, weights or no weights */
  constructor(members: Int32Array, available: EndpointSet, all: Part, ready: Part, localities: Localities | null) {
    this.members = members;
    this.available = available;
    this.all = all;
    this.ready = ready;
    this.localities = localities;
  }

  /** The readiness of some endpoint has changed. */
  renew(): void {
    this.available.refresh();
    this.all.set.refresh();
    if (this.ready.set !== this.available) this.ready.set.refresh();
    if (this.localities === null) return;
    for (const { set } of this.localities.parts) set.refresh();
    this.localities.renew();
  }

  /** The list that one attempt picks from. */
  partFor(panics: boolean, random: RandomWords): Part {
    if (panics) return this.all;
    if (this.localities === null) return this.ready;
    const locality = this.localities.choice.choose(random);
    return locality === NONE ? this.ready : this.localities.parts[locality]!;
  }

  counts(): HostCounts {
    return { hosts: this.members.length, excluded: 0, healthy: this.available.count, degraded: 0 };
  }

  /** The same in sums of weights. */
  weights(): HostCounts {
    const { count, list, weights } = this.available;
    return { hosts: weightOf(weights, this.members, this.members.length), excluded: 0, healthy: weightOf(weights, list, count), degraded: 0 };
  }
}

export function weightOf(weights: Float64Array, list: Int32Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weights[list[i]!]!;
  return sum;
}
