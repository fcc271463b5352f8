/**
 * How long Linkerd shuts an endpoint (linkerd.md 5; linkerd2-proxy `linkerd/exp-backoff/src/lib.rs`): the least time
 * doubled with each round up to the longest, and jitter that only lengthens. Whole seconds and the rest are
 * multiplied and cut apart, so a penalty of whole seconds gets jitter in whole seconds: none at all for 1 s and 2 s
 * with a ratio of 0.5.
 */
import { NS_PER_S } from '../../model/units.ts';

/**
 * @param round  0 for the first
 * @param unit   uniform in [0, 1)
 * @returns ns, a whole number
 */
export function penaltyNs(minNs: number, maxNs: number, jitterRatio: number, round: number, unit: number): number {
  // 2^60 ns are 36 years: from there on the longest has long been reached, unless the least time is 0.
  const baseNs = Math.min(maxNs, minNs * 2 ** Math.min(round, 60));
  const share = unit * jitterRatio;
  const seconds = Math.floor(baseNs / NS_PER_S);
  const jitterNs = Math.floor(seconds * share) * NS_PER_S + Math.floor((baseNs - seconds * NS_PER_S) * share);
  return baseNs + Math.min(jitterNs, maxNs - baseNs);
}
