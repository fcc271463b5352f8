import type { OptionSpecs } from '../../model/kind.ts';

/** Envoy's outlier detection (`outlier_detection.proto`, 1.38), field names in camelCase, percentages as ratios. */
export const outlierOptions: OptionSpecs = {
  consecutive5xx: { type: 'integer', min: 0, default: 5, doc: 'Failures in a row (status 500-599, reset, timeout, connect failure) that eject an endpoint; 0 is off.' },
  enforcingConsecutive5xx: { type: 'ratio', default: 1, doc: 'Chance that such a detection ejects.' },
  consecutiveGatewayFailure: { type: 'integer', min: 0, default: 5, doc: 'Gateway failures in a row (502, 503, 504, reset, timeout, connect failure) that eject an endpoint; 0 is off.' },
  enforcingConsecutiveGatewayFailure: { type: 'ratio', default: 0, doc: 'Chance that such a detection ejects.' },
  interval: { type: 'duration', min: 1e6, default: 10e9, doc: 'Time between sweeps; ejected endpoints return only at a sweep.' },
  baseEjectionTime: { type: 'duration', min: 1e6, default: 30e9, doc: 'Ejection time of a first ejection; it grows by this with each further one.' },
  maxEjectionTime: { type: 'duration', min: 1e6, default: 300e9, doc: 'Longest ejection time (at least baseEjectionTime).' },
  maxEjectionTimeJitter: { type: 'duration', default: 0, doc: 'Up to this much is added to each ejection time, uniformly.' },
  maxEjectionPercent: { type: 'ratio', default: 0.1, doc: 'An ejection happens only if the share of ejected endpoints after it is at most this: 10 % of fewer than ten endpoints is none.' },
  alwaysEjectOneHost: { type: 'boolean', default: false, doc: 'Allow one ejection whatever maxEjectionPercent says.' },
  successRateMinimumHosts: { type: 'integer', min: 0, default: 5, doc: 'Endpoints with enough requests that the success-rate test needs.' },
  successRateRequestVolume: { type: 'integer', min: 0, default: 100, doc: 'Requests in one interval that an endpoint needs to take part in it.' },
  successRateStdevFactor: { type: 'number', min: 0, default: 1900, doc: 'Thousandths of a standard deviation below the mean success rate at which an endpoint is ejected.' },
  enforcingSuccessRate: { type: 'ratio', default: 1, doc: 'Chance that such a detection ejects; 0 turns the test off.' },
  failurePercentageThreshold: { type: 'ratio', default: 0.85, doc: 'Share of failures in one interval at which an endpoint is ejected.' },
  failurePercentageMinimumHosts: { type: 'integer', min: 0, default: 5, doc: 'Endpoints with enough requests that this test needs.' },
  failurePercentageRequestVolume: { type: 'integer', min: 0, default: 50, doc: 'Requests in one interval that an endpoint needs to take part in it.' },
  enforcingFailurePercentage: { type: 'ratio', default: 0, doc: 'Chance that such a detection ejects; 0 turns the test off.' },
  splitExternalLocalOriginErrors: { type: 'boolean', default: false, later: true, doc: 'Count resets, timeouts and connect failures apart from answers.' },
};
