import type { OptionSpecs } from '../../model/kind.ts';

/** Maglev's permutation table (Envoy MAGLEV, 1.38). */
export const maglevOptions: OptionSpecs = {
  hashOn: { type: 'choice', values: ['key', 'path'], default: 'key', doc: 'key: the `key` of the request class, its path where it has none. path: the path.' },
  tableSize: { type: 'integer', min: 2, max: 5000011, default: 65537, doc: 'Slots of the table; a prime.' },
  boundedLoad: { type: 'number', min: 1, infinite: 'none', default: Infinity, doc: 'Most load of an endpoint as a multiple of its fair share (Envoy `hash_balance_factor` / 100).' },
};
