/** From what was measured, in one run or in many, to the result. */
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { Audited } from '../model/violation.ts';
import { VERSION } from '../model/version.ts';
import type { Figures } from '../result/build.ts';
import { type LatenessData, realFiguresOf } from '../result/lateness.ts';
import type { Measurements } from '../result/measurements.ts';
import { RESULT_SCHEMA, type EventResult, type Result, type TailResult, type WarningResult } from '../result/result.ts';
import { warningsOf } from '../result/warnings.ts';
import { fewSamples } from './few-samples.ts';
import { type Estimate, judge } from './threshold.ts';

/** Where a plan came from. */
export interface Origin {
  /** The file with all defaults; null when there is no file. */
  readonly resolved: unknown;
  /** Of the file's bytes; empty when there is no file. */
  readonly sha256: string;
}

export interface Findings extends Pick<Result, 'complete' | 'digest' | 'reps' | 'intervals' | 'series'> {
  readonly plan: Plan;
  readonly origin: Origin;
  readonly measurements: Measurements;
  readonly figures: Figures;
  /** One for each threshold. */
  readonly estimates: readonly Estimate[];
  readonly endNs: number;
  /** What the engine logged. */
  readonly logged: readonly EventResult[];
  readonly droppedEvents: number;
  readonly lateAnswers: number;
  /** Null in virtual time. */
  readonly lateness: LatenessData | null;
  /** Of the first run, where that was traced. */
  readonly tail: TailResult | null;
  /** About how it ended; they come first. */
  readonly warnings: readonly WarningResult[];
  readonly wallMs: number;
  readonly events: number;
  /** The width of the intervals decided on how many runs there are. */
  readonly isPrecisionAsked?: boolean;
  /** Null where no invariants were looked after. */
  readonly audited: Audited | null;
}

/** @param endNs  of the run, or of the longest of several */
export function windowOf(plan: Plan, endNs: number): Result['window'] {
  return { warmupMs: msOf(plan.warmupNs), durationMs: msOf(plan.durationNs), endMs: msOf(endNs) };
}

export function writeUp(findings: Findings): Result {
  const { plan, origin, figures, lateness, measurements } = findings;
  const real = lateness === null ? null : realFiguresOf(lateness, findings.series.requests.length, figures.totals.latencyMs.p99);
  return {
    schema: RESULT_SCHEMA,
    meshsim: VERSION,
    mode: real === null ? 'sim' : 'real',
    seed: findings.reps[0]!.seed,
    complete: findings.complete,
    scenario: { name: plan.name, sha256: origin.sha256, resolved: origin.resolved },
    digest: findings.digest,
    window: windowOf(plan, findings.endNs),
    totals: figures.totals,
    services: figures.services,
    edges: figures.edges,
    traffic: figures.traffic,
    endpoints: figures.endpoints,
    thresholds: judge(plan.thresholds, findings.estimates, measurements),
    reps: findings.reps,
    intervals: findings.intervals,
    series: findings.series,
    ...(findings.tail === null ? {} : { tail: findings.tail }),
    histograms: figures.histograms,
    faults: figures.faults,
    events: eventsOf(plan, findings.logged, findings.endNs),
    warnings: [...findings.warnings, ...warningsOf(plan, figures, findings, real), ...fewSamples(plan, measurements, findings.reps.length, ({ confidence }) => confidence !== 'point' || findings.isPrecisionAsked === true)],
    ...(findings.audited === null ? {} : { invariants: findings.audited }),
    ...(real === null ? {} : { real }),
    env: { node: process.version, platform: `${process.platform}-${process.arch}`, wallMs: Math.round(findings.wallMs), events: findings.events },
  };
}

/** Fault switches and what the engine logged, by time. */
function eventsOf(plan: Plan, logged: Result['events'], endNs: number): Result['events'] {
  const switches = plan.faults.flatMap(({ name, windows }) =>
    windows.flatMap(({ fromNs, toNs }) => [
      { atMs: msOf(fromNs), kind: 'faultOn' as const, fault: name },
      { atMs: msOf(toNs), kind: 'faultOff' as const, fault: name },
    ]),
  );
  return [...switches.filter(({ atMs }) => atMs <= msOf(endNs)), ...logged].sort((a, b) => a.atMs - b.atMs);
}
