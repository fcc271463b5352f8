/** Measurements of a finished (or stopped) run: selections are merges of the recorder's leaves. */
import type { EndpointId } from '../model/ids.ts';
import { OUTCOME_COUNT, Outcome } from '../model/outcome.ts';
import type { EdgePlan, Plan } from '../model/plan.ts';
import type { EndpointStats } from '../service/endpoint-stats.ts';
import { Histogram } from '../stats/histogram.ts';
import type { EngineLog } from './engine-log.ts';
import type { BreakerSelection, EndpointSelection, Measurements, Selection, Tags } from './measurements.ts';
import type { Recorder } from './recorder.ts';
import type { Way } from './ways.ts';

/** What is read of the stations. */
export interface StationFigures {
  readonly stats: EndpointStats;
  maxQueueAt(endpoint: EndpointId): number;
}

export class RunMeasurements implements Measurements {
  readonly plan: Plan;
  readonly windowNs: number;
  private readonly recorder: Recorder;
  private readonly stations: StationFigures;
  private readonly log: EngineLog;
  private readonly endpointNames: readonly string[];
  /** Of each class, over all sources. */
  private readonly classes: readonly { readonly source: string; readonly name: string }[];
  private readonly untilNs: number;
  private outOfUseNs: ReadonlyMap<number, number> | undefined;

  /** @param endNs  when the run ended or was stopped */
  constructor(plan: Plan, recorder: Recorder, stations: StationFigures, log: EngineLog, endNs: number) {
    this.plan = plan;
    this.recorder = recorder;
    this.stations = stations;
    this.log = log;
    this.untilNs = Math.min(plan.durationNs, endNs);
    this.windowNs = Math.max(0, this.untilNs - plan.warmupNs);
    this.endpointNames = plan.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}/${i}`));
    this.classes = plan.traffic.flatMap(({ name: source, classes }) => classes.map(({ name }) => ({ source, name })));
  }

  select(tags: Tags): Selection {
    const { recorder } = this;
    const outcomes = new Array<number>(OUTCOME_COUNT).fill(0);
    const latency = new Histogram();
    const okLatency = new Histogram();
    let attempts = 0;
    let retries = 0;
    let hedges = 0;
    for (const [index, way] of recorder.ways.list.entries()) {
      if (!this.wayMatches(way, tags)) continue;
      for (let tag = 0; tag < recorder.tags; tag++) {
        const leaf = recorder.leaf(index, tag);
        if (!leaf || !this.tagMatches(tag, tags)) continue;
        for (let i = 0; i < OUTCOME_COUNT; i++) outcomes[i]! += leaf.failures[i]!;
        outcomes[Outcome.ok]! += leaf.ok.count;
        latency.merge(leaf.ok);
        latency.merge(leaf.failed);
        okLatency.merge(leaf.ok);
        attempts += leaf.attempts;
        retries += leaf.retries;
        hedges += leaf.hedges;
      }
    }
    const requests = outcomes.reduce((sum, count) => sum + count, 0);
    const ok = outcomes[Outcome.ok]!;
    return { requests, ok, failed: requests - ok, outcomes, latency, okLatency, attempts, retries, hedges };
  }

  windowOf(phase: string | undefined): number {
    return phase === undefined ? this.windowNs : this.recorder.segments.lengthOf(phase, this.untilNs);
  }

  endpoint(endpoint: EndpointId): EndpointSelection {
    const { log } = this;
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
      ejections: log.ejections[endpoint]!,
      ejectedNs: this.outOfUse.get(endpoint) ?? 0,
    };
  }

  breakers(tags: Tags): BreakerSelection {
    const { log, plan, recorder } = this;
    const { segments } = recorder;
    const refusals = log.refusals.totals(this.untilNs, tags.phase);
    let count = 0;
    let openings = 0;
    let openNs = 0;
    for (const [index, edge] of plan.edges.entries()) {
      if (!this.edgeMatches(edge, tags)) continue;
      count += breakersOn(edge, plan.services[edge.to]!.replicas);
      openNs += refusals.get(index) ?? 0;
      for (let segment = 0; segment < segments.count; segment++) {
        if (tags.phase === undefined || segments.has(segment, tags.phase)) openings += log.openings[index * segments.count + segment]!;
      }
    }
    return { count, openings, openNs };
  }

  endpointsOf({ service, endpoint }: Tags): readonly EndpointId[] {
    return this.endpointNames.flatMap((name, i) => {
      const matches = (service === undefined || name.startsWith(`${service}/`)) && (endpoint === undefined || name === endpoint);
      return matches ? [i] : [];
    });
  }

  /** By endpoint, ns. */
  private get outOfUse(): ReadonlyMap<number, number> {
    return (this.outOfUseNs ??= this.log.outOfUse.totals(this.untilNs));
  }

  private edgeMatches({ from, name, to }: EdgePlan, { edge, service, traffic }: Tags): boolean {
    if (edge !== undefined && edge !== name) return false;
    if (service !== undefined && service !== this.plan.services[to]!.name) return false;
    return traffic === undefined || (from.kind === 'traffic' && this.plan.traffic[from.index]!.name === traffic);
  }

  private wayMatches({ edges, from, to }: Way, { service, edge, traffic }: Tags): boolean {
    if (edge !== undefined) return edges.includes(edge);
    if (service !== undefined) return this.plan.services[to]!.name === service;
    if (from.kind !== 'traffic') return false;
    return traffic === undefined || this.plan.traffic[from.index]!.name === traffic;
  }

  private tagMatches(tag: number, { class: className, traffic, phase }: Tags): boolean {
    const { source, name } = this.classes[tag % this.classes.length]!;
    if (className !== undefined && name !== className) return false;
    if (traffic !== undefined && source !== traffic) return false;
    return phase === undefined || this.recorder.segments.has(Math.floor(tag / this.classes.length), phase);
  }
}

function breakersOn({ callerZones, policy }: EdgePlan, replicas: number): number {
  const scope = policy.circuitBreaker?.['scope'];
  const anEndpoint = policy.failureAccrual !== null || scope === 'endpoint' ? replicas : 0;
  return callerZones.length * (anEndpoint + (scope === 'service' ? 1 : 0));
}

function both(one: Histogram, other: Histogram): Histogram {
  const sum = one.copy();
  sum.merge(other);
  return sum;
}
