/**
 * The counts of several runs of one plan, added up: counts and times are summed, histograms merged, so a percentile is that of all
 * requests of all runs and never a mean of percentiles. `TallyData` is the counts of one run as plain data, which a
 * worker thread can send.
 */
import { OUTCOME_COUNT } from '../model/outcome.ts';
import type { EdgeId, EndpointId } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { Histogram, type HistogramState, statesOf } from '../stats/histogram.ts';
import type { BreakerCounts, Counts, LeafCounts } from './counts.ts';
import type { EdgeSelection, EndpointSelection } from './measurements.ts';
import { Segments } from './segments.ts';
import { Ways } from './ways.ts';

export interface TallyData {
  /** By segment. */
  readonly segmentNs: readonly number[];
  /** By way x tag. */
  readonly leaves: readonly (LeafData | null)[];
  readonly endpoints: readonly EndpointData[];
  readonly edges: readonly EdgeSelection[];
  /** By edge x segment. */
  readonly breakers: readonly BreakerCounts[];
}

type LeafData = Omit<LeafCounts, 'ok' | 'failed'> & { readonly ok: HistogramState; readonly failed: HistogramState };
type EndpointHistogram = 'latency' | 'okLatency' | 'queue';
type EndpointData = Omit<EndpointSelection, EndpointHistogram> & { readonly [Name in EndpointHistogram]: HistogramState };

/** How many there are of each. */
interface Sizes {
  readonly ways: number;
  readonly tags: number;
  readonly segments: number;
  readonly endpoints: number;
  readonly edges: number;
}

export function tallyDataOf(plan: Plan, counts: Counts): TallyData {
  const { ways, tags, segments, endpoints, edges } = sizesOf(plan);
  const measured = list(endpoints, (i) => counts.endpoint(i));
  const states = statesOf(measured.flatMap(({ latency, okLatency, queue }) => [latency, okLatency, queue]));
  return {
    segmentNs: list(segments, (segment) => counts.segmentNs(segment)),
    leaves: list(ways * tags, (i) => {
      const leaf = counts.leaf(Math.floor(i / tags), i % tags);
      if (leaf === null) return null;
      const { outcomes, ok, failed, attempts, retries, hedges } = leaf;
      return { outcomes, ok: ok.state(), failed: failed.state(), attempts, retries, hedges };
    }),
    endpoints: measured.map((endpoint, i) => ({ ...endpoint, latency: states[3 * i]!, okLatency: states[3 * i + 1]!, queue: states[3 * i + 2]! })),
    edges: list(edges, (edge) => counts.edge(edge)),
    breakers: list(edges * segments, (i) => counts.breakers(Math.floor(i / segments), i % segments)),
  };
}

export class Tally implements Counts {
  private readonly sizes: Sizes;
  private readonly segments: number[];
  private readonly leaves: (MutableLeaf | null)[];
  private readonly endpoints: MutableEndpoint[] = [];
  private edges: EdgeSelection[] = [];
  private breakerCounts: BreakerCounts[] = [];

  constructor(plan: Plan) {
    this.sizes = sizesOf(plan);
    this.segments = list(this.sizes.segments, () => 0);
    this.leaves = list(this.sizes.ways * this.sizes.tags, () => null);
  }

  /** In the same order, the same sums to the last bit. */
  add(run: TallyData): void {
    for (const [i, ns] of run.segmentNs.entries()) this.segments[i]! += ns;
    for (const [i, leaf] of run.leaves.entries()) {
      if (leaf !== null) addLeaf((this.leaves[i] ??= emptyLeaf(leaf)), leaf);
    }
    for (const [i, endpoint] of run.endpoints.entries()) addEndpoint((this.endpoints[i] ??= emptyEndpoint(endpoint)), endpoint);
    this.edges = run.edges.map((edge, i) => summed(this.edges[i], edge));
    this.breakerCounts = run.breakers.map((breakers, i) => summed(this.breakerCounts[i], breakers));
  }

  segmentNs(segment: number): number {
    return this.segments[segment]!;
  }

  leaf(way: number, tag: number): LeafCounts | null {
    return this.leaves[way * this.sizes.tags + tag]!;
  }

  endpoint(endpoint: EndpointId): EndpointSelection {
    return this.endpoints[endpoint]!;
  }

  edge(edge: EdgeId): EdgeSelection {
    return this.edges[edge]!;
  }

  breakers(edge: EdgeId, segment: number): BreakerCounts {
    return this.breakerCounts[edge * this.sizes.segments + segment]!;
  }
}

type MutableLeaf = { -readonly [Name in keyof LeafCounts]: LeafCounts[Name] };

function emptyLeaf({ ok, failed }: LeafData): MutableLeaf {
  return { outcomes: new Float64Array(OUTCOME_COUNT), ok: new Histogram(ok.bits), failed: new Histogram(failed.bits), attempts: 0, retries: 0, hedges: 0 };
}

function addLeaf(sum: MutableLeaf, leaf: LeafData): void {
  for (let i = 0; i < OUTCOME_COUNT; i++) sum.outcomes[i]! += leaf.outcomes[i]!;
  sum.ok.mergeState(leaf.ok);
  sum.failed.mergeState(leaf.failed);
  sum.attempts += leaf.attempts;
  sum.retries += leaf.retries;
  sum.hedges += leaf.hedges;
}

type MutableEndpoint = { -readonly [Name in keyof EndpointSelection]: EndpointSelection[Name] } & { readonly outcomes: number[] };

function emptyEndpoint({ latency, okLatency, outcomes, queue }: EndpointData): MutableEndpoint {
  return {
    requests: 0, ok: 0, busyNs: 0, queuedNs: 0, abandonedNs: 0, maxQueue: 0, ejections: 0, ejectedNs: 0,
    outcomes: outcomes.map(() => 0),
    latency: new Histogram(latency.bits), okLatency: new Histogram(okLatency.bits), queue: new Histogram(queue.bits),
  };
}

function addEndpoint(sum: MutableEndpoint, endpoint: EndpointData): void {
  sum.requests += endpoint.requests;
  sum.ok += endpoint.ok;
  sum.busyNs += endpoint.busyNs;
  sum.queuedNs += endpoint.queuedNs;
  sum.abandonedNs += endpoint.abandonedNs;
  sum.maxQueue = Math.max(sum.maxQueue, endpoint.maxQueue);
  sum.ejections += endpoint.ejections;
  sum.ejectedNs += endpoint.ejectedNs;
  for (let i = 0; i < sum.outcomes.length; i++) sum.outcomes[i]! += endpoint.outcomes[i]!;
  sum.latency.mergeState(endpoint.latency);
  sum.okLatency.mergeState(endpoint.okLatency);
  sum.queue.mergeState(endpoint.queue);
}

function summed<Numbers extends { readonly [Name in keyof Numbers]: number }>(sum: Numbers | undefined, more: Numbers): Numbers {
  if (sum === undefined) return more;
  return Object.fromEntries(Object.entries<number>(more).map(([name, value]) => [name, value + sum[name as keyof Numbers]])) as Numbers; // the same names
}

function sizesOf(plan: Plan): Sizes {
  const segments = new Segments(plan).count;
  return {
    ways: new Ways(plan).list.length,
    tags: segments * plan.traffic.reduce((sum, { classes }) => sum + classes.length, 0),
    segments,
    endpoints: plan.services.reduce((sum, { replicas }) => sum + replicas, 0),
    edges: plan.edges.length,
  };
}

function list<Item>(length: number, of: (index: number) => Item): Item[] {
  return Array.from({ length }, (_, index) => of(index));
}
