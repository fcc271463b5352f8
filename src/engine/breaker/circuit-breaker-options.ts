import type { Kind, OptionSpecs } from '../../model/kind.ts';

/** Closed, open, half-open in the style of Resilience4j (`CircuitBreakerConfig`, 2.x), its field names and defaults. */
export const circuitBreakerOptions: OptionSpecs = {
  scope: { type: 'choice', values: ['service', 'endpoint'], default: 'service', doc: 'One breaker for each caller and service, or for each caller and endpoint.' },
  failureRateThreshold: { type: 'ratio', default: 0.5, doc: 'Share of failed calls in the window that opens it.' },
  slowCallRateThreshold: { type: 'ratio', default: 1, doc: 'Share of slow calls in the window that opens it.' },
  slowCallDurationThreshold: { type: 'duration', min: 1, default: 60e9, doc: 'A call longer than this is slow.' },
  slidingWindowType: { type: 'choice', values: ['count', 'time'], default: 'count', doc: 'count: the last slidingWindowSize calls. time: the last slidingWindowSize whole seconds.' },
  slidingWindowSize: { type: 'integer', min: 1, default: 100, doc: 'Calls or seconds, as slidingWindowType says.' },
  minimumNumberOfCalls: { type: 'integer', min: 1, default: 100, doc: 'Calls the window needs before a rate is judged; at most the window size where calls are counted.' },
  waitDurationInOpenState: { type: 'duration', min: 1e6, default: 60e9, doc: 'Time open before probes are let through.' },
  permittedNumberOfCallsInHalfOpenState: { type: 'integer', min: 1, default: 10, doc: 'Probes in the half-open state.' },
  maxWaitDurationInHalfOpenState: { type: 'duration', min: 0, default: 0, doc: 'Longest time half-open; 0 waits for all probes.' },
  automaticTransitionFromOpenToHalfOpenEnabled: { type: 'boolean', default: false, doc: 'Become half-open when the wait is over, not at the next call.' },
};

export const circuitBreakerKind: Kind = {
  doc: 'Closed, open, half-open: refuses calls for a while after many failed or were slow.',
  copies: 'Resilience4j `CircuitBreaker`, 2.x',
  options: circuitBreakerOptions,
  differences: [
    'Every call that is not ok counts as failed; ignored and recorded exceptions are not modelled.',
    'Waits that grow with each opening (`IntervalFunction`) and forced states are not modelled.',
    '`scope: endpoint` is ours: a breaker of its own for each endpoint, which is not picked while its breaker refuses.',
  ],
};
