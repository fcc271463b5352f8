/**
 * A gRPC client with `round_robin` and no further service config. Sources are files of grpc/grpc-go (4793ad0) and
 * proposals of grpc/proposal (1fd061a).
 */
import type { Preset } from './preset.ts';

export const grpc: Preset = {
  doc: 'a channel with `round_robin` and no further service config',
  copies: 'gRPC (grpc-go 1.8x, proposals A6, A48, A50)',
  sets: {
    loadBalancer: 'roundRobin', // the default, pick_first, does not balance; round_robin is what it takes to do so
    timeout: 'none', // a call has no deadline unless one is set
    deadline: 'propagate', // the deadline is part of the context, and of `grpc-timeout`
    connectionPool: {
      maxConnections: 'unlimited',
      maxPendingRequests: 'unlimited',
      maxRequests: 'unlimited',
      maxRetries: 'unlimited',
      connectTimeout: '20s', // clientconn.go, minConnectTimeout
      idleTimeout: '30m', // dialoptions.go, idleTimeout
      maxRequestsPerConnection: 'unlimited',
      protocol: 'http2',
    },
    panicThreshold: '0%', // an endpoint that is not READY is not picked, however few are
  },
  given: [
    // A48: choice_count 2, with replacement
    { key: 'loadBalancer.type', value: 'leastRequest', sets: { loadBalancer: { type: 'leastRequest', choices: 2, sampling: 'withReplacement' } } },
    // A50: no failures in a row; one address can always be ejected
    { key: 'outlierDetection', sets: { outlierDetection: { consecutive5xx: 0, alwaysEjectOneHost: true } } },
  ],
  differences: ['Transparent retries, and those of a call that never left the client, are not modelled.', 'A channel without balancing (`pick_first`) is not modelled.'],
};
