/**
 * The wait before a retry. Formulas: AWS Architecture Blog, "Exponential Backoff and Jitter" (full, equal,
 * decorrelated; the first retry uses base x 2^0); Envoy's `JitteredExponentialBackOffStrategy` (envoy.md 12);
 * linkerd2-proxy's `linkerd-exp-backoff` (linkerd.md 5, 6a).
 */
import type { RetryPlan } from '../../model/plan.ts';
import { NS_PER_MS, NS_PER_S } from '../../model/units.ts';
import type { Draw } from '../../random/hash.ts';
import type { JitterName } from './jitter-kinds.ts';

export interface Backoff {
  /**
   * @param retry       0 for the first retry
   * @param previousNs  what this returned for the retry before; 0 for the first
   * @returns ns, a whole number
   */
  waitNs(retry: number, previousNs: number, draw: Draw): number;
}

export function createBackoff({ baseNs, maxNs, jitter }: RetryPlan['backoff']): Backoff {
  return backoffs[jitter as JitterName](baseNs, maxNs);
}

const backoffs: { readonly [Name in JitterName]: (baseNs: number, maxNs: number) => Backoff } = {
  full: (base, max) => ({ waitNs: (retry, _, draw) => Math.floor(draw.unit() * step(base, max, retry)) }),
  equal: (base, max) => ({ waitNs: (retry, _, draw) => Math.floor((0.5 + 0.5 * draw.unit()) * step(base, max, retry)) }),
  decorrelated: (base, max) => ({
    waitNs: (_, previous, draw) => Math.floor(Math.min(max, base + draw.unit() * (3 * Math.max(base, previous) - base))),
  }),
  none: (base, max) => ({ waitNs: (retry) => step(base, max, retry) }),
  envoy: (base, max) => ({ waitNs: (retry, _, draw) => envoyWaitNs(base, max, retry, draw) }),
  linkerd: (base, max) => ({ waitNs: (retry, _, draw) => linkerdWaitNs(step(base, max, retry), max, draw) }),
};

function step(baseNs: number, maxNs: number, retry: number): number {
  return Math.min(maxNs, baseNs * 2 ** Math.min(retry, 60));
}

/** Whole milliseconds in [0, interval); the interval becomes max once doubling would reach it. */
function envoyWaitNs(baseNs: number, maxNs: number, retry: number, draw: Draw): number {
  const maxMs = Math.max(1, Math.ceil(maxNs / NS_PER_MS));
  let intervalMs = Math.min(maxMs, Math.max(1, Math.ceil(baseNs / NS_PER_MS)));
  for (let i = 0; i < retry && intervalMs < maxMs; i++) {
    intervalMs = intervalMs >= Math.floor(maxMs / 2) ? maxMs : intervalMs * 2;
  }
  return Math.floor(draw.unit() * intervalMs) * NS_PER_MS;
}

/** Seconds and nanoseconds are multiplied and cut apart, so whole seconds get jitter in whole seconds. */
function linkerdWaitNs(stepNs: number, maxNs: number, draw: Draw): number {
  const share = draw.unit();
  const seconds = Math.floor(stepNs / NS_PER_S);
  const jitterNs = Math.floor(seconds * share) * NS_PER_S + Math.floor((stepNs - seconds * NS_PER_S) * share);
  return stepNs + Math.min(jitterNs, maxNs - stepNs);
}
