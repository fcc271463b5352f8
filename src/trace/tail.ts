/**
 * Tail blame: where the slowest 1 % of the requests spent their time, against those around the median, and on which edges calls became more
 * attempts than they were. Each exemplar stands for its share of the requests that are as slow, so the figures are of all requests.
 */
import type { EdgeId } from '../model/ids.ts';
import type { EdgePlan, Plan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';
import type { TailAmplifier, TailEffort, TailGroup, TailPart, TailPlace, TailResult, TailTimes, TypicalRequest } from '../result/result.ts';
import { type Alike, Effort, EFFORTS, type Exemplar, type Exemplars } from './exemplars.ts';
import { isAtEndpoint, PART_COUNT, PART_NAMES, type Part } from './part.ts';
import { Names, written } from './written.ts';

/** Percent of the requests. */
const SLOW_FROM = 99;
const MEDIAN: readonly [number, number] = [45, 55];
const PLACES_MAX = 50;
const AMPLIFIERS_MAX = 20;
/** Less than this many attempts for a call is no amplification. */
const AMPLIFIED_FROM = 1.005;
const TYPICAL_MAX = 3;
/** Calls and attempts that are written of a request. */
const TREE_MAX = 80;

/** Null where no request was measured. */
export function tailOf(plan: Plan, exemplars: Exemplars): TailResult | null {
  const { count, slowest } = exemplars;
  if (count === 0) return null;
  const levels = levelsOf(exemplars);
  // In percent of a count: exact.
  const slow = new Group(plan, levels, Math.min(Math.round((count * SLOW_FROM) / 100), count - 1), count);
  const median = new Group(plan, levels, Math.floor((count * MEDIAN[0]) / 100), Math.ceil((count * MEDIAN[1]) / 100));
  const names = new Names(plan);
  const places = placesOf(names, slow, median);
  const shown = places.slice(0, PLACES_MAX);
  const others = places.slice(PLACES_MAX);
  const sum = (of: readonly TailTimes[]): TailTimes => ({ slowMs: rounded(of.reduce((total, { slowMs }) => total + slowMs, 0)), medianMs: rounded(of.reduce((total, { medianMs }) => total + medianMs, 0)) });
  const summedBy = (key: (place: TailPlace) => string | null): Record<string, TailTimes> => {
    const groups = new Map<string, TailPlace[]>();
    for (const place of places) {
      const name = key(place);
      if (name !== null) groups.set(name, [...(groups.get(name) ?? []), place]);
    }
    return Object.fromEntries([...groups].map(([name, list]) => [name, sum(list)] as const).sort(([, one], [, other]) => excess(other) - excess(one)).slice(0, PLACES_MAX));
  };
  const isHeld = ({ part }: TailPlace): boolean => isAtEndpoint(PART_NAMES.indexOf(part) as Part); // a name of the list
  return {
    requests: count,
    slow: { ...slow.figures(), toMs: rounded(slowest[0]!.latencyNs / NS_PER_MS) },
    median: median.figures(),
    parts: Object.fromEntries(PART_NAMES.flatMap((part) => (places.some((place) => place.part === part) ? [[part, sum(places.filter((place) => place.part === part))]] : []))) as Partial<Record<TailPart, TailTimes>>,
    places: shown,
    otherPlaces: sum(others),
    services: summedBy((place) => (isHeld(place) ? place.service : null)),
    endpoints: endpointsOf(names, slow, median),
    edges: summedBy((place) => (isHeld(place) ? null : place.edge)),
    amplifiers: amplifiersOf(plan, names, slow, median),
    typical: typicalOf(names, slow, median),
    slowest: slowest.map((request) => written(request, names, TREE_MAX)),
  };
}

/**
 * Those of equal latency where all are known, else a stratum: whoever belongs to one belongs as much to a group as the others. A timeout
 * makes many requests equally slow, and the one or two that a sort puts last say nothing of them.
 */
function levelsOf(exemplars: Exemplars): Alike[] {
  return exemplars.byLatency().flatMap((alike) => {
    const sorted = [...alike.exemplars].sort((one, other) => one.latencyNs - other.latencyNs || one.rank - other.rank);
    if (sorted.length < alike.count) return [{ ...alike, exemplars: sorted }];
    const levels: Exemplar[][] = [];
    for (const exemplar of sorted) {
      const level = levels.at(-1);
      if (level !== undefined && level[0]!.latencyNs === exemplar.latencyNs) level.push(exemplar);
      else levels.push([exemplar]);
    }
    return levels.map((level) => ({ count: level.length, failed: level.filter(({ isOk }) => !isOk).length, exemplars: level }));
  });
}

interface Weighted {
  readonly exemplar: Exemplar;
  /** Requests of the group that it stands for. */
  readonly weight: number;
}

/** The requests between two ranks by latency. */
class Group {
  readonly members: readonly Weighted[];
  readonly weight: number;
  /** Mean ns, `times[edge * PART_COUNT + part]`. */
  readonly times: Float64Array;
  /** Mean ns by endpoint. */
  readonly held: Float64Array;
  /** Means, `efforts[edge * EFFORTS + field]`. */
  readonly efforts: Float64Array;
  private readonly fromNs: number;
  private readonly toNs: number;
  private readonly failed: number;

  /** @param from  rank of the first, from 0  @param to  of the one after the last */
  constructor({ edges, services }: Plan, levels: readonly Alike[], from: number, to: number) {
    const parts = within(levels, from, to);
    this.members = parts.flatMap(({ inside, of: { exemplars } }) => exemplars.map((exemplar) => ({ exemplar, weight: inside / exemplars.length })));
    this.failed = parts.reduce((sum, { inside, of: { count, failed } }) => sum + (inside * failed) / count, 0);
    this.weight = to - from;
    this.fromNs = latencyAt(levels, from);
    this.toNs = latencyAt(levels, to - 1);
    this.times = this.means(edges.length * PART_COUNT, ({ times }) => times);
    this.held = this.means(services.reduce((sum, { replicas }) => sum + replicas, 0), ({ held }) => held);
    this.efforts = this.means(edges.length * EFFORTS, ({ efforts }) => efforts);
  }

  figures(): TailGroup {
    const { failed, fromNs, members, toNs, weight } = this;
    const meanNs = members.reduce((sum, { exemplar, weight: of }) => sum + exemplar.latencyNs * of, 0) / weight;
    return {
      requests: weight,
      examined: members.length,
      fromMs: rounded(fromNs / NS_PER_MS),
      toMs: rounded(toNs / NS_PER_MS),
      meanMs: rounded(meanNs / NS_PER_MS),
      failed: rounded(failed / weight),
    };
  }

  effort(edge: EdgeId): TailEffort {
    const of = (field: number): number => rounded(this.efforts[edge * EFFORTS + field]!);
    return { calls: of(Effort.calls), attempts: of(Effort.attempts), retries: of(Effort.retries), hedges: of(Effort.hedges), abandoned: of(Effort.abandoned) };
  }

  private means(places: number, pairsOf: (exemplar: Exemplar) => readonly number[]): Float64Array {
    const sums = new Float64Array(places);
    for (const { exemplar, weight } of this.members) {
      const pairs = pairsOf(exemplar);
      for (let i = 0; i < pairs.length; i += 2) sums[pairs[i]!]! += pairs[i + 1]! * weight;
    }
    return sums.map((value) => value / this.weight);
  }
}

/** The levels that have some of these ranks, and how many. */
function within(levels: readonly Alike[], from: number, to: number): { readonly of: Alike; readonly inside: number }[] {
  let rank = 0;
  return levels.flatMap((of) => {
    const inside = Math.min(rank + of.count, to) - Math.max(rank, from);
    rank += of.count;
    return inside > 0 ? [{ of, inside }] : [];
  });
}

/** Of the request with that rank, ns; of a stratum as its exemplars have it. */
function latencyAt(levels: readonly Alike[], rank: number): number {
  let before = 0;
  for (const { count, exemplars } of levels) {
    if (rank < before + count) return exemplars[Math.floor(((rank - before) * exemplars.length) / count)]!.latencyNs;
    before += count;
  }
  throw new Error(`no request has rank ${rank} of ${before}`);
}

/** What differs most first. */
function placesOf(names: Names, slow: Group, median: Group): TailPlace[] {
  const places: TailPlace[] = [];
  for (const [place, slowNs] of slow.times.entries()) {
    const medianNs = median.times[place]!;
    if (slowNs === 0 && medianNs === 0) continue;
    places.push({ part: PART_NAMES[place % PART_COUNT]!, ...names.edge(Math.floor(place / PART_COUNT)), slowMs: rounded(slowNs / NS_PER_MS), medianMs: rounded(medianNs / NS_PER_MS) });
  }
  return places.sort((one, other) => excess(other) - excess(one));
}

function excess({ medianMs, slowMs }: TailTimes): number {
  return slowMs - medianMs;
}

function endpointsOf({ endpoints }: Names, slow: Group, median: Group): Record<string, TailTimes> {
  const rows = endpoints.map((name, i) => [name, { slowMs: rounded(slow.held[i]! / NS_PER_MS), medianMs: rounded(median.held[i]! / NS_PER_MS) }] as const);
  return Object.fromEntries(rows.filter(([, { medianMs, slowMs }]) => slowMs > 0 || medianMs > 0).sort(([, one], [, other]) => excess(other) - excess(one)).slice(0, PLACES_MAX));
}

function amplifiersOf(plan: Plan, names: Names, slow: Group, median: Group): TailAmplifier[] {
  return plan.edges
    .map((_, edge) => ({ edge, slow: slow.effort(edge), median: median.effort(edge) }))
    .filter((one) => one.slow.calls > 0 && one.slow.attempts > one.slow.calls * AMPLIFIED_FROM)
    .sort((one, other) => other.slow.attempts - other.slow.calls - (one.slow.attempts - one.slow.calls))
    .slice(0, AMPLIFIERS_MAX)
    .map(({ edge, ...efforts }) => ({ ...names.edge(edge), ...efforts, chain: chainTo(plan, edge, slow) }));
}

/** Up to the source by the edge that brings the caller most attempts. */
function chainTo(plan: Plan, edge: EdgeId, slow: Group): TailAmplifier['chain'] {
  const chain: EdgeId[] = [];
  for (let at: EdgeId | null = edge; at !== null && !chain.includes(at); at = callerEdge(plan, plan.edges[at]!, slow)) chain.unshift(at);
  return chain.map((link) => {
    const { attempts, calls } = slow.effort(link);
    return { edge: plan.edges[link]!.name, attemptsPerCall: rounded(calls === 0 ? 0 : attempts / calls) };
  });
}

function callerEdge(plan: Plan, { from }: EdgePlan, slow: Group): EdgeId | null {
  if (from.kind === 'traffic') return null;
  const leading = plan.edges.flatMap(({ to }, edge) => (to === from.index ? [{ edge, attempts: slow.effort(edge).attempts }] : []));
  return leading.reduce<(typeof leading)[number] | null>((most, one) => (most === null || one.attempts > most.attempts ? one : most), null)?.edge ?? null;
}

/** Slow requests by what they waited for most beyond what the median does, the most frequent first. */
function typicalOf(names: Names, slow: Group, median: Group): TypicalRequest[] {
  const byPlace = new Map<number, Weighted[]>();
  for (const member of slow.members) {
    // One that was refused at once waited for nothing.
    if (member.exemplar.latencyNs === 0) continue;
    const place = worstPlace(member.exemplar, median);
    byPlace.set(place, [...(byPlace.get(place) ?? []), member]);
  }
  const weightOf = (members: readonly Weighted[]): number => members.reduce((sum, { weight }) => sum + weight, 0);
  return [...byPlace]
    .map(([place, members]) => ({ place, members, weight: weightOf(members) }))
    .sort((one, other) => other.weight - one.weight || one.place - other.place)
    .flatMap(({ place, members, weight }): TypicalRequest[] => {
      const meanNs = members.reduce((sum, member) => sum + member.exemplar.latencyNs * member.weight, 0) / weight;
      const trees = members.flatMap(({ exemplar: { latencyNs, tree } }) => (tree === null ? [] : [{ tree, off: Math.abs(latencyNs - meanNs) }]));
      if (trees.length === 0) return [];
      const { tree } = trees.reduce((best, one) => (one.off < best.off ? one : best));
      return [{ share: rounded(weight / slow.weight), part: PART_NAMES[place % PART_COUNT]!, ...names.edge(Math.floor(place / PART_COUNT)), request: written(tree, names, TREE_MAX) }];
    })
    .slice(0, TYPICAL_MAX);
}

function worstPlace({ times }: Exemplar, median: Group): number {
  let worst = times[0]!;
  let most = -Infinity;
  for (let i = 0; i < times.length; i += 2) {
    const more = times[i + 1]! - median.times[times[i]!]!;
    if (more > most) {
      worst = times[i]!;
      most = more;
    }
  }
  return worst;
}

/** To the nanosecond, where it is a time. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
