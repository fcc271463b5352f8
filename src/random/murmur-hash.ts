/**
 * The 64-bit MurmurHash2 (64A) by Austin Appleby, of the UTF-8 bytes of a text: `MURMUR_HASH_2` of Envoy's ring
 * (`source/common/common/hash.cc`, 1.38), with the seed that Envoy gives it.
 */
import { Word64 } from './word64.ts';

const encoder = new TextEncoder();

const SEED = 0xc70f6907;
const M_HI = 0xc6a4a793;
const M_LO = 0x5bd1e995;

export function murmurHash2(text: string, hash: Word64): Word64 {
  const bytes = encoder.encode(text);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = new Word64().set(0, bytes.length).times(M_HI, M_LO);
  hash.set(0, SEED).xor(word.hi, word.lo);
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    word.set(data.getInt32(at + 4, true), data.getInt32(at, true)).times(M_HI, M_LO).fold(47).times(M_HI, M_LO);
    hash.xor(word.hi, word.lo).times(M_HI, M_LO);
  }
  if (at < bytes.length) {
    word.set(0, 0);
    for (let i = bytes.length - 1; i >= at; i--) word.set((word.hi << 8) | (word.lo >>> 24), (word.lo << 8) | bytes[i]!);
    hash.xor(word.hi, word.lo).times(M_HI, M_LO);
  }
  return hash.fold(47).times(M_HI, M_LO).fold(47);
}
