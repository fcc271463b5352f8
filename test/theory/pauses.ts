/** Stops of the world at random times: a scenario repeats pauses at fixed distances, a plan takes any. */
import type { Plan } from '../../src/model/plan.ts';
import { NS_PER_MS } from '../../src/model/units.ts';
import { lehmer } from '../support/lehmer.ts';

export function pausedAtRandom({ up_mean_ms, down_mean_ms }: { readonly up_mean_ms: number; readonly down_mean_ms: number }): (plan: Plan, seed: number) => Plan {
  return (plan, seed) => {
    const random = lehmer(seed);
    const exponential = (meanMs: number): number => Math.round(-meanMs * NS_PER_MS * Math.log(random()));
    const windows: { fromNs: number; toNs: number }[] = [];
    for (let at = exponential(up_mean_ms); at < plan.durationNs; ) {
      const toNs = at + exponential(down_mean_ms);
      windows.push({ fromNs: at, toNs });
      at = toNs + exponential(up_mean_ms);
    }
    return { ...plan, faults: [{ name: 'pauses', windows, target: { kind: 'endpoints', endpoints: [0], pick: null }, effects: [{ kind: 'pause' }] }] };
  };
}
