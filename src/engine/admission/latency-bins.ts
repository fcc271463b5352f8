/**
 * Latencies in bins of two decimal digits, and quantiles of them: the histogram of Envoy's adaptive concurrency
 * (openhistogram/libcircllhist: src/circllhist.c, `hist_insert`, `hist_approx_quantile`), for whole microseconds.
 *
 * A quantile falls on the k-th of the n samples of its bin, k counted up, and the n samples stand at the n inner marks
 * that cut the bin in n + 1 parts. So fifty equal samples of 13 ms have a median of 13.49 ms.
 */

/** 90 bins a power of ten, from 1 us to 2^53 ns; zero has one of its own. */
const BINS_PER_DECADE = 90;
const DECADES = 13;

export class LatencyBins {
  count: number = 0;
  private zeros: number = 0;
  private readonly bins: Uint32Array = new Uint32Array(BINS_PER_DECADE * DECADES);

  /** @param us  whole, >= 0 */
  add(us: number): void {
    this.count++;
    if (us === 0) {
      this.zeros++;
      return;
    }
    let unit = 1;
    let decade = 0;
    while (us >= 10 * unit) {
      unit *= 10;
      decade++;
    }
    this.bins[decade * BINS_PER_DECADE + Math.floor((10 * us) / unit) - 10]!++;
  }

  /** In us; there is at least one sample. */
  quantile(share: number): number {
    const rank = this.count * share;
    let below = 0;
    let upTo = this.zeros;
    if (upTo > 0 && rank <= upTo) return 0;
    let width = 0.1;
    for (let decade = 0; decade < DECADES; decade++, width *= 10) {
      for (let digits = 10; digits < 100; digits++) {
        const inBin = this.bins[decade * BINS_PER_DECADE + digits - 10]!;
        if (inBin === 0) continue;
        below = upTo;
        upTo += inBin;
        if (rank > upTo) continue;
        const place = Math.max(1, Math.ceil(rank - below));
        return digits * width + (place / (inBin + 1)) * width;
      }
    }
    throw new Error(`quantile ${share} of ${this.count} samples`);
  }

  clear(): void {
    this.count = 0;
    this.zeros = 0;
    this.bins.fill(0);
  }
}
