/**
 * What must hold in every run, whatever the scenario. One line an invariant; `docs/invariants.md` is made from it.
 *
 * The first ones are looked at by the books of the audit itself, see `audit.ts`.
 */
import { BackoffWaited } from './backoff-waited.ts';
import { BudgetBalance } from './budget-balance.ts';
import { EjectedShare } from './ejected-share.ts';
import { fairnessChecks } from './fair-picks.ts';
import { figuresAddUp } from './figures.ts';
import { halfOpenChecks } from './half-open-permits.ts';
import { inFlightChecks } from './in-flight-limits.ts';
import type { Invariant } from './invariant.ts';
import { Panic } from './panic.ts';
import { ReadyPicks } from './ready-picks.ts';
import { recoveryFindings } from './recovers.ts';
import { retryBudgetChecks } from './retry-budget.ts';
import type { InvariantName } from '../model/violation.ts';
import { WorkConserved } from './work-conserved.ts';

const CONTRACT = 'the contract between engine and world (`src/engine/ports.ts`)';

export const INVARIANTS: Readonly<Record<InvariantName, Invariant>> = {
  'settles-once': {
    doc: 'Every call is settled exactly once, by a good answer at once, and none is left that nothing can settle.',
    why: 'A call that is settled twice is counted twice and its row given to two others; one that is never settled holds its slot for ever.',
    source: CONTRACT,
  },
  'answers-once': {
    doc: 'Every attempt that is sent is answered exactly once, also late, and then counts nowhere any more.',
    why: 'A slot that a late answer does not give back is lost: balancers, limits and budgets that are shares of what is in flight go wrong for good.',
    source: CONTRACT,
  },
  'timers-owned': {
    doc: 'A timer stands only for a call that is open or an attempt that is waited for.',
    why: 'A timer that is left fires into whoever has the row next: a call times out that has just begun.',
    source: CONTRACT,
  },
  'timeouts-fire': {
    doc: 'A call ends at its deadline and an attempt at its per-try timeout, neither before nor after.',
    why: 'A timeout that does not fire lets one slow endpoint hold its callers; one that fires early makes retries out of good answers.',
    source: 'Envoy 1.38 `timeout` and `per_try_timeout` (`FilterUtility::finalTimeout`)',
  },
  'no-late-attempt': {
    doc: 'No attempt is sent after its call was settled or its deadline has passed.',
    why: 'Nobody hears the answer: it is load for nothing, at the very time when there is too much.',
    source: 'Envoy 1.38: the global timeout includes all retries; gRPC A6: retries stop at the deadline',
  },
  'deadline-never-grows': {
    doc: 'What an endpoint is told about who waits, and what its own calls get, is never later than what its caller has.',
    why: 'Work goes on down the chain for callers that have long given up.',
    source: 'Envoy 1.38 `x-envoy-expected-rq-timeout-ms`; gRPC deadline propagation',
  },
  'attempts-limit': {
    doc: 'No call is sent more often than its retries and hedges allow.',
    why: 'Amplification multiplies down a chain of calls: three levels with one attempt too many each are eight times the load.',
    source: 'Envoy 1.38 `num_retries`; gRPC A6 `maxAttempts`; Dean and Barroso, The Tail at Scale (CACM 2013)',
  },
  'retry-budget': {
    doc: 'A retry is granted, and a hedge sent, only where its budget pays for it.',
    why: 'The budget is what keeps retries from becoming the outage; one too many at every caller is a retry storm.',
    source: 'Finagle 24.8 `RetryBudget`; Envoy 1.38 `retry_budget`; gRPC A6 `retryThrottling`; tower 0.5 `TpsBudget` (Linkerd 2); botocore `retries/quota.py`; Dean and Barroso (hedges)',
    checks: retryBudgetChecks,
  },
  'budget-not-negative': {
    doc: 'What a retry budget has left after a retry was granted is not below nothing.',
    why: 'A budget in debt grants retries that nobody has paid for, and refuses those that somebody will have.',
    source: 'as `retry-budget`',
    checks: (audit) => BudgetBalance.for(audit),
  },
  'backoff-waited': {
    doc: 'A retry is sent when its backoff is over and not before, and the backoff is one that its policy draws, or what its code says.',
    why: 'Backoff spreads the retries of many callers; without it they come back together, to an endpoint that has just failed.',
    source: 'AWS Architecture Blog, Exponential Backoff and Jitter (2015); Envoy 1.38 `retry_back_off`; gRPC A6; linkerd2-proxy `linkerd/exp-backoff`',
    checks: (audit) => BackoffWaited.for(audit),
  },
  'ready-picks': {
    doc: 'No attempt goes to an endpoint that is ejected, shut or unhealthy, unless its caller panics; a breaker lets single probes through.',
    why: 'An ejection that picks do not heed protects nobody.',
    source: 'Envoy 1.38 outlier detection, active health checks and panic; Linkerd 2 failure accrual; Finagle `FailureAccrualFactory`; Resilience4j 2.x',
    checks: (audit) => (audit.holdsAny ? [new ReadyPicks(audit)] : []),
  },
  'panic-below-threshold': {
    doc: 'A caller panics exactly while too few of its endpoints are usable, and then refuses nobody for want of one.',
    why: 'Without panic the last healthy endpoints take all the load and fall too; with panic too early ejections mean nothing.',
    source: 'Envoy 1.38 `healthy_panic_threshold` (load_balancer_impl.cc, `isHostSetInPanic`)',
    checks: (audit) => Panic.for(audit),
  },
  'ejected-share': {
    doc: 'Outlier detection never has more endpoints ejected than its maximum allows.',
    why: 'A bad minute of all endpoints must not take the whole service away.',
    source: "Envoy 1.38 `max_ejection_percent` and `always_eject_one_host` (outlier_detection_impl.cc); gRPC A50, whose rule looks at the share before an ejection",
    checks: (audit) => (audit.policies.some(({ outlierDetection }) => outlierDetection !== null) ? [new EjectedShare(audit)] : []),
  },
  'half-open-permits': {
    doc: 'A breaker that opened lets nobody through for its wait, then as many probes as it permits, and closes when they were good.',
    why: 'One that lets all callers probe knocks over what has just come back; one that is stuck half-open never lets it come back.',
    source: 'Resilience4j 2.x `CircuitBreakerStateMachine`; linkerd2-proxy `app/outbound/src/http/breaker`; Finagle `FailureAccrualFactory`',
    checks: halfOpenChecks,
  },
  'in-flight-limits': {
    doc: 'Connections, requests, waiting requests, retries at once, calls under a concurrency limit and calls per second stay within their limits.',
    why: 'Limits are what stops load from piling up where it cannot be served.',
    source: 'Envoy 1.38 `circuit_breakers` and connection pools (conn_pool_base.cc), local rate limit; Netflix concurrency-limits 0.5; Envoy adaptive_concurrency',
    checks: inFlightChecks,
  },
  'fair-picks': {
    doc: 'Endpoints that are alike get alike: a balancer by chance or by least requests prefers none of those that are idle, and a round robin takes turns.',
    why: 'A tie that always goes to the first makes a hot spot out of the order of a list, at every caller the same.',
    source: 'Mitzenmacher, The Power of Two Choices (IEEE TPDS 2001); Envoy 1.38 `LEAST_REQUEST`, `RANDOM`, `ROUND_ROBIN`',
    checks: fairnessChecks,
  },
  'work-conserved': {
    doc: 'No request waits at an endpoint that has a slot free, no endpoint works on more than its slots, and none has requests that nobody sent.',
    why: 'Times in queues are what a mesh is judged by; they mean nothing where work is lost or slots are idle.',
    source: 'the station (`src/service/station.ts`); Kleinrock, Queueing Systems I (1975)',
    checks: (audit) => [new WorkConserved(audit)],
  },
  'figures-add-up': {
    doc: 'What a result says adds up: causes to failures, sources, services and endpoints to totals, each end of a request once.',
    why: 'A comparison of figures that do not add up compares mistakes.',
    source: 'spec of the result file (`meshsim schema`)',
    judge: (ran) => figuresAddUp(ran).map((decision) => ({ decision })),
  },
  'does-not-throw': {
    doc: 'Nothing that a run does throws. One that does ends there.',
    why: 'Failures of a mesh are outcomes; what throws is a bug of the simulator, and often the end of a story that another invariant tells.',
    source: CONTRACT,
  },
  recovers: {
    doc: 'So long after the last fault ended, the system is back to what it was before. Only where that time is given.',
    why: 'A metastable state outlives what set it off: retries keep the overload up that makes them.',
    source: 'Bronson et al., Metastable Failures in Distributed Systems (HotOS 2021); the threshold `recovery`',
    judge: recoveryFindings,
  },
};

/** All that hold in every run, whatever the scenario; `recovers` is asked for by how long it may take. */
export const INVARIANT_NAMES: readonly InvariantName[] = (Object.keys(INVARIANTS) as InvariantName[]).filter((name) => name !== 'recovers'); // those and no others
