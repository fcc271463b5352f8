/**
 * A circuit breaker for each endpoint of an edge. Picks avoid an endpoint while its breaker would refuse; when none is
 * left the call has no endpoint. Where picks take refused endpoints all the same, in panic, the attempt goes
 * out and its result counts.
 */
import type { OptionValues } from '../../model/kind.ts';
import { Outcome } from '../../model/outcome.ts';
import { BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import { DueQueue } from './due-queue.ts';
import type { BreakerTarget, EndpointBreaker } from './endpoint-breaker.ts';

// Local names for constants: see engine/calls.ts.
const { ok: OK, unfinished: UNFINISHED } = Outcome;
const { closed: CLOSED } = BreakerState;

export class EndpointCircuitBreakers implements EndpointBreaker {
  private readonly options: OptionValues;
  private readonly target: BreakerTarget;
  /** Made at the first attempt: a window of a hundred calls is too much for endpoints never used. */
  private readonly breakers: (CircuitBreaker | undefined)[] = [];
  /** 1 from its opening until it is closed again. */
  private readonly isTripped: Uint8Array;
  private readonly due: DueQueue;

  constructor(size: number, options: OptionValues, target: BreakerTarget) {
    this.options = options;
    this.target = target;
    this.isTripped = new Uint8Array(size);
    this.due = new DueQueue(size);
  }

  get dueAt(): number {
    return this.due.nextAt;
  }

  sent(endpoint: number, now: number): void {
    const breaker = (this.breakers[endpoint] ??= new CircuitBreaker(this.options));
    breaker.tryAcquire(now);
    if (this.isTripped[endpoint] === 1) this.update(endpoint, breaker, now);
  }

  finished(endpoint: number, outcome: Outcome, _status: number, sentAt: number, now: number): void {
    const breaker = this.breakers[endpoint]!;
    if (outcome === UNFINISHED) breaker.release(now);
    else breaker.record(outcome !== OK, now - sentAt, now);
    if (this.isTripped[endpoint] === 1 || breaker.state(now) !== CLOSED) this.update(endpoint, breaker, now);
  }

  tick(now: number): void {
    while (this.due.nextAt <= now) {
      const endpoint = this.due.first;
      this.update(endpoint, this.breakers[endpoint]!, now);
    }
  }

  private update(endpoint: number, breaker: CircuitBreaker, now: number): void {
    this.target.setReady(endpoint, breaker.mayPass(now), now);
    const { dueAt } = breaker;
    this.due.set(endpoint, dueAt > now ? dueAt : Infinity);
    const isTripped = breaker.state(now) === CLOSED ? 0 : 1;
    if (isTripped === this.isTripped[endpoint]) return;
    this.isTripped[endpoint] = isTripped;
    if (isTripped === 1) this.target.tripped(endpoint, now, breaker.reason);
    else this.target.recovered(endpoint, now);
  }
}
