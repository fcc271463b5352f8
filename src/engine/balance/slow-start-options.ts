import type { Kind, OptionSpecs } from '../../model/kind.ts';

/** Weight that grows with an endpoint's age, under `roundRobin` and `leastRequest` (Envoy `SlowStartConfig`, 1.38). */
export const slowStartOptions: OptionSpecs = {
  window: { type: 'duration', min: 1e6, doc: 'Age at which an endpoint has its full weight. Age counts in whole milliseconds from the start or, where health is checked, from when an endpoint passes again.' },
  aggression: { type: 'number', min: 0.001, default: 1, doc: 'Weight grows with (age / window)^(1 / aggression).' },
  minWeight: { type: 'ratio', default: 0.1, doc: 'Least share of the weight (Envoy `min_weight_percent`).' },
};

export const slowStartKind: Kind = {
  doc: 'Weight that grows with the age of an endpoint. While one is new, and on until endpoints change, `leastRequest` goes by turns; at the start of a run all are new.',
  copies: 'Envoy 1.38 `slow_start_config`',
  options: slowStartOptions,
};
