/**
 * When a call sends another copy of itself. The first attempt goes at once; while no answer has ended the call, the next
 * goes after a fixed delay, up to a number, and while a budget pays for it. Dean and Barroso's hedged requests (The Tail at
 * Scale, CACM 2013) and Finagle's backup requests are the case of one copy; the rules for failures are gRPC's
 * (proposal A6): one that is not fatal sends the next copy at once, and the delay counts from there; the server may ask
 * for a wait instead, or that there be no more copies. A copy that the budget refuses ends the hedging of its call.
 *
 * Whoever drives it keeps one timer for each call, cancels the losers, and says what is fatal.
 */
import { Ended, type RetryBudget } from '../retry/budget.ts';
import type { HedgePlan } from '../../model/plan.ts';
import { RetryCause } from '../retry/retry-cause.ts';
import { WindowBudget } from '../retry/window-budget.ts';

/** What a hedged call remembers. */
export interface HedgedCall {
  /** Attempts sent; 0 before the first. */
  hedgeCount: number;
}

/** A share of calls over ten seconds, as Finagle's backup requests have it, but without its reserve: a share is a share. */
const BUDGET_TTL_NS = 10e9;

export function createHedging({ max, afterNs, budget }: HedgePlan): Hedging {
  return new Hedging(1 + max, afterNs, new WindowBudget(budget, 0, BUDGET_TTL_NS));
}

export class Hedging {
  private readonly attemptsMax: number;
  private readonly delayNs: number;
  private readonly budget: RetryBudget | null;

  /** @param attemptsMax  the first included; gRPC caps it at 5  @param delayNs  0 sends all at once */
  constructor(attemptsMax: number, delayNs: number, budget: RetryBudget | null) {
    this.attemptsMax = attemptsMax;
    this.delayNs = delayNs;
    this.budget = budget;
  }

  /** The call begins. Its first attempt is free. @returns when the next is due; Infinity for never */
  begun(call: HedgedCall, now: number): number {
    this.budget?.called(now);
    call.hedgeCount = 1;
    return this.nextAt(call, now + this.delayNs);
  }

  /** The next attempt is due. @returns whether it may be sent; if not, there are no more */
  mayHedge(call: HedgedCall, now: number): boolean {
    if (this.budget !== null && !this.budget.withdraw(now, RetryCause.transient)) {
      call.hedgeCount = this.attemptsMax;
      return false;
    }
    call.hedgeCount++;
    return true;
  }

  /** The attempt that was due has been sent. @returns when the next is due; Infinity for never */
  sent(call: HedgedCall, now: number): number {
    return this.nextAt(call, now + this.delayNs);
  }

  /**
   * An attempt failed, and another may still succeed.
   * @param askedNs  how long the server wants to be left alone; below 0 for ever; null where it said nothing
   * @returns when the next attempt is due, in place of what was said before; Infinity for never
   */
  failed(call: HedgedCall, askedNs: number | null, now: number): number {
    this.budget?.ended(Ended.retriable, now, RetryCause.none);
    if (askedNs !== null && askedNs < 0) call.hedgeCount = this.attemptsMax;
    return this.nextAt(call, now + (askedNs ?? 0));
  }

  /** An attempt succeeded, and the call with it. */
  succeeded(now: number): void {
    this.budget?.ended(Ended.well, now, RetryCause.none);
  }

  private nextAt(call: HedgedCall, at: number): number {
    return call.hedgeCount < this.attemptsMax ? at : Infinity;
  }
}
