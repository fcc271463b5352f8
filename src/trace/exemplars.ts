/**
 * What is kept of the requests of a run, in memory that does not grow with their number: of each band of latencies some exemplars, chosen by
 * a keyed hash of the request (the k smallest: Bottom-k sampling), and the slowest of all. The hash knows neither time nor policy, so
 * two policies under one seed keep the same requests wherever these fall into the same bands.
 *
 * Requests are counted in strata much finer than bands, so that a group such as the slowest 1 % has its place within a band. A stratum has
 * the exemplars of its band that are in it, or a few of its own where these are more: the ones of the smallest hashes either way.
 */
import { NONE } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { Draw, Stream } from '../random/hash.ts';
import { bucketOf } from '../stats/bucket.ts';
import { attribute } from './attribution.ts';
import { isAtEndpoint, PART_COUNT } from './part.ts';
import type { CallSpan, RequestSpan } from './spans.ts';

/** Bands are an eighth of an octave wide, strata a 128th (0.5 to 0.8 %), as powers of two. */
const BAND_BITS = 3;
const STRATUM_BITS = 7;
/** Exemplars of a band, and of how many of them the whole tree is kept; exemplars of a stratum. */
const KEPT = 64;
const TREES = 16;
const KEPT_OF_STRATUM = 4;
/** Calls and attempts of a tree that is kept for its band. */
const TREE_SIZE = 256;
const SLOWEST = 20;

/** Places in the efforts of an edge: `efforts[edge * EFFORTS + field]`. */
export const Effort = { calls: 0, attempts: 1, retries: 2, hedges: 3, abandoned: 4 } as const;
export const EFFORTS: number = Object.keys(Effort).length;

export interface Exemplar {
  /** 0..1; the smallest are kept. */
  readonly rank: number;
  readonly latencyNs: number;
  readonly isOk: boolean;
  /** Place `edge * PART_COUNT + part` and ns, in turn; sum to the latency. */
  readonly times: readonly number[];
  /** Endpoint and ns spent in its hands, in turn. */
  readonly held: readonly number[];
  /** Place `edge * EFFORTS + field` and count, in turn. */
  readonly efforts: readonly number[];
  tree: RequestSpan | null;
}

/** By rank. */
type Kept = Exemplar[];

interface Stratum {
  /** Requests whose latency is in it, and how many of them failed. */
  count: number;
  failed: number;
  readonly kept: Kept;
  readonly band: Kept;
}

/** Requests of nearly one latency. */
export interface Alike {
  readonly count: number;
  readonly failed: number;
  /** A sample of them without regard to what they are, or all of them. */
  readonly exemplars: readonly Exemplar[];
}

export class Exemplars {
  /** Measured requests seen. */
  count: number = 0;
  /** Slowest first; of equal ones those that arrived first. */
  readonly slowest: RequestSpan[] = [];
  private readonly bands: Map<number, Kept> = new Map();
  private readonly strata: Map<number, Stratum> = new Map();
  private readonly stream: Stream;
  private readonly draw: Draw = new Draw();
  private readonly times: Row;
  private readonly held: Row;
  private readonly efforts: Row;

  constructor(plan: Plan, seed: number) {
    this.stream = new Stream(seed, 'exemplar');
    this.times = new Row(plan.edges.length * PART_COUNT);
    this.held = new Row(plan.services.reduce((sum, { replicas }) => sum + replicas, 0));
    this.efforts = new Row(plan.edges.length * EFFORTS);
  }

  /** Of a request that is over; those that are not measured are left out. */
  readonly see = (request: RequestSpan): void => {
    if (!request.isMeasured) return;
    this.count++;
    this.seeSlow(request);
    const stratum = this.stratumOf(request);
    stratum.count++;
    if (request.outcome !== Outcome.ok) stratum.failed++;
    const { draw } = this;
    draw.seek(this.stream, request.keyHi, request.keyLo);
    const rank = draw.unit();
    const { band, kept } = stratum;
    const isOfStratum = isAmong(kept, KEPT_OF_STRATUM, rank);
    const isOfBand = isAmong(band, KEPT, rank);
    if (!isOfStratum && !isOfBand) return;
    const exemplar = this.exemplarOf(request, rank);
    if (isOfStratum) insert(exemplar, kept, KEPT_OF_STRATUM);
    if (isOfBand && insert(exemplar, band, KEPT) < TREES) {
      if (request.size <= TREE_SIZE) exemplar.tree = request;
      if (band.length > TREES) band[TREES]!.tree = null;
    }
  };

  /** All that were seen, the lowest latencies first. */
  byLatency(): readonly Alike[] {
    return [...this.strata].sort(([one], [other]) => one - other).map(([bucket, { band, count, failed, kept }]) => {
      const ofBand = band.filter(({ latencyNs }) => bucketOf(latencyNs, STRATUM_BITS) === bucket);
      return { count, failed, exemplars: ofBand.length > kept.length ? ofBand : kept };
    });
  }

  private stratumOf({ latencyNs }: RequestSpan): Stratum {
    const bucket = bucketOf(latencyNs, STRATUM_BITS);
    const known = this.strata.get(bucket);
    if (known !== undefined) return known;
    const wide = bucket >> (STRATUM_BITS - BAND_BITS);
    const band = this.bands.get(wide) ?? [];
    this.bands.set(wide, band);
    const stratum: Stratum = { count: 0, failed: 0, kept: [], band };
    this.strata.set(bucket, stratum);
    return stratum;
  }

  private seeSlow(request: RequestSpan): void {
    const { slowest } = this;
    let place = slowest.length;
    while (place > 0 && isSlower(request, slowest[place - 1]!)) place--;
    if (place === SLOWEST) return;
    slowest.splice(place, 0, request);
    if (slowest.length > SLOWEST) slowest.pop();
  }

  private exemplarOf(request: RequestSpan, rank: number): Exemplar {
    const { efforts, held, times } = this;
    attribute(request, {
      add(part, edge, endpoint, from, to) {
        times.add(edge * PART_COUNT + part, to - from);
        if (isAtEndpoint(part) && endpoint !== NONE) held.add(endpoint, to - from);
      },
    });
    this.countEfforts(request);
    return { rank, latencyNs: request.latencyNs, isOk: request.outcome === Outcome.ok, times: times.taken(), held: held.taken(), efforts: efforts.taken(), tree: null };
  }

  private countEfforts({ attempts, edge }: CallSpan): void {
    const { efforts } = this;
    const at = edge * EFFORTS;
    efforts.add(at + Effort.calls, 1);
    for (const { calls, isGivenUp, isHedge, number } of attempts) {
      efforts.add(at + Effort.attempts, 1);
      if (isHedge) efforts.add(at + Effort.hedges, 1);
      else if (number > 1) efforts.add(at + Effort.retries, 1);
      if (isGivenUp) efforts.add(at + Effort.abandoned, 1);
      for (const call of calls) this.countEfforts(call);
    }
  }
}

function isAmong(kept: Kept, most: number, rank: number): boolean {
  return kept.length < most || rank < kept[most - 1]!.rank;
}

/** @returns its place */
function insert(exemplar: Exemplar, kept: Kept, most: number): number {
  let place = kept.length;
  while (place > 0 && kept[place - 1]!.rank > exemplar.rank) place--;
  kept.splice(place, 0, exemplar);
  if (kept.length > most) kept.pop();
  return place;
}

function isSlower(one: RequestSpan, other: RequestSpan): boolean {
  if (one.latencyNs !== other.latencyNs) return one.latencyNs > other.latencyNs;
  if (one.begunAt !== other.begunAt) return one.begunAt < other.begunAt;
  return one.source === other.source ? one.number < other.number : one.source < other.source;
}

/** Sums in a few of many places. */
class Row {
  private readonly sums: Float64Array;
  private readonly touched: number[] = [];

  constructor(places: number) {
    this.sums = new Float64Array(places);
  }

  add(place: number, value: number): void {
    if (this.sums[place] === 0) this.touched.push(place);
    this.sums[place]! += value;
  }

  /** Place and sum, in turn; then all is forgotten. */
  taken(): number[] {
    const pairs: number[] = [];
    for (const place of this.touched.sort((a, b) => a - b)) {
      pairs.push(place, this.sums[place]!);
      this.sums[place] = 0;
    }
    this.touched.length = 0;
    return pairs;
  }
}
