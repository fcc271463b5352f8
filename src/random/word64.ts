/**
 * An unsigned 64-bit integer in two 32-bit halves, changed in place: hashes need arithmetic modulo 2^64, which
 * numbers do not have and BigInt has at the price of an allocation for each step (a ring is thousands of hashes).
 * The halves are signed words, as bit operations leave them.
 */
export class Word64 {
  hi: number = 0;
  lo: number = 0;

  set(hi: number, lo: number): this {
    this.hi = hi | 0;
    this.lo = lo | 0;
    return this;
  }

  add(hi: number, lo: number): this {
    const sum = (this.lo >>> 0) + (lo >>> 0);
    this.hi = (this.hi + hi + (sum > 0xffffffff ? 1 : 0)) | 0;
    this.lo = sum | 0;
    return this;
  }

  times(hi: number, lo: number): this {
    const a0 = this.lo & 0xffff;
    const a1 = this.lo >>> 16;
    const b0 = lo & 0xffff;
    const b1 = lo >>> 16;
    // The upper half of lo x lo, by halves of words; no sum leaves 32 bits.
    const one = a1 * b0 + ((a0 * b0) >>> 16);
    const two = a0 * b1 + (one & 0xffff);
    const carried = a1 * b1 + (one >>> 16) + (two >>> 16);
    this.hi = (Math.imul(this.hi, lo) + Math.imul(this.lo, hi) + carried) | 0;
    this.lo = Math.imul(this.lo, lo);
    return this;
  }

  xor(hi: number, lo: number): this {
    this.hi ^= hi;
    this.lo ^= lo;
    return this;
  }

  /** Rotate left, 0 < bits < 32. */
  rotate(bits: number): this {
    const { hi, lo } = this;
    this.hi = (hi << bits) | (lo >>> (32 - bits));
    this.lo = (lo << bits) | (hi >>> (32 - bits));
    return this;
  }

  /** x ^= x >>> bits, 0 < bits < 64. */
  fold(bits: number): this {
    const { hi, lo } = this;
    if (bits < 32) return this.xor(hi >>> bits, (lo >>> bits) | (hi << (32 - bits)));
    return this.xor(0, hi >>> (bits - 32));
  }
}

/** The 64-bit number modulo n, 0 < n < 2^37. */
export function remainder(hi: number, lo: number, n: number): number {
  const upper = ((hi >>> 0) % n) * 0x10000 + (lo >>> 16);
  return ((upper % n) * 0x10000 + (lo & 0xffff)) % n;
}
