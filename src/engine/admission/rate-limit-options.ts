import type { Kind } from '../../model/kind.ts';

export const rateLimitKind: Kind = {
  doc: 'A token bucket of one caller endpoint: full at the start, filled continuously, one token a call.',
  copies: 'Envoy local_ratelimit (HTTP filter, v3), 1.38',
  options: {
    rate: { type: 'rate', doc: 'Calls per second in the long run (`tokens_per_fill` / `fill_interval`); required.' },
    burst: { type: 'integer', min: 1, default: 1, doc: 'Calls at once after a quiet time (`max_tokens`); the default is ours. As much as a second of `rate` is what Linkerd does.' },
  },
  differences: ['Descriptors and shares of a bucket between proxies are not modelled.', "Linkerd's limits stand at the called side and are not part of a caller's policy."],
};
