/**
 * The life of calls and attempts: every decision a client-side proxy takes, and nothing else.
 *
 *   begin -> attempt -> answered -> settle
 *               ^  |         |
 *               |  +- timeout +- retriable, and granted -> backoff -+
 *               +---------------------------------------------------+
 *
 * A call is settled exactly once, by its last attempt, by its own timeout, because nobody could be picked or
 * a limit refused it, or because its caller gave up. An attempt that the caller no longer waits for stays in
 * the table until the world answers it.
 */
import { type AttemptId, type CallId, type EdgeId, type EndpointId, NONE, type TimerId } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { Draw, Stream, attemptKey } from '../random/hash.ts';
import type { GateRow } from './admission/gate-row.ts';
import { isPenalised as penalises } from './balance/failure-hint.ts';
import { type Failfast, Wait } from './breaker/failfast.ts';
import type { CheckResult } from './breaker/health-checks.ts';
import { type AttemptRow, AttemptState, Attempts, type CallRow, Calls } from './calls.ts';
import { EdgeRules } from './edge-rules.ts';
import type { Hedging } from './hedge/hedging.ts';
import { statusOf } from './outcome.ts';
import { Outbound, type PolicyStreams } from './outbound.ts';
import { type OwnCode, NO_OWN_CODE } from './own/own-code.ts';
import { WrappedCall } from './own/wrapper.ts';
import { type ConnectionPools, Place } from './pool/connection-pools.ts';
import type { EngineObserver, WorldPort } from './ports.ts';
import { Ended } from './retry/budget.ts';
import { Route } from './route/route.ts';
import { RetryCause, retryCauseOf } from './retry/retry-cause.ts';
import { Verdict } from './retry/retry-gate.ts';
import { TimerKind, kindOf, subjectOf, timerOf } from './timers.ts';

// Local names for constants: see calls.ts.
const { error: ERROR, rejected: REJECTED, connectFailure: CONNECT_FAILURE, noEndpoint: NO_ENDPOINT, ok: OK, overflow: OVERFLOW, reset: RESET, timeout: TIMEOUT, unfinished: UNFINISHED } = Outcome;
const { abandoned: STATE_ABANDONED, sent: STATE_SENT, waiting: STATE_WAITING } = AttemptState;
const { attached: PLACE_ATTACHED, nobody: PLACE_NOBODY, overflow: PLACE_OVERFLOW } = Place;
const { attemptTimeout: TIMER_ATTEMPT_TIMEOUT, backoff: TIMER_BACKOFF, callTimeout: TIMER_CALL_TIMEOUT, outbound: TIMER_OUTBOUND } = TimerKind;
const { budgetRefused: VERDICT_BUDGET, final: VERDICT_FINAL, granted: VERDICT_GRANTED, overflow: VERDICT_OVERFLOW } = Verdict;
const { badly: ENDED_BADLY, retriable: ENDED_RETRIABLE, well: ENDED_WELL } = Ended;
const { none: WAIT_NONE, queued: WAIT_QUEUED } = Wait;
const NO_ROW = NONE;
const isPenalised = penalises;

/** Answers of synthetic services carry no gRPC status. */
const NO_GRPC_STATUS = -1;
/** What Linkerd answers to those who waited for a ready endpoint in vain (linkerd.md 4). */
const FAILFAST_STATUS = 504;

export type CallsFrom = (edge: EdgeId, caller: number) => boolean;

/** Makes an engine for a world: this one, or one that writes a tape. */
export type EngineMaker = (...setup: ConstructorParameters<typeof Engine>) => Engine;

export class Engine {
  readonly calls: Calls = new Calls();
  readonly attempts: Attempts = new Attempts();
  private readonly world: WorldPort;
  private readonly observer: EngineObserver;
  private readonly outbounds: Outbound[] = [];
  /** Index of the first outbound of each edge. */
  private readonly firstOutbound: Int32Array;
  private readonly outboundsTo: Outbound[][];
  private readonly backoffStream: Stream;
  private readonly draw: Draw = new Draw();

  /**
   * @param modelsConnections  whether opening a connection takes time anywhere, so that reuse matters
   * @param own                the code that the plan's policies name
   */
  constructor(plan: Plan, seed: number, world: WorldPort, observer: EngineObserver, modelsConnections: boolean, own: OwnCode = NO_OWN_CODE) {
    this.world = world;
    this.observer = observer;
    this.backoffStream = new Stream(seed, 'backoff');
    const streams: PolicyStreams = {
      picks: new Stream(seed, 'pick'),
      outlier: new Stream(seed, 'outlier'),
      gates: new Stream(seed, 'gate'),
      breaker: new Stream(seed, 'breaker'),
      checks: new Stream(seed, 'check'),
      split: new Stream(seed, 'split'),
      ownRetry: new Stream(seed, 'own-retry'),
    };
    const classes = plan.traffic.flatMap((source) => source.classes);
    this.firstOutbound = new Int32Array(plan.edges.length);
    this.outboundsTo = plan.services.map(() => []);
    for (const [edge, edgePlan] of plan.edges.entries()) {
      this.firstOutbound[edge] = this.outbounds.length;
      const { kind, index: from } = edgePlan.from;
      const callers = kind === 'traffic' ? plan.traffic[from]!.clients : plan.services[from]!.replicas;
      const service = plan.services[edgePlan.to]!;
      const rules = new EdgeRules(edgePlan, service.replicas, classes);
      for (let caller = 0; caller < callers; caller++) {
        const index = this.outbounds.length;
        const outbound = new Outbound({ index, edge, caller, plan: edgePlan, service, zones: plan.zones, rules, streams, modelsConnections, observer, world, own });
        this.outbounds.push(outbound);
        this.outboundsTo[edgePlan.to]!.push(outbound);
      }
    }
    const outboundOf = (edge: EdgeId, caller: number): Outbound => this.outbounds[this.firstOutbound[edge]! + caller]!;
    for (const outbound of this.outbounds) {
      const { split } = plan.edges[outbound.edge]!;
      if (split !== null) outbound.splitOver(new Route(split, split.backends.map(({ edge }) => outboundOf(edge, outbound.caller)), streams.split));
    }
  }

  /**
   * Arm what runs by the clock alone. Once, before the first `begin`.
   * @param callsFrom  whether calls of this caller of the edge begin here; where a mesh is spread over several engines, each caller has one
   */
  start(now: number, callsFrom: CallsFrom = () => true): void {
    // Once while nothing is due yet, which changes nothing: else all that is compiled before the first sweep is thrown away at it.
    if (this.outbounds.length > 0) Engine.prototype.timerDue.call(this, timerOf(TIMER_OUTBOUND, 0), now);
    for (const outbound of this.outbounds) {
      if (!callsFrom(outbound.edge, outbound.caller)) continue;
      outbound.start(now);
      this.watch(outbound);
    }
  }

  /**
   * Begin a call.
   *
   * @param caller    which of the caller's endpoints: client of a traffic source, replica of a service
   * @param keyHi     with keyLo: what the call is, for keyed randomness
   * @param tag       handed back at `settle`
   * @param parent    the attempt whose endpoint makes the call, or NONE
   * @param deadline  until when the caller's own caller waits; Infinity for no limit
   */
  begin(
    edge: EdgeId,
    caller: number,
    keyHi: number,
    keyLo: number,
    hashKey: number,
    requestClass: number,
    tag: number,
    parent: AttemptId,
    deadline: number,
    now: number,
  ): CallId {
    const outbound = this.outbounds[this.firstOutbound[edge]! + caller]!;
    const call = this.calls.take(outbound);
    call.keyHi = keyHi;
    call.keyLo = keyLo;
    call.hashKey = hashKey;
    call.requestClass = requestClass;
    call.tag = tag;
    call.parent = parent;
    call.attempts = 0;
    call.current = null;
    call.lastEndpoint = NO_ROW;
    const ownLimit = now + outbound.rules.timeoutNs;
    const limit = ownLimit < deadline ? ownLimit : deadline;
    call.begunAt = now;
    call.limitTo(limit);
    if (limit <= now) {
      this.settleSoon(call, TIMEOUT, now);
      return call.id;
    }
    if (outbound.gates !== null && !this.isAdmitted(call, outbound, outbound.gates, now)) return call.id;
    if (outbound.budget !== null) outbound.budget.called(now);
    if (outbound.route !== null) outbound.route.begin(call);
    if (call.isTimed) this.world.arm(timerOf(TIMER_CALL_TIMEOUT, call.id), limit);
    this.attempt(call, now);
    if (outbound.hedging !== null) this.beginHedging(call, outbound.hedging, now);
    return call.id;
  }

  /**
   * The answer to a `send`, or the news that it has none.
   * @param status  of the answer; 0 where there is none
   */
  attemptDone(id: AttemptId, outcome: Outcome, status: number, now: number): void {
    const { attempts } = this;
    const attempt = attempts.rows[id]!;
    const { call, outbound: backend } = attempt;
    const { outbound } = call;
    const isHeard = attempt.state !== STATE_ABANDONED;
    if (isHeard) {
      if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, id));
      this.detach(attempt, backend, outcome, status, outcome !== RESET, now);
    }
    attempts.release(attempt);
    if (!isHeard) return;
    if (call.current === attempt && attempt.sibling === null) call.current = null;
    else unlink(call, attempt);
    if (outbound.wrapper !== null) outbound.wrapper.attemptOver(id, outcome, status);
    else if (outcome === OK) {
      if (outbound.budget !== null) outbound.budget.ended(ENDED_WELL, now, call.retryCause);
      if (outbound.hedges) this.giveUpLosers(call, outbound, now);
      this.settle(call, outbound, outcome, status, now);
    } else this.failed(call, outbound, outcome, status, now, attempt.isRetried);
  }

  /** A connection is open; see `WorldPort.open`. */
  opened(index: number, connection: number, now: number): void {
    const outbound = this.outbounds[index]!;
    // Who opens connections has pools.
    const pools = outbound.pools!;
    pools.opened(connection, now);
    this.serveWaiting(outbound, pools, pools.endpointOf(connection), now);
  }

  /** A connection could not be opened: all who wait for its endpoint fail (envoy.md 7). */
  openFailed(index: number, connection: number, now: number): void {
    const outbound = this.outbounds[index]!;
    const pools = outbound.pools!;
    const endpoint = pools.endpointOf(connection);
    pools.openFailed(connection, now);
    for (const call of this.emptyQueue(outbound, pools, endpoint, now)) {
      pools.purged();
      // One whose last copy was refused elsewhere while others failed is decided, and wrappers have heard of each attempt.
      if (call.verdict === OK && call.wrapped === null) this.failed(call, call.outbound, CONNECT_FAILURE, 0, now);
    }
  }

  /** A probe of an active health check was answered; see `WorldPort.probe`. */
  probeAnswered(index: number, endpoint: EndpointId, serial: number, result: CheckResult, now: number): void {
    const outbound = this.outbounds[index]!;
    outbound.health!.answered(endpoint - outbound.firstEndpoint, serial, result, now);
    this.readinessMayHaveChanged(outbound, now);
  }

  timerDue(timer: TimerId, now: number): void {
    const subject = subjectOf(timer);
    switch (kindOf(timer)) {
      case TIMER_CALL_TIMEOUT:
        this.callTimedOut(this.calls.rows[subject]!, now);
        return;
      case TIMER_ATTEMPT_TIMEOUT:
        this.attemptTimedOut(this.attempts.rows[subject]!, now);
        return;
      case TIMER_BACKOFF: {
        const call = this.calls.rows[subject]!;
        if (call.awaitsRetry) {
          call.awaitsRetry = false;
          this.attempt(call, now);
          this.hedgeOn(call, now);
        } else if (call.verdict === OK) this.hedge(call, call.outbound, now);
        else this.settle(call, call.outbound, call.verdict, 0, now);
        return;
      }
      case TIMER_OUTBOUND: {
        const outbound = this.outbounds[subject]!;
        outbound.armedAt = Infinity;
        outbound.tick(now);
        if (outbound.failfast !== null && outbound.failfast.dueAt <= now) this.failUnserved(outbound, outbound.failfast, now);
        this.readinessMayHaveChanged(outbound, now);
        return;
      }
    }
  }

  /** The caller of this call no longer waits for it; it is settled as `unfinished` at once. */
  abandon(id: CallId, now: number): void {
    const call = this.calls.rows[id]!;
    if (call.wrapped !== null) {
      this.giveUpWrapped(call, call.wrapped, UNFINISHED, now);
      return;
    }
    this.giveUpCurrent(call, UNFINISHED, now);
    this.world.disarm(timerOf(TIMER_BACKOFF, id));
    this.settle(call, call.outbound, UNFINISHED, 0, now);
  }

  /**
   * Begin an attempt of a call that a wrapper has, also of one that is over.
   * @returns its number, or NONE where it cannot begin: `refusal` says why
   */
  attemptFor(wrapped: WrappedCall, now: number): AttemptId {
    const { outbound } = wrapped;
    const row = wrapped.row ?? this.rowAgain(wrapped);
    const before = row.attempts;
    this.place(row, outbound, outbound, now);
    const { current } = row;
    // One that a limit of its connection refuses at once has been begun, and is over.
    if (row.attempts !== before && current !== null && current.number === row.attempts) return current.id;
    this.tidy(wrapped);
    return NO_ROW;
  }

  /** Nobody waits for this attempt of a wrapper's call, which has not been told that it is over. */
  cancelAttempt(id: AttemptId, now: number): void {
    const attempt = this.attempts.rows[id]!;
    const { call } = attempt;
    unlink(call, attempt);
    this.giveUp(attempt, UNFINISHED, now);
    if (call.wrapped !== null) this.tidy(call.wrapped);
  }

  /** What a wrapper's call came to, unless its own caller has given it up. Attempts that are in flight go on. */
  conclude(wrapped: WrappedCall, outcome: Outcome, status: number, now: number): void {
    if (!wrapped.isOver) this.settle(wrapped.row!, wrapped.outbound, outcome, status, now);
  }

  /** After an attempt: a row whose call is over and that has none in flight is free. */
  tidy(wrapped: WrappedCall): void {
    const { row } = wrapped;
    if (row === null || !wrapped.isOver || row.current !== null) return;
    wrapped.leaveRow(row);
    row.forget();
    this.calls.reuse(row);
  }

  /** The endpoint dropped all its open connections (it crashed, or is back after a crash). Attempts on them are answered as ever. */
  connectionsLost(service: number, endpoint: EndpointId, now: number): void {
    for (const outbound of this.outboundsTo[service]!) {
      const { pools } = outbound;
      if (pools === null) continue;
      const local = endpoint - outbound.firstEndpoint;
      pools.lost(local, now);
      this.serveWaiting(outbound, pools, local, now);
    }
  }

  /** Until when the endpoint that works on this attempt may expect somebody to wait; Infinity for ever. */
  deadlineOf(id: AttemptId): number {
    const { call, sentAt } = this.attempts.rows[id]!;
    const { rules } = call.outbound;
    if (!rules.propagateDeadline) return Infinity;
    const ownLimit = rules.hedgesOnPerTryTimeout ? Infinity : sentAt + rules.patienceNs(call.retriesLeft);
    return ownLimit < call.deadline ? ownLimit : call.deadline;
  }

  /** Whether the call has attempts, and all of them wait for a connection. */
  isUnsent(id: CallId): boolean {
    const { current } = this.calls.rows[id]!;
    for (let attempt = current; attempt !== null; attempt = attempt.sibling) if (attempt.state !== STATE_WAITING) return false;
    return current !== null;
  }

  /** Reads what the answer to an attempt needs first, and then; what it returns is of no use. For worlds that have memory brought in advance. */
  glance(id: AttemptId): number {
    return this.attempts.rows[id]!.endpoint;
  }

  glanceFurther(id: AttemptId): number {
    const { begunAt, tag } = this.attempts.rows[id]!.call;
    return begunAt < 0 ? 0 : tag;
  }

  edgeOfAttempt(attempt: AttemptId): EdgeId {
    return this.attempts.rows[attempt]!.outbound.edge;
  }

  callerOf(attempt: AttemptId): number {
    return this.attempts.rows[attempt]!.outbound.caller;
  }

  /** Each outbound whose requests need no connection of the engine's, with the endpoints that it may send to. */
  unpooled(callsFrom: CallsFrom): { readonly outbound: number; readonly firstEndpoint: EndpointId; readonly endpoints: number }[] {
    return this.outbounds.filter(({ caller, edge, pools }) => pools === null && callsFrom(edge, caller)).map(({ firstEndpoint, index, set }) => ({ outbound: index, firstEndpoint, endpoints: set.size }));
  }

  /** By caller: what each of them knows of the edge. For looking at. */
  outboundsOn(edge: EdgeId): readonly Outbound[] {
    return this.outbounds.slice(this.firstOutbound[edge], this.firstOutbound[edge + 1]);
  }

  edgeOfOutbound(index: number): EdgeId {
    return this.outbounds[index]!.edge;
  }

  callerOfOutbound(index: number): number {
    return this.outbounds[index]!.caller;
  }

  /** Every call still open, for the end of a run. */
  openCalls(): CallId[] {
    return this.calls.rows.filter(({ begunAt }) => begunAt >= 0).map(({ id }) => id);
  }

  /** Whether the gates let the call in; if not, it is settled soon with what they say. */
  private isAdmitted(call: CallRow, outbound: Outbound, gates: GateRow, now: number): boolean {
    const verdict = gates.admit(now);
    if (outbound.serviceBreaker !== null) this.watch(outbound);
    if (verdict === OK) {
      call.hasHistory = true;
      call.gateInFlight = gates.inFlight;
      return true;
    }
    if (verdict === OVERFLOW) this.observer.overflowed(outbound.edge, now);
    this.settleSoon(call, verdict, now);
    return false;
  }

  private leaveGates(call: CallRow, outbound: Outbound, outcome: Outcome, answered: number, now: number): void {
    outbound.gates!.settled(outcome, answered, call.begunAt, now, call.gateInFlight);
    if (outbound.serviceBreaker !== null) this.watch(outbound);
  }

  private attempt(call: CallRow, now: number): void {
    const { outbound } = call;
    if (!outbound.detours) this.place(call, outbound, outbound, now);
    else if (outbound.wrapper !== null) {
      call.hasHistory = true;
      call.wrapped = new WrappedCall(call);
      outbound.wrapper.begun(call.wrapped);
    } else this.attemptSomewhere(call, outbound, now);
  }

  /** Where the called service is a split, or calls wait for a ready endpoint. */
  private attemptSomewhere(call: CallRow, outbound: Outbound, now: number): void {
    const backend = outbound.route === null ? outbound : outbound.route.backendOf(call);
    if (backend === null) {
      this.refuse(call, NO_ENDPOINT, now);
      return;
    }
    // Endpoints go by their number within the service.
    if (call.backend !== backend) call.lastEndpoint = NO_ROW;
    call.hasHistory = true;
    call.backend = backend;
    if (backend.failfast === null || !this.mustWait(call, backend, backend.failfast, now)) this.place(call, outbound, backend, now);
  }

  /** Whether nobody is ready, and the call waits for that or is shed. */
  private mustWait(call: CallRow, backend: Outbound, failfast: Failfast, now: number): boolean {
    switch (failfast.arrive(backend.set.count > 0, backend.unserved.size, now)) {
      case WAIT_NONE:
        return false;
      case WAIT_QUEUED:
        // Copies of a call that waits wait with it.
        if (call.waitsAt === null) {
          call.waitsAt = backend;
          backend.unserved.add(call);
        }
        this.watch(backend);
        return true;
      default:
        this.refuse(call, NO_ENDPOINT, now);
        return true;
    }
  }

  private place(call: CallRow, outbound: Outbound, backend: Outbound, now: number): void {
    const isHedge = call.current !== null && call.wrapped === null;
    if (backend.ownBalancing !== null) backend.ownBalancing.about(call);
    const previous = call.lastEndpoint;
    const endpoint =
      backend.set.count === 0
        ? NO_ROW
        : previous === NO_ROW || !(outbound.rules.avoidPrevious || isHedge)
          ? backend.balancer.pick(now, call.hashKey, 0)
          : backend.pickOther(previous, call.hashKey, now);
    if (endpoint === NO_ROW) {
      this.refuse(call, NO_ENDPOINT, now);
      return;
    }
    const { pools } = backend;
    const place = pools === null ? PLACE_ATTACHED : pools.request(endpoint, now);
    if (place === PLACE_OVERFLOW) {
      this.observer.overflowed(backend.edge, now);
      this.refuse(call, OVERFLOW, now);
      return;
    }
    if (isHedge) call.hedges++;
    const attempt = this.attempts.take(call, backend);
    attempt.connection = NO_ROW;
    attempt.endpoint = endpoint;
    attempt.number = ++call.attempts;
    attempt.isLate = false;
    attempt.isRetried = false;
    attempt.isHedge = isHedge;
    if (attempt.sibling !== call.current) attempt.sibling = call.current;
    call.current = attempt;
    call.lastEndpoint = endpoint;
    // Breakers sit above the connection: to them it is sent now.
    if (backend.isWatched) {
      backend.sent(endpoint, now);
      this.watch(backend);
    }
    if (pools === null) {
      this.send(attempt, endpoint, backend, now);
      return;
    }
    attempt.pickedAt = now;
    if (place === PLACE_ATTACHED) {
      attempt.connection = pools.attached;
      this.send(attempt, endpoint, backend, now);
    } else {
      this.queue(attempt, endpoint, backend);
      this.serveWaiting(backend, pools, endpoint, now);
    }
  }

  /** An attempt that cannot even begin. Attempts that are still waited for may turn out well, and a call that is decided stays so. */
  private refuse(call: CallRow, outcome: Outcome, now: number): void {
    if (call.wrapped !== null) call.wrapped.refusal = outcome;
    else if (!isWaitedFor(call) && call.verdict === OK) this.settleSoon(call, outcome, now);
  }

  private send(attempt: AttemptRow, endpoint: number, backend: Outbound, now: number): void {
    const { outbound } = attempt.call;
    attempt.state = STATE_SENT;
    attempt.sentAt = now;
    backend.set.active[endpoint]!++;
    backend.set.activeTotal++;
    if (outbound !== backend) outbound.elsewhere++;
    this.world.send(attempt, backend.firstEndpoint + endpoint, now);
    if (backend.reportsConnects) backend.outlier!.connected(endpoint, now);
    const patienceNs = outbound.rules.patienceNs(attempt.call.retriesLeft);
    if (patienceNs !== Infinity) this.world.arm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt.id), now + patienceNs);
  }

  private beginHedging(call: CallRow, hedging: Hedging, now: number): void {
    call.hasHistory = true;
    if (call.verdict !== OK) return;
    const due = hedging.begun(call, now);
    if (call.waitsAt === null) this.armNext(call, due);
  }

  /** Another copy of a call whose attempts are still waited for, or whose copy has failed. */
  private hedge(call: CallRow, outbound: Outbound, now: number): void {
    const hedging = outbound.hedging!;
    if (hedging.mayHedge(call, now)) {
      this.attempt(call, now);
      this.hedgeOn(call, now);
    } else {
      this.observer.budgetRefused(outbound.edge, now);
      if (!isWaitedFor(call)) this.settle(call, outbound, call.lastOutcome, call.lastStatus, now);
    }
  }

  /** The time of the next copy begins, unless the timer is taken: it settles the call, or sends a retry. A call that waits for an endpoint sends no copies. */
  private hedgeOn(call: CallRow, now: number): void {
    const { hedging } = call.outbound;
    if (hedging !== null && call.verdict === OK && call.waitsAt === null && !call.awaitsRetry) this.armNext(call, hedging.sent(call, now));
  }

  private armNext(call: CallRow, due: number): void {
    if (due !== Infinity) this.world.arm(timerOf(TIMER_BACKOFF, call.id), due);
  }

  /** The attempt is off its endpoint as far as the caller is concerned: everybody who learns from it learns now. */
  private detach(attempt: AttemptRow, backend: Outbound, outcome: Outcome, status: number, keepsConnection: boolean, now: number): void {
    const { call, endpoint } = attempt;
    const { pools, set } = backend;
    set.active[endpoint]!--;
    set.activeTotal--;
    if (call.outbound !== backend) call.outbound.elsewhere--;
    if (backend.learner !== null) backend.learner.finished(endpoint, countedFrom(attempt, pools), (outcome === ERROR || outcome === REJECTED) && isPenalised(status, NO_GRPC_STATUS), now);
    // A late attempt was reported when its time had passed.
    if (backend.outlier !== null && outcome !== UNFINISHED && !attempt.isLate) backend.outlier.record(endpoint, outcome, status, now);
    if (backend.isWatched) {
      backend.finished(endpoint, outcome, status, countedFrom(attempt, pools), now);
      this.readinessMayHaveChanged(backend, now);
    }
    if (pools !== null) {
      pools.finished(attempt.connection, keepsConnection, now);
      this.serveWaiting(backend, pools, endpoint, now);
    }
  }

  private readinessMayHaveChanged(backend: Outbound, now: number): void {
    if (backend.failfast !== null && backend.set.count > 0) this.serveUnserved(backend, backend.failfast, now);
    this.watch(backend);
  }

  /** Have the timer of the outbound stand at what is due there first. */
  private watch(outbound: Outbound): void {
    const { dueAt } = outbound;
    if (dueAt === outbound.armedAt) return;
    outbound.armedAt = dueAt;
    const timer = timerOf(TIMER_OUTBOUND, outbound.index);
    if (dueAt === Infinity) this.world.disarm(timer);
    else this.world.arm(timer, dueAt);
  }

  private serveUnserved(backend: Outbound, failfast: Failfast, now: number): void {
    const { set, unserved } = backend;
    if (failfast.isShedding) this.observer.shedding(backend.edge, backend.caller, false, now);
    failfast.ready();
    for (const call of unserved) {
      if (set.count === 0) {
        failfast.stillWaiting(now);
        return;
      }
      this.leaveUnserved(call, backend);
      this.place(call, call.outbound, backend, now);
      this.hedgeOn(call, now);
    }
  }

  private leaveUnserved(call: CallRow, backend: Outbound): void {
    backend.unserved.delete(call);
    call.waitsAt = null;
  }

  /** Nobody became ready in time. */
  private failUnserved(backend: Outbound, failfast: Failfast, now: number): void {
    failfast.expire();
    this.observer.shedding(backend.edge, backend.caller, true, now);
    for (const call of [...backend.unserved]) {
      // One whose last copy was refused while others failed is decided.
      const isOpen = call.verdict === OK;
      this.leaveUnserved(call, backend);
      // Attempts that are still waited for may turn out well.
      if (call.current !== null) this.hedgeOn(call, now);
      else if (isOpen) this.failed(call, call.outbound, NO_ENDPOINT, FAILFAST_STATUS, now);
    }
  }

  /** An attempt failed, and is off the call's list. @param isRetried  see `AttemptRow` */
  private failed(call: CallRow, outbound: Outbound, outcome: Outcome, status: number, now: number, isRetried: boolean = false): void {
    const { budget, gate, hedging, ownRetry, rules } = outbound;
    call.hasHistory = true;
    if (call.retriesLeft < 0) call.retriesLeft = rules.maxAttempts - 1;
    if (outcome !== CONNECT_FAILURE && outcome !== NO_ENDPOINT) call.hasBeenSent = true;
    const mayRetry = rules.classMayRetry[call.requestClass] === 1;
    const isRetriable = mayRetry && (ownRetry === null ? rules.condition.allows(outcome, status, call.hasBeenSent) : ownRetry.retries(call, outcome, status, now));
    if (budget !== null) budget.ended(isRetriable ? ENDED_RETRIABLE : ENDED_BADLY, now, call.retryCause);
    if (hedging !== null && isRetriable && this.mayTurnOutWell(call, hedging, outcome, status, now)) return;
    const verdict = isRetried ? VERDICT_FINAL : gate.decide(call, isRetriable, now, retryCauseOf(outcome, status));
    call.retryVerdict = verdict;
    if (verdict === VERDICT_GRANTED) {
      this.backOff(call, outbound, now);
      return;
    }
    this.reportRefusal(verdict, outbound, now);
    if (outbound.hedges) {
      if (rules.hedgesOnPerTryTimeout && isOutlasted(call, outcome, isRetriable)) return;
      this.giveUpRest(call, now);
    }
    this.settle(call, outbound, outcome, status, now);
  }

  /** Whether another attempt of a call that is hedged by time is waited for, or will be sent. */
  private mayTurnOutWell(call: CallRow, hedging: Hedging, outcome: Outcome, status: number, now: number): boolean {
    if (call.awaitsRetry) return true;
    const due = hedging.failed(call, null, now);
    call.lastOutcome = outcome;
    call.lastStatus = status;
    if (due !== Infinity) {
      this.armNext(call, due);
      return true;
    }
    return isWaitedFor(call);
  }

  private reportRefusal(verdict: Verdict, outbound: Outbound, now: number): void {
    if (verdict === VERDICT_OVERFLOW) this.observer.overflowed(outbound.edge, now);
    else if (verdict === VERDICT_BUDGET) this.observer.budgetRefused(outbound.edge, now);
  }

  private backOff(call: CallRow, outbound: Outbound, now: number): void {
    call.awaitsRetry = true;
    call.retries++;
    const wait = outbound.ownRetry === null ? this.waitNs(call, outbound) : outbound.ownRetry.waitNs;
    call.backoffNs = wait;
    // Also a wait of nothing goes through the timer: the world may be inside one of our own calls.
    this.world.arm(timerOf(TIMER_BACKOFF, call.id), now + wait);
  }

  private waitNs(call: CallRow, outbound: Outbound): number {
    const { draw } = this;
    // Not its attempts: hedges among them are no retries, and a wait for an endpoint that was in vain is retried and is no attempt.
    draw.seek(this.backoffStream, call.keyHi, attemptKey(call.keyLo, call.retries));
    return outbound.rules.backoff.waitNs(call.retries - 1, call.backoffNs, draw);
  }

  private callTimedOut(call: CallRow, now: number): void {
    const { outbound } = call;
    if (call.wrapped !== null) {
      this.giveUpWrapped(call, call.wrapped, TIMEOUT, now);
      return;
    }
    call.isPerTry = false;
    this.giveUpCurrent(call, TIMEOUT, now);
    this.world.disarm(timerOf(TIMER_BACKOFF, call.id));
    this.settle(call, outbound, TIMEOUT, 0, now);
  }

  private attemptTimedOut(attempt: AttemptRow, now: number): void {
    const { call } = attempt;
    const { outbound } = call;
    if (outbound.rules.hedgesOnPerTryTimeout) {
      this.hedgeLate(attempt, call, outbound, now);
      return;
    }
    call.hasHistory = true;
    call.isPerTry = true;
    this.giveUp(attempt, TIMEOUT, now);
    unlink(call, attempt);
    this.failed(call, outbound, TIMEOUT, 0, now);
  }

  /** Envoy's `hedge_on_per_try_timeout`: the attempt goes on, and any policy that retries at all retries it. */
  private hedgeLate(attempt: AttemptRow, call: CallRow, outbound: Outbound, now: number): void {
    attempt.outbound.outlier?.record(attempt.endpoint, TIMEOUT, 0, now);
    attempt.isLate = true;
    // There is one timer for the next attempt of a call, and it stands.
    if (call.awaitsRetry) return;
    call.hasHistory = true;
    if (call.retriesLeft < 0) call.retriesLeft = outbound.rules.maxAttempts - 1;
    // It still counts as in flight, see `RetryLoad`.
    outbound.asking = 0;
    const verdict = outbound.gate.decide(call, outbound.rules.maxAttempts > 1 && outbound.rules.classMayRetry[call.requestClass] === 1, now, RetryCause.timeout);
    outbound.asking = 1;
    call.retryVerdict = verdict;
    attempt.isRetried = verdict === VERDICT_GRANTED;
    if (attempt.isRetried) this.backOff(call, outbound, now);
    else this.reportRefusal(verdict, outbound, now);
  }

  private giveUpLosers(call: CallRow, outbound: Outbound, now: number): void {
    if (outbound.hedging !== null) outbound.hedging.succeeded(now);
    this.giveUpRest(call, now);
  }

  /** The call is decided: nobody waits for its other attempts, and no more are sent. */
  private giveUpRest(call: CallRow, now: number): void {
    call.awaitsRetry = false;
    this.world.disarm(timerOf(TIMER_BACKOFF, call.id));
    this.giveUpCurrent(call, UNFINISHED, now);
  }

  /** Stop waiting for the attempts in flight, or for an endpoint to become ready. */
  private giveUpCurrent(call: CallRow, outcome: Outcome, now: number): void {
    if (call.waitsAt !== null) this.leaveUnserved(call, call.waitsAt);
    // What happens to one of its attempts on the way decides nothing any more.
    const { verdict } = call;
    call.verdict = outcome;
    for (let attempt = call.current; attempt !== null; attempt = call.current) {
      call.current = attempt.sibling;
      this.giveUp(attempt, outcome, now);
    }
    call.verdict = verdict;
  }

  private giveUp(attempt: AttemptRow, outcome: Outcome, now: number): void {
    const { attempts } = this;
    const { call, outbound: backend } = attempt;
    if (attempt.state === STATE_WAITING) {
      this.leaveQueue(attempt, backend);
      // Who waits for a connection has pools.
      backend.pools!.leave(attempt.endpoint);
      attempts.release(attempt);
      this.waitedInVain(attempt, backend, outcome, now);
      return;
    }
    if (call.outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt.id));
    attempt.state = STATE_ABANDONED;
    this.world.cancel(attempt.id, now);
    this.detach(attempt, backend, outcome, 0, backend.pools?.survivesCancel === true, now);
  }

  /** What becomes of its attempts is the wrapper's affair. */
  private giveUpWrapped(call: CallRow, wrapped: WrappedCall, outcome: Outcome, now: number): void {
    this.settle(call, call.outbound, outcome, 0, now);
    wrapped.outbound.wrapper!.givenUp(wrapped);
  }

  private rowAgain(wrapped: WrappedCall): CallRow {
    const row = this.calls.takeUncounted(wrapped.outbound);
    wrapped.enterRow(row);
    return row;
  }

  /** A call that fails at once does so by its next timer: `begin` returns before anything is settled. */
  private settleSoon(call: CallRow, outcome: Outcome, now: number): void {
    call.hasHistory = true;
    call.verdict = outcome;
    this.world.arm(timerOf(TIMER_BACKOFF, call.id), now);
  }

  private settle(call: CallRow, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    const answered = statusOf(outcome, status);
    if (call.isTimed) this.world.disarm(timerOf(TIMER_CALL_TIMEOUT, call.id));
    if (call.hasHistory) {
      outbound.gate.release(call);
      if (call.gateInFlight > 0) this.leaveGates(call, outbound, outcome, answered, now);
    }
    this.world.settle(call, outcome, answered, now);
    call.begunAt = -1;
    if (call.wrapped !== null) {
      this.calls.live--;
      call.wrapped.isOver = true;
      this.tidy(call.wrapped);
      return;
    }
    if (call.hasHistory) call.forget();
    this.calls.release(call);
  }

  private queue(attempt: AttemptRow, endpoint: number, outbound: Outbound): void {
    attempt.state = STATE_WAITING;
    attempt.next = NO_ROW;
    const last = outbound.waitingLast[endpoint]!;
    if (last === NO_ROW) outbound.waitingFirst[endpoint] = attempt.id;
    else this.attempts.rows[last]!.next = attempt.id;
    outbound.waitingLast[endpoint] = attempt.id;
    if (attempt.call.outbound !== outbound) attempt.call.outbound.elsewhere++;
    if (outbound.countsWaiting) {
      outbound.set.active[endpoint]!++;
      outbound.set.activeTotal++;
    }
  }

  private leaveQueue({ call, id, endpoint, next }: AttemptRow, outbound: Outbound): void {
    const { rows } = this.attempts;
    let previous: AttemptId = NO_ROW;
    for (let other = outbound.waitingFirst[endpoint]!; other !== id; other = rows[other]!.next) previous = other;
    if (previous === NO_ROW) outbound.waitingFirst[endpoint] = next;
    else rows[previous]!.next = next;
    if (next === NO_ROW) outbound.waitingLast[endpoint] = previous;
    uncountWaiting(call, outbound, endpoint);
  }

  /** Gives connections to those who wait for this endpoint, oldest first, while there are any. */
  private serveWaiting(backend: Outbound, pools: ConnectionPools, endpoint: number, now: number): void {
    for (let place = pools.next(endpoint, now); place !== PLACE_NOBODY; place = pools.next(endpoint, now)) {
      const attempt = this.attempts.rows[backend.waitingFirst[endpoint]!]!;
      this.leaveQueue(attempt, backend);
      if (place === PLACE_ATTACHED) {
        attempt.connection = pools.attached;
        this.send(attempt, endpoint, backend, now);
        continue;
      }
      const { call } = attempt;
      unlink(call, attempt);
      this.attempts.release(attempt);
      this.observer.overflowed(backend.edge, now);
      this.refuse(call, OVERFLOW, now);
      this.waitedInVain(attempt, backend, OVERFLOW, now);
    }
  }

  /** The attempts that wait for a connection to this endpoint have failed. @returns their calls, each once: copies share their fate */
  private emptyQueue(backend: Outbound, pools: ConnectionPools, endpoint: number, now: number): Iterable<CallRow> {
    const calls = new Set<CallRow>();
    let id = backend.waitingFirst[endpoint]!;
    // Who comes from here on waits for another connection.
    backend.waitingFirst[endpoint] = NO_ROW;
    backend.waitingLast[endpoint] = NO_ROW;
    while (id !== NO_ROW) {
      const attempt = this.attempts.rows[id]!;
      const { call } = attempt;
      id = attempt.next;
      uncountWaiting(call, backend, endpoint);
      unlink(call, attempt);
      this.attempts.release(attempt);
      if (calls.has(call)) pools.purged();
      calls.add(call);
      this.waitedInVain(attempt, backend, CONNECT_FAILURE, now);
    }
    return calls;
  }

  /** The attempt is out of its queue and off its call, and was never sent: those who learn from that learn now. */
  private waitedInVain({ call, endpoint, id, pickedAt }: AttemptRow, backend: Outbound, outcome: Outcome, now: number): void {
    this.world.unsent(id, backend.firstEndpoint + endpoint, outcome);
    // What a wrapper gave up itself it need not be told.
    if (call.outbound.wrapper !== null && outcome !== UNFINISHED) call.outbound.wrapper.attemptOver(id, outcome, 0);
    // A limit of the caller says nothing of the endpoint.
    const isJudged = outcome !== OVERFLOW;
    if (backend.countsWaiting && isJudged) backend.learner?.finished(endpoint, pickedAt, false, now);
    if (backend.outlier !== null && outcome === CONNECT_FAILURE) backend.outlier.record(endpoint, outcome, 0, now);
    if (backend.isWatched) {
      backend.finished(endpoint, isJudged ? outcome : UNFINISHED, 0, pickedAt, now);
      this.readinessMayHaveChanged(backend, now);
    }
  }
}

/** Since when an attempt counts for those who learn how long it took, ns. */
function countedFrom({ pickedAt, sentAt }: AttemptRow, pools: ConnectionPools | null): number {
  return pools === null ? sentAt : pickedAt;
}

function uncountWaiting(call: CallRow, backend: Outbound, endpoint: number): void {
  const { countsWaiting, set } = backend;
  if (call.outbound !== backend) call.outbound.elsewhere--;
  if (!countsWaiting) return;
  set.active[endpoint]!--;
  set.activeTotal--;
}

/** Whether an attempt is in flight, or waits for a connection or for an endpoint to become ready. */
function isWaitedFor({ current, waitsAt }: CallRow): boolean {
  return current !== null || waitsAt !== null;
}

/** Whether a failure comes to nothing, because another attempt is waited for or granted: one that would be retried, and any reset (Envoy's router.cc, `onUpstreamHeaders` and `onUpstreamReset`). */
function isOutlasted(call: CallRow, outcome: Outcome, isRetriable: boolean): boolean {
  return (isRetriable || outcome === RESET || outcome === CONNECT_FAILURE) && (call.awaitsRetry || isWaitedFor(call));
}

/** Takes the attempt off the list of those that its call waits for. */
function unlink(call: CallRow, attempt: AttemptRow): void {
  if (call.current === attempt) call.current = attempt.sibling;
  else for (let other = call.current; other !== null; other = other.sibling) if (other.sibling === attempt) other.sibling = attempt.sibling;
}
