/**
 * A sweep of faults as `fault-sweep.json` has it: what each case did to the thresholds, the worst first. Nothing in it depends on where
 * or how it ran.
 */
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { Result } from '../result/result.ts';
import { lossOf, type ThresholdHarm, thresholdHarm, worstAmplification } from './harm.ts';

export const FAULT_SWEEP_SCHEMA = 'meshsim/fault-sweep/1';

export interface FaultSweep {
  readonly schema: typeof FAULT_SWEEP_SCHEMA;
  /** Version that made it. */
  readonly meshsim: string;
  /** `sha256` of the file's bytes. */
  readonly scenario: { readonly name: string; readonly sha256: string };
  /** False when it was stopped before its last case. */
  readonly complete: boolean;
  /** Of the replications of each case. */
  readonly seeds: readonly number[];
  readonly durationMs: number;
  /** When the faults are on. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  /** Expressions that are judged. */
  readonly thresholds: readonly string[];
  /** The file's own faults, which are left out, and its thresholds about them, which are asked of each fault instead. */
  readonly own: { readonly faults: readonly string[]; readonly thresholds: readonly string[] };
  /** Nothing breaks. */
  readonly baseline: CaseOutcome;
  readonly singles: Ranking;
  /** Null where they were not asked for. */
  readonly pairs: Ranking | null;
}

export interface Ranking {
  /** Cases that there are, that were to be run, … */
  readonly possible: number;
  readonly planned: number;
  /** … and that were, by harm. */
  readonly cases: readonly CaseOutcome[];
}

export interface CaseOutcome {
  /** `crash:cart/4`; of a pair `crash:cart/4+slow:stock`; `nothing`. */
  readonly id: string;
  /** What happens, in words. */
  readonly what: string;
  /** Values of the file that make it: `path=value`, as `--set` takes them. */
  readonly set: readonly string[];
  /** Of a pair, the harm of the worse of its two alone. */
  readonly alone?: number;
  /** See `harm.ts`. */
  readonly harm: number;
  readonly thresholds: readonly ThresholdHarm[];
  /** False when more was in flight than a run can hold: it is as bad as can be, and the figures are of the time before. */
  readonly complete: boolean;
  /** Of requests that arrived from the fault's start on, the share that failed, 0..1; but for the baseline, beyond that of the baseline. */
  readonly lost: number;
  /** From the end of the fault until answered as before; null where it has not been, or where nothing can be told. */
  readonly recoveryMs: number | null;
  /** Null where nothing can be told: there is no time, or no traffic, before it or after it. */
  readonly recovered: boolean | null;
  /** Attempts of a call on the edge where these are most, over the whole run; null without calls. */
  readonly amplification: { readonly edge: string; readonly attempts: number } | null;
}

export interface Subject extends Pick<CaseOutcome, 'id' | 'what' | 'set'> {
  readonly plan: Plan;
  /** Ns; Infinity for never; null where nothing can be told. */
  readonly recoveryNs: number | null;
}

/** @param baseline  null where nothing breaks in this one */
export function outcomeOf({ id, what, set, plan, recoveryNs }: Subject, result: Result, baseline: CaseOutcome | null): CaseOutcome {
  const flooded = !result.complete;
  const judge = (threshold: ThresholdPlan, i: number): ThresholdHarm => {
    const held = baseline === null ? null : baseline.thresholds[i]!.pass;
    const judged = thresholdHarm(result.thresholds[i]!, threshold, held);
    return flooded ? { ...judged, pass: false, broken: held === true, harm: held === true ? 1 : 0, strain: null } : judged;
  };
  const thresholds = plan.thresholds.map(judge);
  const broken = thresholds.filter((threshold) => threshold.broken);
  const lost = baseline === null ? lossOf(result.faults[0]!) : Math.max(0, lossOf(result.faults[0]!) - baseline.lost);
  return {
    id, what, set, thresholds, lost,
    harm: broken.length === 0 ? 0 : broken.reduce((sum, { harm }) => sum + harm, 0) + lost,
    complete: !flooded,
    recoveryMs: recoveryNs === null || !Number.isFinite(recoveryNs) ? null : msOf(recoveryNs),
    recovered: recoveryNs === null ? null : Number.isFinite(recoveryNs),
    amplification: worstAmplification(result.edges),
  };
}

export function brokenIn({ thresholds }: CaseOutcome): ThresholdHarm[] {
  return thresholds.filter(({ broken }) => broken);
}

export function isHarmful(outcome: CaseOutcome): boolean {
  return brokenIn(outcome).length > 0;
}

/** How near to a limit that holds when nothing breaks, or how far beyond; the worst. */
export function strainOf({ thresholds }: CaseOutcome): number {
  return Math.max(0, ...thresholds.map(({ strain }) => strain ?? 0));
}

/** The worst first; of those that break nothing, the nearest to a limit first. Stable. */
export function byHarm(outcomes: readonly CaseOutcome[]): CaseOutcome[] {
  return outcomes.toSorted((a, b) => b.harm - a.harm || brokenIn(b).length - brokenIn(a).length || strainOf(b) - strainOf(a));
}

/** Pairs by what they add to the worse of their two. */
export function byAddedHarm(outcomes: readonly CaseOutcome[]): CaseOutcome[] {
  return outcomes.toSorted((a, b) => addedHarm(b) - addedHarm(a) || strainOf(b) - strainOf(a));
}

export function addedHarm({ alone = 0, harm }: CaseOutcome): number {
  return harm - alone;
}

/** The case that harms most; of pairs and singles that harm alike a pair; null where none was run. */
export function worstOf({ pairs, singles }: Pick<FaultSweep, 'pairs' | 'singles'>): CaseOutcome | null {
  const [pair] = byHarm(pairs?.cases ?? []);
  const [single] = singles.cases;
  return pair !== undefined && pair.harm >= (single?.harm ?? 0) ? pair : (single ?? null);
}
