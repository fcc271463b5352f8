/** The policy of one edge, unpacked once: shared by all caller endpoints, without state that any of them could notice. */
import type { EdgePlan, RequestClassPlan } from '../model/plan.ts';
import { type BalancerMaker, balancerMaker } from './balance/registry.ts';
import { type Backoff, createBackoff } from './retry/backoff.ts';
import { RetryCondition } from './retry/condition.ts';

export class EdgeRules {
  readonly timeoutNs: number;
  readonly perTryTimeoutNs: number;
  readonly propagateDeadline: boolean;
  readonly maxAttempts: number;
  readonly avoidPrevious: boolean;
  readonly condition: RetryCondition;
  readonly backoff: Backoff;
  readonly newBalancer: BalancerMaker;
  /** 1 where the method of the request class may be retried. */
  readonly classMayRetry: Uint8Array;

  constructor(edge: EdgePlan, classes: readonly RequestClassPlan[]) {
    const { policy } = edge;
    const { retries } = policy;
    this.timeoutNs = policy.timeoutNs;
    this.perTryTimeoutNs = retries?.perTryTimeoutNs ?? Infinity;
    this.propagateDeadline = policy.propagateDeadline;
    this.maxAttempts = 1 + (retries?.attempts ?? 0);
    this.avoidPrevious = retries?.avoidPrevious ?? false;
    this.condition = new RetryCondition(retries?.on ?? []);
    this.backoff = createBackoff(retries?.backoff ?? { baseNs: 0, maxNs: 0, jitter: 'none' });
    this.newBalancer = balancerMaker(policy.loadBalancer);
    const methods = retries?.methods ?? null;
    this.classMayRetry = Uint8Array.from(classes, ({ method }) => (methods === null || methods.includes(method) ? 1 : 0));
  }
}
