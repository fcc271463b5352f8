import type { Kind } from '../../model/kind.ts';

export const rateLimitKind: Kind = {
  doc: 'A token bucket of one caller endpoint: full at the start, filled continuously, one token a call.',
  copies: 'Envoy local_ratelimit (HTTP filter, v3), 1.38',
  options: {
    rate: { type: 'rate', doc: 'Calls per second in the long run (`tokens_per_fill` / `fill_interval`).' },
    burst: { type: 'integer', min: 1, infinite: 'second', default: Infinity, doc: 'Calls at once after a quiet time (`max_tokens`); `second` is as many as a second of `rate` brings, at least one. Envoy has no default; this one is what Linkerd does.' },
  },
  differences: ['Descriptors and shares of a bucket between proxies are not modelled.', "Linkerd's limits stand at the called side and are not part of a caller's policy."],
};
