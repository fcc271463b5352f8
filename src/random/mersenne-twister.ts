/**
 * MT19937 by Makoto Matsumoto and Takuji Nishimura (ACM TOMACS 8(1), 1998), C++'s `std::mt19937`: where a product's
 * choices are pinned to it. Words are twisted one by one as they are asked for, since after a seed few are.
 */
const SIZE = 624;
const MIDDLE = 397;

export class MersenneTwister {
  private readonly state: Int32Array = new Int32Array(SIZE);
  private at: number = 0;

  seed(word: number): void {
    const { state } = this;
    state[0] = word;
    for (let i = 1; i < SIZE; i++) {
      const last = state[i - 1]!;
      state[i] = Math.imul(last ^ (last >>> 30), 1812433253) + i;
    }
    this.at = 0;
  }

  /** 0 .. 2^32 - 1. */
  word(): number {
    const { state, at } = this;
    const next = at + 1 === SIZE ? 0 : at + 1;
    const joined = (state[at]! & 0x80000000) | (state[next]! & 0x7fffffff);
    let y = state[(at + MIDDLE) % SIZE]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    state[at] = y;
    this.at = next;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }
}
