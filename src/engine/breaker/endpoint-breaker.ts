/**
 * A breaker that watches each endpoint by itself: failure accrual, or a circuit breaker an endpoint.
 *
 * Contract: each `sent` is followed by exactly one `finished` of the same endpoint, with `unfinished` when the
 * caller itself went away. `tick` is called when `dueAt` is reached; a late or early call is harmless. `dueAt` may
 * change with every call.
 */
import type { Outcome } from '../../model/outcome.ts';
import type { Detection } from './detection.ts';

export interface EndpointBreaker {
  /** When something happens by the clock alone; Infinity for never. */
  readonly dueAt: number;
  /** An attempt goes to the endpoint now. */
  sent(endpoint: number, now: number): void;
  /** @param status  of the answer; 0 where there is none */
  finished(endpoint: number, outcome: Outcome, status: number, sentAt: number, now: number): void;
  tick(now: number): void;
}

export interface BreakerTarget {
  /** Whether picks may take the endpoint, as far as this breaker is concerned. */
  setReady(endpoint: number, ready: boolean, now: number): void;
  /** It is out of use from here until `recovered`, single probes apart. */
  tripped(endpoint: number, now: number, detection: Detection): void;
  recovered(endpoint: number, now: number): void;
}
