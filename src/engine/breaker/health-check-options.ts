import type { OptionSpecs } from '../../model/kind.ts';

/** Active health checks (Envoy `health_check.proto`, 1.38). Envoy requires all four; the defaults are ours. */
export const healthCheckOptions: OptionSpecs = {
  interval: { type: 'duration', min: 1e6, default: 5e9, doc: 'Time from one result to the next check.' },
  timeout: { type: 'duration', min: 1, default: 1e9, doc: 'A check without an answer for this long has failed.' },
  unhealthyThreshold: { type: 'integer', min: 1, default: 3, doc: 'Failed checks in a row that take an endpoint out.' },
  healthyThreshold: { type: 'integer', min: 1, default: 2, doc: 'Passed checks in a row that bring it back; the very first pass is enough.' },
};
