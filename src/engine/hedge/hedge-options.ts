import type { OptionSpecs } from '../../model/kind.ts';

/** A second copy of a slow attempt; the first answer wins. Defaults: Dean and Barroso, The Tail at Scale (CACM 2013), about 5 % extra load. */
export const hedgeOptions: OptionSpecs = {
  after: { type: 'duration', min: 0, doc: 'Silence after which another attempt is sent; required.' },
  max: { type: 'integer', min: 1, max: 4, default: 1, doc: 'Copies beside the first attempt.' },
  budget: { type: 'ratio', default: 0.05, doc: 'Hedges per call, in the long run.' },
};
