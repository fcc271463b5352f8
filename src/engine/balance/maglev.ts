/**
 * The endpoint that Maglev's table names for the call's hash (envoy.md 4.6). The table has the ready endpoints, all of them
 * in panic, and is filled anew when they change: few calls of the others move then, though more than on a ring.
 */
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';
import { ShuffledOverflow, SlotGauge } from './bounded-load.ts';
import { CallHash } from './call-hash.ts';
import { type LocalityShare, sharesOf } from './endpoint-shares.ts';
import { fillTable, MaglevTable } from './maglev-table.ts';
import type { TableCache } from './table-cache.ts';

export interface MaglevOptions {
  readonly tableSize: number;
  /** Multiple of the fair share; Infinity for no bound. */
  readonly boundedLoad: number;
}

export class Maglev implements Balancer {
  readonly learner: null = null;
  private readonly set: EndpointSet;
  private readonly tableSize: number;
  private readonly tables: TableCache<MaglevTable>;
  private readonly nameOf: (endpoint: number) => string;
  private readonly localities: readonly LocalityShare[] | null;
  private readonly hash: CallHash;
  private readonly gauge: SlotGauge | null;
  private readonly shuffled: ShuffledOverflow | null;
  private version: number = -1;
  private table: MaglevTable = new MaglevTable(new Int32Array(0));

  constructor({ set, random, nameOf = String, localities = null }: BalancerContext, { tableSize, boundedLoad }: MaglevOptions, tables: TableCache<MaglevTable>) {
    this.set = set;
    this.tableSize = tableSize;
    this.tables = tables;
    this.nameOf = nameOf;
    this.localities = localities;
    this.hash = new CallHash(random);
    this.gauge = boundedLoad === Infinity ? null : new SlotGauge(set, Math.round(boundedLoad * 100));
    this.shuffled = this.gauge === null ? null : new ShuffledOverflow(this.gauge, set.size);
  }

  pick(_now: number, hash: number, tries: number): number {
    if (this.version !== this.set.version) this.table = this.refresh();
    const { hash: place } = this;
    place.seek(hash);
    const endpoint = this.table.endpointAt(place.hi, place.lo, tries);
    return this.shuffled === null ? endpoint : this.shuffled.choose(endpoint, place.lo);
  }

  private refresh(): MaglevTable {
    const { set, nameOf } = this;
    this.version = set.version;
    const listed = Array.from(set.list.subarray(0, set.count));
    const shares = sharesOf(set.weights, listed, this.localities);
    this.gauge?.share(shares);
    this.shuffled?.share(shares);
    return this.tables.get(listed.map(nameOf).join(), () => fillTable(shares, nameOf, this.tableSize));
  }
}
