import type { Kind } from '../../model/kind.ts';

export type BudgetName = 'window' | 'concurrency' | 'tokens' | 'tower' | 'quota';

/** Kinds of retry budget. The keys that a file uses tell which one is meant; `type` does where two have the same. */
export const budgetKinds: Readonly<Record<BudgetName, Kind>> = {
  window: {
    doc: 'A share of recent calls, plus a reserve: each call deposits, each retry withdraws, both expire.',
    copies: 'Finagle 24.8 `RetryBudget`',
    options: {
      ratio: { type: 'ratio', default: 0.2, doc: 'Retries per call, in the long run.' },
      minPerSecond: { type: 'number', min: 0, default: 10, doc: 'Retries per second that are always allowed; a reserve of minPerSecond x ttl is there from the start.' },
      ttl: { type: 'duration', min: 1e9, max: 60e9, default: 10e9, doc: 'How long a deposit counts.' },
    },
    differences: ['Finagle takes ratios up to 1000 and whole numbers a second; here a ratio is at most 100 %.'],
  },
  concurrency: {
    doc: 'Retries at once, as a share of the requests active or pending.',
    copies: 'Envoy 1.38 `retry_budget`',
    options: {
      percent: { type: 'ratio', default: 0.2, doc: 'Share of active and pending requests that may be retries.' },
      minConcurrency: { type: 'integer', min: 0, default: 3, doc: 'Retries at once that are always allowed.' },
    },
  },
  tokens: {
    doc: 'Tokens that failures take and successes slowly give back; retries only while more than half are left.',
    copies: 'gRPC `retryThrottling` (A6)',
    options: {
      maxTokens: { type: 'number', min: 1, max: 1000, default: 10, doc: 'Tokens at the start and at most.' },
      tokenRatio: { type: 'number', min: 0.001, default: 0.1, doc: 'Tokens that a success gives back, in thousandths; a retriable failure takes one.' },
    },
    differences: ['gRPC requires both options; the defaults are those of the example in A6.', 'gRPC throttles by the name of a server; here a caller and service have a budget of their own.'],
  },
  tower: {
    doc: 'A share of recent attempts that were not retried, plus a reserve: each of them deposits as it ends, each retry withdraws, both expire.',
    copies: 'the retry budget of Linkerd 2 service profiles (tower 0.5 `TpsBudget`)',
    options: {
      ratio: { type: 'ratio', default: 0.2, doc: 'Retries per attempt that is not retried; the cost 1 / ratio is cut to a whole number.' },
      minPerSecond: { type: 'integer', min: 0, default: 10, doc: 'Retries per second that are always allowed; a reserve of minPerSecond x ttl is there from the start.' },
      ttl: { type: 'duration', min: 1e9, max: 60e9, default: 10e9, doc: 'How long a deposit counts.' },
    },
    differences: ['Linkerd takes ratios up to 1000; here a ratio is at most 100 %.', 'Linkerd shares a budget among the routes of a service profile; here it is that of a caller and service.'],
  },
  quota: {
    doc: 'Tokens that retries take and successes give back.',
    copies: 'the retry quota of AWS SDKs in standard mode (botocore `retries/quota.py`)',
    options: {
      capacity: { type: 'integer', min: 1, default: 500, doc: 'Tokens at the start and at most.' },
      retryCost: { type: 'integer', min: 1, default: 5, doc: 'Tokens that a retry takes; 14 in version 2.1.' },
      timeoutCost: { type: 'integer', min: 1, default: 10, doc: 'Tokens that a retry after a timeout takes; 14 in version 2.1.' },
      throttleCost: { type: 'integer', min: 1, default: 5, doc: 'Tokens that a retry after status 429 takes.' },
      refund: { type: 'integer', min: 0, default: 1, doc: 'Tokens that a success without a retry gives back; after a retry it gives back what the last one took.' },
    },
  },
};
