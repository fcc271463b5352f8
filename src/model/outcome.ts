/**
 * How a call, or one attempt of it, ended. The words are those of the result file; every call ends
 * in exactly one. An attempt ends in the first five, in `rejected`, or in `unfinished`.
 */
export const Outcome = {
  ok: 0,
  /** An HTTP error status came back (and, for a call, no retry was left). */
  error: 1,
  timeout: 2,
  /** The connection closed before the answer was complete. */
  reset: 3,
  /** The connection was refused or could not be opened in time. */
  connectFailure: 4,
  /** A pool, concurrency or retry limit of the caller. */
  overflow: 5,
  /** The balancer found nobody to send to. */
  noEndpoint: 6,
  /** The endpoint's queue was full, or the request waited there too long. */
  rejected: 7,
  rateLimited: 8,
  breakerOpen: 9,
  denied: 10,
  unroutable: 11,
  /** Still in flight when the drain ended. */
  unfinished: 12,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export type OutcomeName = keyof typeof Outcome;

/** Names by code, in code order. */
export const OUTCOME_NAMES: readonly OutcomeName[] = Object.keys(Outcome) as OutcomeName[];

export const OUTCOME_COUNT: number = OUTCOME_NAMES.length;
