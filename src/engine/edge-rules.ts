/** The policy of one edge, unpacked once: shared by all caller endpoints, without state that any of them could notice. */
import type { EdgePlan, RequestClassPlan } from '../model/plan.ts';
import { type BalancerMaker, balancerMaker } from './balance/registry.ts';
import { type Backoff, createBackoff } from './retry/backoff.ts';
import { ownName } from './own/own-kinds.ts';
import { RetryCondition } from './retry/condition.ts';
import { timeoutsOf } from './timeouts.ts';

/** Requests carry no deadlines of their own. */
const WITHOUT_HEADERS = { maxGrpcTimeoutNs: null, grpcTimeoutOffsetNs: 0, respectsExpected: false } as const;

export class EdgeRules {
  readonly timeoutNs: number;
  readonly perTryTimeoutNs: number;
  readonly propagateDeadline: boolean;
  readonly maxAttempts: number;
  readonly avoidPrevious: boolean;
  readonly condition: RetryCondition;
  readonly backoff: Backoff;
  /** Null where the balancer is code of the run: each caller has its own. */
  readonly newBalancer: BalancerMaker | null;
  /** 1 where requests of the class may be retried, by their method and the length of their body. */
  readonly classMayRetry: Uint8Array;
  /** The endpoints of the service, by number: one list for all callers stays in the processor's caches (1 % of bench W4). */
  readonly endpoints: Int32Array;
  /** The per-try timeout sends another attempt and gives up none. */
  readonly hedgesOnPerTryTimeout: boolean;
  private readonly maxBodyBytes: number;
  /** How long the last attempt that is allowed may take, ns. */
  private readonly lastTryTimeoutNs: number;

  /** @param replicas  endpoints of the service that the edge leads to */
  constructor(edge: EdgePlan, replicas: number, classes: readonly RequestClassPlan[]) {
    this.endpoints = Int32Array.from({ length: replicas }, (_, endpoint) => endpoint);
    const { policy } = edge;
    const { retries } = policy;
    const { wholeNs, perTryNs } = timeoutsOf({ ...WITHOUT_HEADERS, timeoutNs: policy.timeoutNs, perTryTimeoutNs: retries?.perTryTimeoutNs ?? Infinity }, false, {});
    this.timeoutNs = wholeNs;
    this.perTryTimeoutNs = perTryNs;
    this.maxBodyBytes = retries?.maxBodyBytes ?? Infinity;
    this.lastTryTimeoutNs = (retries?.lastTryTimeout ?? true) ? perTryNs : Infinity;
    this.propagateDeadline = policy.propagateDeadline;
    this.hedgesOnPerTryTimeout = policy.hedge?.onPerTryTimeout ?? false;
    this.maxAttempts = 1 + (retries?.attempts ?? 0);
    this.avoidPrevious = retries?.avoidPrevious ?? false;
    // What may still turn well for a hedged call is what would be retried.
    this.condition = new RetryCondition(retries?.on ?? (policy.hedge === null ? [] : ['5xx']));
    this.backoff = createBackoff(retries?.backoff ?? { baseNs: 0, maxNs: 0, jitter: 'none', multiplier: 2, jitterRatio: 0 });
    this.newBalancer = ownName(policy.loadBalancer) === null ? balancerMaker(policy.loadBalancer) : null;
    const methods = retries?.methods ?? null;
    // A body with templates counts as long as its template, a character as a byte; it is sent whole before an answer comes.
    this.classMayRetry = Uint8Array.from(classes, ({ method, body }) => ((methods === null || methods.includes(method)) && this.mayReplay(body.length, true) ? 1 : 0));
  }

  /** How long an attempt may take. @param retriesLeft  of its call as it is sent; below 0 before the first failure */
  patienceNs(retriesLeft: number): number {
    return retriesLeft === 0 || this.maxAttempts === 1 ? this.lastTryTimeoutNs : this.perTryTimeoutNs;
  }

  /** Whether a request can be sent once more: a proxy keeps its body only up to a limit, and only once it has all of it. */
  mayReplay(bodyBytes: number, isSentWhole: boolean): boolean {
    return isSentWhole && bodyBytes <= this.maxBodyBytes;
  }
}
