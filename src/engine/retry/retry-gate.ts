/**
 * The decision whether a failed attempt is retried, in Envoy's order (`RetryStateImpl::shouldRetry`, 1.38):
 *
 *   the slot of the call's last retry is given back -> retriable? -> retries left? (one is used up, also when refused below)
 *   -> room among the retries at once? -> budget? -> granted: the call holds a slot until its next decision or its end
 *
 * Limits of other products have no order that could be seen: Linkerd's annotations know only the count, its profiles only
 * the budget, gRPC charges its tokens before it counts.
 */
import type { RetryBudget } from './budget.ts';
import { RetryCause } from './retry-cause.ts';

/** What the gate keeps with a call. */
export interface RetryingCall {
  retriesLeft: number;
  /** While it counts among the retries at once. */
  hasRetrySlot: boolean;
  /** Why it was last retried. */
  retryCause: RetryCause;
}

export const Verdict = {
  granted: 0,
  /** The failure is none that is retried. */
  final: 1,
  /** The call has used up its retries. */
  limitReached: 2,
  /** Too many retries at once. */
  overflow: 3,
  budgetRefused: 4,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export class RetryGate {
  /** Retries granted and not yet over, backoff included. */
  active: number = 0;
  private readonly activeMax: number;
  private readonly budget: RetryBudget | null;

  /** @param activeMax  Infinity for no limit */
  constructor(activeMax: number, budget: RetryBudget | null) {
    this.activeMax = activeMax;
    this.budget = budget;
  }

  decide(call: RetryingCall, isRetriable: boolean, now: number, cause: RetryCause = RetryCause.transient): Verdict {
    this.release(call);
    if (!isRetriable) return Verdict.final;
    if (call.retriesLeft === 0) return Verdict.limitReached;
    call.retriesLeft--;
    if (this.active >= this.activeMax) return Verdict.overflow;
    if (this.budget !== null && !this.budget.withdraw(now, cause)) return Verdict.budgetRefused;
    call.hasRetrySlot = true;
    call.retryCause = cause;
    this.active++;
    return Verdict.granted;
  }

  /** The call is over, or decides anew. */
  release(call: RetryingCall): void {
    if (!call.hasRetrySlot) return;
    call.hasRetrySlot = false;
    this.active--;
  }
}
