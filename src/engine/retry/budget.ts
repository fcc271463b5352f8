/**
 * Whether one more retry may be made, beyond what the call itself allows. One budget for each caller
 * endpoint and edge.
 */
import type { Chosen } from '../../model/kind.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { BudgetName } from './budget-options.ts';
import { ConcurrencyBudget } from './concurrency-budget.ts';
import { QuotaBudget, type QuotaCosts } from './quota-budget.ts';
import type { RetryCause } from './retry-cause.ts';
import { TokenBudget } from './token-budget.ts';
import { TowerBudget } from './tower-budget.ts';
import { WindowBudget } from './window-budget.ts';

/** How an attempt ended, as budgets see it. */
export const Ended = {
  /** With the call's success. */
  well: 0,
  /** In a way that is retried, whether or not the call has retries left. */
  retriable: 1,
  /** In another way. */
  badly: 2,
} as const;
export type Ended = (typeof Ended)[keyof typeof Ended];

export interface RetryBudget {
  /** A call begins. */
  called(now: number): void;
  /** @param lastRetry  why the call was last retried */
  ended(how: Ended, now: number, lastRetry: RetryCause): void;
  /** Takes what a retry for this reason costs, or refuses. */
  withdraw(now: number, cause: RetryCause): boolean;
  /** What there is to take from, in the budget's own words (tokens, or retries), as of the last change. */
  readonly balance: number;
  /** The same for comparing: as a share of what it may hold, 0..1, where that has a bound (`budgetIsBounded`), else the retries that it would pay for. */
  readonly left: number;
}

/** Whether a budget of that kind is a store that can be full. */
export function budgetIsBounded({ kind }: Chosen): boolean {
  return kind === 'tokens' || kind === 'quota';
}

/** What the caller has going on beside the request that asks, for budgets that are a share of it. */
export interface RetryLoad {
  readonly set: EndpointSet;
  /** Attempts waiting for a connection. */
  readonly pending: number;
  /** Attempts that a split has sent to other services, or has wait for a connection there. */
  readonly elsewhere: number;
  /** Attempts that ask and are off their endpoint already: 1, but 0 for one that is late and still waited for. */
  readonly asking: number;
  /** Retries granted and not yet over, backoff included. */
  readonly retries: number;
}

export function createBudget({ kind, options }: Chosen, load: RetryLoad): RetryBudget {
  return budgets[kind as BudgetName](options as Readonly<Record<string, number>>, load);
}

const budgets: { readonly [Name in BudgetName]: (options: Readonly<Record<string, number>>, load: RetryLoad) => RetryBudget } = {
  window: (o) => new WindowBudget(o.ratio!, o.minPerSecond!, o.ttl!),
  concurrency: (o, load) => new ConcurrencyBudget(o.percent!, o.minConcurrency!, load),
  tokens: (o) => new TokenBudget(o.maxTokens!, o.tokenRatio!),
  tower: (o) => new TowerBudget(o.ratio!, o.minPerSecond!, o.ttl!),
  // The names are those of its options.
  quota: (o) => new QuotaBudget(o as unknown as QuotaCosts),
};
