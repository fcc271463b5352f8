import type { OptionSpecs } from '../../model/kind.ts';

/** A token bucket of one caller endpoint, as Envoy's local rate limit; the default burst is ours. */
export const rateLimitOptions: OptionSpecs = {
  rate: { type: 'rate', doc: 'Calls per second in the long run; required.' },
  burst: { type: 'integer', min: 1, default: 1, doc: 'Calls at once after a quiet time.' },
};
