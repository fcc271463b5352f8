/**
 * Resilience4j's circuit breaker (other-policies.md C1; `internal/CircuitBreakerStateMachine.java`, 2.x).
 *
 *   closed    --(a rate reaches its threshold in a full enough window)--> open
 *   open      nothing passes --(asked strictly after the wait; at its end where that is automatic)--> halfOpen
 *   halfOpen  so many calls pass, whose window decides as soon as it is full enough
 *             --(a rate reaches its threshold; or the longest wait is over)--> open --(else)--> closed, window empty
 *
 * A result counts in the state it comes in, also that of a call let in earlier; while open it is recorded and changes
 * nothing. A permit comes back only from a call that was given up; a call without an end keeps its permit.
 * What happens by the clock is caught up with whenever the breaker is asked. Rates are 32-bit floats, as there.
 *
 * Left out: ignored and recorded exceptions (every failed call counts), intervals that grow, forced states.
 */
import type { OptionValues } from '../../model/kind.ts';
import { NS_PER_MS } from '../../model/units.ts';
import { CountWindow, type CallWindow, TimeWindow } from './call-window.ts';
import { Detection } from './detection.ts';

interface Options {
  readonly failureRateThreshold: number;
  readonly slowCallRateThreshold: number;
  readonly slowCallDurationThreshold: number;
  readonly slidingWindowType: 'count' | 'time';
  readonly slidingWindowSize: number;
  readonly minimumNumberOfCalls: number;
  readonly waitDurationInOpenState: number;
  readonly permittedNumberOfCallsInHalfOpenState: number;
  readonly maxWaitDurationInHalfOpenState: number;
  readonly automaticTransitionFromOpenToHalfOpenEnabled: boolean;
}

export const BreakerState = { closed: 0, open: 1, halfOpen: 2 } as const;
export type BreakerState = (typeof BreakerState)[keyof typeof BreakerState];

const { closed: CLOSED, halfOpen: HALF_OPEN, open: OPEN } = BreakerState;

/** The rate while the window is not full enough. */
const TOO_FEW = -1;

export class CircuitBreaker {
  /** Why it opened last. */
  reason: Detection = Detection.failureRate;
  private current: BreakerState = CLOSED;
  private readonly options: Options;
  private readonly waitNs: number;
  /** Infinity for no limit. */
  private readonly maxHalfOpenNs: number;
  private readonly failureThreshold: number;
  private readonly slowThreshold: number;
  private readonly closedWindow: CallWindow;
  private readonly probeWindow: CountWindow;
  /** Of the present state; an open breaker keeps that of the state before. */
  private window: CallWindow;
  /** Calls that the window needs. */
  private minimum: number;
  /** End of being open, or of being half-open. */
  private until: number = Infinity;
  private permits: number = 0;

  constructor(options: OptionValues) {
    // The scenario has filled in every option of circuit-breaker-options.ts.
    this.options = options as unknown as Options;
    const { slidingWindowType, slidingWindowSize, permittedNumberOfCallsInHalfOpenState, maxWaitDurationInHalfOpenState } = this.options;
    this.waitNs = wholeMs(this.options.waitDurationInOpenState);
    this.maxHalfOpenNs = maxWaitDurationInHalfOpenState < NS_PER_MS ? Infinity : wholeMs(maxWaitDurationInHalfOpenState);
    this.failureThreshold = Math.fround(this.options.failureRateThreshold * 100);
    this.slowThreshold = Math.fround(this.options.slowCallRateThreshold * 100);
    this.closedWindow = slidingWindowType === 'time' ? new TimeWindow(slidingWindowSize) : new CountWindow(slidingWindowSize);
    this.probeWindow = new CountWindow(permittedNumberOfCallsInHalfOpenState);
    this.window = this.closedWindow;
    this.minimum = this.closedMinimum();
  }

  state(now: number): BreakerState {
    this.catchUp(now);
    return this.current;
  }

  /** When the answer of `mayPass` may change by the clock alone; Infinity for never. */
  get dueAt(): number {
    if (this.current !== OPEN || this.options.automaticTransitionFromOpenToHalfOpenEnabled) return this.until;
    return this.until + 1;
  }

  /** Whether `tryAcquire` would let a call in. */
  mayPass(now: number): boolean {
    this.catchUp(now);
    return this.current === CLOSED || (this.current === OPEN ? now > this.until : this.permits > 0);
  }

  /** A call asks to pass. */
  tryAcquire(now: number): boolean {
    this.catchUp(now);
    if (this.current === CLOSED) return true;
    if (this.current === OPEN) {
      if (now <= this.until) return false;
      this.toHalfOpen(now);
    }
    if (this.permits === 0) return false;
    this.permits--;
    return true;
  }

  /** A call that was let in is over and says nothing. */
  release(now: number): void {
    this.catchUp(now);
    if (this.current === HALF_OPEN) this.permits++;
  }

  record(failed: boolean, durationNs: number, now: number): void {
    this.catchUp(now);
    this.window.record(failed, durationNs > this.options.slowCallDurationThreshold, now);
    if (this.current === OPEN) return;
    const failureRate = this.rate(this.window.failed);
    if (failureRate === TOO_FEW) return;
    const isFailing = failureRate >= this.failureThreshold;
    if (isFailing || this.rate(this.window.slow) >= this.slowThreshold) {
      this.reason = isFailing ? Detection.failureRate : Detection.slowCallRate;
      this.toOpen(now);
    } else if (this.current === HALF_OPEN) this.toClosed(now);
  }

  /** Percent; -1 while there are too few calls. */
  failureRate(now: number): number {
    this.catchUp(now);
    this.window.roll(now);
    return this.rate(this.window.failed);
  }

  slowCallRate(now: number): number {
    this.catchUp(now);
    this.window.roll(now);
    return this.rate(this.window.slow);
  }

  private rate(calls: number): number {
    const { total } = this.window;
    return total === 0 || total < this.minimum ? TOO_FEW : Math.fround((calls * 100) / total);
  }

  private catchUp(now: number): void {
    while (now >= this.until) {
      if (this.current === HALF_OPEN) this.toOpen(this.until);
      else if (this.options.automaticTransitionFromOpenToHalfOpenEnabled) this.toHalfOpen(this.until);
      else return;
    }
  }

  private toOpen(now: number): void {
    this.current = OPEN;
    this.until = now + this.waitNs;
  }

  private toHalfOpen(now: number): void {
    this.current = HALF_OPEN;
    this.until = now + this.maxHalfOpenNs;
    this.permits = this.options.permittedNumberOfCallsInHalfOpenState;
    this.window = this.probeWindow;
    this.window.clear(now);
    this.minimum = Math.min(this.options.minimumNumberOfCalls, this.permits);
  }

  private toClosed(now: number): void {
    this.current = CLOSED;
    this.until = Infinity;
    this.window = this.closedWindow;
    this.window.clear(now);
    this.minimum = this.closedMinimum();
  }

  private closedMinimum(): number {
    const { slidingWindowType, slidingWindowSize, minimumNumberOfCalls } = this.options;
    return slidingWindowType === 'time' ? minimumNumberOfCalls : Math.min(minimumNumberOfCalls, slidingWindowSize);
  }
}

function wholeMs(ns: number): number {
  return Math.floor(ns / NS_PER_MS) * NS_PER_MS;
}
