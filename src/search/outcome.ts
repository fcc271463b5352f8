/** What `search` found, as data: for the table, and for `--json` as it is. */
import type { MetricPlan, ThresholdPlan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';
import { VERSION } from '../model/version.ts';
import type { Result, ThresholdResult } from '../result/result.ts';
import { type Interval, intervalAround, Spread } from '../stats/interval.ts';
import { type Candidate, type Candidates, halfWay } from './explore.ts';
import { frontOf } from './front.ts';
import { bracketOf, type Knee } from './knee.ts';
import { type Space, valuesOf } from './space.ts';

export const SEARCH_SCHEMA = 'meshsim/search/1';

interface Outcome {
  readonly schema: typeof SEARCH_SCHEMA;
  readonly meshsim: string;
  readonly scenario: { readonly name: string; readonly sha256: string };
  readonly seed: number;
  /** Replications behind what it says in the end. */
  readonly reps: number;
  /** As written. */
  readonly goals: readonly string[];
  /** False when somebody stopped it. */
  readonly complete: boolean;
}

export interface PolicyOutcome extends Outcome {
  readonly kind: 'policy';
  /** Of the runs that confirm. */
  readonly confirmationSeed: number;
  readonly over: readonly { readonly path: string; readonly values: number; readonly range: string }[];
  readonly minimise: { readonly expr: string; readonly unit: ReportedUnit };
  readonly runs: {
    readonly search: number;
    readonly confirmation: number;
    /** That all combinations would have taken, with as many replications each. */
    readonly grid: number;
  };
  /**
   * found: it meets the goals on seeds that the search has not seen. unconfirmed: on those of the search only. none: nothing meets
   * them; `best` is what comes nearest.
   */
  readonly status: 'found' | 'unconfirmed' | 'none';
  /** Null when it was stopped before anything was known. */
  readonly best: Found | null;
  /** The file as it is, on the same seeds as `best.confirmed`. */
  readonly asItIs: ConfirmedResult | null;
  /** `best` at other loads, some of the same seeds. */
  readonly loads: readonly (ConfirmedResult & { readonly factor: number; readonly reps: number })[];
  /** What meets the goals on the seeds of the search and is beaten by nothing in both `objective` (half a percent is a tie) and `margin`, or by nothing with half of `reps` or more; the least work first. */
  readonly front: readonly Explored[];
  /** Combinations that make no scenario, as far as they were looked at. */
  readonly leftOut: { readonly combinations: number; readonly first: readonly string[]; readonly because: string } | null;
}

export type ReportedUnit = 'ms' | 'ratio' | 'perSecond' | 'count' | 'perRequest';

export interface Explored {
  /** In the order of `over`. */
  readonly values: readonly string[];
  readonly objective: number | null;
  /** Of the goal that has least: the share of its limit that is left. */
  readonly margin: number | null;
  /** In the order of `goals`; means of the runs. */
  readonly goals: readonly { readonly value: number | null; readonly margin: number | null; readonly pass: boolean }[];
  readonly runs: number;
}

export interface Found {
  /** On the seeds of the search. */
  readonly explored: Explored;
  /** On other seeds; null when it was stopped before. */
  readonly confirmed: ConfirmedResult | null;
}

export interface ConfirmedResult {
  readonly pass: boolean;
  readonly objective: { readonly value: number | null; readonly low: number | null; readonly high: number | null };
  readonly thresholds: readonly ThresholdResult[];
  /** Work that is saved at the cost of users is no saving. */
  readonly totals: Pick<Result['totals'], 'goodput' | 'errorRate' | 'amplification' | 'abandonedShare'> & { readonly p50Ms: number | null; readonly p99Ms: number | null };
}

/** As `run/confirm.ts` has it, in the units of a plan. */
export interface Confirmed {
  /** Whether all goals are met. */
  readonly isMet: boolean;
  readonly objective: { readonly value: number | null; readonly interval: Interval | null };
  readonly result: Result;
}

export interface ConfirmedCandidate extends Confirmed {
  readonly candidate: Candidate;
}

export interface Confirmations {
  /** In the order in which they were tried: all but the last missed a goal. */
  readonly finalists: ConfirmedCandidate[];
  reference: Confirmed | null;
  /** By load. */
  readonly loads: Confirmed[];
}

export interface PolicySearch extends Pick<PolicyOutcome, 'scenario' | 'seed' | 'confirmationSeed' | 'reps' | 'complete' | 'runs' | 'leftOut'> {
  readonly space: Space;
  /** Of each axis, for people. */
  readonly ranges: readonly string[];
  readonly goals: readonly ThresholdPlan[];
  readonly minimise: string;
  /** Null for work per request. */
  readonly unit: MetricPlan['unit'] | null;
  readonly candidates: Candidates;
  /** The best first. */
  readonly finalists: readonly Candidate[];
  readonly confirmed: Confirmations;
  /** Of `confirmed.loads`. */
  readonly loads: readonly { readonly factor: number; readonly reps: number }[];
}

export function policyOutcome(search: PolicySearch): PolicyOutcome {
  const { candidates, confirmed, finalists, goals, loads, space } = search;
  const winner = confirmed.finalists.find(({ isMet }) => isMet);
  // Of several that failed the first is the one that promised most.
  const shown = winner ?? confirmed.finalists[0];
  const best = shown?.candidate ?? finalists[0] ?? null;
  const explored = (candidate: Candidate): Explored => exploredOf(candidate, search);
  const result = (one: Confirmed): ConfirmedResult => confirmedOf(one, search.unit);
  const { scenario, seed, confirmationSeed, reps, complete, runs, leftOut } = search;
  return {
    schema: SEARCH_SCHEMA, meshsim: VERSION, kind: 'policy',
    scenario, seed, confirmationSeed, reps, complete,
    goals: goals.map(({ expr }) => expr),
    over: space.map(({ path, values }, i) => ({ path, values: values.length, range: search.ranges[i]! })),
    minimise: { expr: search.minimise, unit: search.unit === null ? 'perRequest' : search.unit === 'ns' ? 'ms' : search.unit },
    runs,
    status: winner !== undefined ? 'found' : best?.assessment.isFeasible ? 'unconfirmed' : 'none',
    best: best === null ? null : { explored: explored(best), confirmed: shown === undefined ? null : result(shown) },
    asItIs: confirmed.reference === null ? null : result(confirmed.reference),
    loads: confirmed.loads.map((one, i) => ({ ...loads[i]!, ...result(one) })),
    front: shownFront([...candidates.values()], best, reps).map(explored),
    leftOut,
  };
}

/** With the front of what is known better, and the best: others may beat these by the luck of few runs. */
function shownFront(candidates: readonly Candidate[], best: Candidate | null, reps: number): Candidate[] {
  const known = candidates.filter(({ runs }) => runs.length >= halfWay(reps));
  const shown = new Set([...frontOf(candidates), ...frontOf(known), ...(best?.assessment.isFeasible ? [best] : [])]);
  return [...shown].sort((a, b) => a.assessment.objective - b.assessment.objective);
}

function exploredOf({ assessment, point, runs }: Candidate, { goals, space, unit }: PolicySearch): Explored {
  return {
    values: valuesOf(space, point),
    objective: finite(assessment.objective, unit),
    margin: finite(assessment.margin, null),
    goals: assessment.goals.map(({ isMet, margin, value }, i) => ({ value: finite(value, goals[i]!.unit), margin: finite(margin, null), pass: isMet })),
    runs: runs.length,
  };
}

function confirmedOf({ isMet, objective: { value, interval }, result: { thresholds, totals } }: Confirmed, unit: MetricPlan['unit'] | null): ConfirmedResult {
  const { abandonedShare, amplification, errorRate, goodput, latencyMs } = totals;
  return {
    pass: isMet,
    objective: { value: finite(value, unit), low: finite(interval?.[0] ?? null, unit), high: finite(interval?.[1] ?? null, unit) },
    thresholds,
    totals: { goodput, errorRate, amplification, abandonedShare, p50Ms: latencyMs.p50, p99Ms: latencyMs.p99 },
  };
}

/** As files and people have it; what is no number has none there. */
function finite(value: number | null, unit: MetricPlan['unit'] | null): number | null {
  return value === null || !Number.isFinite(value) ? null : unit === 'ns' ? value / NS_PER_MS : value;
}

export interface CapacityOutcome extends Outcome {
  readonly kind: 'capacity';
  /** A source of traffic, or a service, whose sources it then is. */
  readonly of: string;
  /** All sources meant, together. */
  readonly unit: 'perSecond' | 'users' | 'times';
  /** In the file. */
  readonly load: number;
  readonly range: { readonly low: number; readonly high: number };
  readonly runs: number;
  /** found: between two neighbours. none: not even the lowest load passes. unbounded: even the highest does. unfinished: the runs, or the time, were used up. */
  readonly status: 'found' | 'none' | 'unbounded' | 'unfinished';
  /** The highest load that passes, of all replications together, with the 95 % interval of those of single ones. */
  readonly knee: { readonly value: number | null; readonly low: number | null; readonly high: number | null };
  /** The lowest load above it that fails. */
  readonly fails: number | null;
  /** Something passes above a load that fails. */
  readonly isMonotone: boolean;
  /** By load. */
  readonly verdicts: readonly { readonly load: number; readonly pass: boolean; readonly thresholds: readonly ThresholdResult[] }[];
}

export interface CapacitySearch extends Pick<CapacityOutcome, 'scenario' | 'seed' | 'reps' | 'goals' | 'complete' | 'of' | 'unit' | 'load' | 'range' | 'runs'> {
  readonly found: Knee;
  readonly thresholds: ReadonlyMap<number, readonly ThresholdResult[]>;
}

export function capacityOutcome({ found, thresholds, ...search }: CapacitySearch): CapacityOutcome {
  const { passes, fails, isMonotone } = bracketOf(found);
  const interval = intervalOf(passes, found.ofEach);
  const isUnfinished = found.isCutShort || !search.complete;
  return {
    schema: SEARCH_SCHEMA, meshsim: VERSION, kind: 'capacity', ...search,
    status: isUnfinished ? 'unfinished' : passes === null ? 'none' : fails === null ? 'unbounded' : 'found',
    // The true one is not known better than between the two neighbours.
    knee: { value: passes, low: interval?.[0] ?? null, high: interval === null ? null : Math.max(interval[1], fails ?? 0) },
    fails, isMonotone,
    verdicts: [...found.verdicts].sort(([a], [b]) => a - b).map(([load, pass]) => ({ load, pass, thresholds: thresholds.get(load) ?? [] })),
  };
}

/** Around the knee of all replications, by how far those of single ones lie apart. */
function intervalOf(knee: number | null, ofEach: readonly number[] | null): Interval | null {
  if (knee === null || ofEach === null) return null;
  const spread = new Spread();
  for (const one of ofEach) spread.add(one);
  return intervalAround(knee, spread);
}
