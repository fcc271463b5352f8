/**
 * A breaker that has opened lets nothing through for its wait, then so many probes, and what these come to closes it or opens it anew:
 * Resilience4j 2.x (`CircuitBreakerStateMachine`), from its opening to its closing. While it is closed nothing need be known.
 *
 *   open --(asked strictly after the wait; at its end where that is automatic)--> half-open, with new permits
 *   half-open --(enough results; or the longest wait is over)--> open, or closed
 */
import type { OptionValues } from '../model/kind.ts';

const CLOSED = 0;
const OPEN = 1;
const HALF_OPEN = 2;

export class HalfOpenModel {
  private state: typeof CLOSED | typeof OPEN | typeof HALF_OPEN = CLOSED;
  private until: number = Infinity;
  /** When the clock alone last changed its state, ns. */
  turnedAt: number = -1;
  private permits: number = 0;
  private results: number = 0;
  private failed: number = 0;
  private slow: number = 0;
  private readonly waitNs: number;
  private readonly halfOpenNs: number;
  private readonly isAutomatic: boolean;
  private readonly permitted: number;
  private readonly minimum: number;
  private readonly slowNs: number;
  private readonly failureThreshold: number;
  private readonly slowThreshold: number;

  constructor(options: OptionValues) {
    const value = (name: string): number => Number(options[name]);
    this.waitNs = wholeMs(value('waitDurationInOpenState'));
    this.halfOpenNs = wholeMs(value('maxWaitDurationInHalfOpenState')) || Infinity;
    this.isAutomatic = options['automaticTransitionFromOpenToHalfOpenEnabled'] === true;
    this.permitted = value('permittedNumberOfCallsInHalfOpenState');
    this.minimum = Math.min(value('minimumNumberOfCalls'), this.permitted);
    this.slowNs = value('slowCallDurationThreshold');
    this.failureThreshold = Math.fround(100 * value('failureRateThreshold'));
    this.slowThreshold = Math.fround(100 * value('slowCallRateThreshold'));
  }

  get isClosed(): boolean {
    return this.state === CLOSED;
  }

  /** It is told that it opened. */
  opened(now: number): void {
    this.state = OPEN;
    this.until = now + this.waitNs;
  }

  /** Whether a call that asks now may pass. */
  mayPass(now: number): boolean {
    this.catchUp(now);
    return this.state === CLOSED || (this.state === OPEN ? now > this.until : this.permits > 0);
  }

  /** A call has passed. */
  passed(now: number): void {
    this.catchUp(now);
    if (this.state === OPEN && now > this.until) this.halfOpen(now);
    if (this.state === HALF_OPEN) this.permits--;
  }

  /** A call that had passed is over and says nothing. */
  released(now: number): void {
    this.catchUp(now);
    if (this.state === HALF_OPEN) this.permits++;
  }

  /** A call that had passed is over. */
  ended(isFailed: boolean, tookNs: number, now: number): void {
    this.catchUp(now);
    if (this.state !== HALF_OPEN) return;
    this.results++;
    if (isFailed) this.failed++;
    if (tookNs > this.slowNs) this.slow++;
    if (this.results < this.minimum) return;
    const share = (calls: number): number => Math.fround((100 * calls) / this.results);
    if (share(this.failed) >= this.failureThreshold || share(this.slow) >= this.slowThreshold) this.opened(now);
    else {
      this.state = CLOSED;
      this.until = Infinity;
    }
  }

  /** In words. */
  stateOf(now: number): string {
    this.catchUp(now);
    return this.state === CLOSED ? 'closed' : this.state === OPEN ? `open until ${this.until / 1e9} s` : `half-open with ${this.permits} of ${this.permitted} permits and ${this.results} results`;
  }

  private halfOpen(now: number): void {
    this.state = HALF_OPEN;
    this.until = now + this.halfOpenNs;
    this.permits = this.permitted;
    this.results = this.failed = this.slow = 0;
  }

  private catchUp(now: number): void {
    while (now >= this.until) {
      this.turnedAt = this.until;
      if (this.state === HALF_OPEN) this.opened(this.until);
      else if (this.isAutomatic) this.halfOpen(this.until);
      else return;
    }
  }
}

function wholeMs(ns: number): number {
  return Math.floor(ns / 1e6) * 1e6;
}
