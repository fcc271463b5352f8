/**
 * Envoy's outlier detection (envoy.md 9; `source/common/upstream/outlier_detection_impl.cc`, 1.38): failures in a
 * row eject at once, success rate and failure percentage at a sweep, and endpoints return only at a sweep.
 *
 *   in use --(a streak equals its threshold, or a sweep finds it out of line; cap and dice allow)--> ejected
 *   ejected --(sweep, ejection time over; or an active health check passes)--> in use
 *
 * Failures without an answer count as the status Envoy gives them (503, timeouts 504), or, when split off, in a
 * streak and a success rate of their own, to which each connection that an attempt got is a success.
 *
 * Left out: degraded hosts. Differs: an endpoint that one sweep finds wanting by success rate and by failure
 * percentage is ejected once; Envoy counts it twice among the ejected and never takes the second one back
 * (its debug builds stop there).
 */
import { DOUBLE } from '../../model/columns.ts';
import type { OptionValues } from '../../model/kind.ts';
import { Outcome } from '../../model/outcome.ts';
import { NS_PER_MS } from '../../model/units.ts';
import { Detection } from '../breaker/detection.ts';
import { statusOf } from '../outcome.ts';
import type { EjectionDice, EjectionTarget, OutlierDetector } from './outlier-detector.ts';
import { meanAndDeviation, percentOf } from './statistics.ts';

interface Options {
  readonly consecutive5xx: number;
  readonly enforcingConsecutive5xx: number;
  readonly consecutiveGatewayFailure: number;
  readonly enforcingConsecutiveGatewayFailure: number;
  readonly splitExternalLocalOriginErrors: boolean;
  readonly consecutiveLocalOriginFailure: number;
  readonly enforcingConsecutiveLocalOriginFailure: number;
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
  readonly enforcingLocalOriginSuccessRate: number;
  readonly failurePercentageThreshold: number;
  readonly failurePercentageMinimumHosts: number;
  readonly failurePercentageRequestVolume: number;
  readonly enforcingFailurePercentage: number;
  readonly enforcingFailurePercentageLocalOrigin: number;
  readonly successfulActiveHealthCheckUnejectHost: boolean;
}

/** What is reported about an attempt besides the status of its answer (`Outlier::Result`). */
export const Result = {
  /** It got a connection. */
  connectSuccess: 0,
  /** The same where nothing follows on it, as in a TCP proxy. */
  connectSuccessFinal: 1,
  /** No connection, or it broke before an answer. */
  connectFailed: 2,
  timeout: 3,
  /** The answer of another protocol than HTTP. */
  requestFailed: 4,
  requestSuccess: 5,
} as const;
export type Result = (typeof Result)[keyof typeof Result];

// Local names for constants: see engine/calls.ts.
const { connectFailure: CONNECT_FAILURE, reset: RESET, timeout: TIMEOUT } = Outcome;

const IN_USE = Infinity;

const COUNT_SHIFT = 3;
const STREAK_5XX = 0;
const STREAK_GATEWAY = 1;
const STREAK_LOCAL = 2;
/** Since the last sweep; the answered follow the succeeded. */
const SUCCEEDED = 3;
const ANSWERED = 4;
const LOCAL_SUCCEEDED = 5;
const LOCAL_ANSWERED = 6;

/** Of one kind of detection: how often it was made, how often the share allowed to eject, how often it ejected. */
export interface DetectionCount {
  detected: number;
  allowed: number;
  enforced: number;
}

export class OutlierDetection implements OutlierDetector {
  readonly intervalNs: number;
  /** Detections that the share of ejected endpoints forbade to act on. */
  overflows: number = 0;
  /** Mean success rate of the answers judged at the last sweep, in percent; -1 when too few took part. */
  successRateAverage: number = DOUBLE;
  /** The rate below which that sweep ejected; -1 likewise. */
  successRateThreshold: number = DOUBLE;
  private readonly options: Options;
  private readonly size: number;
  private readonly dice: EjectionDice;
  private readonly target: EjectionTarget;
  /** Counts of an endpoint: `counts[(endpoint << COUNT_SHIFT) | field]`. */
  private readonly counts: Int32Array;
  /** When it was ejected; Infinity while in use. */
  private readonly ejectedAt: Float64Array;
  private readonly ejectionNs: Float64Array;
  private readonly multiplier: Int32Array;
  /** When it last came back; -Infinity if never ejected. */
  private readonly returnedAt: Float64Array;
  private readonly tallies: (DetectionCount | undefined)[] = [];
  private ejectedCount: number = 0;
  /** Whether `lookAtStreaks` has been called. */
  private hasLooked: boolean = false;
  private readonly isSplit: boolean;
  private readonly consecutive5xx: number;
  private readonly consecutiveGateway: number;

  constructor(size: number, options: OptionValues, dice: EjectionDice, target: EjectionTarget) {
    // The scenario has filled in every option of outlier-options.ts.
    this.options = options as unknown as Options;
    this.size = size;
    this.dice = dice;
    this.target = target;
    this.intervalNs = this.options.interval;
    this.isSplit = this.options.splitExternalLocalOriginErrors;
    this.consecutive5xx = this.options.consecutive5xx;
    this.consecutiveGateway = this.options.consecutiveGatewayFailure;
    this.counts = new Int32Array(size << COUNT_SHIFT);
    this.ejectedAt = new Float64Array(size).fill(IN_USE);
    this.ejectionNs = new Float64Array(size);
    this.multiplier = new Int32Array(size);
    this.returnedAt = new Float64Array(size).fill(-Infinity);
    this.successRateAverage = -1;
    this.successRateThreshold = -1;
  }

  /** Endpoints ejected now. */
  get active(): number {
    return this.ejectedCount;
  }

  /** What came of one kind of detection since the start. */
  count(detection: Detection): Readonly<DetectionCount> {
    return (this.tallies[detection] ??= { detected: 0, allowed: 0, enforced: 0 });
  }

  connected(endpoint: number, now: number): void {
    if (this.isSplit) this.report(endpoint, Result.connectSuccess, null, now);
  }

  record(endpoint: number, outcome: Outcome, status: number, now: number): void {
    // Whether it is split first: asked of every attempt, it is known to code that was compiled before any failed so.
    if (this.isSplit && (outcome === RESET || outcome === CONNECT_FAILURE || outcome === TIMEOUT)) this.report(endpoint, outcome === TIMEOUT ? Result.timeout : Result.connectFailed, null, now);
    else this.answered(endpoint, statusOf(outcome, status), now);
  }

  /** An answer with this status (`putHttpResponseCode`). */
  answered(endpoint: number, code: number, now: number): void {
    const { consecutiveGateway, counts } = this;
    const at = endpoint << COUNT_SHIFT;
    counts[at | ANSWERED]!++;
    if (code < 500 || code > 599) {
      counts[at | SUCCEEDED]!++;
      counts[at | STREAK_5XX] = 0;
      counts[at | STREAK_GATEWAY] = 0;
      return;
    }
    const longer = counts[at | STREAK_GATEWAY]! + 1;
    const streak = code <= 504 && code >= 502 ? longer : 0;
    counts[at | STREAK_GATEWAY] = streak;
    const streak5xx = ++counts[at | STREAK_5XX]!;
    // The first of them always, which changes nothing: code that was compiled before any was long enough is not thrown away then.
    if (streak === consecutiveGateway || streak5xx === this.consecutive5xx || !this.hasLooked) this.lookAtStreaks(endpoint, streak, streak5xx, now);
  }

  private lookAtStreaks(endpoint: number, gateway: number, of5xx: number, now: number): void {
    this.hasLooked = true;
    const { consecutive5xx, consecutiveGateway, options } = this;
    if (gateway > 0 && gateway === consecutiveGateway) this.streakDetected(endpoint, STREAK_GATEWAY, Detection.consecutiveGatewayFailure, options.enforcingConsecutiveGatewayFailure, now);
    if (of5xx === consecutive5xx) this.streakDetected(endpoint, STREAK_5XX, Detection.consecutive5xx, options.enforcingConsecutive5xx, now);
  }

  /**
   * A result that is not an answer (`putResult`).
   * @param code  the status that stands for it where failures are not split off; null for the usual one
   */
  report(endpoint: number, result: Result, code: number | null, now: number): void {
    if (!this.isSplit) {
      const status = code ?? usualCode(result);
      if (status !== null) this.answered(endpoint, status, now);
    } else if (result === Result.connectFailed || result === Result.timeout) this.failedLocally(endpoint, now);
    else if (result === Result.requestFailed) this.answered(endpoint, 503, now);
    else {
      if (result === Result.requestSuccess) this.answered(endpoint, 200, now);
      this.succeededLocally(endpoint);
    }
  }

  /** Due every `intervalNs`. */
  sweep(now: number): void {
    for (let i = 0; i < this.size; i++) {
      if (this.ejectedAt[i]! !== IN_USE && now - this.ejectedAt[i]! >= this.ejectionNs[i]!) this.uneject(i, now);
    }
    const { options } = this;
    this.judge(SUCCEEDED, Detection.successRate, options.enforcingSuccessRate, Detection.failurePercentage, options.enforcingFailurePercentage, now);
    if (this.isSplit) {
      this.judge(LOCAL_SUCCEEDED, Detection.successRateLocalOrigin, options.enforcingLocalOriginSuccessRate, Detection.failurePercentageLocalOrigin, options.enforcingFailurePercentageLocalOrigin, now);
    }
    for (let i = 0; i < this.size; i++) {
      const at = i << COUNT_SHIFT;
      this.counts.fill(0, at | SUCCEEDED, (at | LOCAL_ANSWERED) + 1);
      const isCalm = this.ejectedAt[i]! === IN_USE && now - this.returnedAt[i]! >= options.interval;
      if (isCalm && this.multiplier[i]! > 0) this.multiplier[i]!--;
    }
  }

  healthCheckPassed(endpoint: number, now: number): void {
    if (this.options.successfulActiveHealthCheckUnejectHost && this.ejectedAt[endpoint]! !== IN_USE) this.uneject(endpoint, now);
  }

  /** Both tests of a sweep. Who takes part in either is settled before anybody is ejected. */
  private judge(succeeded: number, rateTest: Detection, rateEnforcing: number, percentTest: Detection, percentEnforcing: number, now: number): void {
    const { successRateRequestVolume, successRateMinimumHosts, failurePercentageRequestVolume, failurePercentageMinimumHosts, failurePercentageThreshold } = this.options;
    const rated: number[] = [];
    const counted: number[] = [];
    for (let i = 0; i < this.size; i++) {
      const volume = this.counts[(i << COUNT_SHIFT) | (succeeded + 1)]!;
      if (volume === 0 || this.ejectedAt[i]! !== IN_USE) continue;
      if (volume >= successRateRequestVolume) rated.push(i);
      if (volume >= failurePercentageRequestVolume) counted.push(i);
    }
    const isExternal = succeeded === SUCCEEDED;
    if (isExternal) this.successRateAverage = this.successRateThreshold = -1;
    if (rated.length > 0 && rated.length >= successRateMinimumHosts) {
      const rates = rated.map((i) => this.successPercent(i, succeeded));
      const { mean, deviation } = meanAndDeviation(rates);
      const threshold = mean - (this.options.successRateStdevFactor / 1000) * deviation;
      if (isExternal) [this.successRateAverage, this.successRateThreshold] = [mean, threshold];
      for (const [k, i] of rated.entries()) if (rates[k]! < threshold) this.detected(i, rateTest, rateEnforcing, now);
    }
    if (counted.length > 0 && counted.length >= failurePercentageMinimumHosts) {
      for (const i of counted) {
        if (100 - this.successPercent(i, succeeded) >= percentOf(failurePercentageThreshold)) this.detected(i, percentTest, percentEnforcing, now);
      }
    }
  }

  private successPercent(endpoint: number, succeeded: number): number {
    const at = endpoint << COUNT_SHIFT;
    return (this.counts[at | succeeded]! * 100) / this.counts[at | (succeeded + 1)]!;
  }

  private failedLocally(endpoint: number, now: number): void {
    const at = endpoint << COUNT_SHIFT;
    this.counts[at | LOCAL_ANSWERED]!++;
    if (++this.counts[at | STREAK_LOCAL]! === this.options.consecutiveLocalOriginFailure) {
      this.streakDetected(endpoint, STREAK_LOCAL, Detection.consecutiveLocalOriginFailure, this.options.enforcingConsecutiveLocalOriginFailure, now);
    }
  }

  private succeededLocally(endpoint: number): void {
    const at = endpoint << COUNT_SHIFT;
    this.counts[at | LOCAL_ANSWERED]!++;
    this.counts[at | LOCAL_SUCCEEDED]!++;
    this.counts[at | STREAK_LOCAL] = 0;
  }

  /** A streak starts anew whether or not it ejected; that of an ejected endpoint goes on until it returns. */
  private streakDetected(endpoint: number, streak: number, detection: Detection, enforcing: number, now: number): void {
    if (this.ejectedAt[endpoint]! !== IN_USE) return;
    this.detected(endpoint, detection, enforcing, now);
    this.counts[(endpoint << COUNT_SHIFT) | streak] = 0;
  }

  private detected(endpoint: number, detection: Detection, enforcing: number, now: number): void {
    const tally: DetectionCount = this.count(detection);
    tally.detected++;
    if (this.ejectedAt[endpoint]! !== IN_USE) return;
    const { maxEjectionPercent, alwaysEjectOneHost } = this.options;
    const isAllowed = (100 * (this.ejectedCount + 1)) / this.size <= percentOf(maxEjectionPercent) || (alwaysEjectOneHost && this.ejectedCount === 0);
    if (!isAllowed) {
      this.overflows++;
      return;
    }
    tally.allowed++;
    if (enforcing < 1 && this.dice.unit() >= enforcing) return;
    tally.enforced++;
    this.eject(endpoint, detection, now);
  }

  private eject(endpoint: number, detection: Detection, now: number): void {
    const { baseEjectionTime: base, maxEjectionTimeJitter } = this.options;
    const max = Math.max(this.options.maxEjectionTime, base);
    this.ejectedCount++;
    this.ejectedAt[endpoint] = now;
    if (this.multiplier[endpoint]! * base < max + base) this.multiplier[endpoint]!++;
    // Whole milliseconds, both ends included.
    const jitterMs = maxEjectionTimeJitter === 0 ? 0 : this.dice.below(Math.floor(maxEjectionTimeJitter / NS_PER_MS) + 1);
    this.ejectionNs[endpoint] = Math.min(base * this.multiplier[endpoint]!, max) + jitterMs * NS_PER_MS;
    this.target.eject(endpoint, now, detection);
  }

  private uneject(endpoint: number, now: number): void {
    this.ejectedCount--;
    this.ejectedAt[endpoint] = IN_USE;
    this.returnedAt[endpoint] = now;
    this.counts.fill(0, endpoint << COUNT_SHIFT, (endpoint << COUNT_SHIFT) | SUCCEEDED);
    this.target.uneject(endpoint, now);
  }
}

/** A connection alone is no answer: it has no status. */
function usualCode(result: Result): number | null {
  switch (result) {
    case Result.connectSuccess:
      return null;
    case Result.connectSuccessFinal:
    case Result.requestSuccess:
      return 200;
    case Result.connectFailed:
      return 503;
    case Result.timeout:
      return 504;
    case Result.requestFailed:
      return 500;
  }
}
