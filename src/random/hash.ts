/**
 * Counter-based randomness: a draw is a hash of what it is for, not the next number of a sequence.
 * So two policies under one seed meet the same arrivals and the same work, however their events
 * interleave, and a run can be cut anywhere.
 *
 * `Draw` is a cursor over 64 random bits kept in two 32-bit words, because 32-bit integer arithmetic
 * is what the engine compiles to single instructions. The mixer is an unbalanced Feistel network of five
 * xorshift-multiply rounds: a bijection of the 64-bit counter for each key, so distinct counters never
 * collide. Multipliers from C. Wellons, "Prospecting for Hash Functions" (lowbias32, triple32).
 */
export class Draw {
  hi: number = 0;
  lo: number = 0;

  /** Go to the draw of `stream` for the counter (keyHi, keyLo). */
  seek(stream: Stream, keyHi: number, keyLo: number): void {
    this.mix(keyHi ^ stream.keyHi, keyLo ^ stream.keyLo);
  }

  /** Go on to fresh bits that depend only on the present ones. */
  next(): void {
    this.mix(this.lo ^ 0x9e3779b9, this.hi ^ 0x243f6a88);
  }

  /** Uniform in [0, 1), 53 bits. */
  unit(): number {
    return ((this.hi >>> 0) * 0x200000 + (this.lo >>> 11)) * 2 ** -53;
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }

  /** Uniform in (0, 1): never 0, so its logarithm is finite. */
  open(): number {
    return ((this.hi >>> 0) * 0x100000 + (this.lo >>> 12) + 0.5) * 2 ** -52;
  }

  private mix(a: number, b: number): void {
    let x = Math.imul(a ^ (a >>> 16), 0x7feb352d);
    let y = (b + (x ^ (x >>> 15))) | 0;
    y = Math.imul(y ^ (y >>> 15), 0x846ca68b);
    x = (x + (y ^ (y >>> 16))) | 0;
    x = Math.imul(x ^ (x >>> 16), 0xed5ad4bb | 0);
    y = (y + (x ^ (x >>> 15))) | 0;
    y = Math.imul(y ^ (y >>> 17), 0xac4c1b51 | 0);
    x = (x + (y ^ (y >>> 15))) | 0;
    x = Math.imul(x ^ (x >>> 14), 0x31848bab);
    this.hi = x ^ (x >>> 16);
    this.lo = (y + x) | 0;
  }
}

/** A family of draws with one purpose. */
export class Stream {
  readonly keyHi: number;
  readonly keyLo: number;

  /** @param purpose  its name; part of what makes a run reproducible, so renaming one changes results */
  constructor(seed: number, purpose: string, index = 0) {
    const draw = new Draw();
    draw.hi = Math.floor(seed / 2 ** 32) | 0;
    draw.lo = seed | 0;
    draw.next();
    for (let i = 0; i < purpose.length; i++) {
      draw.lo = draw.lo ^ purpose.charCodeAt(i);
      draw.next();
    }
    draw.lo = draw.lo ^ index;
    draw.next();
    this.keyHi = draw.hi;
    this.keyLo = draw.lo;
  }
}

/** The low key word of the n-th attempt (n from 1) of a call with this low key word. */
export function attemptKey(keyLo: number, attempt: number): number {
  return attempt === 1 ? keyLo : keyLo ^ Math.imul(attempt, 0x9e3779b1);
}

/** A 32-bit hash of a text, for hash keys; not for security. */
export function hashText(text: string): number {
  const draw = new Draw();
  for (let i = 0; i < text.length; i++) {
    draw.lo = draw.lo ^ text.charCodeAt(i);
    draw.next();
  }
  return draw.hi;
}
