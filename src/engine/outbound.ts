/**
 * One caller endpoint's own view of one edge: balancer, budget, pool, ejections. Nothing is shared between
 * callers, as nothing is shared between sidecars.
 */
import type { EndpointId } from '../model/ids.ts';
import type { EdgePlan, ServicePlan } from '../model/plan.ts';
import { Sequence } from '../random/sequence.ts';
import type { Stream } from '../random/hash.ts';
import type { Balancer } from './balance/balancer.ts';
import { createBalancer } from './balance/registry.ts';
import type { EdgeRules } from './edge-rules.ts';
import { EndpointSet } from './endpoints.ts';
import { createHedging, type Hedging } from './hedge/hedging.ts';
import { type EjectionTarget, OutlierDetection } from './outlier/outlier-detection.ts';
import { ConnectionPool } from './pool/connection-pool.ts';
import { type RetryBudget, type RetryLoad, createBudget } from './retry/budget.ts';
import { RetryGate } from './retry/retry-gate.ts';
import type { EngineObserver } from './ports.ts';

export interface OutboundSetup {
  readonly index: number;
  readonly edge: number;
  readonly caller: number;
  readonly plan: EdgePlan;
  readonly service: ServicePlan;
  readonly rules: EdgeRules;
  readonly picks: Stream;
  readonly dice: Stream;
  readonly modelsConnections: boolean;
  readonly observer: EngineObserver;
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
} as const;

export class Outbound implements RetryLoad, EjectionTarget {
  readonly edge: number;
  readonly caller: number;
  readonly rules: EdgeRules;
  readonly firstEndpoint: EndpointId;
  readonly set: EndpointSet;
  readonly balancer: Balancer;
  readonly budget: RetryBudget | null;
  readonly outlier: OutlierDetection | null;
  /** Null where neither limits nor set-up time make connections matter. */
  readonly pool: ConnectionPool | null;
  readonly random: Sequence;
  readonly gate: RetryGate;
  /** Null where calls are not hedged by time. */
  readonly hedging: Hedging | null;
  /** Attempts that wait for a connection: first and last by endpoint. */
  readonly waitingFirst: Int32Array;
  readonly waitingLast: Int32Array;
  private readonly observer: EngineObserver;

  constructor(setup: OutboundSetup) {
    const { plan, service } = setup;
    const { policy } = plan;
    this.edge = setup.edge;
    this.caller = setup.caller;
    this.rules = setup.rules;
    this.observer = setup.observer;
    this.firstEndpoint = service.firstEndpoint;
    this.set = new EndpointSet(service.weights, policy.panicThreshold);
    this.random = new Sequence(setup.picks, setup.index);
    this.balancer = createBalancer(policy.loadBalancer, { set: this.set, random: this.random });
    const limits = policy.connectionPool ?? (setup.modelsConnections ? UNLIMITED_POOL : null);
    this.pool = limits === null ? null : new ConnectionPool(limits, this.set);
    const budget = policy.retries?.budget ?? null;
    this.budget = budget === null ? null : createBudget(budget, this);
    // A budget of the share kind replaces maxRetries entirely (envoy.md 8).
    this.gate = new RetryGate(budget?.kind === 'concurrency' ? Infinity : (limits?.maxRetries ?? Infinity), this.budget);
    this.hedging = policy.hedge === null || policy.hedge.afterNs === Infinity ? null : createHedging(policy.hedge);
    this.outlier =
      policy.outlierDetection === null
        ? null
        : new OutlierDetection(service.replicas, policy.outlierDetection, new Sequence(setup.dice, setup.index), this);
    const queues = this.pool === null ? 0 : service.replicas;
    this.waitingFirst = new Int32Array(queues).fill(-1);
    this.waitingLast = new Int32Array(queues).fill(-1);
  }

  get retries(): number {
    return this.gate.active;
  }

  get pending(): number {
    return this.pool === null ? 0 : this.pool.pending;
  }

  /** An endpoint that is not `previous`, when another may be picked. */
  pickOther(previous: number, hash: number, now: number): number {
    const { set } = this;
    for (let tries = 0; tries < 4; tries++) {
      const endpoint = this.balancer.pick(now, hash, tries);
      if (endpoint !== previous) return endpoint;
    }
    if (set.count === 1) return previous;
    // The balancer insists: take any other, uniformly.
    let index = this.random.below(set.count - 1);
    for (let i = 0; i <= index; i++) if (set.list[i] === previous) index++;
    return set.list[index]!;
  }

  eject(endpoint: number, now: number): void {
    this.setReady(endpoint, false, now);
    this.observer.ejected(this.edge, this.caller, this.firstEndpoint + endpoint, now);
  }

  uneject(endpoint: number, now: number): void {
    this.setReady(endpoint, true, now);
    this.observer.unejected(this.edge, this.caller, this.firstEndpoint + endpoint, now);
  }

  private setReady(endpoint: number, ready: boolean, now: number): void {
    if (this.set.setReady(endpoint, ready)) this.observer.panicked(this.edge, this.caller, this.set.panic, now);
  }
}
