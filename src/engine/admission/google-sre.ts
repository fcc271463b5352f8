/**
 * Adaptive throttling (Beyer et al., Site Reliability Engineering, chapter 21, equation 21-1): a caller that sees its
 * backend refuse refuses by itself, with probability (requests - k x accepts) / (requests + 1) over the last while.
 *
 * Requests are what the application asked for, those refused here included; accepts are what the backend took on.
 * An answer the backend worked for is an accept even if it is an error: only being turned away, or no answer at
 * all, is not.
 */
import { Outcome } from '../../model/outcome.ts';
import { RecentCalls } from './recent-calls.ts';
import type { CallGate, GateDice } from './gate.ts';

const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

export class GoogleSre implements CallGate {
  private readonly k: number;
  private readonly dice: GateDice;
  private readonly window: RecentCalls;

  constructor(k: number, windowNs: number, dice: GateDice) {
    this.k = k;
    this.dice = dice;
    this.window = new RecentCalls(windowNs);
  }

  admit(now: number): Outcome {
    const probability = this.probability(now);
    this.window.countCall(now);
    return probability > 0 && this.dice.unit() < probability ? Outcome.rejected : Outcome.ok;
  }

  settled(outcome: Outcome, status: number, _begunAt: number, now: number): void {
    const isAccepted = outcome === Outcome.ok || (outcome === Outcome.error && status !== UNAVAILABLE && status !== TOO_MANY_REQUESTS);
    if (isAccepted) this.window.countGood(now);
  }

  /** That a call at `now` is refused, 0..1. */
  probability(now: number): number {
    const requests = this.requests(now);
    return Math.max(0, (requests - this.k * this.accepts(now)) / (requests + 1));
  }

  requests(now: number): number {
    return this.window.callsAt(now);
  }

  accepts(now: number): number {
    return this.window.goodAt(now);
  }
}
