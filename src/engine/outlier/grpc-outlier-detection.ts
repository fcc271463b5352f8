/**
 * gRPC's outlier detection (other-policies.md A4; gRFC A50, grpc-go `xds/internal/balancer/outlierdetection`),
 * as a client has it that reads Envoy's fields over xDS: a test whose enforcing share is 0 is off, and there are
 * no failures in a row.
 *
 *   in use --(a sweep finds it out of line; fewer than maxEjectionPercent are out; the dice allow)--> ejected
 *   ejected --(sweep, strictly after its ejection time)--> in use
 *
 * All that is not ok counts as a failure. An ejected address whose late answers still make up the volume is judged
 * again, which moves its ejection time and its multiplier. Connections of ejected addresses are kept.
 */
import type { OptionValues } from '../../model/kind.ts';
import { Outcome } from '../../model/outcome.ts';
import { Detection } from '../breaker/detection.ts';
import type { EjectionDice, EjectionTarget, OutlierDetector } from './outlier-detector.ts';
import { meanAndDeviation, percentOf } from './statistics.ts';

interface Options {
  readonly interval: number;
  readonly baseEjectionTime: number;
  readonly maxEjectionTime: number;
  readonly maxEjectionPercent: number;
  readonly successRateMinimumHosts: number;
  readonly successRateRequestVolume: number;
  readonly successRateStdevFactor: number;
  readonly enforcingSuccessRate: number;
  readonly failurePercentageThreshold: number;
  readonly failurePercentageMinimumHosts: number;
  readonly failurePercentageRequestVolume: number;
  readonly enforcingFailurePercentage: number;
}

// Local name for a constant: see engine/calls.ts.
const { ok: OK } = Outcome;

const IN_USE = Infinity;

export class GrpcOutlierDetection implements OutlierDetector {
  readonly intervalNs: number;
  private readonly options: Options;
  private readonly size: number;
  private readonly dice: Pick<EjectionDice, 'unit'>;
  private readonly target: EjectionTarget;
  /** Since the last sweep. */
  private readonly successes: Int32Array;
  private readonly failures: Int32Array;
  /** Infinity while in use. */
  private readonly ejectedAt: Float64Array;
  private readonly multipliers: Int32Array;
  private ejectedCount: number = 0;

  constructor(size: number, options: OptionValues, dice: Pick<EjectionDice, 'unit'>, target: EjectionTarget) {
    // The scenario has filled in every option of outlier-options.ts.
    this.options = options as unknown as Options;
    this.size = size;
    this.dice = dice;
    this.target = target;
    this.intervalNs = this.options.interval;
    this.successes = new Int32Array(size);
    this.failures = new Int32Array(size);
    this.ejectedAt = new Float64Array(size).fill(IN_USE);
    this.multipliers = new Int32Array(size);
  }

  isEjected(endpoint: number): boolean {
    return this.ejectedAt[endpoint]! !== IN_USE;
  }

  /** How many times `baseEjectionTime` it is, or was last, ejected for. */
  multiplier(endpoint: number): number {
    return this.multipliers[endpoint]!;
  }

  connected(_endpoint: number, _now: number): void {}

  record(endpoint: number, outcome: Outcome, _status: number, _now: number): void {
    if (outcome === OK) this.successes[endpoint]!++;
    else this.failures[endpoint]!++;
  }

  sweep(now: number): void {
    this.judgeSuccessRates(now);
    this.judgeFailurePercentages(now);
    this.successes.fill(0);
    this.failures.fill(0);
    for (let i = 0; i < this.size; i++) {
      if (this.ejectedAt[i]! === IN_USE) {
        if (this.multipliers[i]! > 0) this.multipliers[i]!--;
      } else if (now > this.ejectedAt[i]! + this.ejectionNs(i)) {
        this.ejectedAt[i] = IN_USE;
        this.ejectedCount--;
        this.target.uneject(i, now);
      }
    }
  }

  healthCheckPassed(_endpoint: number, _now: number): void {}

  private judgeSuccessRates(now: number): void {
    const { enforcingSuccessRate, successRateMinimumHosts, successRateRequestVolume, successRateStdevFactor } = this.options;
    if (enforcingSuccessRate === 0) return;
    const hosts = this.withVolume(successRateRequestVolume);
    if (hosts.length === 0 || hosts.length < successRateMinimumHosts) return;
    const rates = hosts.map((i) => this.successes[i]! / (this.successes[i]! + this.failures[i]!));
    const { mean, deviation } = meanAndDeviation(rates);
    const required = mean - deviation * (successRateStdevFactor / 1000);
    for (const [k, i] of hosts.entries()) {
      if (this.isFull) return;
      if (rates[k]! < required && this.dice.unit() < enforcingSuccessRate) this.eject(i, Detection.successRate, now);
    }
  }

  private judgeFailurePercentages(now: number): void {
    const { enforcingFailurePercentage, failurePercentageMinimumHosts, failurePercentageRequestVolume, failurePercentageThreshold } = this.options;
    if (enforcingFailurePercentage === 0) return;
    const hosts = this.withVolume(failurePercentageRequestVolume);
    if (hosts.length < failurePercentageMinimumHosts) return;
    for (const i of hosts) {
      if (this.isFull) return;
      const percent = (this.failures[i]! / (this.successes[i]! + this.failures[i]!)) * 100;
      // Strictly more, unlike Envoy.
      if (percent > percentOf(failurePercentageThreshold) && this.dice.unit() < enforcingFailurePercentage) this.eject(i, Detection.failurePercentage, now);
    }
  }

  /** Asked before an ejection, so that one is always possible unless the maximum is 0. */
  private get isFull(): boolean {
    return (this.ejectedCount / this.size) * 100 >= percentOf(this.options.maxEjectionPercent);
  }

  private withVolume(volume: number): number[] {
    const hosts: number[] = [];
    for (let i = 0; i < this.size; i++) {
      const total = this.successes[i]! + this.failures[i]!;
      if (total > 0 && total >= volume) hosts.push(i);
    }
    return hosts;
  }

  private ejectionNs(endpoint: number): number {
    const { baseEjectionTime, maxEjectionTime } = this.options;
    return Math.min(baseEjectionTime * this.multipliers[endpoint]!, Math.max(baseEjectionTime, maxEjectionTime));
  }

  private eject(endpoint: number, detection: Detection, now: number): void {
    const wasInUse = this.ejectedAt[endpoint]! === IN_USE;
    this.ejectedAt[endpoint] = now;
    this.multipliers[endpoint]!++;
    if (!wasInUse) return;
    this.ejectedCount++;
    this.target.eject(endpoint, now, detection);
  }
}
