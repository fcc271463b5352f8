/**
 * The requests of a run that are kept to be set against those of another under the same seed: the ones of the smallest keyed hash, so that
 * both runs keep the same, in memory that is bounded by the calls and attempts they are made of.
 */
import { Draw, Stream } from '../random/hash.ts';
import type { RequestSpan } from './spans.ts';

const REQUESTS_MAX = 20_000;
/** Calls and attempts of all of them, some 250 bytes each. */
const SPANS_MAX = 400_000;

export interface Kept {
  readonly rank: number;
  readonly request: RequestSpan;
}

export class Matching {
  /** Measured requests seen. */
  count: number = 0;
  private kept: Kept[] = [];
  private below: number = 1;
  private spans: number = 0;
  private readonly stream: Stream;
  private readonly draw: Draw = new Draw();

  constructor(seed: number) {
    this.stream = new Stream(seed, 'matching');
  }

  readonly see = (request: RequestSpan): void => {
    if (!request.isMeasured) return;
    this.count++;
    this.draw.seek(this.stream, request.keyHi, request.keyLo);
    const rank = this.draw.unit();
    if (rank >= this.below) return;
    this.kept.push({ rank, request });
    this.spans += request.size;
    if (this.kept.length > 2 * REQUESTS_MAX || this.spans > 2 * SPANS_MAX) this.cut();
  };

  /** All measured requests whose rank is below that. */
  sample(): { readonly below: number; readonly kept: readonly Kept[] } {
    this.cut();
    return { below: this.below, kept: this.kept };
  }

  private cut(): void {
    this.kept.sort((one, other) => one.rank - other.rank);
    let length = 0;
    let spans = 0;
    for (; length < Math.min(this.kept.length, REQUESTS_MAX); length++) {
      spans += this.kept[length]!.request.size;
      if (spans > SPANS_MAX && length > 0) break;
    }
    if (length === this.kept.length) return;
    this.below = this.kept[length]!.rank;
    this.kept = this.kept.slice(0, length);
    this.spans = this.kept.reduce((sum, { request }) => sum + request.size, 0);
  }
}
