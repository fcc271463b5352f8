/** The status that a real proxy would answer its caller with. */
import { Outcome } from '../model/outcome.ts';

// Local names for constants: see engine/calls.ts.
const { denied: DENIED, error: ERROR, noEndpoint: NO_ENDPOINT, ok: OK, rateLimited: RATE_LIMITED, rejected: REJECTED, timeout: TIMEOUT, unroutable: UNROUTABLE } = Outcome;

const UNAVAILABLE = 503;

/** @param status  what the endpoint answered, for `error` and `rejected`; 504 where a wait for a ready endpoint was in vain */
export function statusOf(outcome: Outcome, status: number): number {
  if (outcome === OK) return 200;
  switch (outcome) {
    case ERROR:
      return status;
    case REJECTED:
      // Without an answer it was the caller's own throttle.
      return status === 0 ? UNAVAILABLE : status;
    case TIMEOUT:
      return 504;
    case RATE_LIMITED:
      return 429;
    case DENIED:
      return 403;
    case UNROUTABLE:
      return 404;
    case NO_ENDPOINT:
      return status === 504 ? 504 : UNAVAILABLE;
    default:
      return UNAVAILABLE;
  }
}
