/**
 * Where a call falls on a ring or in a table: 64 bits, made from the 32 that the engine carries. A call without a
 * key, which says 0, falls at random anew for each pick (Envoy, `thread_aware_lb_impl.cc`; gRPC, gRFC A76).
 */
import { Draw } from '../../random/hash.ts';
import type { Sequence } from '../../random/sequence.ts';

export class CallHash {
  private readonly draw: Draw = new Draw();
  private readonly random: Sequence;
  hi: number = 0;
  lo: number = 0;

  constructor(random: Sequence) {
    this.random = random;
  }

  seek(hash: number): void {
    const { draw } = this;
    if (hash === 0) {
      this.hi = this.random.word();
      this.lo = this.random.word();
      return;
    }
    draw.hi = 0;
    draw.lo = hash;
    draw.next();
    this.hi = draw.hi;
    this.lo = draw.lo;
  }
}
