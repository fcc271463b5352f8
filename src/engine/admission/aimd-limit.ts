/**
 * One more with each good answer while at least half of the limit is used, a tenth less with each drop or answer that
 * took too long (Netflix/concurrency-limits: AIMDLimit.java, 0.5).
 */
import type { SampledLimit } from './sampled-limit.ts';

export interface AimdOptions {
  readonly initialLimit: number;
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly backoffRatio: number;
  readonly timeout: number;
}

export class AimdLimit implements SampledLimit {
  limit: number;
  private readonly options: AimdOptions;

  constructor(options: AimdOptions) {
    this.options = options;
    this.limit = options.initialLimit;
  }

  sample(rttNs: number, inFlight: number, isDropped: boolean): void {
    const { minLimit, maxLimit, backoffRatio, timeout } = this.options;
    let { limit } = this;
    if (isDropped || rttNs > timeout) limit = Math.trunc(limit * backoffRatio);
    else if (inFlight * 2 >= limit) limit++;
    this.limit = Math.min(maxLimit, Math.max(minLimit, limit));
  }
}
