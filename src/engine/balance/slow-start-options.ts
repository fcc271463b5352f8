import type { OptionSpecs } from '../../model/kind.ts';

/** Weight that grows with an endpoint's age (Envoy `SlowStartConfig`, 1.38). */
export const slowStartOptions: OptionSpecs = {
  window: { type: 'duration', min: 1, doc: 'Age at which an endpoint has its full weight; required.' },
  aggression: { type: 'number', min: 0.001, default: 1, doc: 'Weight grows with (age / window)^(1 / aggression).' },
  minWeight: { type: 'ratio', default: 0.1, doc: 'Least share of the weight.' },
};
