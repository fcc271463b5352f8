/** The code that a run may be given: what a scenario names as `loadBalancer: { own: NAME }`, `retries: { own: NAME }` and `wrapper: NAME`. */
import type { OwnBalancerFactory } from '../engine/own/own-balancer.ts';
import type { CallerOf } from '../engine/own/own-code.ts';
import type { OwnRetryFactory } from '../engine/own/own-retry.ts';
import type { OutcomeName } from '../model/outcome.ts';

/** By the names that the scenario uses. A factory is called once for each caller endpoint of an edge, so state is per caller, as it is in production. */
export interface OwnPolicies {
  readonly balancers?: Readonly<Record<string, OwnBalancerFactory>>;
  readonly retries?: Readonly<Record<string, OwnRetryFactory>>;
  /** Asynchronous: a run with one is `simulateAsync`. */
  readonly wrappers?: Readonly<Record<string, WrapperFactory>>;
}

/** Called under virtual time before the first request; what it makes belongs to one caller endpoint and one run. */
export type WrapperFactory = (about: CallerOf) => CallWrapper;

/**
 * Code of the caller that makes the attempts of a call itself, such as a library's retries, timeouts and breakers. Under it time is
 * virtual and chance is seeded: `Date`, `performance.now`, `setTimeout` and the like, `AbortSignal.timeout`, `Math.random`.
 */
export interface CallWrapper {
  /**
   * Make one call. Where the promise is fulfilled the call was answered well, unless with an `AttemptFailed`: then it ended as that
   * attempt did, and so where it is rejected with one. A rejection with an `AbortError` or a `TimeoutError` is a timeout of the caller.
   */
  call(attempt: Attempt, request: WrappedRequest): PromiseLike<unknown>;
  /** What a call came to that was rejected with any other error. Without an answer the error is one of the code, and ends the run. */
  outcomeOf?(error: unknown): OutcomeName | undefined;
}

/**
 * One attempt: an endpoint is picked and the request sent there, through the parts of the policy that are not the wrapper's. May be
 * called any number of times, also beside one another and after the call is over.
 *
 * @param options.signal  cancels the attempt, as it does in `fetch`: the promise is then rejected with the signal's reason
 * @returns rejected with an `AttemptFailed` unless the answer is a good one
 */
export type Attempt = (options?: { readonly signal?: AbortSignal | undefined }) => Promise<Answer>;

export interface Answer {
  readonly status: number;
}

export interface WrappedRequest {
  /** Aborted when the caller's own caller no longer waits. */
  readonly signal: AbortSignal;
  /** Of the request's key, 32 bits; the same for equal keys. */
  readonly hashKey: number;
}

/** An attempt was not answered well. */
export class AttemptFailed extends Error {
  override readonly name: string = 'AttemptFailed';
  readonly outcome: OutcomeName;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** As Node names it where there was no answer: `ECONNREFUSED`, `ECONNRESET`. */
  readonly code: string | undefined;

  constructor(outcome: OutcomeName, status: number) {
    super(status === 0 ? `no answer: ${outcome}` : `answered ${status}`);
    this.outcome = outcome;
    this.status = status;
    this.code = CODES[outcome];
  }
}

const CODES: Readonly<Partial<Record<OutcomeName, string>>> = { connectFailure: 'ECONNREFUSED', reset: 'ECONNRESET' };
