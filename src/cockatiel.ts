/**
 * `meshsim/cockatiel`: policies of the library cockatiel (3 and 4) as wrappers, unchanged.
 *
 *     wrappers: { ours: cockatiel(() => wrap(retry(handleAll, { maxAttempts: 3 }), circuitBreaker(handleAll, { … }))) }
 *
 * The library need not be there for this to compile: only the shape of its policies is used.
 */
import type { OutcomeName } from './model/outcome.ts';
import { madeAnew } from './own/made-anew.ts';
import type { WrapperFactory } from './own/policies.ts';

/** A policy of cockatiel, or anything that is used as one. */
export interface CockatielPolicy {
  execute<T>(act: (context: { readonly signal: AbortSignal }) => PromiseLike<T> | T, signal?: AbortSignal): PromiseLike<unknown>;
}

/**
 * Each call is `policy.execute(({ signal }) => attempt({ signal }), signalOfTheCall)`. An open or isolated breaker is `breakerOpen`, a
 * timeout `timeout`, a full bulkhead `overflow`.
 *
 * @param make  called for each caller endpoint; returns a new policy each time, since its state is that of one process
 */
export function cockatiel(make: () => CockatielPolicy): WrapperFactory {
  return () => {
    const policy = madeAnew(make());
    return {
      call: (attempt, { signal }) => policy.execute((context) => attempt({ signal: context.signal }), signal),
      outcomeOf: (error) => Object.entries(MARKS).find(([mark]) => typeof error === 'object' && error !== null && mark in error)?.[1],
    };
  };
}

/** What cockatiel's errors carry to be told by. */
const MARKS: Readonly<Record<string, OutcomeName>> = {
  isBrokenCircuitError: 'breakerOpen',
  isTaskCancelledError: 'timeout',
  isBulkheadRejectedError: 'overflow',
};
