/**
 * `meshsim/opossum`: circuit breakers of the library opossum (8 to 10) as wrappers, unchanged.
 *
 *     wrappers: { ours: opossum((action) => new CircuitBreaker(action, { timeout: 300, resetTimeout: 10_000 })) }
 *
 * The library need not be there for this to compile: only the shape of its breaker is used.
 */
import type { OutcomeName } from './model/outcome.ts';
import { madeAnew } from './own/made-anew.ts';
import type { Answer, Attempt, WrapperFactory } from './own/policies.ts';

/** A breaker of opossum, or anything that is fired as one. */
export interface OpossumBreaker {
  fire(attempt: Attempt): PromiseLike<unknown>;
}

/**
 * Each call is `breaker.fire(attempt)`. An open or shut down breaker is `breakerOpen`, its timeout `timeout`, a full semaphore (`capacity`)
 * `overflow`. A fallback makes a call that failed a good one.
 *
 * @param make  called for each caller endpoint with the action to protect, which makes one attempt; returns a new breaker each time, since its
 *              state is that of one process. An action of your own, such as `(attempt) => attempt({ signal })`, does as well
 */
export function opossum(make: (action: (attempt: Attempt) => Promise<Answer>) => OpossumBreaker): WrapperFactory {
  return () => {
    const breaker = madeAnew(make((attempt) => attempt()));
    return {
      call: (attempt) => breaker.fire(attempt),
      outcomeOf: (error) => (error instanceof Error && 'code' in error ? CODES[String(error.code)] : undefined),
    };
  };
}

const CODES: Readonly<Record<string, OutcomeName>> = { EOPENBREAKER: 'breakerOpen', ESHUTDOWN: 'breakerOpen', ETIMEDOUT: 'timeout', ESEMLOCKED: 'overflow' };
