import type { OptionSpecs } from '../../model/kind.ts';

/** A ring of hashed endpoint names (Envoy RING_HASH, 1.38). */
export const ringHashOptions: OptionSpecs = {
  hashOn: { type: 'choice', values: ['key', 'path'], default: 'key', doc: 'key: the `key` of the request class, its path where it has none. path: the path.' },
  minRingSize: { type: 'integer', min: 1, max: 8388608, default: 1024, doc: 'Entries of the ring, at least.' },
  maxRingSize: { type: 'integer', min: 1, max: 8388608, default: 8388608, doc: 'Entries of the ring, at most.' },
  boundedLoad: { type: 'number', min: 1, infinite: 'none', default: Infinity, doc: 'Most load of an endpoint as a multiple of its fair share (Envoy `hash_balance_factor` / 100).' },
};
