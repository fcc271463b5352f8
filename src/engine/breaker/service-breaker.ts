/**
 * One circuit breaker for all calls of a caller endpoint to a service: what it refuses ends as `breakerOpen`.
 * Every call that was let in and is not ok counts as failed, whatever stopped it; one that its caller gave up returns
 * its permit.
 */
import { NONE } from '../../model/ids.ts';
import { Outcome } from '../../model/outcome.ts';
import type { OptionValues } from '../../model/kind.ts';
import type { CallGate } from '../admission/gate.ts';
import type { EngineObserver } from '../ports.ts';
import { BreakerState, CircuitBreaker } from './circuit-breaker.ts';

// Local name for a constant: see engine/calls.ts.
const { closed: CLOSED } = BreakerState;

export class ServiceBreaker implements CallGate {
  /** When it may begin or cease to refuse by the clock alone, so that `tick` tells the observer; Infinity for never. */
  dueAt: number = Infinity;
  private readonly breaker: CircuitBreaker;
  private readonly observer: EngineObserver;
  private readonly edge: number;
  private readonly caller: number;
  /** As last told: from its opening until it is closed again, and while it refuses. */
  isTripped: boolean = false;
  isRefusing: boolean = false;

  constructor(options: OptionValues, observer: EngineObserver, edge: number, caller: number) {
    this.breaker = new CircuitBreaker(options);
    this.observer = observer;
    this.edge = edge;
    this.caller = caller;
  }

  admit(now: number): Outcome {
    const passes = this.breaker.tryAcquire(now);
    if (this.isTripped) this.tell(now);
    return passes ? Outcome.ok : Outcome.breakerOpen;
  }

  settled(outcome: Outcome, _status: number, begunAt: number, now: number, _inFlight: number): void {
    if (outcome === Outcome.unfinished) this.breaker.release(now);
    else this.breaker.record(outcome !== Outcome.ok, now - begunAt, now);
    if (this.isTripped || this.breaker.state(now) !== CLOSED) this.tell(now);
  }

  tick(now: number): void {
    if (this.dueAt <= now) this.tell(now);
  }

  private tell(now: number): void {
    const { breaker, caller, edge, observer } = this;
    const isTripped = breaker.state(now) !== CLOSED;
    if (isTripped !== this.isTripped) {
      this.isTripped = isTripped;
      if (isTripped) observer.breakerOpened(edge, caller, now, breaker.reason);
      else observer.breakerClosed(edge, caller, now);
    }
    const isRefusing = !breaker.mayPass(now);
    if (isRefusing !== this.isRefusing) {
      this.isRefusing = isRefusing;
      observer.refusing(edge, caller, NONE, isRefusing, now);
    }
    const { dueAt } = breaker;
    this.dueAt = dueAt > now ? dueAt : Infinity;
  }
}
