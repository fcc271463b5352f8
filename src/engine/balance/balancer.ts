import type { Sequence } from '../../random/sequence.ts';
import type { EndpointSet } from '../endpoints.ts';

/**
 * Chooses an endpoint for each attempt. One instance for each caller endpoint and edge.
 *
 * `pick` is called only while `set.count > 0` and returns a member of `set.list`. The engine then counts
 * the attempt in `set.active`, and calls `finished` once when it is answered, times out or is cancelled.
 */
export interface Balancer {
  pick(now: number): number;
  /** The attempt sent at `sentAt` is over; `failed` when it was answered 429 or 500 and above. */
  finished(endpoint: number, sentAt: number, failed: boolean, now: number): void;
}

/** What every balancer is made from. */
export interface BalancerContext {
  readonly set: EndpointSet;
  /** Its own random numbers. */
  readonly random: Sequence;
}
