/**
 * One caller endpoint's own view of one edge: gates, balancer, budget, pool, ejections. Nothing is shared between
 * callers, as nothing is shared between sidecars.
 */
import type { EndpointId } from '../model/ids.ts';
import type { Outcome } from '../model/outcome.ts';
import type { EdgePlan, ServicePlan } from '../model/plan.ts';
import { Sequence } from '../random/sequence.ts';
import type { Stream } from '../random/hash.ts';
import type { GateRow } from './admission/gate-row.ts';
import { createGates } from './admission/registry.ts';
import type { Balancer, Learner } from './balance/balancer.ts';
import type { SlowStartOptions } from './balance/slow-start.ts';
import type { EndpointBreaker } from './breaker/endpoint-breaker.ts';
import { Failfast } from './breaker/failfast.ts';
import { HealthChecks } from './breaker/health-checks.ts';
import { HealthHolding, Holder, Holding, Readiness } from './breaker/readiness.ts';
import { createEndpointBreaker, createServiceBreaker } from './breaker/registry.ts';
import type { ServiceBreaker } from './breaker/service-breaker.ts';
import type { CallRow } from './calls.ts';
import type { EdgeRules } from './edge-rules.ts';
import { EndpointSet } from './endpoints.ts';
import { createHedging, type Hedging } from './hedge/hedging.ts';
import { LocalityBalancer } from './locality/locality-balancer.ts';
import { type OutlierDetector, createOutlierDetector } from './outlier/outlier-detector.ts';
import { OwnBalancing } from './own/own-balancer.ts';
import { ownName } from './own/own-kinds.ts';
import type { OwnCode } from './own/own-code.ts';
import { OwnRetry } from './own/own-retry.ts';
import type { Wrapper } from './own/wrapper.ts';
import { ConnectionPools } from './pool/connection-pools.ts';
import { type RetryBudget, type RetryLoad, createBudget } from './retry/budget.ts';
import { RetryGate } from './retry/retry-gate.ts';
import type { Route } from './route/route.ts';
import type { EngineObserver, WorldPort } from './ports.ts';

export interface OutboundSetup {
  readonly index: number;
  readonly edge: number;
  readonly caller: number;
  readonly plan: EdgePlan;
  readonly service: ServicePlan;
  /** Names, by the indices of the service. */
  readonly zones: readonly string[];
  readonly rules: EdgeRules;
  readonly streams: PolicyStreams;
  readonly modelsConnections: boolean;
  readonly observer: EngineObserver;
  readonly world: WorldPort;
  readonly own: OwnCode;
}

/** One for each purpose, so that no policy shifts another's luck. */
export interface PolicyStreams {
  readonly picks: Stream;
  readonly outlier: Stream;
  readonly gates: Stream;
  readonly breaker: Stream;
  readonly checks: Stream;
  readonly split: Stream;
  readonly ownRetry: Stream;
}

const UNLIMITED_POOL = {
  maxConnections: Infinity,
  maxPendingRequests: Infinity,
  maxRequests: Infinity,
  maxRetries: Infinity,
  connectTimeoutNs: Infinity,
  idleTimeoutNs: Infinity,
  maxRequestsPerConnection: Infinity,
  protocol: 'http1',
  maxConcurrentStreams: Infinity,
  perUpstreamPreconnectRatio: 1,
} as const;

export class Outbound implements RetryLoad {
  readonly index: number;
  readonly edge: number;
  readonly caller: number;
  readonly rules: EdgeRules;
  readonly firstEndpoint: EndpointId;
  /** Null where every call is let in. */
  readonly gates: GateRow | null;
  /** One of the gates. */
  readonly serviceBreaker: ServiceBreaker | null;
  readonly set: EndpointSet;
  /** Who holds which endpoint to be unusable. */
  readonly readiness: Readiness;
  readonly balancer: Balancer;
  /** Of the balancer; null where nobody learns. */
  readonly learner: Learner | null;
  readonly budget: RetryBudget | null;
  readonly outlier: OutlierDetector | null;
  readonly breaker: EndpointBreaker | null;
  readonly failfast: Failfast | null;
  readonly health: HealthChecks | null;
  /** Null where calls go to the service itself. */
  route: Route | null = null;
  /**
   * Attempts may not be placed at once: calls are split, wait for somebody to be ready or are wrapped. False where that is seldom, as
   * V8 tests a boolean in a field for all that is false, and for `false` first.
   */
  detours: boolean;
  /** Null where the policy's own balancer picks. */
  readonly ownBalancing: OwnBalancing | null;
  readonly ownRetry: OwnRetry | null;
  /** Takes the calls over; null where the engine makes their attempts. */
  readonly wrapper: Wrapper | null;
  /** Whether a breaker, health checks, a failfast or a balancer of the policy's own want to hear of attempts. */
  readonly isWatched: boolean;
  /** Whether outlier detection tells a connection that could not be opened from a bad answer. */
  readonly reportsConnects: boolean;
  /** Attempts of its calls that a split has sent to other services, or has wait for a connection there. */
  elsewhere: number = 0;
  asking: number = 1;
  /** Calls that wait for a ready endpoint, oldest first. */
  readonly unserved: Set<CallRow> = new Set();
  /** What the timer of this outbound stands at. */
  armedAt: number = Infinity;
  /** Null where neither limits nor set-up time make connections matter. */
  readonly pools: ConnectionPools | null;
  /**
   * Whether its balancer has an attempt in flight from the pick on: to Linkerd and Finagle the connection is the endpoint's
   * affair. Envoy counts it once it has its connection (`rq_active`).
   */
  readonly countsWaiting: boolean;
  readonly random: Sequence;
  readonly gate: RetryGate;
  /** Null where calls are not hedged by time. */
  readonly hedging: Hedging | null;
  /** Whether a call may have several attempts in flight. */
  readonly hedges: boolean;
  /** Attempts that wait for a connection: first and last by endpoint. */
  readonly waitingFirst: Int32Array;
  readonly waitingLast: Int32Array;
  private sweepAt: number = Infinity;

  constructor(setup: OutboundSetup) {
    const { plan, service } = setup;
    const { policy } = plan;
    this.index = setup.index;
    this.edge = setup.edge;
    this.caller = setup.caller;
    this.rules = setup.rules;
    this.firstEndpoint = service.firstEndpoint;
    const { streams } = setup;
    const sequenceOf = (stream: Stream): Sequence => new Sequence(stream, setup.index);
    this.serviceBreaker = createServiceBreaker(policy, setup.observer, setup.edge, setup.caller);
    this.gates = createGates(policy, this.serviceBreaker, sequenceOf(streams.gates));
    this.set = new EndpointSet(service.weights, policy.panicThreshold, null, setup.rules.endpoints);
    this.random = sequenceOf(streams.picks);
    const nameOf = (endpoint: number): string => `${service.name}/${endpoint}`;
    const { balancers, retries, wrappers } = setup.own;
    const about = { edge: plan.name, caller: setup.caller };
    const named = ownName(policy.loadBalancer);
    this.ownBalancing =
      named === null ? null : new OwnBalancing(found(balancers, named), { ...about, kind: 'balancer', policy: named }, this.set, this.random, (endpoint) => setup.zones[service.zones[endpoint]!]!, nameOf);
    // One or the other has it.
    const newBalancer = (this.ownBalancing ?? setup.rules).newBalancer!;
    const context = { set: this.set, random: this.random, nameOf, slowStart: policy.slowStart as unknown as SlowStartOptions | null };
    const locality =
      policy.locality.mode === 'none'
        ? null
        : new LocalityBalancer({
            plan: policy.locality, panicThreshold: policy.panicThreshold, zones: service.zones, callerZones: plan.callerZones, caller: setup.caller,
            balancer: policy.loadBalancer, newBalancer, context,
          });
    this.balancer = locality ?? newBalancer(context);
    this.learner = this.balancer.learner;
    this.readiness = new Readiness(locality ?? this.set, this.set.size, setup.observer, setup.edge, setup.caller, service.firstEndpoint, this.ownBalancing);
    const limits = policy.connectionPool ?? (setup.modelsConnections ? UNLIMITED_POOL : null);
    const connector = {
      open: (connection: number, endpoint: number, now: number) => setup.world.open(this.index, connection, this.firstEndpoint + endpoint, now),
      closed: (connection: number) => setup.world.closed(this.index, connection),
    };
    this.pools = limits === null ? null : new ConnectionPools(limits, this.set, connector);
    this.countsWaiting = policy.loadBalancer.kind === 'peakEwma';
    const budget = policy.retries?.budget ?? null;
    const limit = budget === null ? null : createBudget(budget, this);
    const ownRetry = policy.retries?.own ?? null;
    this.ownRetry = ownRetry === null ? null : new OwnRetry(found(retries, ownRetry), { ...about, kind: 'retry policy', policy: ownRetry }, limit, streams.ownRetry);
    this.budget = this.ownRetry ?? limit;
    // A budget of the share kind replaces maxRetries entirely (envoy.md 8).
    this.gate = new RetryGate(budget?.kind === 'concurrency' ? Infinity : (limits?.maxRetries ?? Infinity), this.budget);
    this.hedging = policy.hedge === null || policy.hedge.afterNs === Infinity ? null : createHedging(policy.hedge);
    this.hedges = policy.hedge !== null;
    this.outlier =
      policy.outlierDetection === null
        ? null
        : createOutlierDetector(service.replicas, policy.outlierDetection, sequenceOf(streams.outlier), new Holding(this.readiness, Holder.outlierDetection));
    this.reportsConnects = policy.outlierDetection?.['splitExternalLocalOriginErrors'] === true;
    this.breaker = createEndpointBreaker(policy, service.replicas, sequenceOf(streams.breaker), this.readiness);
    this.failfast = policy.failfast === null ? null : new Failfast(policy.failfast);
    const probes = { probe: (endpoint: number, serial: number, now: number) => setup.world.probe(this.index, this.firstEndpoint + endpoint, serial, now) };
    this.health =
      policy.healthCheck === null
        ? null
        : new HealthChecks(service.replicas, policy.healthCheck, sequenceOf(streams.checks), new HealthHolding(this.readiness, this.set, this.outlier), probes);
    this.isWatched = this.breaker !== null || this.failfast !== null || this.health !== null || this.ownBalancing !== null;
    this.wrapper = policy.wrapper === null ? null : found(wrappers, policy.wrapper)(about);
    this.detours = this.failfast !== null || this.wrapper !== null;
    const queues = this.pools === null ? 0 : service.replicas;
    this.waitingFirst = new Int32Array(queues).fill(-1);
    this.waitingLast = new Int32Array(queues).fill(-1);
  }

  get retries(): number {
    return this.gate.active;
  }

  get pending(): number {
    // Those that count as in flight already do not count twice.
    return this.pools === null || this.countsWaiting ? 0 : this.pools.pending;
  }

  /** An endpoint that is not `previous`, when another may be picked. */
  pickOther(previous: number, hash: number, now: number): number {
    const { set } = this;
    for (let tries = 0; tries < 4; tries++) {
      const endpoint = this.balancer.pick(now, hash, tries);
      if (endpoint !== previous) return endpoint;
    }
    // The balancer insists: take any other that it may pick, uniformly. Priorities and zones panic by themselves, whatever the whole does.
    const { panic } = this.readiness;
    const others = set.list.subarray(0, set.count).filter((endpoint) => endpoint !== previous && (panic || set.isReady(endpoint)));
    return others.length === 0 ? previous : others[this.random.below(others.length)]!;
  }

  splitOver(route: Route): void {
    this.route = route;
    this.detours = true;
  }

  /** Begin what runs by the clock alone. */
  start(now: number): void {
    if (this.outlier !== null) this.sweepAt = now + this.outlier.intervalNs;
    this.health?.start(now, false);
  }

  /** When something is due here by the clock alone; Infinity for never. */
  get dueAt(): number {
    let due = this.sweepAt;
    if (this.breaker !== null && this.breaker.dueAt < due) due = this.breaker.dueAt;
    if (this.serviceBreaker !== null && this.serviceBreaker.dueAt < due) due = this.serviceBreaker.dueAt;
    if (this.health !== null && this.health.dueAt < due) due = this.health.dueAt;
    return this.failfast !== null && this.failfast.dueAt < due ? this.failfast.dueAt : due;
  }

  /** `dueAt` is reached; what a failfast does then is the engine's. */
  tick(now: number): void {
    if (this.outlier !== null && this.sweepAt <= now) {
      this.outlier.sweep(now);
      this.sweepAt = now + this.outlier.intervalNs;
    }
    this.breaker?.tick(now);
    this.serviceBreaker?.tick(now);
    this.health?.tick(now);
  }

  sent(endpoint: number, now: number): void {
    this.breaker?.sent(endpoint, now);
    if (this.health !== null) this.health.hasTraffic = true;
  }

  finished(endpoint: number, outcome: Outcome, status: number, sentAt: number, now: number): void {
    this.ownBalancing?.finished(endpoint, outcome, status, sentAt, now);
    this.breaker?.finished(endpoint, outcome, status, sentAt, now);
  }
}

/** Whoever starts a run has made sure that it is there. */
function found<T>(code: Readonly<Record<string, T>>, name: string): T {
  const own = Object.hasOwn(code, name) ? code[name] : undefined;
  if (own === undefined) throw new Error(`the plan names the policy ${name}, and no such code came with the run`);
  return own;
}
