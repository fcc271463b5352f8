/**
 * xxHash64 by Yann Collet, of the UTF-8 bytes of a text: the hash of Envoy's and gRPC's rings and of Maglev's
 * tables. Written from its specification (Cyan4973/xxHash: doc/xxhash_spec.md, 0.1.1).
 */
import { Word64 } from './word64.ts';

const encoder = new TextEncoder();

const P1_HI = 0x9e3779b1;
const P1_LO = 0x85ebca87;
const P2_HI = 0xc2b2ae3d;
const P2_LO = 0x27d4eb4f;
const P3_HI = 0x165667b1;
const P3_LO = 0x9e3779f9;
const P4_HI = 0x85ebca77;
const P4_LO = 0xc2b2ae63;
const P5_HI = 0x27d4eb2f;
const P5_LO = 0x165667c5;

const STRIPE = 32;

/** The hash of the text into `hash`. @param seed  32 bits */
export function xxHash64(text: string, seed: number, hash: Word64): Word64 {
  const bytes = encoder.encode(text);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = new Word64();
  let at = 0;
  if (bytes.length < STRIPE) hash.set(0, seed).add(P5_HI, P5_LO);
  else at = hashStripes(data, seed, hash, word);
  hash.add(0, bytes.length);
  for (; at + 8 <= bytes.length; at += 8) {
    round(word.set(0, 0), data, at);
    hash.xor(word.hi, word.lo).rotate(27).times(P1_HI, P1_LO).add(P4_HI, P4_LO);
  }
  if (at + 4 <= bytes.length) {
    word.set(0, data.getInt32(at, true)).times(P1_HI, P1_LO);
    hash.xor(word.hi, word.lo).rotate(23).times(P2_HI, P2_LO).add(P3_HI, P3_LO);
    at += 4;
  }
  for (; at < bytes.length; at++) {
    word.set(0, bytes[at]!).times(P5_HI, P5_LO);
    hash.xor(word.hi, word.lo).rotate(11).times(P1_HI, P1_LO);
  }
  return hash.fold(33).times(P2_HI, P2_LO).fold(29).times(P3_HI, P3_LO).fold(32);
}

/** Four lanes over the whole stripes, merged into `hash`; returns where the stripes end. */
function hashStripes(data: DataView, seed: number, hash: Word64, word: Word64): number {
  const lanes = [new Word64().set(0, seed).add(P1_HI, P1_LO).add(P2_HI, P2_LO), new Word64().set(0, seed).add(P2_HI, P2_LO), new Word64().set(0, seed), new Word64().set(0, seed)];
  // seed - P1
  lanes[3]!.add(~P1_HI, -P1_LO);
  let at = 0;
  for (; at + STRIPE <= data.byteLength; at += STRIPE) {
    for (const [i, lane] of lanes.entries()) round(lane, data, at + 8 * i);
  }
  hash.set(0, 0);
  for (const [i, lane] of lanes.entries()) {
    word.set(lane.hi, lane.lo).rotate([1, 7, 12, 18][i]!);
    hash.add(word.hi, word.lo);
  }
  for (const lane of lanes) {
    word.set(lane.hi, lane.lo).times(P2_HI, P2_LO).rotate(31).times(P1_HI, P1_LO);
    hash.xor(word.hi, word.lo).times(P1_HI, P1_LO).add(P4_HI, P4_LO);
  }
  return at;
}

/** Take eight bytes into a lane. */
function round(lane: Word64, data: DataView, at: number): void {
  const { hi, lo } = lane;
  lane.set(data.getInt32(at + 4, true), data.getInt32(at, true)).times(P2_HI, P2_LO).add(hi, lo).rotate(31).times(P1_HI, P1_LO);
}
