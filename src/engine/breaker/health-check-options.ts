import type { Kind, OptionSpecs } from '../../model/kind.ts';

/** Active health checks (Envoy `health_check.proto`, 1.38). Envoy requires the first four; their defaults are ours. */
export const healthCheckOptions: OptionSpecs = {
  interval: { type: 'duration', min: 1e6, default: 5e9, doc: 'Time from one result to the next check.' },
  timeout: { type: 'duration', min: 1, default: 1e9, doc: 'A check without an answer for this long has failed.' },
  unhealthyThreshold: { type: 'integer', min: 1, default: 3, doc: 'Checks without an answer in a row that take an endpoint out; a bad answer does so at once.' },
  healthyThreshold: { type: 'integer', min: 1, default: 2, doc: 'Passed checks in a row that bring it back; of a new endpoint the very first is enough.' },
  noTrafficInterval: { type: 'duration', min: 1e6, default: 60e9, doc: 'The interval while this caller has never sent anything to the service.' },
  noTrafficHealthyInterval: { type: 'duration', default: 0, doc: 'The same after a passed check; 0 is as noTrafficInterval.' },
  unhealthyInterval: { type: 'duration', default: 0, doc: 'The interval after a failed check; 0 is as interval.' },
  unhealthyEdgeInterval: { type: 'duration', default: 0, doc: 'The same while the endpoint is not out yet; 0 is as unhealthyInterval.' },
  healthyEdgeInterval: { type: 'duration', default: 0, doc: 'The interval after a passed check while the endpoint is not back yet; 0 is as interval.' },
  initialJitter: { type: 'duration', default: 0, doc: 'The first check comes at a random time up to this, in whole milliseconds.' },
  intervalJitter: { type: 'duration', default: 0, doc: 'Up to this much is added to each interval, in whole milliseconds.' },
  intervalJitterPercent: { type: 'ratio', default: 0, doc: 'Up to this share of an interval is added to it.' },
};

export const healthCheckKind: Kind = {
  doc: 'Each caller endpoint sends a check to every endpoint from time to time, past queue and slots; it passes where somebody is there to answer.',
  copies: 'Envoy 1.38 `health_checks`, HTTP',
  options: healthCheckOptions,
  differences: [
    'Envoy takes no calls before it has checked each endpoint once; here calls that come before the first results find none that is ready, or a panic.',
    'Envoy has no defaults for `interval`, `timeout` and the two thresholds; these are ours.',
    'A check finds out endpoints that crashed, pause, hang or cannot be reached; `errors` of a service or a fault do not fail it.',
    'Degraded hosts, bodies, retriable statuses, the header that fails a host, and connections kept between checks are not modelled.',
  ],
};
