/**
 * Who is out of use, by what the engine tells of its ejections, breakers, health checks and panics, and not by the lists that its
 * balancers pick from.
 *
 * An endpoint that is new to active health checks is out of use until a first check has passed, which nobody tells: what it is
 * stays unknown until then, or until a later result is told.
 */
import { Holder } from '../engine/breaker/readiness.ts';
import type { Detection } from '../engine/breaker/detection.ts';
import { CheckResult } from '../engine/breaker/health-checks.ts';
import { type EndpointId, NONE } from '../model/ids.ts';
import type { Audit } from './audit.ts';
import { Check } from './invariant.ts';

const { healthCheck: HEALTH_CHECK, outlierDetection: OUTLIER_DETECTION } = Holder;
/** A breaker refuses: failure accrual, or a circuit breaker of the endpoint. */
const REFUSED: number = Holder.failureAccrual;

export class Holdings extends Check {
  /** By outbound: endpoints that somebody holds, those that outlier detection does, and those of which that is not known. */
  readonly heldCounts: Int32Array;
  readonly ejectedCounts: Int32Array;
  readonly unknownCounts: Int32Array;
  /** By outbound: whether the engine says that it panics, and when it last did, ns. */
  readonly panics: Uint8Array;
  readonly panickedUntil: Float64Array;
  /** The place at which a breaker has begun to refuse, and in which input. */
  private refusedPlace: number = NONE;
  private refusedIn: number = -1;
  /** By place: who holds it, one bit each. */
  private readonly held: Uint8Array;
  private readonly isUnknown: Uint8Array;
  private readonly since: Float64Array;
  private readonly firstProbedAt: Float64Array;

  /** @param holdsAny  whether any policy of the plan takes endpoints out of use; else nothing need be kept by place */
  constructor(audit: Audit, holdsAny: boolean) {
    super(audit);
    const outbounds = audit.outbounds.length;
    const places = holdsAny ? audit.firstPlace[outbounds]! : 0;
    this.heldCounts = new Int32Array(outbounds);
    this.ejectedCounts = new Int32Array(outbounds);
    this.unknownCounts = new Int32Array(outbounds);
    this.panics = new Uint8Array(outbounds);
    this.panickedUntil = new Float64Array(outbounds).fill(-1);
    this.held = new Uint8Array(places);
    this.isUnknown = new Uint8Array(places);
    this.since = new Float64Array(places);
    this.firstProbedAt = new Float64Array(places);
    for (const [outbound, { healthCheck }] of audit.policies.entries()) {
      if (healthCheck === null) continue;
      this.unknownCounts[outbound] = audit.sizeOf(outbound);
      this.isUnknown.fill(1, audit.firstPlace[outbound], audit.firstPlace[outbound + 1]);
    }
  }

  isHeld(place: number): boolean {
    // Nothing is kept where nobody ever is.
    return this.held.length > 0 && this.held[place] !== 0;
  }

  isEjected(place: number): boolean {
    return (this.held[place]! & OUTLIER_DETECTION) !== 0;
  }

  /** Since when somebody holds it, ns. */
  heldSince(place: number): number {
    return this.since[place]!;
  }

  /** Whether a breaker has shut the place in this very input: then the attempt that is sent next is its probe. */
  hasJustRefused(place: number): boolean {
    return this.refusedPlace === place && this.refusedIn === this.audit.inputs;
  }

  /** In words. */
  holdersOf(place: number): string {
    const held = this.held[place]!;
    return [[OUTLIER_DETECTION, 'ejected by outlier detection'], [REFUSED, 'refused by a breaker'], [HEALTH_CHECK, 'failed by health checks']].flatMap(([bit, words]) => ((held & Number(bit)) === 0 ? [] : [words])).join(' and ');
  }

  /** Endpoints that a pick may take; -1 where that is not known. */
  pickable(outbound: number): number {
    if (this.unknownCounts[outbound] !== 0) return -1;
    const size = this.audit.sizeOf(outbound);
    return this.panics[outbound] === 1 ? size : size - this.heldCounts[outbound]!;
  }

  override ejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder, _detection: Detection): void {
    // Breakers tell when they refuse.
    if (holder !== OUTLIER_DETECTION && holder !== HEALTH_CHECK) return;
    const outbound = this.audit.outboundAt(edge, caller);
    const place = this.audit.placeAt(outbound, endpoint);
    if (holder === HEALTH_CHECK) this.know(outbound, place);
    else if (!this.isEjected(place)) this.ejectedCounts[outbound]!++;
    this.hold(outbound, place, holder, now);
  }

  override unejected(edge: number, caller: number, endpoint: EndpointId, _now: number, holder: Holder): void {
    if (holder !== OUTLIER_DETECTION && holder !== HEALTH_CHECK) return;
    const outbound = this.audit.outboundAt(edge, caller);
    const place = this.audit.placeAt(outbound, endpoint);
    if (holder === OUTLIER_DETECTION && this.isEjected(place)) this.ejectedCounts[outbound]!--;
    this.release(outbound, place, holder);
  }

  override refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean, now: number): void {
    if (endpoint === NONE) return;
    const outbound = this.audit.outboundAt(edge, caller);
    const place = this.audit.placeAt(outbound, endpoint);
    if (!on) this.release(outbound, place, REFUSED);
    else {
      this.hold(outbound, place, REFUSED, now);
      this.refusedPlace = place;
      this.refusedIn = this.audit.inputs;
    }
  }

  override panicked(edge: number, caller: number, on: boolean, now: number): void {
    const outbound = this.audit.outboundAt(edge, caller);
    this.audit.usableChanges(outbound);
    this.panics[outbound] = on ? 1 : 0;
    if (!on) this.panickedUntil[outbound] = now;
  }

  override probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    const place = this.audit.placeAt(outbound, endpoint);
    if (serial === 1) this.firstProbedAt[place] = now;
  }

  override probeAnswered(outbound: number, endpoint: EndpointId, serial: number, result: CheckResult, now: number): void {
    // The very first check of a new endpoint is enough, unless it came too late.
    const place = this.audit.placeAt(outbound, endpoint);
    const timeoutNs = Number(this.audit.policies[outbound]!.healthCheck!['timeout']); // who is checked has the policy
    if (serial === 1 && result === CheckResult.pass && now - this.firstProbedAt[place]! < timeoutNs) this.know(outbound, place);
  }

  private know(outbound: number, place: number): void {
    if (this.isUnknown[place] === 0) return;
    this.audit.usableChanges(outbound);
    this.isUnknown[place] = 0;
    this.unknownCounts[outbound]!--;
  }

  private hold(outbound: number, place: number, bit: number, now: number): void {
    if (this.held[place] === 0) {
      this.audit.usableChanges(outbound);
      this.audit.setHeld(outbound, ++this.heldCounts[outbound]!);
      this.since[place] = now;
    }
    this.held[place]! |= bit;
  }

  private release(outbound: number, place: number, bit: number): void {
    const left = this.held[place]! & ~bit;
    if (this.held[place] !== 0 && left === 0) {
      this.audit.usableChanges(outbound);
      this.audit.setHeld(outbound, --this.heldCounts[outbound]!);
    }
    this.held[place] = left;
  }
}
