/**
 * Several parties may hold an endpoint to be unusable at once, such as outlier detection and health checks; picks
 * take it again when none of them does.
 */
import type { EndpointSet } from '../endpoints.ts';
import type { EjectionTarget, OutlierDetector } from '../outlier/outlier-detector.ts';
import type { EngineObserver } from '../ports.ts';
import type { Detection } from './detection.ts';
import type { BreakerTarget } from './endpoint-breaker.ts';
import type { HealthTarget } from './health-checks.ts';

/** Who holds it; one bit each. */
export const Holder = { outlierDetection: 1, failureAccrual: 2, circuitBreaker: 4, healthCheck: 8 } as const;
export type Holder = (typeof Holder)[keyof typeof Holder];

/** Those that refuse calls to an endpoint and let probes through. */
const BREAKERS: number = Holder.failureAccrual | Holder.circuitBreaker;

/** The endpoints that picks choose from: all of a service, or sorted by locality. */
export interface Pickable {
  readonly panic: boolean;
  /** True when the panic state changed. */
  setReady(endpoint: number, ready: boolean): boolean;
}

/** Hears of each change. */
export interface ReadinessListener {
  readyChanged(endpoint: number, isReady: boolean, now: number): void;
}

export class Readiness {
  readonly edge: number;
  readonly caller: number;
  readonly firstEndpoint: number;
  readonly observer: EngineObserver;
  private readonly set: Pickable;
  private readonly listener: ReadinessListener | null;
  /** By endpoint, the bits of those who hold it. */
  private readonly held: Uint8Array;
  /** Endpoints that somebody holds. */
  heldCount: number = 0;

  constructor(set: Pickable, size: number, observer: EngineObserver, edge: number, caller: number, firstEndpoint: number, listener: ReadinessListener | null = null) {
    this.set = set;
    this.listener = listener;
    this.observer = observer;
    this.edge = edge;
    this.caller = caller;
    this.firstEndpoint = firstEndpoint;
    this.held = new Uint8Array(size);
  }

  get panic(): boolean {
    return this.set.panic;
  }

  /** The bits of those who hold it. */
  holdersOf(endpoint: number): number {
    return this.held[endpoint]!;
  }

  change(endpoint: number, holder: Holder, ready: boolean, now: number): void {
    const before = this.held[endpoint]!;
    const after = ready ? before & ~holder : before | holder;
    this.held[endpoint] = after;
    const isRefused = (after & BREAKERS) !== 0;
    if (isRefused !== ((before & BREAKERS) !== 0)) this.observer.refusing(this.edge, this.caller, this.firstEndpoint + endpoint, isRefused, now);
    if ((before === 0) === (after === 0)) return;
    this.heldCount += after === 0 ? -1 : 1;
    if (this.set.setReady(endpoint, after === 0)) this.observer.panicked(this.edge, this.caller, this.set.panic, now);
    this.listener?.readyChanged(endpoint, after === 0, now);
  }
}

/** What one holder says, as changes of readiness and as news for the observer. */
export class Holding implements EjectionTarget, BreakerTarget {
  private readonly readiness: Readiness;
  private readonly holder: Holder;

  constructor(readiness: Readiness, holder: Holder) {
    this.readiness = readiness;
    this.holder = holder;
  }

  setReady(endpoint: number, ready: boolean, now: number): void {
    this.readiness.change(endpoint, this.holder, ready, now);
  }

  tripped(endpoint: number, now: number, detection: Detection): void {
    const { observer, edge, caller, firstEndpoint } = this.readiness;
    observer.ejected(edge, caller, firstEndpoint + endpoint, now, this.holder, detection);
  }

  recovered(endpoint: number, now: number): void {
    const { observer, edge, caller, firstEndpoint } = this.readiness;
    observer.unejected(edge, caller, firstEndpoint + endpoint, now, this.holder);
  }

  eject(endpoint: number, now: number, detection: Detection): void {
    this.setReady(endpoint, false, now);
    this.tripped(endpoint, now, detection);
  }

  uneject(endpoint: number, now: number): void {
    this.setReady(endpoint, true, now);
    this.recovered(endpoint, now);
  }
}

/** Active health checks, whose passes outlier detection and slow start hear of. */
export class HealthHolding extends Holding implements HealthTarget {
  private readonly set: EndpointSet;
  private readonly outlier: OutlierDetector | null;

  constructor(readiness: Readiness, set: EndpointSet, outlier: OutlierDetector | null) {
    super(readiness, Holder.healthCheck);
    this.set = set;
    this.outlier = outlier;
  }

  override setReady(endpoint: number, ready: boolean, now: number): void {
    // Slow start counts from the last check that passed after failing (Envoy's `setLastHcPassTime`).
    if (ready) this.set.joinedAt[endpoint] = now;
    super.setReady(endpoint, ready, now);
  }

  passed(endpoint: number, now: number): void {
    this.outlier?.healthCheckPassed(endpoint, now);
  }
}
