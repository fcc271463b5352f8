/**
 * Which backend of a split an attempt goes to, by weight (Envoy's `weighted_clusters`, envoy.md 14; Linkerd's
 * `linkerd/distribute/src/service/random.rs`, linkerd.md 9).
 *
 * Envoy's draw belongs to the call: the route is fixed, so a retry goes to the same backend, also when nobody
 * is ready there. Linkerd draws for each attempt; a backend that is not ready loses its weight for this attempt
 * and the rest is drawn again, so a split silently becomes a failover. A weight of 0 is never drawn, not even then,
 * but a backend without another beside it needs no draw and ignores its weight.
 */
import { NONE } from '../../model/ids.ts';

/** Uniform integers, keyed by what they belong to. */
export interface Draws {
  /** In [0, n). */
  below(n: number): number;
}

export interface Backends {
  /** Whether a backend takes requests now. */
  isReady(backend: number): boolean;
}

export interface Split {
  /** Whether `draws` belong to the call and the answer holds for all its attempts; else each attempt asks with its own. */
  readonly isFixed: boolean;
  /** The backend, or NONE when there is none left. */
  choose(draws: Draws, backends: Backends): number;
}

export class FixedSplit implements Split {
  readonly isFixed: boolean = true;
  private readonly weights: readonly number[];
  private readonly total: number;

  /** @param weights  whole numbers, one of them above 0 */
  constructor(weights: readonly number[]) {
    this.weights = weights;
    this.total = weights.reduce((sum, weight) => sum + weight, 0);
  }

  choose(draws: Draws, _backends: Backends): number {
    let left = draws.below(this.total);
    let backend = 0;
    while (left >= this.weights[backend]!) left -= this.weights[backend++]!;
    return backend;
  }
}

export class AvailableSplit implements Split {
  readonly isFixed: boolean = false;
  private readonly weights: readonly number[];
  private readonly total: number;
  /** Of the present choice: 1 for a backend that was drawn and is not ready. */
  private readonly isOut: Uint8Array;

  /** @param weights  whole numbers, one of them above 0 */
  constructor(weights: readonly number[]) {
    this.weights = weights;
    this.total = weights.reduce((sum, weight) => sum + weight, 0);
    this.isOut = new Uint8Array(weights.length);
  }

  choose(draws: Draws, backends: Backends): number {
    if (this.weights.length === 1) return backends.isReady(0) ? 0 : NONE;
    this.isOut.fill(0);
    for (let total = this.total; total > 0; ) {
      const backend = this.at(draws.below(total));
      if (backends.isReady(backend)) return backend;
      this.isOut[backend] = 1;
      total -= this.weights[backend]!;
    }
    return NONE;
  }

  private at(point: number): number {
    let left = point;
    for (let backend = 0; ; backend++) {
      if (this.isOut[backend] === 1) continue;
      if (left < this.weights[backend]!) return backend;
      left -= this.weights[backend]!;
    }
  }
}
