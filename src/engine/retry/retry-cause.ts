/** Why an attempt is retried, where that decides what the retry costs. */
import { Outcome } from '../../model/outcome.ts';

export const RetryCause = {
  /** No retry has been made. */
  none: 0,
  transient: 1,
  timeout: 2,
  throttling: 3,
} as const;
export type RetryCause = (typeof RetryCause)[keyof typeof RetryCause];

const TOO_MANY_REQUESTS = 429;

export function retryCauseOf(outcome: Outcome, status: number): RetryCause {
  if (outcome === Outcome.timeout) return RetryCause.timeout;
  return status === TOO_MANY_REQUESTS ? RetryCause.throttling : RetryCause.transient;
}
