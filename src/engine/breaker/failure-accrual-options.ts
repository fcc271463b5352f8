import type { OptionSpecs } from '../../model/kind.ts';

/** Linkerd's breaker per endpoint (annotations `balancer.linkerd.io/failure-accrual-consecutive-*`, 2.x). */
export const consecutiveAccrualOptions: OptionSpecs = {
  maxFailures: { type: 'integer', min: 1, default: 7, doc: 'Failures in a row that shut an endpoint.' },
  minPenalty: { type: 'duration', min: 0, default: 1e9, doc: 'First time without traffic; it doubles with each failed probe.' },
  maxPenalty: { type: 'duration', min: 1, default: 60e9, doc: 'Longest time without traffic; at least minPenalty.' },
  jitterRatio: { type: 'number', min: 0, max: 100, default: 0.5, doc: 'Each penalty grows by a random share of itself up to this.' },
};
