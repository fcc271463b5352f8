import type { PolicyPlan } from './plan.ts';

/** All parts off. */
export const NO_POLICY: PolicyPlan = {
  name: 'none',
  loadBalancer: { kind: 'roundRobin', options: {} },
  timeoutNs: Infinity,
  propagateDeadline: false,
  retries: null,
  hedge: null,
  connectionPool: null,
  outlierDetection: null,
  failureAccrual: null,
  circuitBreaker: null,
  healthCheck: null,
  failfast: null,
  rateLimit: null,
  admission: null,
  concurrencyLimit: null,
  panicThreshold: 0.5,
  locality: { mode: 'none' },
  split: 'fixed',
  slowStart: null,
  proxyOverhead: null,
  wrapper: null,
};
