/**
 * A retry policy that comes as code, in place of `attempts`, `on` and `backoff`. It is asked about each failed attempt of a
 * request that may be retried at all; what it grants still goes through the limits beside it (`budget`, `maxRetries`).
 */
import { OUTCOME_NAMES, type Outcome, type OutcomeName } from '../../model/outcome.ts';
import { OwnPolicyError, type OwnPolicyPlace } from '../../model/own-policy-error.ts';
import { NS_PER_MS } from '../../model/units.ts';
import { Draw, type Stream, attemptKey } from '../../random/hash.ts';
import type { CallRow } from '../calls.ts';
import { Ended, type RetryBudget } from '../retry/budget.ts';
import type { RetryCause } from '../retry/retry-cause.ts';
import type { CallerOf } from './own-code.ts';

/** Called once for each caller endpoint of each edge whose policy names it, before the run begins. */
export type OwnRetryFactory = (about: CallerOf) => OwnRetryPolicy;

export interface FailedAttempt {
  /** `error` is an answer with a bad status, `rejected` one of a full queue. */
  readonly outcome: OutcomeName;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
  /** Which attempt of the call it was, from 1. */
  readonly attempt: number;
  /** Since the call began, ms. */
  readonly elapsedMs: number;
  /** Until the call has to be over, ms; Infinity where nothing limits it. */
  readonly remainingMs: number;
  /** Where it went, by number within the service; null where it could not be sent. */
  readonly endpoint: number | null;
}

/** Times are ms since the start of the run; `random` is uniform in [0, 1) and drawn from seed, request and attempt. */
export interface OwnRetryPolicy {
  /** @returns how long to wait before the next attempt, ms, at least 0; null gives up */
  decide(failed: FailedAttempt, now: number, random: () => number): { readonly retryAfterMs: number } | null;
  /** A call begins: for budgets of its own. */
  called?(now: number): void;
  /** An attempt was answered well. */
  succeeded?(now: number): void;
}

/** More is a policy that never gives up, in a place where nothing else ends the call. */
const MOST_ATTEMPTS = 100_000;

/** The code's side of one outbound. To the engine it is the budget as well, which hears of every call and attempt. */
export class OwnRetry implements RetryBudget {
  /** Before the attempt that was granted last, ns. */
  waitNs: number = 0;
  private readonly own: OwnRetryPolicy;
  private readonly place: OwnPolicyPlace;
  private readonly budget: RetryBudget | null;
  private readonly stream: Stream;
  private readonly draw: Draw = new Draw();

  /** @param budget  that of the scenario; null for none */
  constructor(factory: OwnRetryFactory, place: OwnPolicyPlace, budget: RetryBudget | null, stream: Stream) {
    this.place = place;
    this.budget = budget;
    this.stream = stream;
    const { caller, edge } = place;
    this.own = this.guarded(0, 'made before the run', () => factory({ edge, caller }));
  }

  /** Whether the call is to be tried again, after `waitNs`. */
  retries(call: CallRow, outcome: Outcome, status: number, now: number): boolean {
    const { attempts, begunAt, deadline, lastEndpoint } = call;
    const deed = `deciding about attempt ${attempts} of a call (${OUTCOME_NAMES[outcome]}${status === 0 ? '' : ` ${status}`})`;
    const failed: FailedAttempt = {
      outcome: OUTCOME_NAMES[outcome]!,
      status,
      attempt: attempts,
      elapsedMs: (now - begunAt) / NS_PER_MS,
      remainingMs: (deadline - now) / NS_PER_MS,
      endpoint: lastEndpoint < 0 ? null : lastEndpoint,
    };
    this.draw.seek(this.stream, call.keyHi, attemptKey(call.keyLo, attempts));
    const decision = this.guarded(now, deed, () => this.own.decide(failed, now / NS_PER_MS, this.random)) as ReturnType<OwnRetryPolicy['decide']> | undefined;
    if (decision === null || decision === undefined) return false;
    const { retryAfterMs } = decision;
    if (!(typeof retryAfterMs === 'number' && retryAfterMs >= 0 && retryAfterMs !== Infinity)) {
      throw new OwnPolicyError(this.place, now, deed, `returned ${describe(decision)}: retryAfterMs is a number of ms, 0 or more, and null gives up`);
    }
    if (attempts >= MOST_ATTEMPTS) throw new OwnPolicyError(this.place, now, deed, `has asked for ${MOST_ATTEMPTS} attempts of one call, and goes on`);
    this.waitNs = Math.round(retryAfterMs * NS_PER_MS);
    return true;
  }

  get left(): number {
    return this.budget === null ? Infinity : this.budget.left;
  }

  get balance(): number {
    return this.budget === null ? Infinity : this.budget.balance;
  }

  called(now: number): void {
    this.budget?.called(now);
    const { own } = this;
    if (own.called !== undefined) this.guarded(now, 'hearing of a call', () => own.called!(now / NS_PER_MS));
  }

  ended(how: Ended, now: number, lastRetry: RetryCause): void {
    this.budget?.ended(how, now, lastRetry);
    const { own } = this;
    if (own.succeeded !== undefined && how === Ended.well) this.guarded(now, 'hearing of a success', () => own.succeeded!(now / NS_PER_MS));
  }

  withdraw(now: number, cause: RetryCause): boolean {
    return this.budget === null || this.budget.withdraw(now, cause);
  }

  private readonly random = (): number => {
    const value = this.draw.unit();
    this.draw.next();
    return value;
  };

  private guarded<T>(now: number, deed: string, act: () => T): T {
    try {
      return act();
    } catch (cause) {
      throw cause instanceof OwnPolicyError ? cause : new OwnPolicyError(this.place, now, deed, 'threw', cause);
    }
  }
}

function describe(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'number' ? String(inner) : inner)) : `\`${String(value)}\``;
}
