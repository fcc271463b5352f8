/**
 * A plain sequence of random numbers for one owner that draws in its own order: a balancer's picks,
 * one sequence per caller endpoint and edge. sfc32 by Chris Doty-Humphrey (PractRand); 128 bits of
 * state, period at least 2^32 whatever the seed.
 */
import { Draw, type Stream } from './hash.ts';

export class Sequence {
  private a: number;
  private b: number;
  private c: number;
  private counter: number = 1;

  constructor(stream: Stream, index: number) {
    const draw = new Draw();
    draw.seek(stream, 0, index);
    this.a = draw.hi;
    this.b = draw.lo;
    draw.next();
    this.c = draw.hi;
    for (let i = 0; i < 12; i++) this.word();
  }

  /** Uniform signed 32-bit word. */
  word(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }

  /**
   * Uniform integer in [0, n), 1 <= n <= 2^31. The bias of n / 2^32 is below what any run can see. Cut by `| 0`,
   * not `floor`, whose result stays a double with checks at each later use as an index.
   */
  below(n: number): number {
    return ((this.word() >>> 0) * (n * 2 ** -32)) | 0;
  }

  /** Uniform in [0, 1), 32 bits. */
  unit(): number {
    return (this.word() >>> 0) * 2 ** -32;
  }
}
