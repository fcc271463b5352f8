/**
 * Lets as many calls be in flight as a limit says that learns from their latency. The limit may fall below what is in
 * flight: nobody is stopped, nobody new comes in until enough have ended.
 */
import { Outcome } from '../../model/outcome.ts';
import type { CallGate } from './gate.ts';

/** A limit that moves. */
export interface AdaptiveLimit {
  /** Calls that may be in flight, whole. */
  readonly limit: number;
  /** Catch up with what the clock alone does. */
  advance(now: number): void;
  /** A call that was let in is over; parameters as in `CallGate.settled`. */
  learn(outcome: Outcome, status: number, begunAt: number, now: number, inFlight: number): void;
}

export class ConcurrencyGate implements CallGate {
  private readonly adaptive: AdaptiveLimit;
  private inFlight: number = 0;

  constructor(adaptive: AdaptiveLimit) {
    this.adaptive = adaptive;
  }

  admit(now: number): Outcome {
    this.adaptive.advance(now);
    if (this.inFlight >= this.adaptive.limit) return Outcome.overflow;
    this.inFlight++;
    return Outcome.ok;
  }

  settled(outcome: Outcome, status: number, begunAt: number, now: number, inFlight: number): void {
    this.inFlight--;
    this.adaptive.advance(now);
    this.adaptive.learn(outcome, status, begunAt, now, inFlight);
  }
}
