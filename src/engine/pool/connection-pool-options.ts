import type { Kind, OptionSpecs } from '../../model/kind.ts';

/** Limits of one caller endpoint towards one service. Defaults are Envoy's (`circuit_breaker.proto`, `cluster.proto`, 1.38). */
export const connectionPoolOptions: OptionSpecs = {
  maxConnections: { type: 'integer', min: 1, default: 1024, infinite: 'unlimited', doc: 'Connections to all endpoints together; a call that would need one more waits. An endpoint without any may always open one.' },
  maxPendingRequests: { type: 'integer', min: 0, default: 1024, infinite: 'unlimited', doc: 'Calls that wait for a connection; one more is answered 503 (overflow).' },
  maxRequests: { type: 'integer', min: 1, default: 1024, infinite: 'unlimited', doc: 'Attempts on a connection at once; one more is answered 503 (overflow).' },
  maxRetries: { type: 'integer', min: 0, default: 3, infinite: 'unlimited', doc: 'Retries at once, those waiting in backoff included. A retry budget of the percent kind replaces it.' },
  connectTimeout: { type: 'duration', min: 1, default: 5e9, doc: 'Longest wait for a new connection; then all who wait for one to its endpoint fail.' },
  idleTimeout: { type: 'duration', min: 1, default: 3600e9, infinite: 'none', doc: 'A connection unused for this long is closed.' },
  maxRequestsPerConnection: { type: 'integer', min: 1, default: Infinity, infinite: 'unlimited', doc: 'A connection is closed after this many requests.' },
  protocol: { type: 'choice', values: ['http1', 'http2'], default: 'http1', doc: 'http1: one request at a time on a connection. http2: many requests share one.' },
  maxConcurrentStreams: { type: 'integer', min: 1, default: 1024, infinite: 'unlimited', doc: 'Requests on one HTTP/2 connection at once.' },
  perUpstreamPreconnectRatio: { type: 'number', min: 1, max: 3, default: 1, doc: 'Connections to an endpoint for each of its requests; what is above 1 is opened ahead, unless the endpoint is not ready.' },
};

export const connectionPoolKind: Kind = {
  doc: 'Limits of one caller endpoint towards one service.',
  copies: 'Envoy 1.38 `circuit_breakers`, `connect_timeout` and the protocol options of a cluster',
  options: connectionPoolOptions,
  differences: [
    'Limits for each host, limits of priority HIGH, `max_connection_pools` and connections opened ahead for the next host are not modelled.',
  ],
};
