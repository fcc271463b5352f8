/** What no run has; the README says the same, and a test keeps the two alike. Backticks are code. */
export const NOT_MODELLED: readonly string[] = [
  'Answers have a status and no more: no headers, no gRPC trailers, so nobody is asked to wait (`Retry-After`), and errors of a service do not fail its health checks.',
  'Routes by path or header, mirroring, subsets, weights from the load of endpoints (client-side weighted round robin, Prequal, C3), limits and policies of the called side, and mTLS come later. A few options are understood but not simulated; docs/policies.md marks them, `validate` accepts them, `run` says so and stops.',
  'Processor sharing: an endpoint has slots and a queue, not cores.',
  'Bodies take no time to transmit, and bandwidth is unlimited. A lost message costs TCP\'s retransmission timeout (200 ms, of a handshake 1 s, doubling), without congestion control.',
  'A cut network holds messages and handshakes until it heals. A new connection costs one round trip where links have latency, and so does a refusal; requests wait for it as in Envoy\'s pools, and patience starts when they are sent. A caller knows at once when an endpoint has dropped its connections, and a reset stream ends its whole connection.',
  'A caller that crashes and restarts keeps its connections and what its policies had learnt; calls that its stopped jobs abandon are counted as `unfinished`.',
  'Endpoints know of each other at once and for good: there is no discovery, so a crashed endpoint is found out by its refusals.',
];
