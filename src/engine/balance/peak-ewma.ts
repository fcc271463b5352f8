/**
 * Two distinct random endpoints, the one with less latency estimate x (in flight + 1) wins, ties to the
 * first drawn. The estimate jumps up at once and decays down: peak EWMA, from Finagle, as Linkerd 2 has it
 * (linkerd.md 2; `tower::load::peak_ewma`).
 *
 * In the default estimator reading is an update with a sample of 0: the stored value decays and its
 * time stamp moves. That changes how the next, smaller sample is blended, so the reads of both candidates
 * are part of the behaviour. The peak test compares with the stored value, not with the decayed one.
 * `penalize` is the opt-in estimator: reads change nothing, the peak test decays first, and a failure
 * counts as at least `penalty`.
 */
import { exp } from '../../model/math.ts';
import type { Sequence } from '../../random/sequence.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext } from './balancer.ts';

export interface PeakEwmaOptions {
  readonly decay: number;
  readonly defaultRtt: number;
  readonly estimator: 'tower' | 'penalize';
  readonly penalty: number;
}

/** Place in the cells of an endpoint. */
const UPDATED_AT = 1;

export class PeakEwma implements Balancer {
  private readonly set: EndpointSet;
  private readonly random: Sequence;
  private readonly perDecay: number;
  private readonly readsMutate: boolean;
  private readonly penaltyNs: number;
  /** Of each endpoint: the estimate and when it was updated, ns. */
  private readonly cells: Float64Array;

  constructor({ set, random }: BalancerContext, options: PeakEwmaOptions) {
    this.set = set;
    this.random = random;
    this.perDecay = -1 / options.decay;
    this.readsMutate = options.estimator === 'tower';
    this.penaltyNs = options.penalty;
    this.cells = new Float64Array(set.size << 1);
    for (let endpoint = 0; endpoint < set.size; endpoint++) this.cells[endpoint << 1] = options.defaultRtt;
  }

  pick(now: number, _hash: number, _tries: number): number {
    const { list, count } = this.set;
    if (count === 1) return list[0]!;
    const i = this.random.below(count);
    let j = this.random.below(count - 1);
    if (j >= i) j++;
    const first = list[i]!;
    const second = list[j]!;
    return this.load(first, now) <= this.load(second, now) ? first : second;
  }

  finished(endpoint: number, sentAt: number, failed: boolean, now: number): void {
    const sample = now - sentAt;
    if (this.readsMutate) this.blend(endpoint, sample, this.cells[endpoint << 1]!, now);
    else {
      const decayed = this.decayed(endpoint, now);
      this.blend(endpoint, failed ? Math.max(this.penaltyNs, decayed) : sample, decayed, now);
    }
  }

  private load(endpoint: number, now: number): number {
    const estimate = this.decayed(endpoint, now);
    if (this.readsMutate) {
      this.cells[endpoint << 1] = estimate;
      this.cells[(endpoint << 1) | UPDATED_AT] = now;
    }
    return estimate * (this.set.active[endpoint]! + 1);
  }

  private blend(endpoint: number, sample: number, peak: number, now: number): void {
    if (sample > peak) this.cells[endpoint << 1] = sample;
    else {
      const kept = exp((now - this.cells[(endpoint << 1) | UPDATED_AT]!) * this.perDecay);
      this.cells[endpoint << 1] = this.cells[endpoint << 1]! * kept + sample * (1 - kept);
    }
    this.cells[(endpoint << 1) | UPDATED_AT] = now;
  }

  private decayed(endpoint: number, now: number): number {
    return this.cells[endpoint << 1]! * exp((now - this.cells[(endpoint << 1) | UPDATED_AT]!) * this.perDecay);
  }
}
