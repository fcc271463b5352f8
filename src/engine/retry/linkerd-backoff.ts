/**
 * Linkerd's backoff (linkerd2-proxy: linkerd/exp-backoff), of retries, of shut endpoints and of connections: the step
 * doubles up to max, and the jitter only lengthens it. Seconds and nanoseconds of the step are multiplied by the
 * jitter and cut apart, so a step of whole seconds gets jitter in whole seconds.
 */
import { NS_PER_S } from '../../model/units.ts';
import type { Backoff } from './backoff.ts';
import type { Chance } from './chance.ts';

const DOUBLINGS_MAX = 60;

export class LinkerdBackoff implements Backoff {
  private readonly minNs: number;
  private readonly maxNs: number;
  private readonly jitterRatio: number;

  /** @param jitterRatio  0 to 100; the jitter is at most this share of the step */
  constructor(minNs: number, maxNs: number, jitterRatio: number) {
    this.minNs = minNs;
    this.maxNs = maxNs;
    this.jitterRatio = jitterRatio;
  }

  waitNs(retry: number, _previousNs: number, chance: Chance): number {
    const stepNs = this.leastNs(retry);
    if (this.jitterRatio === 0) return stepNs;
    const share = chance.unit() * this.jitterRatio;
    const seconds = Math.floor(stepNs / NS_PER_S);
    const jitterNs = Math.floor(seconds * share) * NS_PER_S + Math.floor((stepNs - seconds * NS_PER_S) * share);
    return stepNs + Math.min(jitterNs, this.maxNs - stepNs);
  }

  leastNs(retry: number): number {
    return Math.min(this.maxNs, this.minNs * 2 ** Math.min(retry, DOUBLINGS_MAX));
  }

  mostNs(retry: number): number {
    return Math.min(this.maxNs, this.leastNs(retry) * (1 + this.jitterRatio));
  }
}
