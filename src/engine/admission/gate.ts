/**
 * What stands in front of a call before an endpoint is picked: rate limit, breaker of a whole service, client-side
 * throttling, adaptive concurrency limit. One gate for each caller endpoint and edge; it sees calls, not attempts,
 * as Envoy's HTTP filters stand before the router and its retries.
 *
 * Contract: `admit` is asked once a call, at its begin. A gate that answered `ok` hears `settled` exactly once for
 * that call, also when a gate behind it refused; a gate that refused hears nothing more. `now` never decreases.
 * Gates own no timer: what a product does by the clock is caught up with at the next call.
 */
import type { Outcome } from '../../model/outcome.ts';
import type { Sequence } from '../../random/sequence.ts';

export interface CallGate {
  /** `ok`, or what the call is settled with at once: `rateLimited`, `overflow`, `rejected` or `breakerOpen`. */
  admit(now: number): Outcome;
  /**
   * The call is over, all its attempts included.
   *
   * @param status    what the caller is answered (`statusOf` of engine/outcome.ts), not what the endpoint said
   * @param begunAt   when `admit` was asked, ns
   * @param inFlight  calls let in and not settled when this one was let in, itself included
   */
  settled(outcome: Outcome, status: number, begunAt: number, now: number, inFlight: number): void;
}

/** Chance for gates that throw dice: a `Sequence`, or numbers from a file. */
export type GateDice = Pick<Sequence, 'below' | 'unit'>;
