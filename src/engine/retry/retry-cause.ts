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

// Local names for constants: see calls.ts.
const { throttling: THROTTLING, timeout: TIMED_OUT, transient: TRANSIENT } = RetryCause;
const ENDED_BY_TIMEOUT = Outcome.timeout;

const TOO_MANY_REQUESTS = 429;

export function retryCauseOf(outcome: Outcome, status: number): RetryCause {
  if (outcome === ENDED_BY_TIMEOUT) return TIMED_OUT;
  return status === TOO_MANY_REQUESTS ? THROTTLING : TRANSIENT;
}
