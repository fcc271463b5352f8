/**
 * Envoy's outlier detection (envoy.md 9; `source/common/upstream/outlier_detection_impl.cc`, 1.38):
 * consecutive failures eject at once, success rate and failure percentage at a sweep, and endpoints
 * return only at a sweep. Local failures count as the status Envoy gives them (503, timeouts 504).
 *
 *   in use --(streak equals its threshold, or a sweep finds it out of line; cap and dice allow)--> ejected
 *   ejected --(sweep, ejection time over)--> in use
 *
 * Left out until asked for: splitting local-origin failures off, degraded hosts.
 */
import type { OptionValues } from '../../model/kind.ts';
import type { Sequence } from '../../random/sequence.ts';
import { statusOf } from '../outcome.ts';
import type { Outcome } from '../../model/outcome.ts';

/** Whoever owns the endpoint set. */
export interface EjectionTarget {
  eject(endpoint: number, now: number): void;
  uneject(endpoint: number, now: number): void;
}

interface Options {
  readonly consecutive5xx: number;
  readonly enforcingConsecutive5xx: number;
  readonly consecutiveGatewayFailure: number;
  readonly enforcingConsecutiveGatewayFailure: number;
  readonly interval: number;
  readonly baseEjectionTime: number;
  readonly maxEjectionTime: number;
  readonly maxEjectionTimeJitter: number;
  readonly maxEjectionPercent: number;
  readonly alwaysEjectOneHost: boolean;
  readonly successRateMinimumHosts: number;
  readonly successRateRequestVolume: number;
  readonly successRateStdevFactor: number;
  readonly enforcingSuccessRate: number;
  readonly failurePercentageThreshold: number;
  readonly failurePercentageMinimumHosts: number;
  readonly failurePercentageRequestVolume: number;
  readonly enforcingFailurePercentage: number;
}

const IN_USE = Infinity;

const COUNT_SHIFT = 2;
const STREAK_5XX = 0;
const STREAK_GATEWAY = 1;
/** Since the last sweep. */
const SUCCEEDED = 2;
const ANSWERED = 3;

export class OutlierDetection {
  readonly intervalNs: number;
  private readonly options: Options;
  private readonly size: number;
  private readonly random: Sequence;
  private readonly target: EjectionTarget;
  /** Counts of an endpoint: `counts[(endpoint << COUNT_SHIFT) | field]`. */
  private readonly counts: Int32Array;
  /** When it was ejected; Infinity while in use. */
  private readonly ejectedAt: Float64Array;
  private readonly ejectionNs: Float64Array;
  private readonly multiplier: Int32Array;
  /** When it last came back; -Infinity if never ejected. */
  private readonly returnedAt: Float64Array;
  private ejectedCount: number = 0;
  private readonly enforcing5xx: number;
  private readonly consecutive5xx: number;
  private readonly consecutiveGateway: number;

  constructor(size: number, options: OptionValues, random: Sequence, target: EjectionTarget) {
    // The scenario has filled in every option of outlier-options.ts.
    this.options = options as unknown as Options;
    this.size = size;
    this.random = random;
    this.target = target;
    this.intervalNs = this.options.interval;
    this.consecutive5xx = this.options.consecutive5xx;
    this.consecutiveGateway = this.options.consecutiveGatewayFailure;
    this.enforcing5xx = this.options.enforcingConsecutive5xx;
    this.counts = new Int32Array(size << COUNT_SHIFT);
    this.ejectedAt = new Float64Array(size).fill(IN_USE);
    this.ejectionNs = new Float64Array(size);
    this.multiplier = new Int32Array(size);
    this.returnedAt = new Float64Array(size).fill(-Infinity);
  }

  /** An attempt ended; overflows and cancellations are not reported. */
  record(endpoint: number, outcome: Outcome, status: number, now: number): void {
    const { counts } = this;
    const code = statusOf(outcome, status);
    const at = endpoint << COUNT_SHIFT;
    counts[at | ANSWERED]!++;
    if (code < 500) {
      counts[at | SUCCEEDED]!++;
      counts[at | STREAK_5XX] = 0;
      counts[at | STREAK_GATEWAY] = 0;
      return;
    }
    if (code >= 502 && code <= 504) {
      if (++counts[at | STREAK_GATEWAY]! === this.consecutiveGateway) {
        counts[at | STREAK_GATEWAY] = 0;
        this.detected(endpoint, this.options.enforcingConsecutiveGatewayFailure, now);
      }
    } else counts[at | STREAK_GATEWAY] = 0;
    if (++counts[at | STREAK_5XX]! === this.consecutive5xx) {
      counts[at | STREAK_5XX] = 0;
      this.detected(endpoint, this.enforcing5xx, now);
    }
  }

  /** Due every `intervalNs`. */
  sweep(now: number): void {
    for (let i = 0; i < this.size; i++) {
      if (this.ejectedAt[i]! !== IN_USE && now - this.ejectedAt[i]! >= this.ejectionNs[i]!) this.uneject(i, now);
    }
    this.judgeSuccessRates(now);
    this.judgeFailurePercentages(now);
    for (let i = 0; i < this.size; i++) {
      this.counts[(i << COUNT_SHIFT) | SUCCEEDED] = 0;
      this.counts[(i << COUNT_SHIFT) | ANSWERED] = 0;
      const isCalm = this.ejectedAt[i]! === IN_USE && now - this.returnedAt[i]! >= this.options.interval;
      if (isCalm && this.multiplier[i]! > 0) this.multiplier[i]!--;
    }
  }

  private judgeSuccessRates(now: number): void {
    const { enforcingSuccessRate, successRateRequestVolume, successRateMinimumHosts, successRateStdevFactor } = this.options;
    if (enforcingSuccessRate === 0) return;
    let hosts = 0;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < this.size; i++) {
      if (!this.takesPart(i, successRateRequestVolume)) continue;
      const rate = this.successPercent(i);
      hosts++;
      sum += rate;
      squares += rate * rate;
    }
    if (hosts < successRateMinimumHosts || hosts === 0) return;
    const mean = sum / hosts;
    const stdev = Math.sqrt(Math.max(0, squares / hosts - mean * mean));
    const threshold = mean - (successRateStdevFactor / 1000) * stdev;
    for (let i = 0; i < this.size; i++) {
      const isOut = this.takesPart(i, successRateRequestVolume) && this.successPercent(i) < threshold;
      if (isOut) this.detected(i, enforcingSuccessRate, now);
    }
  }

  private judgeFailurePercentages(now: number): void {
    const { enforcingFailurePercentage, failurePercentageThreshold, failurePercentageMinimumHosts, failurePercentageRequestVolume } = this.options;
    if (enforcingFailurePercentage === 0) return;
    let hosts = 0;
    for (let i = 0; i < this.size; i++) if (this.takesPart(i, failurePercentageRequestVolume)) hosts++;
    if (hosts < failurePercentageMinimumHosts) return;
    for (let i = 0; i < this.size; i++) {
      const isOut =
        this.takesPart(i, failurePercentageRequestVolume) && 100 - this.successPercent(i) >= failurePercentageThreshold * 100;
      if (isOut) this.detected(i, enforcingFailurePercentage, now);
    }
  }

  private takesPart(endpoint: number, volume: number): boolean {
    const answered = this.counts[(endpoint << COUNT_SHIFT) | ANSWERED]!;
    return this.ejectedAt[endpoint]! === IN_USE && answered > 0 && answered >= volume;
  }

  private successPercent(endpoint: number): number {
    return (100 * this.counts[(endpoint << COUNT_SHIFT) | SUCCEEDED]!) / this.counts[(endpoint << COUNT_SHIFT) | ANSWERED]!;
  }

  private detected(endpoint: number, enforcing: number, now: number): void {
    if (this.ejectedAt[endpoint]! !== IN_USE) return;
    const { maxEjectionPercent, alwaysEjectOneHost } = this.options;
    // Integer percent of Envoy's field; the comparison is on the share after this ejection.
    const isAllowed =
      (100 * (this.ejectedCount + 1)) / this.size <= maxEjectionPercent * 100 + 1e-9 || (alwaysEjectOneHost && this.ejectedCount === 0);
    if (!isAllowed) return;
    if (enforcing < 1 && this.random.unit() >= enforcing) return;
    this.eject(endpoint, now);
  }

  private eject(endpoint: number, now: number): void {
    const { baseEjectionTime: base, maxEjectionTimeJitter } = this.options;
    const max = Math.max(this.options.maxEjectionTime, base);
    this.ejectedCount++;
    this.ejectedAt[endpoint] = now;
    if (this.multiplier[endpoint]! * base < max + base) this.multiplier[endpoint]!++;
    const jitter = maxEjectionTimeJitter === 0 ? 0 : Math.floor(this.random.unit() * maxEjectionTimeJitter);
    this.ejectionNs[endpoint] = Math.min(base * this.multiplier[endpoint]!, max) + jitter;
    this.target.eject(endpoint, now);
  }

  private uneject(endpoint: number, now: number): void {
    this.ejectedCount--;
    this.ejectedAt[endpoint] = IN_USE;
    this.returnedAt[endpoint] = now;
    this.counts[(endpoint << COUNT_SHIFT) | STREAK_5XX] = 0;
    this.counts[(endpoint << COUNT_SHIFT) | STREAK_GATEWAY] = 0;
    this.target.uneject(endpoint, now);
  }
}
