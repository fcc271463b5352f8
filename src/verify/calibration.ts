/**
 * What the sockets and timers of this machine add to an attempt, measured through the real mesh itself at low load, as laws that the
 * simulator's network can draw from.
 *
 * The plan measured has one service for each way in which edges of the plan at hand are connected (undici's pools, HTTP/1 or HTTP/2
 * connections of the engine's books), whose work takes exactly `WORK_NS`; whatever requests take beyond that is sending late, sockets both
 * ways, and a timer in between: the whole hop. Where the engine keeps books, a second service has a new connection for each
 * request; what that costs more, percentile by percentile, is the law of opening one.
 *
 * Several short runs, and of each percentile the least of them: being busy elsewhere for a moment makes a machine slower and never faster, so
 * what it is at its best is its nature, and the rest is noise, which the comparison knows how to tell.
 */
import { NO_POLICY } from '../model/no-policy.ts';
import type { ConnectionPoolPlan, DistributionPlan, EdgePlan, MetricPlan, Plan, PolicyPlan, ServicePlan, SocketPlan, TrafficPlan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';

/** How callers of an edge are connected: what sockets cost depends on it. */
type Way = 'pool' | 'http1' | 'http2';

/** Added in real time, by way; only those that the plan has. */
export type Overhead = ReadonlyMap<Way, SocketPlan>;

/** Runs of the plan; see above. */
export const CALIBRATION_RUNS = 4;
const WARMUP_NS = 0.2e9;
const DURATION_NS = 1.2e9;
/** In the range of the delays that timers have to keep. */
const WORK_NS = 5e6;
/** Of all services together: some 5 % of what one event loop can do. */
const RATE_PER_S = 250;
/** Points of a law. */
const POINTS = 100;
const QUANTILES: readonly number[] = Array.from({ length: POINTS }, (_, i) => (i + 0.5) / POINTS);

export function calibrationPlan(plan: Plan): Plan {
  const lines = linesOf(plan);
  return {
    name: 'calibration', description: '', seed: plan.seed,
    durationNs: DURATION_NS, warmupNs: WARMUP_NS, isWarmupAuto: false, drainNs: 1e9, replications: 1,
    zones: ['default'], network: { links: [null], loss: 0 },
    services: lines.map(({ name }, i) => serviceOf(name, i)),
    edges: lines.map(({ name, policy }, i): EdgePlan => ({ name: `probe->${name}`, from: { kind: 'traffic', index: i }, to: i, policy, callerZones: [0], split: null, sockets: null })),
    traffic: lines.map(({ name }, i) => sourceOf(name, i, RATE_PER_S / lines.length)),
    faults: [], thresholds: [],
  };
}

/** What to ask of each run of `calibrationPlan`. */
export function calibrationMetrics(plan: Plan): readonly MetricPlan[] {
  return linesOf(plan).flatMap(({ name }) => QUANTILES.map((p): MetricPlan => ({ metric: 'latency', tags: { service: name }, stat: { kind: 'percentile', p }, unit: 'ns' })));
}

/** @param runs  the values of `calibrationMetrics`, by run */
export function overheadOf(plan: Plan, runs: readonly (readonly (number | null)[])[]): Overhead {
  const lines = linesOf(plan);
  const latencies = new Map(lines.map(({ name }, line) => [name, QUANTILES.map((_, i) => Math.min(...runs.map((values) => values[line * POINTS + i] ?? Infinity)))]));
  return new Map(waysOf(plan).map((way): [Way, SocketPlan] => {
    const kept = latencies.get(way)!;
    const fresh = latencies.get(freshOf(way)) ?? kept;
    return [way, { attempt: law(kept.map((ns) => ns - WORK_NS)), opening: law(fresh.map((ns, i) => ns - kept[i]!)) }];
  }));
}

/** The plan for the simulator: as it is, on sockets like these. */
export function onSockets(plan: Plan, overhead: Overhead, timeScale: number): Plan {
  return { ...plan, edges: plan.edges.map((edge) => ({ ...edge, sockets: scaled(overhead.get(wayOf(plan, edge))!, timeScale) })) };
}

/** The same, with every attempt late by `ns` besides. */
export function later(plan: Plan, ns: number): Plan {
  return { ...plan, edges: plan.edges.map((edge) => ({ ...edge, sockets: { attempt: shifted(edge.sockets?.attempt ?? law([0]), ns), opening: edge.sockets?.opening ?? law([0]) } })) };
}

/** For people and files: the middle and the tail of each law, real ms. */
export interface OverheadFigures {
  readonly way: Way;
  readonly attemptP50Ms: number;
  readonly attemptP99Ms: number;
  /** Null where the engine keeps no books of connections. */
  readonly openingP50Ms: number | null;
}

export function overheadFigures(overhead: Overhead): OverheadFigures[] {
  return [...overhead].map(([way, { attempt, opening }]) => ({
    way, attemptP50Ms: msOf(pointOf(attempt, 0.5)), attemptP99Ms: msOf(pointOf(attempt, 0.99)), openingP50Ms: way === 'pool' ? null : msOf(pointOf(opening, 0.5)),
  }));
}

interface Line {
  readonly name: string;
  readonly policy: PolicyPlan;
}

/** The services to measure. */
function linesOf(plan: Plan): Line[] {
  return waysOf(plan).flatMap((way): Line[] => {
    if (way === 'pool') return [{ name: way, policy: NO_POLICY }];
    const pool: ConnectionPoolPlan = {
      maxConnections: Infinity, maxPendingRequests: Infinity, maxRequests: Infinity, maxRetries: Infinity, connectTimeoutNs: Infinity, idleTimeoutNs: Infinity,
      maxRequestsPerConnection: Infinity, protocol: way, maxConcurrentStreams: way === 'http1' ? 1 : Infinity, perUpstreamPreconnectRatio: 1,
    };
    return [
      { name: way, policy: { ...NO_POLICY, connectionPool: pool } },
      { name: freshOf(way), policy: { ...NO_POLICY, connectionPool: { ...pool, maxRequestsPerConnection: 1 } } },
    ];
  });
}

function freshOf(way: Way): string {
  return `${way}-opened`;
}

function waysOf(plan: Plan): Way[] {
  return [...new Set(plan.edges.map((edge) => wayOf(plan, edge)))].sort();
}

/** Where any link has latency the engine keeps books everywhere, over HTTP/1 unless a policy says otherwise. */
function wayOf({ network }: Plan, { policy }: EdgePlan): Way {
  return policy.connectionPool?.protocol ?? (network.links.some((link) => link !== null) ? 'http1' : 'pool');
}

function serviceOf(name: string, index: number): ServicePlan {
  return {
    name, firstEndpoint: index, replicas: 1, concurrency: Infinity, queue: { limit: Infinity, discipline: 'fifo', timeout: null },
    latency: constant(WORK_NS), errors: null, onCancel: 'continue', calls: [], weights: [1], zones: [0], startupNs: 0,
  };
}

function sourceOf(name: string, index: number, ratePerS: number): TrafficPlan {
  return {
    name, edge: index, clients: 1, zones: [0],
    load: { kind: 'open', profile: [{ atNs: 0, ratePerS, step: false }], arrivals: { kind: 'poisson' } },
    classes: [{ name: 'default', weight: 1, method: 'GET', path: '/', headers: {}, body: '', key: null }],
  };
}

function constant(valueNs: number): DistributionPlan {
  return { law: { kind: 'constant', valueNs }, minNs: 0, maxNs: Infinity, shiftNs: 0 };
}

/** One of the points, each as likely; an answer is never there before it was due. */
function law(pointsNs: readonly number[]): DistributionPlan {
  return { law: { kind: 'empirical', valuesNs: pointsNs.map((ns) => Math.max(0, Math.round(ns))) }, minNs: 0, maxNs: Infinity, shiftNs: 0 };
}

function scaled({ attempt, opening }: SocketPlan, timeScale: number): SocketPlan {
  return { attempt: law(pointsOf(attempt).map((ns) => ns / timeScale)), opening: law(pointsOf(opening).map((ns) => ns / timeScale)) };
}

function shifted(distribution: DistributionPlan, ns: number): DistributionPlan {
  return { ...distribution, shiftNs: distribution.shiftNs + ns };
}

function pointOf(distribution: DistributionPlan, p: number): number {
  const points = pointsOf(distribution);
  return points[Math.floor(p * points.length)]!;
}

function pointsOf({ law: of }: DistributionPlan): readonly number[] {
  return of.kind === 'empirical' ? of.valuesNs : [];
}
