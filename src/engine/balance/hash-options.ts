/** What the hash balancers have in common. */
import type { OptionSpec } from '../../model/kind.ts';

export const hashOn: OptionSpec = { type: 'choice', values: ['key'], default: 'key', doc: 'key: the `key` of the request class, its path where it has none.' };
export const boundedLoad: OptionSpec = { type: 'number', min: 1, max: 1e6, infinite: 'none', default: Infinity, doc: 'Most load of an endpoint as a multiple of its fair share (Envoy `hash_balance_factor` / 100, whole percent).' };
