/**
 * What Istio makes of a service without VirtualService and DestinationRule, or with the fields that the file has.
 * Sources are files of istio/istio, pilot/pkg/networking/core/ left out, revision 86c9f01.
 */
import type { Preset } from './preset.ts';

export const istio: Preset = {
  doc: 'a service without VirtualService and DestinationRule',
  copies: 'Istio 1.32 (development, revision 86c9f01) on Envoy 1.38',
  sets: {
    loadBalancer: { type: 'leastRequest', choices: 2, sampling: 'withReplacement' }, // cluster_traffic_policy.go, defaultLBAlgorithm; Envoy's choices
    timeout: 'none', // route/route.go: the route timeout is disabled
    deadline: 'ignore',
    retries: {
      // route/retry/retry.go, DefaultPolicy; its `retriable-status-codes` comes without a status
      attempts: 2,
      on: ['connectFailure', 'refusedStream', 'unavailable', 'cancelled'],
      avoidPrevious: true, // ibid.: previous_hosts
      backoff: { base: '25ms', jitter: 'envoy' }, // unset, so Envoy's: route_components.proto, RetryPolicy.retry_back_off
    },
    connectionPool: {
      // cluster_traffic_policy.go, getDefaultCircuitBreakerThresholds: 2^32 - 1 each
      maxConnections: 'unlimited',
      maxPendingRequests: 'unlimited',
      maxRequests: 'unlimited',
      maxRetries: 'unlimited',
      connectTimeout: '10s', // pkg/config/mesh/mesh.go (from the root), DefaultMeshConfig
      idleTimeout: '1h', // unset, so Envoy's
      maxRequestsPerConnection: 'unlimited',
      protocol: 'http1', // between sidecars: what the application speaks
    },
    panicThreshold: '50%', // without outlierDetection Istio leaves Envoy's
    split: 'fixed', // as Envoy's weighted clusters
  },
  given: [
    // cluster_traffic_policy.go, applyOutlierDetection: no success rate, and minHealthPercent 0 is the panic threshold;
    // loadbalancer/loadbalancer.go, ApplyToCluster: locality failover is on as soon as there is outlier detection
    { key: 'outlierDetection', sets: { outlierDetection: { enforcingSuccessRate: '0%', enforcingLocalOriginSuccessRate: '0%' }, panicThreshold: '0%', locality: { mode: 'failover' } } },
    // ibid.: consecutiveGatewayErrors are enforced when they are set
    { key: 'outlierDetection.consecutiveGatewayFailure', sets: { outlierDetection: { enforcingConsecutiveGatewayFailure: '100%' } } },
    // route/retry/retry.go, DefaultConsistentHashPolicy
    { key: 'loadBalancer.type', value: 'ringHash', sets: { retries: { avoidPrevious: false } } },
    { key: 'loadBalancer.type', value: 'maglev', sets: { retries: { avoidPrevious: false } } },
  ],
  unsaid: {
    host_selection_retry_max_attempts: 5, // route/retry/retry.go
  },
  differences: [
    'A retry goes to another endpoint whenever one is ready; Envoy draws six times at most and then takes what it drew.',
    'Istio reads `maxEjectionPercent: 0` as unset (10 %); here 0 % is 0 %.',
    "Istio ranks by region, zone and subzone; here there are zones alone: the caller's own first, then all others together, unless `locality.order` ranks them.",
    'Retries that Istio makes at the called side, of requests that were reset before they were sent on, are not modelled.',
  ],
};
