/**
 * Two distinct random endpoints, the one with less latency estimate x (in flight + 1) wins, ties to the
 * first drawn. The estimate jumps up at once and decays down: peak EWMA, from Finagle.
 *
 * tower, as Linkerd 2 has it by default (linkerd.md 2; `tower/src/load/peak_ewma.rs`): reading is an update with
 * a sample of 0: the stored value decays and its time stamp moves. That changes how the next, smaller sample is
 * blended, so the reads of both candidates are part of the behaviour. The peak test compares with the stored
 * value, not with the decayed one. Failures count as what they took.
 *
 * penalize, Linkerd's opt-in (`linkerd/load-biaser`): reads change nothing, the peak test decays first, and a
 * failure counts as at least `penalty`, or as the wait that its answer asks for. The blend that follows an
 * estimate above the penalty raises it above itself; that is how the original comes out.
 *
 * finagle (`finagle-core: loadbalancer/PeakEwma.scala`): tower's estimate without a first guess. An endpoint
 * that was never answered costs nothing while idle and nearly everything while in use, so it gets one probe.
 *
 * Left out: the status of Finagle's nodes, since here nobody is in the list who is not open.
 */
import { bit as bitOf } from '../../model/bit.ts';
import { exp } from '../../model/math.ts';
import type { Sequence } from '../../random/sequence.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { Balancer, BalancerContext, Learner } from './balancer.ts';

export interface PeakEwmaOptions {
  readonly decay: number;
  readonly defaultRtt: number;
  readonly estimator: 'tower' | 'penalize' | 'finagle';
  readonly penalty: number;
  readonly maxRetryAfter: number;
}

// Local names for constants: see engine/calls.ts.
const bit = bitOf;

/** Load of an endpoint in use that was never answered, without those in flight (`Long.MaxValue >> 16`, ns). */
const FINAGLE_PENALTY = 2 ** 47 - 1;

/** Place in the cells of an endpoint. */
const UPDATED_AT = 1;

export class PeakEwma implements Balancer, Learner {
  readonly learner: Learner = this;
  private readonly set: EndpointSet;
  private readonly random: Sequence;
  private readonly perDecay: number;
  private readonly readsMutate: boolean;
  private readonly startsAtNothing: boolean;
  private readonly penaltyNs: number;
  private readonly maxHintNs: number;
  /** Of each endpoint: the estimate and when it was updated, ns. */
  private readonly cells: Float64Array;

  constructor({ set, random, sibling }: BalancerContext, options: PeakEwmaOptions) {
    this.set = set;
    this.random = random;
    this.perDecay = -1 / options.decay;
    this.readsMutate = options.estimator !== 'penalize';
    this.startsAtNothing = options.estimator === 'finagle';
    this.penaltyNs = options.penalty;
    this.maxHintNs = options.maxRetryAfter;
    this.cells = sibling instanceof PeakEwma ? sibling.cells : this.firstGuesses(options.defaultRtt);
  }

  pick(now: number, _hash: number, _tries: number): number {
    const { list, count } = this.set;
    if (count === 1) return list[0]!;
    const i = this.random.below(count);
    const others = this.random.below(count - 1);
    const first = list[i]!;
    const second = list[others + bit(others >= i)]!;
    return second + ((first - second) & -bit(this.load(first, now) <= this.load(second, now)));
  }

  finished(endpoint: number, sentAt: number, failed: boolean, now: number): void {
    if (failed) this.failed(endpoint, sentAt, 0, now);
    else this.blend(endpoint, now - sentAt, this.readsMutate ? this.cells[endpoint << 1]! : this.decayed(endpoint, now), now);
  }

  /**
   * Like `finished` of an attempt that failed.
   * @param hintNs  the wait that the answer asks for, see `failure-hint.ts`; 0 for none
   */
  failed(endpoint: number, sentAt: number, hintNs: number, now: number): void {
    if (this.readsMutate) {
      this.blend(endpoint, now - sentAt, this.cells[endpoint << 1]!, now);
      return;
    }
    const decayed = this.decayed(endpoint, now);
    const hint = hintNs < this.maxHintNs ? hintNs : this.maxHintNs;
    const penalty = hint > this.penaltyNs ? hint : this.penaltyNs;
    this.blend(endpoint, penalty > decayed ? penalty : decayed, decayed, now);
  }

  /** What `pick` compares; in all estimators but `penalize` a read that decays the estimate. */
  load(endpoint: number, now: number): number {
    const estimate = this.decayed(endpoint, now);
    if (this.readsMutate) {
      this.cells[endpoint << 1] = estimate;
      this.cells[(endpoint << 1) | UPDATED_AT] = now;
    }
    const active = this.set.active[endpoint]!;
    if (this.startsAtNothing && estimate === 0 && active > 0) return FINAGLE_PENALTY + active;
    return estimate * (active + 1);
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

  private firstGuesses(defaultRttNs: number): Float64Array {
    const cells = new Float64Array(this.set.size << 1);
    if (!this.startsAtNothing) for (let endpoint = 0; endpoint < this.set.size; endpoint++) cells[endpoint << 1] = defaultRttNs;
    return cells;
  }
}
