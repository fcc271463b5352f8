/**
 * What a run counted, at its finest grain; everything a result shows is made of it. `RunCounts` reads it off a run, now or when it is
 * over; `Tally` (tally.ts) adds up the counts of several runs of one plan.
 */
import type { EdgeId, EndpointId } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { EndpointStats } from '../service/endpoint-stats.ts';
import type { Histogram } from '../stats/histogram.ts';
import type { EngineLog } from './engine-log.ts';
import type { EdgeSelection, EndpointSelection } from './measurements.ts';
import type { Recorder } from './recorder.ts';

/** Calls of one way, class and segment that arrived in the measured window. */
export interface LeafCounts {
  /** Calls, by outcome code. */
  readonly outcomes: Float64Array;
  /** Latencies, ns. */
  readonly ok: Histogram;
  readonly failed: Histogram;
  readonly attempts: number;
  readonly retries: number;
  readonly hedges: number;
}

/** Of the breakers on an edge, in a segment. */
export interface BreakerCounts {
  readonly openings: number;
  readonly openNs: number;
}

export interface Counts {
  /** Part of the measured window in a segment, ns; of several runs together. */
  segmentNs(segment: number): number;
  /** @param way  see `ways.ts`  @param tag  class and segment, see `Recorder.tagOf`. Null where nothing was recorded. */
  leaf(way: number, tag: number): LeafCounts | null;
  endpoint(endpoint: EndpointId): EndpointSelection;
  edge(edge: EdgeId): EdgeSelection;
  breakers(edge: EdgeId, segment: number): BreakerCounts;
}

/** What is read of the stations. */
export interface StationFigures {
  readonly stats: EndpointStats;
  maxQueueAt(endpoint: EndpointId): number;
}

/** Of one run as it stands now: a view, which costs nothing until it is asked. Of a run that has gone on one makes another. */
export class RunCounts implements Counts {
  private readonly recorder: Recorder;
  private readonly stations: StationFigures;
  private readonly log: EngineLog;
  private readonly untilNs: number;
  private totals: { readonly [Name in 'outOfUse' | 'sheds' | 'panics']: ReadonlyMap<number, number> } | null = null;
  private refusals: ReadonlyMap<number, Float64Array> | null = null;
  /** Those that were asked for. */
  private readonly endpoints: EndpointSelection[] = [];

  /** @param endNs  when the run ended or was stopped */
  constructor(plan: Plan, recorder: Recorder, stations: StationFigures, log: EngineLog, endNs: number) {
    this.recorder = recorder;
    this.stations = stations;
    this.log = log;
    this.untilNs = Math.min(plan.durationNs, endNs);
  }

  segmentNs(segment: number): number {
    return this.recorder.segments.lengthOf(segment, this.untilNs);
  }

  leaf(way: number, tag: number): LeafCounts | null {
    return this.recorder.leaf(way, tag);
  }

  endpoint(endpoint: EndpointId): EndpointSelection {
    return (this.endpoints[endpoint] ??= this.measuredAt(endpoint));
  }

  private measuredAt(endpoint: EndpointId): EndpointSelection {
    const { stats } = this.stations;
    const outcomes = stats.outcomes(endpoint);
    const okLatency = stats.okLatencies(endpoint);
    const failedLatency = stats.failedLatencies(endpoint);
    return {
      requests: outcomes.reduce((sum, count) => sum + count, 0),
      ok: outcomes[Outcome.ok]!,
      outcomes,
      latency: failedLatency.count === 0 ? okLatency : both(okLatency, failedLatency),
      okLatency,
      queue: stats.queue(endpoint),
      busyNs: stats.busyNs(endpoint),
      queuedNs: stats.queuedNs(endpoint),
      abandonedNs: stats.abandonedNs(endpoint),
      maxQueue: this.stations.maxQueueAt(endpoint),
      ejections: this.log.ejections[endpoint]!,
      ejectedNs: this.stretches.outOfUse.get(endpoint) ?? 0,
    };
  }

  edge(edge: EdgeId): EdgeSelection {
    const { log, recorder, stretches } = this;
    return {
      ejections: log.edgeEjections[edge]!,
      healthCheckFailures: log.healthCheckFailures[edge]!,
      overflows: recorder.overflows[edge]!,
      budgetRefusals: recorder.budgetRefusals[edge]!,
      sheddingNs: stretches.sheds.get(edge) ?? 0,
      panicNs: stretches.panics.get(edge) ?? 0,
    };
  }

  breakers(edge: EdgeId, segment: number): BreakerCounts {
    this.refusals ??= this.log.refusals.bySegment(this.untilNs);
    return {
      openings: this.log.openings[edge * this.recorder.segments.count + segment]!,
      openNs: this.refusals.get(edge)?.[segment] ?? 0,
    };
  }

  private get stretches(): NonNullable<RunCounts['totals']> {
    const { log, untilNs } = this;
    return (this.totals ??= { outOfUse: log.outOfUse.totals(untilNs), sheds: log.sheds.totals(untilNs), panics: log.panics.totals(untilNs) });
  }
}

function both(one: Histogram, other: Histogram): Histogram {
  const sum = one.copy();
  sum.merge(other);
  return sum;
}
