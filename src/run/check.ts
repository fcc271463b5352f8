/** Runs the cases of a check: what fails in one, what is left of it when all that has no part in that is taken away. */
import { type Case, type CaseOptions, casesOf } from '../check/cases.ts';
import { type Failure, isSame } from '../check/failure.ts';
import { shrink } from '../check/simplify/shrink.ts';
import { thresholdWords } from '../check/story.ts';
import type { Keep } from '../check/simplify/simplifications.ts';
import { INVARIANT_NAMES } from '../invariant/registry.ts';
import type { InvariantName } from '../model/violation.ts';
import type { Plan } from '../model/plan.ts';
import type { ThresholdResult } from '../result/result.ts';
import type { ScenarioDocument } from '../scenario/document.ts';
import { parseScenario } from '../scenario/parse.ts';
import { seriesOf } from '../result/series.ts';
import { type AuditedRun, audited } from './audited.ts';
import { carryOut, type FinishedRun } from './carry-out.ts';
import type { Progress, RunControl } from './run.ts';
import { estimatesOf, judge } from './threshold.ts';

/** What must hold. */
export interface Demands {
  readonly invariants: readonly InvariantName[];
  /** The scenario's own. One is broken by the faults only: where it fails without them, too, nothing is said of it. */
  readonly thresholds: boolean;
}

export interface Verdict {
  readonly failures: readonly Failure[];
  /** Thresholds that fail even without the faults. */
  readonly failsAnyway: readonly string[];
  readonly requests: number;
  readonly events: number;
  /** It was ended before its time and tells nothing: too much happened in it, or somebody stopped it. */
  readonly isCutOff: boolean;
}

/** More happens in no case that is worth looking at: they have some hundred requests, or some ten thousand where thresholds are judged. */
const EVENTS_MAX = 2_000_000;

/** @returns null where the scenario cannot be run */
export function verdictOn(scenario: ScenarioDocument, demands: Demands, control?: RunControl): Verdict | null {
  const { plan, notSimulated } = parseScenario(scenario);
  return plan === null || notSimulated.length > 0 ? null : verdictOnPlan(plan, demands, control);
}

export function verdictOnPlan(plan: Plan, { invariants, thresholds }: Demands, control?: RunControl): Verdict {
  const bounds = new Bounds(control);
  const { run, violations } = invariants.length > 0 ? audited(plan, plan.seed, invariants, bounds, { untilBroken: true }) : plain(plan, bounds);
  const figures = { requests: bounds.requests, events: run.world.events };
  const ofInvariants = violations.map(({ atNs, invariant, message }): Failure => ({ kind: 'invariant', name: invariant, message, atNs }));
  if (run.ending !== 'complete') return { ...figures, failures: ofInvariants, failsAnyway: [], isCutOff: violations.length === 0 };
  const broken = thresholds ? brokenBy(run) : [];
  const calm = broken.length === 0 || plan.faults.length === 0 ? run : carryOut({ ...plan, faults: [] }, plan.seed, bounds);
  const anyway = calm === run ? broken : brokenBy(calm);
  const isAnyway = ({ expr }: ThresholdResult): boolean => anyway.some((other) => other.expr === expr);
  return {
    ...figures,
    failures: [
      ...ofInvariants,
      ...broken.filter((threshold) => !isAnyway(threshold)).map((threshold): Failure => ({ kind: 'threshold', name: threshold.expr, message: `${thresholdWords(threshold)}; without the fault it holds`, atNs: null })),
    ],
    failsAnyway: broken.filter(isAnyway).map(({ expr }) => expr),
    isCutOff: calm.ending !== 'complete',
  };
}

/** A run that nobody looks after; if it throws it is looked after, to be told of. */
function plain(plan: Plan, control: RunControl): AuditedRun {
  try {
    return { run: carryOut(plan, plan.seed, control), violations: [] };
  } catch {
    return audited(plan, plan.seed, ['does-not-throw'], control);
  }
}

/** Ends a run in which too much happens, and hears how much did. */
class Bounds implements RunControl {
  requests: number = 0;
  private readonly control: RunControl | undefined;

  constructor(control: RunControl | undefined) {
    this.control = control;
  }

  onProgress(progress: Progress): boolean {
    this.requests = progress.requests;
    return this.control?.onProgress?.(progress) === true || progress.events > EVENTS_MAX;
  }
}

function brokenBy({ measurements, plan, series }: FinishedRun): readonly ThresholdResult[] {
  return judge(plan.thresholds, estimatesOf(plan.thresholds, measurements, seriesOf(series)), measurements).filter(({ judged, pass }) => !pass && judged !== 'no samples');
}

/** What was tried. */
export interface Search {
  readonly cases: number;
  readonly requests: number;
  readonly events: number;
  /** Cases that were ended before their time. */
  readonly cutOff: number;
  /** Thresholds that do not even hold without faults. */
  readonly failsAnyway: readonly string[];
  /** The first case of each invariant and threshold that was broken. */
  readonly found: readonly Found[];
}

export interface Found {
  readonly case: Case;
  readonly failure: Failure;
  readonly requests: number;
}

/** A batch of cases, or as many of them as there were before somebody stopped it. */
export function searchBatch(scenario: ScenarioDocument, batch: number, options: CaseOptions, invariants: readonly InvariantName[], control?: RunControl): Search {
  const tried = { cases: 0, requests: 0, events: 0, cutOff: 0 };
  const found: Found[] = [];
  const failsAnyway = new Set<string>();
  let isStopped = false;
  const summed: RunControl = {
    onProgress: (progress) => (isStopped = control?.onProgress?.({ ...progress, events: tried.events + progress.events, requests: tried.requests + progress.requests }) === true),
  };
  for (const one of casesOf(scenario, batch, options)) {
    const verdict = verdictOn(one.document, { invariants, thresholds: one.isWhole }, summed);
    if (isStopped) break;
    if (verdict === null) throw new Error(`a case that cannot be run: ${JSON.stringify(one.document)}`);
    tried.cases++;
    tried.requests += verdict.requests;
    tried.events += verdict.events;
    if (verdict.isCutOff) tried.cutOff++;
    for (const expr of verdict.failsAnyway) failsAnyway.add(expr);
    for (const failure of verdict.failures) if (!found.some((before) => isSame(before.failure, failure))) found.push({ case: one, failure, requests: verdict.requests });
  }
  return { ...tried, failsAnyway: [...failsAnyway], found };
}

/** What breaks a threshold is a fault, and not that there is less of the mesh. */
const OF_THE_FAULTS: Keep = { faults: 1, asItIs: ['services', 'policies', 'load', 'sources'] };

/** The simplest case that fails in the same. */
export interface Simplest {
  readonly document: ScenarioDocument;
  readonly failure: Failure;
  readonly requests: number;
  readonly shrinks: number;
  readonly tries: number;
}

export function simplest({ case: { document }, failure, requests }: Found, control?: RunControl): Simplest {
  const demands: Demands = failure.kind === 'invariant' ? { invariants: INVARIANT_NAMES, thresholds: false } : { invariants: [], thresholds: true }; // another one that is broken earlier is another failure
  let isStopped = false;
  const watched: RunControl = { onProgress: (progress) => (isStopped = control?.onProgress?.(progress) === true) };
  const look = (candidate: ScenarioDocument): { readonly failure: Failure; readonly requests: number } | null => {
    const verdict = verdictOn(candidate, demands, watched);
    const same = verdict?.failures.find((other) => isSame(failure, other));
    return same === undefined || verdict === null ? null : { failure: same, requests: verdict.requests };
  };
  const { evidence, ...shrunk } = shrink(document, { failure, requests }, look, { keep: failure.kind === 'threshold' ? OF_THE_FAULTS : {}, mayGoOn: () => !isStopped });
  return { ...shrunk, ...evidence };
}
