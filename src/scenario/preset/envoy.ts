/**
 * An Envoy 1.38 cluster and route with nothing but names and addresses in them. Sources are files of envoyproxy/envoy,
 * api/ left out; where a part is on in a file, the defaults of its own options are Envoy's already.
 */
import type { Preset } from './preset.ts';

export const envoy: Preset = {
  doc: 'a cluster and a route with no field set beyond the necessary',
  copies: 'Envoy 1.38',
  sets: {
    loadBalancer: 'roundRobin', // config/cluster/v3/cluster.proto, lb_policy: ROUND_ROBIN is 0
    timeout: '15s', // config/route/v3/route_components.proto, RouteAction.timeout
    deadline: 'ignore', // an HTTP deadline is a header that nobody sends on by himself
    connectionPool: {
      // config/cluster/v3/circuit_breaker.proto, Thresholds
      maxConnections: 1024,
      maxPendingRequests: 1024,
      maxRequests: 1024,
      maxRetries: 3,
      connectTimeout: '5s', // config/cluster/v3/cluster.proto, connect_timeout
      idleTimeout: '1h', // config/core/v3/protocol.proto, HttpProtocolOptions.idle_timeout
      maxRequestsPerConnection: 'unlimited', // ibid., max_requests_per_connection
      protocol: 'http1', // upstreams/http/v3: HTTP/1.1 unless another is configured
    },
    panicThreshold: '50%', // config/cluster/v3/cluster.proto, CommonLbConfig.healthy_panic_threshold
    split: 'fixed', // source/common/router: a route is chosen once a request, and with it the weighted cluster
  },
  given: [
    // config/cluster/v3/cluster.proto, LeastRequestLbConfig: choice_count, active_request_bias; sampling: least_request_lb.cc
    { key: 'loadBalancer.type', value: 'leastRequest', sets: { loadBalancer: { type: 'leastRequest', choices: 2, sampling: 'withReplacement', activeRequestBias: 1 } } },
    // config/route/v3/route_components.proto, RetryPolicy: num_retries, retry_back_off.base_interval; max_interval is ten times that
    { key: 'retries', sets: { retries: { attempts: 1, backoff: { base: '25ms', jitter: 'envoy' } } } },
  ],
  differences: ['Envoy retries nothing without `retry_on`; here `retries` without `on` retries `5xx`.'],
};
