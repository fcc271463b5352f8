/**
 * `warmup: auto`: how long a run takes to forget that it began empty. MSER-5 on the latency of requests in the order in which they end,
 * averaged over pilot runs with seeds of their own, so that what is cut does not depend on what is counted; as many pilots as there are
 * replications, up to five, because the more runs are merged the more a start that is not typical shows. All replications share the cut.
 *
 * A run with faults or a changing rate has no steady state: the cut is for what comes before the first of them, where the pilots end.
 *
 * What it does not do. MSER weighs bias against the length that is left, so its cuts are shorter than "ten relaxation times"; and it
 * looks at means. The same rule on the share of requests above the p99 was tried: they come in bursts, and a third to two thirds of M/M/1
 * runs that had long settled were said to be too short (utilisation 0.8 to 0.95, 60,000 requests, five pilots). Nor does it know
 * the time constants of policies, such as an EWMA that decays over 10 s. Where these count, `warmup` is a duration.
 */
import type { Plan } from '../model/plan.ts';
import { type Change, firstChange } from '../model/steady.ts';
import { secondsOf } from '../model/units.ts';
import { pilotSeed } from '../random/replication-seed.ts';
import { averaged } from '../stats/group-means.ts';
import { mserCut } from '../stats/mser.ts';
import type { Pilot } from './pilot.ts';

export interface Warmup {
  /** Null where no cut was found in the first half, so that what comes after it is no steady state. */
  readonly cutNs: number | null;
  /** How much of the run was looked at, ns, and what ends it; null is the end of the run. */
  readonly horizonNs: number;
  readonly change: Change | null;
}

/** Of fewer groups nothing can be said. */
const LEAST_GROUPS = 20;

const MOST_PILOTS = 5;

/** Of the pilots that a plan wants. */
export function pilotSeeds({ replications, seed }: Plan): number[] {
  return Array.from({ length: Math.min(replications, MOST_PILOTS) }, (_, i) => pilotSeed(seed, i));
}

export function warmupOf(plan: Plan, pilots: readonly Pilot[]): Warmup {
  const { means, ends } = averaged(pilots.map(({ latencies }) => latencies));
  const cut = mserCut(means);
  const horizonNs = horizonOf(plan);
  const cutNs = cut === 0 ? 0 : ends[cut - 1]!;
  const isFound = pilots.every(({ ending }) => ending === 'complete') && means.length >= LEAST_GROUPS && cut <= means.length / 2 && cutNs < horizonNs;
  return { cutNs: isFound ? cutNs : null, horizonNs, change: firstChange(plan) };
}

/** @throws RunTooShort  where there is no cut */
export function withWarmup(plan: Plan, warmup: Warmup): Plan {
  if (warmup.cutNs === null) throw new RunTooShort(plan, warmup);
  return { ...plan, warmupNs: warmup.cutNs, isWarmupAuto: false };
}

/** `warmup: auto` found no steady state long enough to look at. */
export class RunTooShort extends Error {
  readonly code = 'run-too-short';
  readonly hint: string;

  constructor(plan: Plan, { horizonNs, change }: Warmup) {
    const until = change === null ? '' : ` before ${change.what === 'fault' ? `the fault \`${plan.faults[change.index]!.name}\`` : `the rate of \`${plan.traffic[change.index]!.name}\` changes`}`;
    super(`\`warmup: auto\` found no steady state: latency does not settle within half of the ${Number(secondsOf(horizonNs).toPrecision(6))} s${until}`);
    this.hint = `${change === null ? 'lengthen `duration`' : 'let that come later'}, or write the warm-up as a duration; a service with more load than it can take never settles`;
  }
}

/** How long the pilots are, ns. */
export function horizonOf(plan: Plan): number {
  return firstChange(plan)?.atNs ?? plan.durationNs;
}
