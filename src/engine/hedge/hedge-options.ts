import type { OptionSpecs } from '../../model/kind.ts';

/** A second copy of a slow attempt; the first answer wins. Defaults: Dean and Barroso, The Tail at Scale (CACM 2013), about 5 % extra load; `onPerTryTimeout` is Envoy's `hedge_on_per_try_timeout`. */
export const hedgeOptions: OptionSpecs = {
  after: { type: 'duration', min: 0, infinite: 'none', doc: 'Silence after which another attempt is sent; `none` where only the per-try timeout hedges. Required.' },
  max: { type: 'integer', min: 1, max: 4, default: 1, doc: 'Copies beside the first attempt.' },
  budget: { type: 'ratio', default: 0.05, doc: 'Hedges per call, in the long run.' },
  onPerTryTimeout: { type: 'boolean', default: false, doc: 'The per-try timeout asks for a retry and gives up nothing; the first good answer wins. Limits and budget are those of `retries`.' },
};
