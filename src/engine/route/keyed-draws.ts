/** The draws of one call or attempt for its split, told from all others by what it is and not by when it comes. */
import { Draw, type Stream } from '../../random/hash.ts';
import type { Draws } from './split.ts';

export class KeyedDraws implements Draws {
  private readonly stream: Stream;
  private readonly draw: Draw = new Draw();

  constructor(stream: Stream) {
    this.stream = stream;
  }

  /** Go to the draws of this call, or by `attemptKey` of one of its attempts. */
  seek(keyHi: number, keyLo: number): this {
    this.draw.seek(this.stream, keyHi, keyLo);
    return this;
  }

  below(n: number): number {
    const value = Math.floor(this.draw.unit() * n);
    this.draw.next();
    return value;
  }
}
