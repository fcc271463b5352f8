/**
 * Whether one more retry may be made, beyond what the call itself allows. One budget for each caller
 * endpoint and edge.
 */
import type { Chosen } from '../../model/kind.ts';
import type { EndpointSet } from '../endpoints.ts';
import type { BudgetName } from './budget-options.ts';
import { ConcurrencyBudget } from './concurrency-budget.ts';
import { TokenBudget } from './token-budget.ts';
import { WindowBudget } from './window-budget.ts';

export interface RetryBudget {
  /** A call begins. */
  called(now: number): void;
  /** An attempt succeeded, or ended as the retry condition says; other failures are reported to nobody. */
  ended(failed: boolean): void;
  /** Takes what a retry costs, or refuses. */
  withdraw(now: number): boolean;
}

/** What the caller has going on beside the request that asks, for budgets that are a share of it. */
export interface RetryLoad {
  readonly set: EndpointSet;
  /** Attempts waiting for a connection. */
  readonly pending: number;
  /** Retries granted and not yet over, backoff included. */
  readonly retries: number;
}

export function createBudget({ kind, options }: Chosen, load: RetryLoad): RetryBudget {
  return budgets[kind as keyof typeof budgets](options as Readonly<Record<string, number>>, load);
}

/** Those that need more of the engine than this interface are not here, and refused by a run. */
const budgets: { readonly [Name in Exclude<BudgetName, 'tower' | 'quota'>]: (options: Readonly<Record<string, number>>, load: RetryLoad) => RetryBudget } = {
  window: (o) => new WindowBudget(o.ratio!, o.minPerSecond!, o.ttl!),
  concurrency: (o, load) => new ConcurrencyBudget(o.percent!, o.minConcurrency!, load),
  tokens: (o) => new TokenBudget(o.maxTokens!, o.tokenRatio!),
};
