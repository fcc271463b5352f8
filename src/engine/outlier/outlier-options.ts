import type { Kind, OptionSpecs } from '../../model/kind.ts';

/** Envoy's outlier detection (`outlier_detection.proto`, 1.38), field names in camelCase, percentages as ratios. gRPC reads the same fields over xDS. */
export const outlierOptions: OptionSpecs = {
  dialect: { type: 'choice', values: ['envoy', 'grpc'], default: 'envoy', doc: 'envoy: failures in a row eject at once, the two tests of a sweep at a sweep. grpc: only the two tests, one ejection is always allowed, thresholds are strict (gRFC A50).' },
  consecutive5xx: { type: 'integer', min: 0, default: 5, doc: 'Failures in a row (status 500-599, reset, timeout, connect failure) that eject an endpoint; 0 is off.' },
  enforcingConsecutive5xx: { type: 'ratio', default: 1, doc: 'Chance that such a detection ejects.' },
  consecutiveGatewayFailure: { type: 'integer', min: 0, default: 5, doc: 'Gateway failures in a row (502, 503, 504, reset, timeout, connect failure) that eject an endpoint; 0 is off.' },
  enforcingConsecutiveGatewayFailure: { type: 'ratio', default: 0, doc: 'Chance that such a detection ejects.' },
  splitExternalLocalOriginErrors: { type: 'boolean', default: false, doc: 'Count resets, timeouts and connect failures apart from answers; each connection that an attempt gets is a success among them.' },
  consecutiveLocalOriginFailure: { type: 'integer', min: 0, default: 5, doc: 'Such failures in a row, with no connection made between them, that eject an endpoint; 0 is off.' },
  enforcingConsecutiveLocalOriginFailure: { type: 'ratio', default: 1, doc: 'Chance that such a detection ejects.' },
  interval: { type: 'duration', min: 1e6, default: 10e9, doc: 'Time between sweeps; ejected endpoints return only at a sweep.' },
  baseEjectionTime: { type: 'duration', min: 1e6, default: 30e9, doc: 'Ejection time of a first ejection; it grows by this with each further one.' },
  maxEjectionTime: { type: 'duration', min: 1e6, default: 300e9, doc: 'Longest ejection time (at least baseEjectionTime).' },
  maxEjectionTimeJitter: { type: 'duration', default: 0, doc: 'Up to this much is added to each ejection time, uniformly, in whole milliseconds.' },
  maxEjectionPercent: { type: 'ratio', default: 0.1, doc: 'An ejection happens only if the share of ejected endpoints after it is at most this: 10 % of fewer than ten endpoints is none. gRPC looks at the share before it.' },
  alwaysEjectOneHost: { type: 'boolean', default: false, doc: 'Allow one ejection whatever maxEjectionPercent says.' },
  successRateMinimumHosts: { type: 'integer', min: 0, default: 5, doc: 'Endpoints with enough requests that the success-rate test needs.' },
  successRateRequestVolume: { type: 'integer', min: 0, default: 100, doc: 'Requests in one interval that an endpoint needs to take part in it.' },
  successRateStdevFactor: { type: 'number', min: 0, default: 1900, doc: 'Thousandths of a standard deviation below the mean success rate at which an endpoint is ejected.' },
  enforcingSuccessRate: { type: 'ratio', default: 1, doc: 'Chance that such a detection ejects.' },
  enforcingLocalOriginSuccessRate: { type: 'ratio', default: 1, doc: 'The same for the success rate of failures without an answer, where these are split off.' },
  failurePercentageThreshold: { type: 'ratio', default: 0.85, doc: 'Share of failures in one interval at which an endpoint is ejected; gRPC needs more than it.' },
  failurePercentageMinimumHosts: { type: 'integer', min: 0, default: 5, doc: 'Endpoints with enough requests that this test needs.' },
  failurePercentageRequestVolume: { type: 'integer', min: 0, default: 50, doc: 'Requests in one interval that an endpoint needs to take part in it.' },
  enforcingFailurePercentage: { type: 'ratio', default: 0, doc: 'Chance that such a detection ejects.' },
  enforcingFailurePercentageLocalOrigin: { type: 'ratio', default: 0, doc: 'The same for failures without an answer, where these are split off.' },
  successfulActiveHealthCheckUnejectHost: { type: 'boolean', default: true, doc: 'A passed active health check brings an ejected endpoint back at once.' },
};

export const outlierKind: Kind = {
  doc: 'Ejects endpoints that fail more than others, for a time that grows.',
  copies: 'Envoy 1.38 `outlier_detection`; with `dialect: grpc` gRFC A50 (grpc-go 1.85)',
  options: outlierOptions,
  differences: [
    'An endpoint that one sweep finds wanting by success rate and by failure percentage is ejected once; Envoy counts it twice among the ejected and never takes the second one back.',
    'Degraded hosts (`detect_degraded_hosts`) and error matchers are not modelled, nor is `grpc-status`: an answer is judged by its HTTP status.',
  ],
};
