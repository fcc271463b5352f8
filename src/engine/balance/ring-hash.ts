/**
 * The endpoint whose entry follows the call's hash on a ring (envoy.md 4.5).
 *
 * Envoy's ring has the ready endpoints (all of them in panic) and is laid anew when they change; a pick that is asked again
 * because its endpoint was turned down moves on by one entry. gRPC's has all endpoints, ordered by name, and
 * a call whose endpoint is not ready goes to the next one clockwise that is (gRFC A42, A61; grpc-go
 * `balancer/ringhash`): `members: all`. Left out of gRPC's: connections that are opened only when the ring comes to them.
 */
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';
import { ClockwiseBound, ShuffledOverflow, SlotGauge } from './bounded-load.ts';
import { CallHash } from './call-hash.ts';
import { type LocalityShare, sharesOf } from './endpoint-shares.ts';
import { HashRing, layRing, type RingLayout } from './hash-ring.ts';
import type { TableCache } from './table-cache.ts';

export interface RingHashOptions extends RingLayout {
  readonly members: 'ready' | 'all';
  /** Multiple of the fair share; Infinity for no bound. */
  readonly boundedLoad: number;
  readonly overflow: 'shuffled' | 'clockwise';
}

const NOBODY = -1;

export class RingHash implements Balancer {
  readonly learner: null = null;
  private readonly set: EndpointSet;
  private readonly options: RingHashOptions;
  private readonly rings: TableCache<HashRing>;
  private readonly nameOf: (endpoint: number) => string;
  private readonly localities: readonly LocalityShare[] | null;
  private readonly hash: CallHash;
  private readonly passesOver: boolean;
  private readonly gauge: SlotGauge | null;
  private readonly shuffled: ShuffledOverflow | null;
  private readonly clockwise: ClockwiseBound | null;
  private version: number = -1;
  private ring: HashRing = new HashRing([], [], []);

  constructor({ set, random, nameOf = String, localities = null }: BalancerContext, options: RingHashOptions, rings: TableCache<HashRing>) {
    this.set = set;
    this.options = options;
    this.rings = rings;
    this.nameOf = nameOf;
    this.localities = localities;
    this.hash = new CallHash(random);
    this.passesOver = options.members === 'all';
    const isBounded = options.boundedLoad !== Infinity;
    this.gauge = isBounded && options.overflow === 'shuffled' ? new SlotGauge(set, Math.round(options.boundedLoad * 100)) : null;
    this.shuffled = this.gauge === null ? null : new ShuffledOverflow(this.gauge, set.size);
    this.clockwise = isBounded && options.overflow === 'clockwise' ? new ClockwiseBound(set, options.boundedLoad) : null;
  }

  pick(_now: number, hash: number, tries: number): number {
    const { hash: place, set } = this;
    if (this.version !== set.version) this.ring = this.refresh();
    const { ring } = this;
    place.seek(hash);
    let entry = ring.after(ring.entryAt(place.hi, place.lo), tries);
    if (this.passesOver) entry = this.firstReady(entry);
    // Nobody on a ring smaller than the set is ready; gRPC would fail the call.
    if (entry === NOBODY) return set.list[(place.lo >>> 0) % set.count]!;
    if (this.clockwise !== null) return this.clockwise.from(ring, entry);
    const endpoint = ring.owners[entry]!;
    return this.shuffled === null ? endpoint : this.shuffled.choose(endpoint, place.lo);
  }

  private firstReady(entry: number): number {
    const { ring, set } = this;
    for (let step = 0; step < ring.size; step++) {
      const at = ring.after(entry, step);
      if (set.mayPick(ring.owners[at]!)) return at;
    }
    return NOBODY;
  }

  private refresh(): HashRing {
    const { set, nameOf } = this;
    this.version = set.version;
    const listed = Array.from(set.list.subarray(0, set.count));
    const shares = sharesOf(set.weights, listed, this.localities);
    this.gauge?.share(shares);
    this.shuffled?.share(shares);
    if (!this.passesOver) return this.rings.get(listed.map(nameOf).join(), () => layRing(shares, nameOf, this.options));
    const all = Array.from(set.members);
    return this.rings.get(all.map(nameOf).join(), () => layRing(sharesOf(set.weights, all.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)), this.localities), nameOf, this.options));
  }
}
