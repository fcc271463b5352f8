import type { OptionSpecs } from '../../model/kind.ts';

const penalties: OptionSpecs = {
  minPenalty: { type: 'duration', min: 0, default: 1e9, doc: 'First time without traffic; it doubles with each failed probe.' },
  maxPenalty: { type: 'duration', min: 1, default: 60e9, doc: 'Longest time without traffic; at least minPenalty.' },
  jitterRatio: { type: 'number', min: 0, max: 100, default: 0.5, doc: 'Each penalty grows by a random share of itself up to this, whole seconds by whole seconds only.' },
};

/** Linkerd's breaker per endpoint (annotations `balancer.linkerd.io/failure-accrual-consecutive-*`, 2.x). */
export const consecutiveAccrualOptions: OptionSpecs = {
  maxFailures: { type: 'integer', min: 1, default: 7, doc: 'Failures in a row that shut an endpoint.' },
  ...penalties,
};

/** Linkerd's breaker of edge releases (annotations `balancer.alpha.linkerd.io/failure-accrual-success-rate-*`, August 2026). */
export const unifiedAccrualOptions: OptionSpecs = {
  maxFailures: { type: 'integer', min: 0, default: 7, doc: 'Failures in a row that shut an endpoint; 0 is off.' },
  successRateThreshold: { type: 'ratio', default: 0.8, doc: 'An endpoint is shut when fewer of its answers in the window are successes, 429 not being one; 0 is off.' },
  successRateWindow: { type: 'duration', min: 10e6, default: 10e9, doc: 'How far back answers count, in ten steps.' },
  successRateMinRequests: { type: 'integer', min: 0, max: 1e6, default: 5, doc: 'Answers in the window that the success rate needs.' },
  ...penalties,
};

/** Finagle's failure accrual (`FailureAccrualFactory`, its default policy; 24.x). */
export const finagleAccrualOptions: OptionSpecs = {
  consecutiveFailures: { type: 'integer', min: 0, default: 5, doc: 'Failures in a row that mark an endpoint dead; 0 is off.' },
  successRate: { type: 'ratio', default: 0.8, doc: 'A failure marks an endpoint dead when the moving average of its successes is below this; 0 is off.' },
  window: { type: 'duration', min: 5e6, default: 30e9, doc: 'Time constant of that average, and the time that must have passed since the endpoint came (back) to life.' },
  windowRequests: { type: 'integer', min: 0, default: 0, doc: 'The same, counted in requests; 0 counts time.' },
  minRequests: { type: 'integer', min: 0, default: 5, doc: 'Requests within the window that the success rate needs, where time is counted.' },
  markDeadFor: { type: 'duration', min: 1, default: 5e9, doc: 'First time dead; after each failed probe half of a doubled time, and as much again at random.' },
  maxMarkDeadFor: { type: 'duration', min: 1, default: 300e9, doc: 'Longest time dead; at least markDeadFor.' },
};
