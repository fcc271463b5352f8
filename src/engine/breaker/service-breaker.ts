/**
 * One circuit breaker for all calls of a caller endpoint to a service: what it refuses ends as `breakerOpen`.
 * Every call that was let in and is not ok counts as failed, whatever stopped it; one that its caller gave up returns
 * its permit.
 */
import { Outcome } from '../../model/outcome.ts';
import type { OptionValues } from '../../model/kind.ts';
import type { CallGate } from '../admission/gate.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

export class ServiceBreaker implements CallGate {
  private readonly breaker: CircuitBreaker;

  constructor(options: OptionValues) {
    this.breaker = new CircuitBreaker(options);
  }

  admit(now: number): Outcome {
    return this.breaker.tryAcquire(now) ? Outcome.ok : Outcome.breakerOpen;
  }

  settled(outcome: Outcome, _status: number, begunAt: number, now: number, _inFlight: number): void {
    if (outcome === Outcome.unfinished) this.breaker.release(now);
    else this.breaker.record(outcome !== Outcome.ok, now - begunAt, now);
  }
}
