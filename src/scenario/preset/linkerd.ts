/**
 * A meshed Service without annotations, routes and ServiceProfile. Sources are files of linkerd/linkerd2-proxy
 * (revision 29637b64f) and of linkerd/linkerd2 (b24cd4059).
 *
 * Linkerd has two systems of retries. Those of the annotations are what `retries` turns on here, since they go together
 * with failure accrual; those of a ServiceProfile, which takes the place of all annotations, are the variant.
 */
import type { Preset } from './preset.ts';

export const linkerd: Preset = {
  doc: 'a meshed Service without annotations, routes and ServiceProfile',
  copies: 'Linkerd 2 (edge, August 2026)',
  sets: {
    // linkerd2: policy-controller/grpc/src/outbound.rs, default_balancer_config; the estimator is the proxy's, tower's PeakEwma
    loadBalancer: { type: 'peakEwma', decay: '10s', defaultRtt: '30ms', estimator: 'tower' },
    timeout: 'none', // linkerd's docs: timeout.linkerd.io/request has no default
    deadline: 'ignore',
    connectionPool: {
      maxConnections: 'unlimited',
      maxPendingRequests: 10_000, // linkerd2-proxy: linkerd/app/src/env.rs, DEFAULT_OUTBOUND_HTTP_QUEUE_CAPACITY
      maxRequests: 100_000, // ibid., DEFAULT_OUTBOUND_MAX_IN_FLIGHT
      maxRetries: 'unlimited', // annotation retries have no budget
      connectTimeout: '1s', // linkerd2: charts/linkerd-control-plane/values.yaml, proxy.outboundConnectTimeout
      idleTimeout: 'none', // an HTTP/2 connection lives as long as its endpoint
      maxRequestsPerConnection: 'unlimited',
      protocol: 'http2', // meshed proxies speak HTTP/2 with each other, whatever the application speaks
      maxConcurrentStreams: 'unlimited', // one connection to each endpoint; what its proxy allows on it (hyper's default) is not modelled
    },
    // linkerd2-proxy: linkerd/app/src/env.rs, DEFAULT_OUTBOUND_HTTP_FAILFAST_TIMEOUT, DEFAULT_OUTBOUND_HTTP_QUEUE_CAPACITY
    failfast: { timeout: '3s', capacity: 10_000 },
    panicThreshold: '0%', // there is no panic: without a ready endpoint calls wait or fail
    split: 'available', // linkerd2-proxy: linkerd/distribute/src/service/random.rs
  },
  given: [
    // linkerd2-proxy: linkerd/app/src/env.rs, DEFAULT_OUTBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT
    { key: 'connectionPool.protocol', value: 'http1', sets: { connectionPool: { idleTimeout: '3s' } } },
    // linkerd2-proxy: linkerd/app/outbound/src/http/logical/policy/route/retry.rs (which errors, and the last attempt);
    // linkerd2: policy-controller/grpc/src/outbound/http.rs, convert_retry (the other numbers); retry.linkerd.io/limit alone retries errors only
    {
      key: 'retries',
      sets: {
        retries: { attempts: 1, on: ['timeout', 'refusedStream', 'failfast'], backoff: { base: '25ms', max: '250ms', jitter: 'linkerd' }, maxBody: '64KiB', lastTryTimeout: false },
      },
    },
  ],
  variants: [
    { doc: 'Annotation `balancer.linkerd.io/failure-accrual: consecutive`', sets: { failureAccrual: { consecutive: {} } } },
    { doc: 'Annotation `balancer.alpha.linkerd.io/penalize-failures: "true"`', sets: { loadBalancer: { type: 'peakEwma', estimator: 'penalize' } } },
    {
      doc: 'Annotations `retry.linkerd.io/http: 5xx` and `retry.linkerd.io/timeout: 300ms`: statuses are retried beside the errors, which hold in any case',
      sets: { retries: { on: ['500-599', 'connectFailure', 'timeout', 'refusedStream', 'failfast'], perTryTimeout: '300ms' } },
    },
    {
      // linkerd2-proxy: linkerd/app/outbound/src/http/retry.rs; other numbers: linkerd's docs of `retryBudget`
      doc: 'A ServiceProfile with `isRetryable: true` and the usual `retryBudget`: a budget and nothing else, and no failure accrual',
      sets: {
        retries: { attempts: 'unlimited', on: ['500-599'], backoff: { base: 0, max: 0, jitter: 'none' }, budget: { type: 'tower', ratio: '20%', minPerSecond: 10, ttl: '10s' } },
        failureAccrual: 'none',
      },
    },
  ],
  differences: [
    'The limit of calls in flight is that of a whole proxy in Linkerd, here of a caller and service.',
    'An endpoint without a connection, not made yet or lost, is not ready in Linkerd, and others are taken; here it is picked, and the call waits for the connection or fails with it.',
    "Linkerd's proxy answers 502 for a connection that failed, so that a list with 502 retries these too; here `connectFailure` says so.",
  ],
};
