/**
 * A meshed Service without annotations, routes and ServiceProfile. Sources are files of linkerd/linkerd2-proxy
 * (revision 29637b64f) and of linkerd/linkerd2 (b24cd4059).
 */
import type { Preset } from './preset.ts';

export const linkerd: Preset = {
  doc: 'a meshed Service without annotations, routes and ServiceProfile',
  copies: 'Linkerd 2 (edge, August 2026)',
  sets: {
    // what the destination controller sends for a Service (linkerd.md 2)
    loadBalancer: { type: 'peakEwma', decay: '10s', defaultRtt: '30ms', estimator: 'tower' },
    timeout: 'none', // no default of timeout.linkerd.io/request
    deadline: 'ignore',
    connectionPool: {
      maxConnections: 'unlimited',
      maxPendingRequests: 10_000, // linkerd2-proxy: linkerd/app/src/env.rs, capacity of the outbound HTTP queue
      maxRequests: 100_000, // ibid., DEFAULT_OUTBOUND_MAX_IN_FLIGHT
      maxRetries: 'unlimited', // annotation retries have no budget
      connectTimeout: '1s', // linkerd2: charts/linkerd-control-plane/values.yaml, proxy.outboundConnectTimeout
      idleTimeout: 'none', // an HTTP/2 connection lives as long as its endpoint
      maxRequestsPerConnection: 'unlimited',
      protocol: 'http2', // meshed proxies speak HTTP/2 with each other, whatever the application speaks
    },
    panicThreshold: '0%', // there is no panic: without a ready endpoint calls wait or fail
  },
  given: [
    // linkerd2-proxy: linkerd/app/src/env.rs, DEFAULT_OUTBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT
    { key: 'connectionPool.protocol', value: 'http1', sets: { connectionPool: { idleTimeout: '3s' } } },
    // linkerd2-proxy: linkerd/app/outbound/src/http/logical/policy/route/retry.rs; retry.linkerd.io/limit alone retries errors only
    { key: 'retries', sets: { retries: { attempts: 1, on: ['timeout', 'refusedStream'], backoff: { base: '25ms', max: '250ms', jitter: 'linkerd' } } } },
  ],
  differences: [
    'The limit of calls in flight is that of a whole proxy in Linkerd, here of a caller and service.',
    'Linkerd queues for a ready endpoint, here a call queues for a connection to the endpoint that was picked.',
    'The per-try timeout also holds for the last attempt.',
  ],
};
