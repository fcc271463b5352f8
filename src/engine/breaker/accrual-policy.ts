/**
 * Finagle's failure accrual policies (other-policies.md B2; `liveness/FailureAccrualPolicy.scala`): what makes an
 * endpoint dead, and for how long. Each keeps columns over the endpoints of an edge.
 */
import { exp } from '../../model/math.ts';
import { NS_PER_MS } from '../../model/units.ts';
import { Detection } from './detection.ts';
import type { MarkDeadFor } from './mark-dead.ts';

export interface AccrualPolicy {
  /** What the last mark rests on. */
  readonly reason: Detection;
  recordSuccess(endpoint: number, now: number): void;
  /** A failure. @returns ns for which the endpoint is dead, 0 if it is not */
  markDeadOnFailure(endpoint: number, now: number): number;
  /** Its probe succeeded: forget everything. */
  revived(endpoint: number, now: number): void;
}

/** So many failures in a row. Where the endpoint is not revived, each further failure marks it again. */
export class ConsecutiveFailures implements AccrualPolicy {
  readonly reason: Detection = Detection.consecutiveFailures;
  private readonly threshold: number;
  private readonly markDeadFor: MarkDeadFor;
  private readonly failures: Int32Array;
  private readonly marks: Int32Array;

  constructor(size: number, threshold: number, markDeadFor: MarkDeadFor) {
    this.threshold = threshold;
    this.markDeadFor = markDeadFor;
    this.failures = new Int32Array(size);
    this.marks = new Int32Array(size);
  }

  recordSuccess(endpoint: number, _now: number): void {
    this.failures[endpoint] = 0;
  }

  markDeadOnFailure(endpoint: number, _now: number): number {
    return ++this.failures[endpoint]! >= this.threshold ? this.markDeadFor.durationNs(this.marks[endpoint]!++) : 0;
  }

  revived(endpoint: number, _now: number): void {
    this.failures[endpoint] = 0;
    this.marks[endpoint] = 0;
  }
}

/** What a success rate runs by: requests, or time with a least number of requests in the window. */
export interface AccrualClock {
  /** One more request. @returns its stamp since the endpoint came (back) to life */
  stamp(endpoint: number, now: number): number;
  hasEnough(endpoint: number, now: number): boolean;
  restart(endpoint: number, now: number): void;
}

/**
 * A moving average of successes, each stamp weighing exp(-distance / window), is below what is required, and the
 * endpoint is older than the window (`util/Ema.scala`). The first request sets the average.
 */
export class LowSuccessRate implements AccrualPolicy {
  readonly reason: Detection = Detection.lowSuccessRate;
  private readonly required: number;
  /** In stamps of the clock. */
  private readonly window: number;
  private readonly clock: AccrualClock;
  private readonly markDeadFor: MarkDeadFor;
  private readonly marks: Int32Array;
  private readonly averages: Float64Array;
  /** Stamp of the last request; -1 before the first. */
  private readonly lastStamps: Float64Array;

  constructor(size: number, required: number, window: number, clock: AccrualClock, markDeadFor: MarkDeadFor) {
    this.required = required;
    this.window = window;
    this.clock = clock;
    this.markDeadFor = markDeadFor;
    this.marks = new Int32Array(size);
    this.averages = new Float64Array(size);
    this.lastStamps = new Float64Array(size).fill(-1);
  }

  recordSuccess(endpoint: number, now: number): void {
    this.update(endpoint, this.clock.stamp(endpoint, now), 1);
  }

  markDeadOnFailure(endpoint: number, now: number): number {
    const stamp = this.clock.stamp(endpoint, now);
    const rate = this.update(endpoint, stamp, 0);
    const isDead = stamp >= this.window && rate < this.required && this.clock.hasEnough(endpoint, now);
    return isDead ? this.markDeadFor.durationNs(this.marks[endpoint]!++) : 0;
  }

  revived(endpoint: number, now: number): void {
    this.marks[endpoint] = 0;
    this.averages[endpoint] = 0;
    this.lastStamps[endpoint] = -1;
    this.clock.restart(endpoint, now);
  }

  private update(endpoint: number, stamp: number, value: number): number {
    const last = this.lastStamps[endpoint]!;
    this.lastStamps[endpoint] = stamp;
    if (last < 0) return (this.averages[endpoint] = value);
    const weight = exp(-(stamp - last) / this.window);
    return (this.averages[endpoint] = value * (1 - weight) + this.averages[endpoint]! * weight);
  }
}

/** A stamp a request. */
export class RequestClock implements AccrualClock {
  private readonly requests: Float64Array;

  constructor(size: number) {
    this.requests = new Float64Array(size);
  }

  stamp(endpoint: number, _now: number): number {
    return ++this.requests[endpoint]!;
  }

  hasEnough(_endpoint: number, _now: number): boolean {
    return true;
  }

  restart(endpoint: number, _now: number): void {
    this.requests[endpoint] = 0;
  }
}

/** Four slices that are full, and the one being written to (`util/WindowedAdder.scala`). */
const KEPT = 4;
const SLICES = KEPT + 1;

/** Stamps are whole milliseconds of age. */
export class AgeClock implements AccrualClock {
  private readonly minRequests: number;
  private readonly sliceMs: number;
  private readonly bornMs: Float64Array;
  private readonly writer: Int32Array;
  private readonly slices: Int32Array;
  private readonly next: Uint8Array;
  /** When the writer was last emptied into a slice. */
  private readonly slicedMs: Float64Array;

  constructor(size: number, windowMs: number, minRequests: number) {
    this.minRequests = minRequests;
    this.sliceMs = Math.floor(windowMs / SLICES);
    this.bornMs = new Float64Array(size);
    this.writer = new Int32Array(size);
    this.slices = new Int32Array(size * KEPT);
    this.next = new Uint8Array(size);
    this.slicedMs = new Float64Array(size);
  }

  stamp(endpoint: number, now: number): number {
    const nowMs = Math.floor(now / NS_PER_MS);
    this.expire(endpoint, nowMs);
    this.writer[endpoint]!++;
    return nowMs - this.bornMs[endpoint]!;
  }

  hasEnough(endpoint: number, now: number): boolean {
    this.expire(endpoint, Math.floor(now / NS_PER_MS));
    let sum = this.writer[endpoint]!;
    for (let i = endpoint * KEPT; i < (endpoint + 1) * KEPT; i++) sum += this.slices[i]!;
    return sum >= this.minRequests;
  }

  restart(endpoint: number, now: number): void {
    const nowMs = Math.floor(now / NS_PER_MS);
    this.bornMs[endpoint] = nowMs;
    this.slicedMs[endpoint] = nowMs;
    this.writer[endpoint] = 0;
    this.slices.fill(0, endpoint * KEPT, (endpoint + 1) * KEPT);
  }

  private expire(endpoint: number, nowMs: number): void {
    const elapsed = nowMs - this.slicedMs[endpoint]!;
    if (elapsed < this.sliceMs) return;
    const first = endpoint * KEPT;
    this.slices[first + this.next[endpoint]!] = this.writer[endpoint]!;
    this.writer[endpoint] = 0;
    this.next[endpoint] = (this.next[endpoint]! + 1) % KEPT;
    const skipped = Math.min(Math.floor(elapsed / this.sliceMs) - 1, KEPT);
    for (let i = 0; i < skipped; i++) {
      this.slices[first + this.next[endpoint]!] = 0;
      this.next[endpoint] = (this.next[endpoint]! + 1) % KEPT;
    }
    this.slicedMs[endpoint] = nowMs;
  }
}

/** Either of two; when both mark, the longer time holds (`orElse`). */
export class EitherPolicy implements AccrualPolicy {
  reason: Detection;
  private readonly one: AccrualPolicy;
  private readonly other: AccrualPolicy;

  constructor(one: AccrualPolicy, other: AccrualPolicy) {
    this.one = one;
    this.other = other;
    this.reason = one.reason;
  }

  recordSuccess(endpoint: number, now: number): void {
    this.one.recordSuccess(endpoint, now);
    this.other.recordSuccess(endpoint, now);
  }

  markDeadOnFailure(endpoint: number, now: number): number {
    const one = this.one.markDeadOnFailure(endpoint, now);
    const other = this.other.markDeadOnFailure(endpoint, now);
    this.reason = other > one ? this.other.reason : this.one.reason;
    return Math.max(one, other);
  }

  revived(endpoint: number, now: number): void {
    this.one.revived(endpoint, now);
    this.other.revived(endpoint, now);
  }
}
