/**
 * A gRPC client with `round_robin` and no further service config. Sources are files of grpc/grpc-go (4793ad0) and
 * proposals of grpc/proposal (1fd061a).
 */
import type { Preset } from './preset.ts';

export const grpc: Preset = {
  doc: 'a channel with `round_robin` and no further service config',
  copies: 'gRPC (grpc-go 1.85, proposals A6, A42, A48, A50)',
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
      maxConcurrentStreams: 'unlimited', // server.go, defaultServerOptions: a server sets no limit, and a client has one connection to each address
    },
    panicThreshold: '0%', // an endpoint that is not READY is not picked, however few are
    split: 'fixed', // internal/xds/resolver/serviceconfig.go, SelectConfig: a cluster is drawn once a call
  },
  given: [
    // A48: choice_count 2, with replacement
    { key: 'loadBalancer.type', value: 'leastRequest', sets: { loadBalancer: { type: 'leastRequest', choices: 2, sampling: 'withReplacement' } } },
    // A42: the ring has all addresses, and a client makes it no larger than 4096
    { key: 'loadBalancer.type', value: 'ringHash', sets: { loadBalancer: { type: 'ringHash', minRingSize: 1024, maxRingSize: 4096, members: 'all' } } },
    // A6: a retry policy names all of these, without defaults; they are those of its example
    { key: 'retries', sets: { retries: { attempts: 3, on: ['UNAVAILABLE'], backoff: { base: '100ms', max: '1s', jitter: 'grpc' } } } },
    { key: 'outlierDetection', sets: { outlierDetection: { dialect: 'grpc' } } }, // A50
  ],
  differences: [
    'Transparent retries, and those of a call that never left the client, are not modelled.',
    'An address whose connection is lost is not picked in gRPC until it is back; here it is, and the call fails to connect.',
    'A channel without balancing (`pick_first`) is not modelled.',
    "gRPC's round_robin and least_request know no weights; leave `weights` of a service alone, for here both heed them.",
    'A client cuts `maxAttempts` to 5; here `attempts` may be more than 4.',
    '`outlierDetection: {}` tests success rates, as with the defaults that come over xDS; a service config names each test that is on.',
  ],
};
