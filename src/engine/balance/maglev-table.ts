/**
 * Maglev's table (Eisenbud et al., NSDI 2016, listing 1) with weights as in Envoy (`maglev_lb.cc`, 1.38;
 * envoy.md 4.6): endpoints, ordered by name, take slots in turn, each the next free one of its own permutation;
 * one of less than the greatest share sits out turns.
 */
import { Word64, remainder } from '../../random/word64.ts';
import { xxHash64 } from '../../random/xx-hash.ts';
import type { EndpointShares } from './endpoint-shares.ts';

export class MaglevTable {
  /** The endpoint of each slot. */
  readonly slots: Int32Array;

  constructor(slots: Int32Array) {
    this.slots = slots;
  }

  /** @param attempt  hosts turned down before for this pick; each changes the upper bits of the hash, and so the slot */
  endpointAt(hi: number, lo: number, attempt: number): number {
    const flip = attempt > 0;
    return this.slots[remainder(flip ? ~hi : hi, flip ? lo ^ -attempt : lo, this.slots.length)]!;
  }
}

const FREE = -1;

/** @param size  a prime. @param nameOf  of an endpoint; what is hashed */
export function fillTable({ endpoints, shares, most }: EndpointShares, nameOf: (endpoint: number) => string, size: number): MaglevTable {
  const hash = new Word64();
  const entries = endpoints
    .map((endpoint, i) => {
      const name = nameOf(endpoint);
      xxHash64(name, 0, hash);
      const at = remainder(hash.hi, hash.lo, size);
      xxHash64(name, 1, hash);
      return { name, endpoint, share: shares[i]!, at, skip: remainder(hash.hi, hash.lo, size - 1) + 1, target: 0 };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const slots = new Int32Array(size).fill(FREE);
  let filled = 0;
  for (let turn = 1; filled < size; turn++) {
    for (const entry of entries) {
      if (filled === size) break;
      if (turn * entry.share < entry.target) continue;
      entry.target += most;
      while (slots[entry.at] !== FREE) entry.at = (entry.at + entry.skip) % size;
      slots[entry.at] = entry.endpoint;
      filled++;
    }
  }
  return new MaglevTable(slots);
}
