/** What a probe found, as `probe.json` has it: names instead of indexes, milliseconds, rates a second. */
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { Bracket } from '../search/turning-point.ts';
import { fallen, type Finding } from './finding.ts';
import type { Probed } from './probe.ts';
import { meanRate, type Trigger } from './trial.ts';

export const PROBE_SCHEMA = 'meshsim/probe/1';

export interface ProbeReport {
  readonly schema: typeof PROBE_SCHEMA;
  readonly scenario: { readonly name: string; readonly sha256: string };
  /** Runs of each trial: how many, and the seed that theirs come from. */
  readonly seed: number;
  readonly runs: number;
  readonly watchMs: number;
  readonly longestMs: number;
  /** Of all open loops together, per second, at the file's load; null where there are none. */
  readonly rate: number | null;
  /**
   * `down`: not up at the file's load even without a trigger; `metastable`: some trigger is not recovered from although it is over;
   * `recovers`: every trigger tried is. In some run at least, the last one in all.
   */
  readonly verdict: 'down' | 'metastable' | 'recovers';
  /** Of the runs at the file's load without a trigger, those that were down. */
  readonly downAlone: number;
  readonly pushes: readonly PushReport[];
  /** As shares of the file's load; between the two, both states are stable. */
  readonly load: {
    /** Up to which every trigger tried, on for the longest time, is recovered from in all runs; null where even the least load tried is not. */
    readonly safeUpTo: number | null;
    /** From which it falls over by itself; null where no load tried does. */
    readonly downFrom: number | null;
    /** Of the runs at that load, those that do. */
    readonly downThere: number | null;
  };
  readonly sustainedBy: readonly SustainerReport[];
}

export interface PushReport {
  readonly trigger: string;
  /** Longest that was recovered from in all runs, and shortest that was not; null where there is none. */
  readonly recoversFromMs: number | null;
  readonly staysDownFromMs: number | null;
  /** Of the runs of the latter, those that stayed down. */
  readonly down: number | null;
  /** Median time to recover from the former; null where its queues were still draining. */
  readonly recoveryMs: number | null;
}

export interface SustainerReport {
  readonly edges: readonly string[];
  /** Attempts a call on them while it is down. */
  readonly attempts: number;
  /** Without their retries: time to recover from the same push; null where its queues were still draining. */
  readonly recoveryMs: number | null;
}

export interface ProbeContext {
  readonly plan: Plan;
  readonly sha256: string;
  readonly runs: number;
  readonly watchNs: number;
  readonly longestNs: number;
}

export function reportOf(probed: Probed, { plan, sha256, runs, watchNs, longestNs }: ProbeContext): ProbeReport {
  const { isDown, ownLoad, pushes, safeLoad, standing, sustainedBy, worst } = probed;
  const rates = plan.traffic.flatMap(({ load }) => (load.kind === 'open' ? [meanRate(load.profile, plan.durationNs)] : []));
  return {
    schema: PROBE_SCHEMA,
    scenario: { name: plan.name, sha256 },
    seed: plan.seed,
    runs,
    watchMs: msOf(watchNs),
    longestMs: msOf(longestNs),
    rate: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0),
    verdict: isDown ? 'down' : worst === null ? 'recovers' : 'metastable',
    downAlone: fallen(standing),
    pushes: pushes.map(({ lengthNs, trigger }) => ({ trigger: nameOf(trigger, plan), ...lengthOf(lengthNs) })),
    load: { safeUpTo: safeLoad.holds, downFrom: ownLoad.breaks, downThere: ownLoad.atBreaks === null ? null : fallen(ownLoad.atBreaks) },
    sustainedBy: sustainedBy.map(({ attempts, edges, finding }) => ({ edges: edges.map((edge) => plan.edges[edge]!.name), attempts, recoveryMs: msOrNull(finding.recoveryNs) })),
  };
}

/** Null for a trigger of no name. */
export function nameOf(trigger: Trigger, plan: Plan): string {
  switch (trigger.kind) {
    case 'fault': return plan.faults[trigger.fault]!.name;
    case 'load': return `load x${trigger.times}`;
    case 'none': return '';
    default: return trigger satisfies never;
  }
}

function lengthOf({ atBreaks, atHolds, breaks, holds }: Bracket<Finding>): Omit<PushReport, 'trigger'> {
  return { recoversFromMs: msOrNull(holds), staysDownFromMs: msOrNull(breaks), down: atBreaks?.down ?? null, recoveryMs: msOrNull(atHolds?.recoveryNs ?? null) };
}

function msOrNull(ns: number | null): number | null {
  return ns === null ? null : msOf(ns);
}
