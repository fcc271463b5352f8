/** The status that a real proxy would answer its caller with. */
import { Outcome } from '../model/outcome.ts';

/** @param status  what the endpoint answered; used for `error` and `rejected` only */
export function statusOf(outcome: Outcome, status: number): number {
  switch (outcome) {
    case Outcome.ok:
      return 200;
    case Outcome.error:
    case Outcome.rejected:
      return status;
    case Outcome.timeout:
      return 504;
    case Outcome.rateLimited:
      return 429;
    case Outcome.denied:
      return 403;
    case Outcome.unroutable:
      return 404;
    default:
      return 503;
  }
}
