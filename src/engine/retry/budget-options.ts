import type { Kind } from '../../model/kind.ts';

export type BudgetName = 'window' | 'concurrency' | 'tokens';

/** Kinds of retry budget. A file names no kind: the keys it uses tell which one is meant. */
export const budgetKinds: Readonly<Record<BudgetName, Kind>> = {
  window: {
    doc: 'A share of recent calls, plus a reserve: each call deposits, each retry withdraws, both expire.',
    copies: 'Finagle RetryBudget',
    options: {
      ratio: { type: 'ratio', default: 0.2, doc: 'Retries per call, in the long run.' },
      minPerSecond: { type: 'number', min: 0, default: 10, doc: 'Retries per second that are always allowed; a reserve of minPerSecond x ttl is there from the start.' },
      ttl: { type: 'duration', min: 1e9, default: 10e9, doc: 'How long a deposit counts; 1 s to 60 s.' },
    },
  },
  concurrency: {
    doc: 'Retries at once, as a share of the requests active or pending.',
    copies: 'Envoy retry_budget',
    options: {
      percent: { type: 'ratio', default: 0.2, doc: 'Share of active and pending requests that may be retries.' },
      minConcurrency: { type: 'integer', min: 0, default: 3, doc: 'Retries at once that are always allowed.' },
    },
  },
  tokens: {
    doc: 'Tokens that failures take and successes slowly give back; retries only while more than half are left.',
    copies: 'gRPC retryThrottling (A6)',
    options: {
      maxTokens: { type: 'number', min: 1, default: 10, doc: 'Tokens at the start and at most.' },
      tokenRatio: { type: 'number', min: 0.001, default: 0.1, doc: 'Tokens that a success gives back; a failure takes one.' },
    },
  },
};
