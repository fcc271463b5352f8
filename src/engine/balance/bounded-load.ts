/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, SODA 2018): no endpoint takes more than a
 * multiple of its fair share of what is in flight; what is too much for it goes elsewhere.
 *
 * Envoy (`thread_aware_lb_impl.cc`, 1.38; envoy.md 4.7) counts slots in whole percent and lets an endpoint whose slots
 * are just full have one more. It goes elsewhere by a shuffle of all endpoints that is the same for the same hash, so that
 * the neighbour of a full endpoint is not next to fill up (Chen et al., arXiv 1908.08762).
 * `ClockwiseBound` is the rule as published: the next endpoint on the ring with room.
 */
import { MersenneTwister } from '../../random/mersenne-twister.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { EndpointShares } from './endpoint-shares.ts';
import type { HashRing } from './hash-ring.ts';

/** How full endpoints are: up to 1 they take calls. */
export interface LoadGauge {
  loadOf(endpoint: number): number;
}

/** Requests that all endpoints may have in flight, one more included. @param factor  whole percent of the fair share, from 100 */
export function slotsOfAll(activeTotal: number, factor: number): number {
  return Math.floor(((activeTotal + 1) * factor + 99) / 100);
}

/** Those of one endpoint. */
export function slotsOf(slotsTotal: number, share: number): number {
  return Math.max(1, Math.ceil(slotsTotal * share));
}

export class SlotGauge implements LoadGauge {
  private readonly set: EndpointSet;
  private readonly factor: number;
  /** By endpoint. */
  private readonly shares: Float64Array;

  constructor(set: EndpointSet, factor: number) {
    this.set = set;
    this.factor = factor;
    this.shares = new Float64Array(set.size);
  }

  share({ endpoints, shares }: EndpointShares): void {
    this.shares.fill(0);
    for (const [i, endpoint] of endpoints.entries()) this.shares[endpoint] = shares[i]!;
  }

  loadOf(endpoint: number): number {
    const { set } = this;
    return set.active[endpoint]! / slotsOf(slotsOfAll(set.activeTotal, this.factor), this.shares[endpoint]!);
  }
}

/** Envoy's way on from a full endpoint. */
export class ShuffledOverflow {
  private readonly random: MersenneTwister = new MersenneTwister();
  private readonly gauge: LoadGauge;
  private endpoints: Int32Array = new Int32Array(0);
  private readonly order: Int32Array;
  private dealt: number = 0;

  /** @param size  most endpoints there are */
  constructor(gauge: LoadGauge, size: number) {
    this.gauge = gauge;
    this.order = new Int32Array(size);
  }

  /** These are the endpoints from now on. */
  share({ endpoints }: EndpointShares): void {
    this.endpoints = Int32Array.from(endpoints);
  }

  /** `home` where it has room, else the first with room, else the least full. @param hash  the lower word of the call's */
  choose(home: number, hash: number): number {
    const { gauge } = this;
    let best = home;
    let least = gauge.loadOf(home);
    if (least <= 1) return home;
    this.shuffle(hash);
    for (let i = 0; i < this.endpoints.length; i++) {
      const endpoint = this.next();
      if (endpoint === home) continue;
      const load = gauge.loadOf(endpoint);
      if (load <= 1) return endpoint;
      if (load < least) {
        best = endpoint;
        least = load;
      }
    }
    return best;
  }

  /** Begin to deal the endpoints in the order of this hash. */
  shuffle(hash: number): void {
    const { endpoints, order } = this;
    this.random.seed(hash);
    for (let i = 0; i < endpoints.length; i++) order[i] = i;
    this.dealt = 0;
  }

  /** As often as there are endpoints. */
  next(): number {
    const { order, dealt } = this;
    const other = dealt + this.below(this.endpoints.length - dealt);
    const index = order[other]!;
    order[other] = order[dealt]!;
    order[dealt] = index;
    this.dealt++;
    return this.endpoints[index]!;
  }

  /** Uniform, by rejection. */
  private below(n: number): number {
    const width = Math.floor(2 ** 32 / n);
    let drawn = n;
    while (drawn >= n) drawn = Math.floor(this.random.word() / width);
    return drawn;
  }
}

export class ClockwiseBound {
  private readonly set: EndpointSet;
  private readonly factor: number;
  private version: number = -1;
  /** Of the endpoints that a pick may take. */
  private weightTotal: number = 0;

  /** @param factor  of the fair share, from 1 */
  constructor(set: EndpointSet, factor: number) {
    this.set = set;
    this.factor = factor;
  }

  /** The owner of the entry or, where that is full, of the next one that is not. */
  from(ring: HashRing, entry: number): number {
    const { set } = this;
    for (let step = 0; step < ring.size; step++) {
      const endpoint = ring.owners[ring.after(entry, step)]!;
      if (set.mayPick(endpoint) && set.active[endpoint]! < this.capacityOf(endpoint)) return endpoint;
    }
    // Those with room are not on a ring that is smaller than the set.
    return ring.owners[entry]!;
  }

  /** Requests that it may have in flight, this one included. */
  capacityOf(endpoint: number): number {
    const { set } = this;
    if (this.version !== set.version) {
      this.version = set.version;
      this.weightTotal = 0;
      for (let i = 0; i < set.count; i++) this.weightTotal += set.weights[set.list[i]!]!;
    }
    return Math.ceil((this.factor * (set.activeTotal + 1) * set.weights[endpoint]!) / this.weightTotal);
  }
}
