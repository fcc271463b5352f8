/**
 * Envoy's adaptive concurrency, the gradient controller (envoyproxy/envoy: source/extensions/filters/http/
 * adaptive_concurrency/controller/gradient_controller.cc, 1.38).
 *
 *   measuring --requestCount answers--> adapting --minRttInterval, jittered, or 5 updates at the minimum--> measuring
 *
 * While it measures, the limit is `minConcurrency`, and the sampled quantile becomes the latency without load; then the
 * limit from before comes back. While it adapts, each update with samples multiplies the limit by how near the sampled
 * quantile is to that latency, and adds a square root of headroom. It begins by measuring. Answers to calls begun before
 * a measurement do not count, and neither do calls that ended without an answer; an answer the proxy gave itself (503
 * or 504) does, as in the product.
 *
 * The product's two timers are caught up with at the next call, which nobody can tell from timers: between calls
 * there are no samples.
 */
import { Outcome } from '../../model/outcome.ts';
import { NS_PER_MS, NS_PER_US } from '../../model/units.ts';
import type { AdaptiveLimit } from './concurrency-gate.ts';
import type { GateDice } from './gate.ts';
import { LatencyBins } from './latency-bins.ts';

export interface EnvoyGradientOptions {
  readonly sampleAggregatePercentile: number;
  readonly concurrencyUpdateInterval: number;
  readonly maxConcurrencyLimit: number;
  readonly minRttInterval: number;
  readonly minRttRequestCount: number;
  readonly minRttJitter: number;
  /** `Infinity` measures it. */
  readonly minRttFixedValue: number;
  readonly minConcurrency: number;
  readonly minRttBuffer: number;
}

const GRADIENT_MIN = 0.5;
const GRADIENT_MAX = 2;
/** Updates in a row at the minimum after which the latency without load is not believed any more. */
const UPDATES_AT_MINIMUM = 5;
/** Not measuring. */
const NO_LIMIT = 0;

export class EnvoyGradient implements AdaptiveLimit {
  limit: number;
  /** Latency without load, whole us; 0 before the first measurement. */
  minRttUs: number = 0;
  private readonly options: EnvoyGradientOptions;
  private readonly dice: GateDice;
  private readonly measures: boolean;
  private readonly bins: LatencyBins = new LatencyBins();
  /** The limit that comes back after the measurement. */
  private limitBefore: number = NO_LIMIT;
  private measuringSince: number = 0;
  private updatesAtMinimum: number = 0;
  private updateAt: number;
  private measureAt: number = Infinity;

  constructor(options: EnvoyGradientOptions, dice: GateDice) {
    this.options = options;
    this.dice = dice;
    this.limit = options.minConcurrency;
    this.updateAt = options.concurrencyUpdateInterval;
    this.measures = options.minRttFixedValue === Infinity;
    if (this.measures) this.measure(0);
    else this.minRttUs = Math.trunc(options.minRttFixedValue / NS_PER_US);
  }

  get isMeasuring(): boolean {
    return this.limitBefore !== NO_LIMIT;
  }

  advance(now: number): void {
    while (!this.isMeasuring && (this.updateAt <= now || this.measureAt <= now)) {
      if (this.updateAt <= this.measureAt) this.update(Math.min(now, this.measureAt));
      else this.measure(this.measureAt);
    }
  }

  learn(outcome: Outcome, _status: number, begunAt: number, now: number): void {
    if (outcome === Outcome.unfinished || begunAt < this.measuringSince) return;
    this.bins.add(Math.trunc((now - begunAt) / NS_PER_US));
    if (this.isMeasuring && this.bins.count >= this.options.minRttRequestCount) this.measured(now);
  }

  private measure(now: number): void {
    this.limitBefore = this.limit;
    this.setLimit(this.options.minConcurrency, now);
    this.bins.clear();
    this.measuringSince = now;
    this.measureAt = Infinity;
  }

  private measured(now: number): void {
    const { minRttInterval, minRttJitter, concurrencyUpdateInterval } = this.options;
    this.minRttUs = this.takeQuantile();
    this.setLimit(this.limitBefore, now);
    this.limitBefore = NO_LIMIT;
    // Whole milliseconds, as the product's timers.
    const jitterMs = Math.ceil((minRttInterval / NS_PER_MS) * minRttJitter);
    this.measureAt = now + minRttInterval + Math.floor(this.dice.unit() * jitterMs) * NS_PER_MS;
    this.updateAt = now + concurrencyUpdateInterval;
  }

  /** The update that is due, and at once all those up to `until` that will find no sample. */
  private update(until: number): void {
    const { minConcurrency, maxConcurrencyLimit, minRttBuffer, concurrencyUpdateInterval } = this.options;
    const due = this.updateAt;
    this.updateAt = due + concurrencyUpdateInterval * (Math.floor((until - due) / concurrencyUpdateInterval) + 1);
    if (this.bins.count === 0) return;
    const gradient = gradientOf(this.minRttUs, this.takeQuantile(), minRttBuffer);
    this.setLimit(limitAfter(this.limit, gradient, minConcurrency, maxConcurrencyLimit), due);
  }

  private takeQuantile(): number {
    const us = Math.trunc(this.bins.quantile(this.options.sampleAggregatePercentile));
    this.bins.clear();
    return us;
  }

  private setLimit(limit: number, now: number): void {
    const { minConcurrency } = this.options;
    const stays = !this.isMeasuring && this.limit === minConcurrency && limit === minConcurrency;
    this.updatesAtMinimum = stays ? this.updatesAtMinimum + 1 : 0;
    this.limit = limit;
    if (this.measures && this.updatesAtMinimum >= UPDATES_AT_MINIMUM) this.measureAt = now;
  }
}

/** How near a latency is to that without load, with some room: 2 is much faster, 1/2 much slower. */
export function gradientOf(minRttUs: number, sampleUs: number, buffer: number): number {
  const raw = (minRttUs + minRttUs * buffer) / sampleUs;
  // Nothing over nothing is the maximum, as with `std::min`.
  return raw < GRADIENT_MAX ? Math.max(GRADIENT_MIN, raw) : GRADIENT_MAX;
}

/** The limit after an update, headroom included. */
export function limitAfter(limit: number, gradient: number, min: number, max: number): number {
  const scaled = limit * gradient;
  return Math.max(min, Math.min(max, Math.trunc(scaled + Math.sqrt(scaled))));
}
