/** How long Finagle marks an endpoint dead, by the number of times since it last came to life. */
import type { Sequence } from '../../random/sequence.ts';

/** What is used when a list has run out (`FailureAccrualPolicy.constantBackoff`). */
const EXHAUSTED_NS = 300e9;

export interface MarkDeadFor {
  /** @param time  0 for the first; asked once each. @returns ns, a whole number above 0 */
  durationNs(time: number): number;
}

/** `Backoff.equalJittered`: the start itself, then half of a doubled time and as much again at random, at most `maxNs`. */
export function equalJittered(startNs: number, maxNs: number, random: Pick<Sequence, 'unit'>): MarkDeadFor {
  return {
    durationNs: (time) => {
      if (time === 0) return startNs;
      // 2^52 ns are 52 days; doubling on would only leave the whole numbers.
      const halfNs = Math.min(startNs * 2 ** Math.min(time - 1, 52), maxNs);
      return Math.min(maxNs, halfNs + Math.floor(random.unit() * halfNs));
    },
  };
}

export function listed(durationsNs: readonly number[]): MarkDeadFor {
  return { durationNs: (time) => durationsNs[time] ?? EXHAUSTED_NS };
}
