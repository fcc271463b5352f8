/**
 * The figures of several replications, added up one after another: counts are summed, histograms merged, and intervals come from the
 * spread between them. Only sums are kept, so memory does not grow with their number, but for the totals and thresholds of each.
 */
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import { type Audited, joinedAudits } from '../model/violation.ts';
import { type Figures, figuresOf } from '../result/build.ts';
import { digestOfAll } from '../result/digest.ts';
import { type LatenessData, mergedLateness } from '../result/lateness.ts';
import { measuresOf } from '../result/measures.ts';
import { placeSeriesOf } from '../result/place-series.ts';
import type { RepResult, Result, TailResult } from '../result/result.ts';
import { RunMeasurements } from '../result/selections.ts';
import { SeriesSum, seriesOf, underWay } from '../result/series.ts';
import { Tally } from '../result/tally.ts';
import { type Interval, intervalAround, shareInterval, Spread } from '../stats/interval.ts';
import { estimateOf, hasInterval } from './estimate.ts';
import type { Replication } from './replication.ts';
import type { Estimate } from './threshold.ts';
import { type Findings, type Origin, writeUp } from './write-up.ts';

export class Replications {
  /** Of the last one added, where it ended early by itself. */
  earlyEnding: 'aborted' | 'flooded' | null = null;
  private readonly plan: Plan;
  private readonly origin: Origin;
  private readonly tally: Tally;
  private first: Pick<Replication, 'faultTargets' | 'logged' | 'droppedEvents'> & { readonly tail: TailResult | null } | null = null;
  private series: SeriesSum | null = null;
  private readonly reps: Required<RepResult>[] = [];
  private readonly digests: string[] = [];
  /** By threshold, of each replication. */
  private readonly values: (number | null)[][];
  /** By measure, see `measuresOf`. */
  private spreads: readonly Spread[] = [];
  private aborting: readonly number[] = [];
  private readonly endsNs: number[] = [];
  private lateAnswers: number = 0;
  private lateness: LatenessData | null = null;
  private events: number = 0;
  private audited: Audited | null = null;

  constructor({ plan, ...origin }: Origin & { readonly plan: Plan }) {
    this.plan = plan;
    this.origin = origin;
    this.tally = new Tally(plan);
    this.values = plan.thresholds.map(() => []);
  }

  get count(): number {
    return this.reps.length;
  }

  add(replication: Replication): void {
    const { ending, seed, totals, load } = replication;
    const { faultTargets, logged, droppedEvents, tail = null } = replication;
    this.first ??= { faultTargets, logged, droppedEvents, tail };
    this.tally.add(replication.tally);
    if (this.series === null) this.series = new SeriesSum(replication.series);
    else this.series.add(replication.series);
    this.reps.push({ seed, totals, load });
    this.digests.push(replication.digest);
    for (const [i, value] of replication.values.entries()) this.values[i]!.push(value);
    if (this.spreads.length === 0) this.spreads = replication.measures.map(() => new Spread());
    for (const [i, value] of replication.measures.entries()) if (value !== null) this.spreads[i]!.add(value);
    this.aborting = replication.aborting;
    this.earlyEnding = ending === 'aborted' || ending === 'flooded' ? ending : null;
    this.endsNs.push(replication.endNs);
    this.lateAnswers += replication.lateAnswers;
    const { lateness } = replication;
    this.lateness = this.lateness === null || lateness === null ? lateness : mergedLateness(this.lateness, lateness);
    this.events += replication.events;
    if (replication.audited !== null) this.audited = joinedAudits(this.audited, replication.audited);
  }

  /** Of the requests so far, and half its interval as a share; null where there is none. */
  p99(): { readonly ms: number | null; readonly width: number | null } {
    const { latency } = new RunMeasurements(this.plan, this.tally).select({});
    if (latency.count === 0) return { ms: null, width: null };
    const spread = new Spread();
    for (const { totals } of this.reps) if (totals.latencyMs.p99 !== null) spread.add(totals.latencyMs.p99);
    const ms = msOf(latency.percentile(0.99));
    const interval = intervalAround(ms, spread);
    return { ms, width: interval === null ? null : (interval[1] - ms) / ms };
  }

  /** The threshold whose interval is the widest, as a share of what it may be, where that is more than `within`. */
  tooWide(within: number): { readonly expr: string; readonly width: number } | null {
    const estimates = this.estimates(new RunMeasurements(this.plan, this.tally));
    const widths = this.plan.thresholds.flatMap((threshold, i) => (hasInterval(threshold) ? [{ expr: threshold.expr, width: widthOf(threshold, estimates[i]!) }] : []));
    return widths.reduce<(typeof widths)[number] | null>((most, one) => (one.width > (most?.width ?? within) ? one : most), null);
  }

  /** At least one must have been added. */
  result(ended: Pick<Findings, 'complete' | 'warnings' | 'wallMs' | 'isPrecisionAsked'>): Result {
    const { plan, first } = this;
    if (first === null || this.series === null) throw new Error('no replication was added');
    const series = this.series.data();
    const measurements = new RunMeasurements(plan, this.tally);
    const figures = figuresOf(measurements, first.faultTargets);
    return writeUp({
      ...ended, plan, measurements, figures,
      origin: this.origin,
      series: { ...seriesOf(series), ...underWay(series, plan.durationNs, this.endsNs), ...placeSeriesOf(plan, series.readings) },
      estimates: this.estimates(measurements),
      digest: digestOfAll(this.digests),
      endNs: Math.max(...this.endsNs),
      // The only one is the result itself.
      reps: this.reps.length === 1 ? this.reps.map(({ seed, totals }) => ({ seed, totals })) : this.reps,
      intervals: this.intervals(figures),
      logged: first.logged,
      droppedEvents: first.droppedEvents,
      lateAnswers: this.lateAnswers,
      lateness: this.lateness,
      tail: first.tail,
      events: this.events,
      audited: this.audited,
    });
  }

  private estimates(measurements: RunMeasurements): Estimate[] {
    return this.plan.thresholds.map((threshold, i) => ({
      ...estimateOf(threshold, this.values[i]!, measurements),
      ...(this.aborting.includes(i) ? { hasAborted: true as const } : {}),
    }));
  }

  private intervals(figures: Figures): Record<string, Interval> {
    const intervals: Record<string, Interval> = {};
    for (const [i, { path, value, trials, range }] of measuresOf(figures).entries()) {
      const spread = this.spreads[i]!;
      const interval = value === null ? null : trials === null ? intervalAround(value, spread, range) : shareInterval(value, trials, spread);
      if (interval !== null) intervals[path] = interval;
    }
    return intervals;
  }
}

/**
 * Half the interval as a share of the value. A share or a count may be next to nothing, of which 5 % is less than any run could
 * tell: of those, as a share of the limit where that is more, and of one event where both are 0.
 */
function widthOf({ limit, unit }: ThresholdPlan, { value, interval }: Estimate): number {
  if (value === null || interval === null) return Infinity;
  const half = (interval[1] - interval[0]) / 2;
  if (half === 0) return 0;
  switch (unit) {
    case 'ratio': return half / Math.max(value, limit);
    case 'count': return half / (Math.max(value, limit) || 1);
    default: return half / value;
  }
}
