/** Measurements of a finished (or stopped) run, or of several: selections are merges of the leaves that were counted. */
import type { EdgeId, EndpointId } from '../model/ids.ts';
import { OUTCOME_COUNT, Outcome } from '../model/outcome.ts';
import type { EdgePlan, Plan } from '../model/plan.ts';
import { Histogram } from '../stats/histogram.ts';
import type { Counts, LeafCounts } from './counts.ts';
import type { BreakerSelection, EdgeSelection, EndpointSelection, Measurements, Selection, Tags } from './measurements.ts';
import { Segments } from './segments.ts';
import { type Way, Ways } from './ways.ts';

export class RunMeasurements implements Measurements {
  readonly plan: Plan;
  readonly windowNs: number;
  private readonly counts: Counts;
  private readonly segments: Segments;
  private readonly ways: Ways;
  private readonly endpointNames: readonly string[];
  /** Of each class, over all sources. */
  private readonly classes: readonly { readonly source: string; readonly name: string }[];
  /** Those that were asked for, by the leaves that they are of. */
  private readonly selected: Map<string, Selection> = new Map();

  /** @param counts  of one instant */
  constructor(plan: Plan, counts: Counts) {
    this.plan = plan;
    this.counts = counts;
    this.segments = new Segments(plan);
    this.ways = new Ways(plan);
    this.windowNs = this.segmentsNs(undefined);
    this.endpointNames = plan.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}/${i}`));
    this.classes = plan.traffic.flatMap(({ name: source, classes }) => classes.map(({ name }) => ({ source, name })));
  }

  select(tags: Tags): Selection {
    const tagCount = this.classes.length * this.segments.count;
    const matching: (readonly [way: number, tag: number])[] = [];
    for (const [index, way] of this.ways.list.entries()) {
      if (!this.wayMatches(way, tags)) continue;
      for (let tag = 0; tag < tagCount; tag++) if (this.counts.leaf(index, tag) !== null && this.tagMatches(tag, tags)) matching.push([index, tag]);
    }
    // With one service, one source and one class all of them are the same calls.
    const key = matching.join(' ');
    let selection = this.selected.get(key);
    if (selection === undefined) this.selected.set(key, (selection = merged(matching.map(([way, tag]) => this.counts.leaf(way, tag)!))));
    return selection;
  }

  windowOf(phase: string | undefined): number {
    return phase === undefined ? this.windowNs : this.segmentsNs(phase);
  }

  endpoint(endpoint: EndpointId): EndpointSelection {
    return this.counts.endpoint(endpoint);
  }

  edge(edge: EdgeId): EdgeSelection {
    return this.counts.edge(edge);
  }

  breakers(tags: Tags): BreakerSelection {
    const { counts, plan, segments } = this;
    let count = 0;
    let openings = 0;
    let openNs = 0;
    for (const [index, edge] of plan.edges.entries()) {
      if (!this.edgeMatches(edge, tags)) continue;
      count += breakersOn(edge, plan.services[edge.to]!.replicas);
      let edgeOpenNs = 0;
      for (let segment = 0; segment < segments.count; segment++) {
        if (tags.phase !== undefined && !segments.has(segment, tags.phase)) continue;
        const breakers = counts.breakers(index, segment);
        openings += breakers.openings;
        edgeOpenNs += breakers.openNs;
      }
      openNs += edgeOpenNs;
    }
    return { count, openings, openNs };
  }

  endpointsOf({ service, endpoint }: Tags): readonly EndpointId[] {
    return this.endpointNames.flatMap((name, i) => {
      const matches = (service === undefined || name.startsWith(`${service}/`)) && (endpoint === undefined || name === endpoint);
      return matches ? [i] : [];
    });
  }

  private segmentsNs(phase: string | undefined): number {
    let sum = 0;
    for (let segment = 0; segment < this.segments.count; segment++) {
      if (phase === undefined || this.segments.has(segment, phase)) sum += this.counts.segmentNs(segment);
    }
    return sum;
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
    return phase === undefined || this.segments.has(Math.floor(tag / this.classes.length), phase);
  }
}

function merged(leaves: readonly LeafCounts[]): Selection {
  const outcomes = new Array<number>(OUTCOME_COUNT).fill(0);
  const okLatency = new Histogram();
  let attempts = 0;
  let retries = 0;
  let hedges = 0;
  for (const leaf of leaves) {
    for (let i = 0; i < OUTCOME_COUNT; i++) outcomes[i]! += leaf.outcomes[i]!;
    okLatency.merge(leaf.ok);
    attempts += leaf.attempts;
    retries += leaf.retries;
    hedges += leaf.hedges;
  }
  const requests = outcomes.reduce((sum, count) => sum + count, 0);
  const ok = outcomes[Outcome.ok]!;
  return { requests, ok, failed: requests - ok, outcomes, latency: withFailures(leaves, okLatency), okLatency, attempts, retries, hedges };
}

/** The same histogram where nothing failed. */
function withFailures(leaves: readonly LeafCounts[], okLatency: Histogram): Histogram {
  if (leaves.every(({ failed }) => failed.count === 0)) return okLatency;
  const latency = new Histogram();
  // In this order sums are rounded as ever.
  for (const { failed, ok } of leaves) {
    latency.merge(ok);
    latency.merge(failed);
  }
  return latency;
}

function breakersOn({ callerZones, policy }: EdgePlan, replicas: number): number {
  const scope = policy.circuitBreaker?.['scope'];
  const anEndpoint = policy.failureAccrual !== null || scope === 'endpoint' ? replicas : 0;
  return callerZones.length * (anEndpoint + (scope === 'service' ? 1 : 0));
}
