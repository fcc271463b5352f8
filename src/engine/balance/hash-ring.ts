/**
 * A ring of hashed names (Karger et al., STOC 1997) as Envoy lays it (`ring_hash_lb.cc`, 1.38; envoy.md 4.5), and
 * gRPC after it (gRFC A42): each endpoint has entries in proportion to its share, at the hashes of `name_0`,
 * `name_1` and so on; a call belongs to the first entry at or after its own hash.
 */
import { murmurHash2 } from '../../random/murmur-hash.ts';
import { Word64 } from '../../random/word64.ts';
import { xxHash64 } from '../../random/xx-hash.ts';
import type { EndpointShares } from './endpoint-shares.ts';

export interface RingLayout {
  readonly minRingSize: number;
  readonly maxRingSize: number;
  readonly hashFunction: 'xxHash' | 'murmur2';
}

export class HashRing {
  readonly size: number;
  /** By entry, clockwise. */
  readonly owners: Int32Array;
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;

  /** @param owners  in any order; with `hi` and `lo`, the place of each */
  constructor(owners: ArrayLike<number>, hi: ArrayLike<number>, lo: ArrayLike<number>) {
    this.size = owners.length;
    const order = Int32Array.from(owners, (_, i) => i).sort((a, b) => (hi[a]! >>> 0) - (hi[b]! >>> 0) || (lo[a]! >>> 0) - (lo[b]! >>> 0));
    this.owners = Int32Array.from(order, (i) => owners[i]!);
    this.hi = Uint32Array.from(order, (i) => hi[i]!);
    this.lo = Uint32Array.from(order, (i) => lo[i]!);
  }

  /** The first entry at or after this hash; the first of all where there is none. */
  entryAt(hi: number, lo: number): number {
    const upper = hi >>> 0;
    const lower = lo >>> 0;
    let from = 0;
    let to = this.size;
    while (from < to) {
      const middle = (from + to) >> 1;
      const above = this.hi[middle]!;
      if (above < upper || (above === upper && this.lo[middle]! < lower)) from = middle + 1;
      else to = middle;
    }
    return from === this.size ? 0 : from;
  }

  /** The entry so many further on. */
  after(entry: number, steps: number): number {
    return (entry + steps) % this.size;
  }
}

/** @param nameOf  of an endpoint; what is hashed */
export function layRing({ endpoints, shares, least }: EndpointShares, nameOf: (endpoint: number) => string, { minRingSize, maxRingSize, hashFunction }: RingLayout): HashRing {
  // So many that the least share gets a whole number of entries.
  const scale = Math.min(Math.ceil(least * minRingSize) / least, maxRingSize);
  const owners: number[] = [];
  const hi: number[] = [];
  const lo: number[] = [];
  const hash = new Word64();
  let target = 0;
  for (const [i, endpoint] of endpoints.entries()) {
    const name = nameOf(endpoint);
    // A running sum over all endpoints: where shares are no whole numbers of entries, some get one more.
    target += scale * shares[i]!;
    for (let k = 0; owners.length < target; k++) {
      const text = `${name}_${k}`;
      if (hashFunction === 'murmur2') murmurHash2(text, hash);
      else xxHash64(text, 0, hash);
      owners.push(endpoint);
      hi.push(hash.hi);
      lo.push(hash.lo);
    }
  }
  return new HashRing(owners, hi, lo);
}
