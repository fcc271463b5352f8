/**
 * One push: the scenario's system at some load, disturbed once and then left alone. Everything else that would disturb it (the
 * file's own faults and changes of load) is taken away, so that what happens afterwards is the system's own doing.
 *
 *     0 ── settles ── before ──|== trigger ==|────────── is watched ────────── late ──|
 */
import type { EdgeId } from '../model/ids.ts';
import type { FaultPlan, LoadPlan, MetricPlan, Plan, RatePoint, TrafficPlan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';
import { leastUsersFactor, usersAt } from '../model/users.ts';

export type Trigger =
  /** A fault of the file, by its index. */
  | { readonly kind: 'fault'; readonly fault: number }
  /** Every open loop at so many times its rate. */
  | { readonly kind: 'load'; readonly times: number }
  /** None: does it stand up by itself? */
  | { readonly kind: 'none' };

export interface Trial {
  readonly trigger: Trigger;
  /** How long it is on, ns. */
  readonly lengthNs: number;
  /** Load as a share of the file's. */
  readonly load: number;
  /** How long it is watched afterwards, ns. */
  readonly watchNs: number;
  /** Edges that may not retry or hedge. */
  readonly withoutRetries: readonly EdgeId[];
}

/** Loads that differ: of a system that only closed loops load, those of whole users; of all others any. @returns the nearest */
export function snapOf({ traffic }: Plan): { readonly least: number; readonly snap: (load: number) => number } {
  const users = traffic.flatMap(({ load }) => (load.kind === 'closed' ? [load.users] : []));
  if (users.length < traffic.length) return { least: 0, snap: (load) => load };
  const all = users.reduce((sum, one) => sum + one, 0);
  return { least: Math.ceil(all * leastUsersFactor(users)) / all, snap: (load) => Math.round(load * all) / all };
}

/** Names of the stretches of time; nothing in a scenario can be called so, names have no spaces. */
const BEFORE = 'before the trigger';
const TRIGGER = 'the trigger';
const LATE = 'late after the trigger';

/** Of the settling time, how much is looked at as what is normal. */
const NORMAL_SHARE = 0.5;
/** Of the watch, the stretch at its end that decides … */
const LATE_SHARE = 0.2;
/** … and the one over which queues are seen to grow or shrink. */
const QUEUES_SHARE = 0.4;
const SETTLE_NS = 20 * NS_PER_S;

/** How long a run settles before it is disturbed, ns. */
export function settleNsOf({ warmupNs }: Plan): number {
  return Math.max(SETTLE_NS, 2 * warmupNs);
}

/** From the first look at the queues to the last, in stretches as long as the late one. */
export const LATE_STRETCHES: number = QUEUES_SHARE / LATE_SHARE;

export function planOf(plan: Plan, { trigger, lengthNs, load, watchNs, withoutRetries }: Trial): Plan {
  const settleNs = settleNsOf(plan);
  const releaseNs = settleNs + lengthNs;
  const endNs = releaseNs + watchNs;
  const pushed = trigger.kind === 'fault' ? plan.faults[trigger.fault]! : null;
  const users = usersAt(plan.traffic.map((source) => (source.load.kind === 'closed' ? source.load.users : 0)), load);
  const span = (name: string, fromNs: number, toNs: number): FaultPlan => ({ name, windows: [{ fromNs, toNs }], target: NOBODY, effects: [] });
  return {
    ...plan,
    warmupNs: settleNs * (1 - NORMAL_SHARE),
    isWarmupAuto: false,
    durationNs: endNs,
    traffic: plan.traffic.map((source, i) => ({ ...source, load: loadOf(source.load, plan.durationNs, load, users[i]!, trigger.kind === 'load' ? { times: trigger.times, fromNs: settleNs, toNs: releaseNs } : null) })),
    edges: plan.edges.map((edge, i) => (withoutRetries.includes(i) ? { ...edge, policy: { ...edge.policy, retries: edge.policy.retries === null ? null : { ...edge.policy.retries, attempts: 0 }, hedge: null } } : edge)),
    faults: [
      span(BEFORE, settleNs * (1 - NORMAL_SHARE), settleNs),
      pushed === null ? span(TRIGGER, settleNs, releaseNs) : { ...pushed, name: TRIGGER, windows: [{ fromNs: settleNs, toNs: releaseNs }] },
      span(LATE, endNs - watchNs * LATE_SHARE, endNs),
    ],
    thresholds: [],
  };
}

const NOBODY: FaultPlan['target'] = { kind: 'endpoints', endpoints: [], pick: null };

/** When to look at the queues, late after the trigger and at the end, ns. */
export function queueTimesOf(plan: Plan, { lengthNs, watchNs }: Trial): readonly [number, number] {
  const endNs = settleNsOf(plan) + lengthNs + watchNs;
  // At the very end the run may be over.
  return [endNs - watchNs * QUEUES_SHARE, endNs - 1];
}

/** Places of the figures that are asked for. */
export const Figure = { before: 0, late: 1, recovery: 2, lateRequests: 3, firstEdge: 4 } as const;

/** Share of requests answered well before and late after, time to recover, requests late, and attempts for each call of each edge late. */
export function figuresOf(plan: Plan): readonly MetricPlan[] {
  const goodput = (phase: string): MetricPlan => ({ metric: 'goodput', tags: { phase }, stat: { kind: 'ratio' }, unit: 'ratio' });
  return [
    goodput(BEFORE),
    goodput(LATE),
    { metric: 'recovery', tags: { phase: TRIGGER }, stat: { kind: 'max' }, unit: 'ns' },
    { metric: 'requests', tags: { phase: LATE }, stat: { kind: 'count' }, unit: 'count' },
    ...plan.edges.map(({ name }): MetricPlan => ({ metric: 'retries', tags: { edge: name, phase: LATE }, stat: { kind: 'ratio' }, unit: 'ratio' })),
  ];
}

export interface Spike {
  readonly times: number;
  readonly fromNs: number;
  readonly toNs: number;
}

/** The file's load at a steady rate, but for the spike. @param users  of a closed loop at that share */
function loadOf(load: LoadPlan, durationNs: number, share: number, users: number, spike: Spike | null): TrafficPlan['load'] {
  switch (load.kind) {
    case 'open': {
      const ratePerS = meanRate(load.profile, durationNs) * share;
      const steady: RatePoint[] = [{ atNs: 0, ratePerS, step: true }];
      const profile = spike === null ? steady : [...steady, { atNs: spike.fromNs, ratePerS: ratePerS * spike.times, step: true }, { atNs: spike.toNs, ratePerS, step: true }];
      return { ...load, profile };
    }
    case 'closed':
      return { ...load, users };
    case 'recorded':
      return load;
    default:
      return load satisfies never;
  }
}

/** Per second, over the file's duration. */
export function meanRate(profile: readonly RatePoint[], durationNs: number): number {
  let sum = 0;
  for (const [i, { atNs, ratePerS }] of profile.entries()) {
    if (atNs >= durationNs) break;
    const next = profile[i + 1];
    const end = Math.min(next?.atNs ?? durationNs, durationNs);
    // Linear towards the next point, unless that is a step.
    const rateAtEnd = next === undefined || next.step ? ratePerS : ratePerS + ((next.ratePerS - ratePerS) * (end - atNs)) / (next.atNs - atNs);
    sum += ((ratePerS + rateAtEnd) / 2) * (end - atNs);
  }
  return sum / durationNs;
}
