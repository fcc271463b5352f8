import type { Sequence } from '../../random/sequence.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { LocalityShare } from './endpoint-shares.ts';
import type { SlowStartOptions } from './slow-start.ts';

/**
 * Chooses an endpoint for each attempt. One instance for each caller endpoint and edge.
 *
 * `pick` is called only while `set.count > 0` and returns a member of `set.list`; where localities come first
 * it may also return NONE, when nobody is left in the one that was chosen. The engine then counts
 * the attempt in `set.active`, and tells the learner once when it is answered, times out or is cancelled.
 */
export interface Balancer {
  /**
   * @param hash   of the call's key, any 32 bits, 0 for a call without one; what consistent-hash balancers go by
   * @param tries  picks already made for this attempt, whose endpoints were turned down
   */
  pick(now: number, hash: number, tries: number): number;
  /** Who learns from how attempts end; null where nobody does. */
  readonly learner: Learner | null;
}

export interface Learner {
  /** The attempt sent at `sentAt` is over; `failed` when it was answered 429 or 500 and above. */
  finished(endpoint: number, sentAt: number, failed: boolean, now: number): void;
}

/** What every balancer is made from. */
export interface BalancerContext {
  readonly set: EndpointSet;
  /** Its own random numbers. */
  readonly random: Sequence;
  /** Of each endpoint of the set, unique in its service and the same for all callers; its number, if absent. What hash balancers hash. */
  readonly nameOf?: (endpoint: number) => string;
  readonly slowStart?: SlowStartOptions | null;
  /** Locality weights, where hash balancers should heed them; other balancers pick within one locality then. */
  readonly localities?: readonly LocalityShare[] | null;
  /** One over another part of the same endpoints: what is learnt of an endpoint is learnt by both. */
  readonly sibling?: Balancer;
}
