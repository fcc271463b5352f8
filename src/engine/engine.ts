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
import { Admission } from './pool/connection-pool.ts';
import type { EngineObserver, WorldPort } from './ports.ts';
import { Ended } from './retry/budget.ts';
import { Route } from './route/route.ts';
import { RetryCause, retryCauseOf } from './retry/retry-cause.ts';
import { Verdict } from './retry/retry-gate.ts';
import { TimerKind, kindOf, subjectOf, timerOf } from './timers.ts';

// Local names for constants: see calls.ts.
const { error: ERROR, rejected: REJECTED, connectFailure: CONNECT_FAILURE, noEndpoint: NO_ENDPOINT, ok: OK, overflow: OVERFLOW, reset: RESET, timeout: TIMEOUT, unfinished: UNFINISHED } = Outcome;
const { abandoned: STATE_ABANDONED, sent: STATE_SENT, waiting: STATE_WAITING } = AttemptState;
const { overflow: ADMISSION_OVERFLOW, reused: ADMISSION_REUSED, waiting: ADMISSION_WAITING } = Admission;
const { attemptTimeout: TIMER_ATTEMPT_TIMEOUT, backoff: TIMER_BACKOFF, callTimeout: TIMER_CALL_TIMEOUT, outbound: TIMER_OUTBOUND } = TimerKind;
const { budgetRefused: VERDICT_BUDGET, final: VERDICT_FINAL, granted: VERDICT_GRANTED, overflow: VERDICT_OVERFLOW } = Verdict;
const { none: WAIT_NONE, queued: WAIT_QUEUED } = Wait;
const NO_ROW = NONE;
const isPenalised = penalises;

/** Answers of synthetic services carry no gRPC status. */
const NO_GRPC_STATUS = -1;
/** What Linkerd answers to those who waited for a ready endpoint in vain (linkerd.md 4). */
const FAILFAST_STATUS = 504;

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

  /** @param modelsConnections  whether opening a connection takes time anywhere, so that reuse matters */
  constructor(plan: Plan, seed: number, world: WorldPort, observer: EngineObserver, modelsConnections: boolean) {
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
    };
    const classes = plan.traffic.flatMap((source) => source.classes);
    this.firstOutbound = new Int32Array(plan.edges.length);
    this.outboundsTo = plan.services.map(() => []);
    for (const [edge, edgePlan] of plan.edges.entries()) {
      this.firstOutbound[edge] = this.outbounds.length;
      const { kind, index: from } = edgePlan.from;
      const callers = kind === 'traffic' ? plan.traffic[from]!.clients : plan.services[from]!.replicas;
      const rules = new EdgeRules(edgePlan, classes);
      const service = plan.services[edgePlan.to]!;
      for (let caller = 0; caller < callers; caller++) {
        const index = this.outbounds.length;
        const outbound = new Outbound({ index, edge, caller, plan: edgePlan, service, rules, streams, modelsConnections, observer, world });
        this.outbounds.push(outbound);
        this.outboundsTo[edgePlan.to]!.push(outbound);
      }
    }
    const outboundOf = (edge: EdgeId, caller: number): Outbound => this.outbounds[this.firstOutbound[edge]! + caller]!;
    for (const outbound of this.outbounds) {
      const { split } = plan.edges[outbound.edge]!;
      if (split !== null) outbound.route = new Route(split, split.backends.map(({ edge }) => outboundOf(edge, outbound.caller)), streams.split);
    }
  }

  /** Arm what runs by the clock alone. Once, before the first `begin`. */
  start(now: number): void {
    for (const outbound of this.outbounds) {
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
    call.verdict = OK;
    call.retriesLeft = outbound.rules.maxAttempts - 1;
    call.retryCause = RetryCause.none;
    call.retryVerdict = VERDICT_FINAL;
    call.awaitsRetry = false;
    call.hedgeCount = 0;
    call.hedges = 0;
    call.hasBeenSent = false;
    call.isPerTry = false;
    call.gateInFlight = 0;
    call.backend = outbound;
    const ownLimit = now + outbound.rules.timeoutNs;
    const limit = ownLimit < deadline ? ownLimit : deadline;
    call.begunAt = now;
    call.deadline = limit;
    call.backoffNs = 0;
    if (limit <= now) {
      this.settleSoon(call, TIMEOUT, now);
      return call.id;
    }
    if (outbound.gates !== null && !this.isAdmitted(call, outbound, outbound.gates, now)) return call.id;
    if (outbound.budget !== null) outbound.budget.called(now);
    if (outbound.route !== null) outbound.route.begin(call);
    if (limit !== Infinity) this.world.arm(timerOf(TIMER_CALL_TIMEOUT, call.id), limit);
    this.attempt(call, now);
    const { hedging } = outbound;
    if (hedging !== null && call.verdict === OK) {
      const due = hedging.begun(call, now);
      if (call.waitsAt === null) this.armNext(call, due);
    }
    return call.id;
  }

  /**
   * The answer to a `send`, or the news that it has none.
   * @param status  of the answer; 0 where there is none
   */
  attemptDone(id: AttemptId, outcome: Outcome, status: number, now: number): void {
    const { attempts } = this;
    const attempt = attempts.rows[id]!;
    if (attempt.state === STATE_ABANDONED) {
      attempts.release(attempt);
      return;
    }
    const { call, outbound: backend } = attempt;
    const { outbound } = call;
    if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, id));
    const keepsConnection = outcome !== RESET && outcome !== CONNECT_FAILURE;
    if (outcome === CONNECT_FAILURE && backend.pool !== null) this.failWaiting(backend, attempt, now);
    this.detach(attempt, backend, outcome, status, keepsConnection, now);
    attempts.release(attempt);
    unlink(call, attempt);
    if (outcome === OK) {
      if (outbound.budget !== null) outbound.budget.ended(Ended.well, now, call.retryCause);
      if (outbound.hedging !== null) outbound.hedging.succeeded(now);
      this.giveUpRest(call, outbound, now);
      this.settle(call, outbound, outcome, status, now);
    } else this.failed(call, outbound, outcome, status, now);
  }

  /** The connection that the attempt waited for is open; see `WorldPort.send`. */
  connected(id: AttemptId, now: number): void {
    const attempt = this.attempts.rows[id]!;
    if (attempt.state === STATE_SENT) this.isConnected(attempt, now);
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
    this.giveUpCurrent(call, UNFINISHED, now);
    this.world.disarm(timerOf(TIMER_BACKOFF, id));
    this.settle(call, call.outbound, UNFINISHED, 0, now);
  }

  /** The endpoint dropped all its connections (it crashed, or is back after a crash). */
  connectionsLost(service: number, endpoint: EndpointId, now: number): void {
    for (const outbound of this.outboundsTo[service]!) {
      const local = endpoint - outbound.firstEndpoint;
      outbound.pool?.dropIdle(local);
      this.serveWaiting(outbound, local, now);
    }
  }

  /** Until when the endpoint that works on this attempt may expect somebody to wait; Infinity for ever. */
  deadlineOf(id: AttemptId): number {
    const { call, number, sentAt } = this.attempts.rows[id]!;
    const { rules } = call.outbound;
    if (!rules.propagateDeadline) return Infinity;
    const ownLimit = rules.hedgesOnPerTryTimeout ? Infinity : sentAt + rules.patienceNs(number);
    return ownLimit < call.deadline ? ownLimit : call.deadline;
  }

  edgeOfAttempt(attempt: AttemptId): EdgeId {
    return this.attempts.rows[attempt]!.outbound.edge;
  }

  callerOf(attempt: AttemptId): number {
    return this.attempts.rows[attempt]!.outbound.caller;
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
    if (verdict === OK) {
      call.gateInFlight = gates.inFlight;
      return true;
    }
    if (verdict === OVERFLOW) this.observer.overflowed(outbound.edge, now);
    this.settleSoon(call, verdict, now);
    return false;
  }

  private attempt(call: CallRow, now: number): void {
    const { outbound } = call;
    const backend = outbound.route === null ? outbound : outbound.route.backendOf(call);
    if (backend === null) {
      this.refuse(call, NO_ENDPOINT, now);
      return;
    }
    if (call.backend !== backend) {
      call.backend = backend;
      call.lastEndpoint = NO_ROW;
    }
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
    const isHedge = call.current !== null;
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
    const admission = backend.pool === null ? ADMISSION_REUSED : backend.pool.admit(endpoint, now);
    if (admission === ADMISSION_OVERFLOW) {
      this.observer.overflowed(outbound.edge, now);
      this.refuse(call, OVERFLOW, now);
      return;
    }
    if (isHedge) call.hedges++;
    const attempt = this.attempts.take(call, backend);
    attempt.connection = NO_ROW;
    attempt.endpoint = endpoint;
    attempt.number = ++call.attempts;
    attempt.isLate = false;
    attempt.sibling = call.current;
    call.current = attempt;
    call.lastEndpoint = endpoint;
    if (admission === ADMISSION_WAITING) this.queue(attempt, endpoint, backend);
    else this.send(attempt, endpoint, backend, admission, now);
  }

  /** An attempt that cannot even begin. Attempts that are still waited for, or wait themselves, may turn out well. */
  private refuse(call: CallRow, outcome: Outcome, now: number): void {
    if (call.current === null && call.waitsAt === null) this.settleSoon(call, outcome, now);
  }

  private send(attempt: AttemptRow, endpoint: number, backend: Outbound, admission: Admission, now: number): void {
    attempt.state = STATE_SENT;
    attempt.sentAt = now;
    if (backend.pool !== null) attempt.connection = backend.pool.attached;
    backend.set.active[endpoint]!++;
    backend.set.activeTotal++;
    if (backend.isWatched) {
      backend.sent(endpoint, now);
      this.watch(backend);
    }
    if (this.world.send(attempt.id, backend.firstEndpoint + endpoint, admission, now)) this.isConnected(attempt, now);
  }

  private isConnected(attempt: AttemptRow, now: number): void {
    const { outbound: backend } = attempt;
    if (backend.reportsConnects) backend.outlier!.connected(attempt.endpoint, now);
    this.startPatience(attempt, now);
  }

  private startPatience(attempt: AttemptRow, now: number): void {
    const patienceNs = attempt.call.outbound.rules.patienceNs(attempt.number);
    if (patienceNs !== Infinity) this.world.arm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt.id), now + patienceNs);
  }

  /** Another copy of a call whose attempts are still waited for, or whose copy has failed. */
  private hedge(call: CallRow, outbound: Outbound, now: number): void {
    const hedging = outbound.hedging!;
    if (hedging.mayHedge(call, now)) {
      this.attempt(call, now);
      this.hedgeOn(call, now);
    } else {
      this.observer.budgetRefused(outbound.edge, now);
      if (call.current === null && call.waitsAt === null) this.settle(call, outbound, call.lastOutcome, call.lastStatus, now);
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
    const { endpoint } = attempt;
    const { set } = backend;
    set.active[endpoint]!--;
    set.activeTotal--;
    backend.balancer.finished(endpoint, attempt.sentAt, (outcome === ERROR || outcome === REJECTED) && isPenalised(status, NO_GRPC_STATUS), now);
    // A late attempt was reported when its time had passed.
    if (backend.outlier !== null && outcome !== UNFINISHED && !attempt.isLate) backend.outlier.record(endpoint, outcome, status, now);
    if (backend.isWatched) {
      backend.finished(endpoint, outcome, status, attempt.sentAt, now);
      this.readinessMayHaveChanged(backend, now);
    }
    if (backend.pool !== null) {
      backend.pool.release(endpoint, attempt.connection, keepsConnection, now);
      this.serveWaiting(backend, endpoint, now);
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
    for (const call of [...backend.unserved]) {
      this.leaveUnserved(call, backend);
      // Attempts that are still waited for may turn out well.
      if (call.current !== null) this.hedgeOn(call, now);
      else this.failed(call, call.outbound, NO_ENDPOINT, FAILFAST_STATUS, now);
    }
  }

  /** An attempt failed, and is off the call's list. */
  private failed(call: CallRow, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    const { budget, gate, hedging, rules } = outbound;
    if (outcome !== CONNECT_FAILURE && outcome !== NO_ENDPOINT) call.hasBeenSent = true;
    const isRetriable = rules.condition.allows(outcome, status, call.hasBeenSent) && rules.classMayRetry[call.requestClass] === 1;
    if (budget !== null) budget.ended(isRetriable ? Ended.retriable : Ended.badly, now, call.retryCause);
    if (isRetriable && this.mayTurnOutWell(call, hedging, outcome, status, now)) return;
    this.giveUpRest(call, outbound, now);
    const verdict = gate.decide(call, isRetriable, now, retryCauseOf(outcome, status));
    call.retryVerdict = verdict;
    if (verdict === VERDICT_GRANTED) this.backOff(call, outbound, now);
    else {
      this.reportRefusal(verdict, outbound, now);
      this.settle(call, outbound, outcome, status, now);
    }
  }

  /** Whether another attempt of the call is waited for, or will be sent. */
  private mayTurnOutWell(call: CallRow, hedging: Hedging | null, outcome: Outcome, status: number, now: number): boolean {
    if (call.awaitsRetry) return true;
    if (hedging !== null) {
      const due = hedging.failed(call, null, now);
      call.lastOutcome = outcome;
      call.lastStatus = status;
      if (due !== Infinity) {
        this.armNext(call, due);
        return true;
      }
    }
    return call.current !== null || call.waitsAt !== null;
  }

  private reportRefusal(verdict: Verdict, outbound: Outbound, now: number): void {
    if (verdict === VERDICT_OVERFLOW) this.observer.overflowed(outbound.edge, now);
    else if (verdict === VERDICT_BUDGET) this.observer.budgetRefused(outbound.edge, now);
  }

  private backOff(call: CallRow, outbound: Outbound, now: number): void {
    const { draw } = this;
    call.awaitsRetry = true;
    const attemptsMade = call.attempts;
    draw.seek(this.backoffStream, call.keyHi, attemptKey(call.keyLo, attemptsMade));
    const wait = outbound.rules.backoff.waitNs(attemptsMade - 1, call.backoffNs, draw);
    call.backoffNs = wait;
    // Also a wait of nothing goes through the timer: the world may be inside one of our own calls.
    this.world.arm(timerOf(TIMER_BACKOFF, call.id), now + wait);
  }

  private callTimedOut(call: CallRow, now: number): void {
    const { outbound } = call;
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
    call.isPerTry = true;
    unlink(call, attempt);
    this.giveUp(attempt, TIMEOUT, now);
    this.failed(call, outbound, TIMEOUT, 0, now);
  }

  /** Envoy's `hedge_on_per_try_timeout`: the attempt goes on, and any policy that retries at all retries it. */
  private hedgeLate(attempt: AttemptRow, call: CallRow, outbound: Outbound, now: number): void {
    attempt.outbound.outlier?.record(attempt.endpoint, TIMEOUT, 0, now);
    attempt.isLate = true;
    const verdict = outbound.gate.decide(call, outbound.rules.maxAttempts > 1, now, RetryCause.timeout);
    call.retryVerdict = verdict;
    if (verdict === VERDICT_GRANTED) this.backOff(call, outbound, now);
    else this.reportRefusal(verdict, outbound, now);
  }

  /** The call is decided: nobody waits for its other attempts, and no more are sent. */
  private giveUpRest(call: CallRow, outbound: Outbound, now: number): void {
    if (outbound.hedging === null && !outbound.rules.hedgesOnPerTryTimeout) return;
    call.awaitsRetry = false;
    this.world.disarm(timerOf(TIMER_BACKOFF, call.id));
    this.giveUpCurrent(call, UNFINISHED, now);
  }

  /** Stop waiting for the attempts in flight, or for an endpoint to become ready. */
  private giveUpCurrent(call: CallRow, outcome: Outcome, now: number): void {
    if (call.waitsAt !== null) this.leaveUnserved(call, call.waitsAt);
    for (let attempt = call.current; attempt !== null; attempt = call.current) {
      call.current = attempt.sibling;
      this.giveUp(attempt, outcome, now);
    }
  }

  private giveUp(attempt: AttemptRow, outcome: Outcome, now: number): void {
    const { attempts } = this;
    const { call, outbound: backend } = attempt;
    if (attempt.state === STATE_WAITING) {
      this.leaveQueue(attempt, backend);
      attempts.release(attempt);
      return;
    }
    if (call.outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt.id));
    attempt.state = STATE_ABANDONED;
    // Cancelling an HTTP/1 request closes its connection; an HTTP/2 one only loses its stream.
    const keepsConnection = attempt.connection === NO_ROW;
    this.world.cancel(attempt.id, now);
    this.detach(attempt, backend, outcome, 0, keepsConnection, now);
  }

  /** A call that fails at once does so by its next timer: `begin` returns before anything is settled. */
  private settleSoon(call: CallRow, outcome: Outcome, now: number): void {
    call.verdict = outcome;
    this.world.arm(timerOf(TIMER_BACKOFF, call.id), now);
  }

  private settle(call: CallRow, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    outbound.gate.release(call);
    if (call.deadline !== Infinity) this.world.disarm(timerOf(TIMER_CALL_TIMEOUT, call.id));
    const answered = statusOf(outcome, status);
    if (call.gateInFlight > 0) outbound.gates!.settled(outcome, answered, call.begunAt, now, call.gateInFlight);
    this.world.settle(call.id, outcome, answered, now);
    call.begunAt = -1;
    this.calls.release(call);
  }

  private queue(attempt: AttemptRow, endpoint: number, outbound: Outbound): void {
    attempt.state = STATE_WAITING;
    attempt.next = NO_ROW;
    const last = outbound.waitingLast[endpoint]!;
    if (last === NO_ROW) outbound.waitingFirst[endpoint] = attempt.id;
    else this.attempts.rows[last]!.next = attempt.id;
    outbound.waitingLast[endpoint] = attempt.id;
    outbound.pool!.pending++;
  }

  private leaveQueue({ id, endpoint, next }: AttemptRow, outbound: Outbound): void {
    const { rows } = this.attempts;
    let previous: AttemptId = NO_ROW;
    for (let other = outbound.waitingFirst[endpoint]!; other !== id; other = rows[other]!.next) previous = other;
    if (previous === NO_ROW) outbound.waitingFirst[endpoint] = next;
    else rows[previous]!.next = next;
    if (next === NO_ROW) outbound.waitingLast[endpoint] = previous;
    outbound.pool!.pending--;
  }

  /** A connection that cannot be opened fails every request that waits for one to this endpoint (envoy.md 7). */
  private failWaiting(outbound: Outbound, { call: failing, endpoint }: AttemptRow, now: number): void {
    const calls = new Set<CallRow>();
    for (let first = outbound.waitingFirst[endpoint]!; first !== NO_ROW; first = outbound.waitingFirst[endpoint]!) {
      const attempt = this.attempts.rows[first]!;
      this.leaveQueue(attempt, outbound);
      this.attempts.release(attempt);
      unlink(attempt.call, attempt);
      // A copy of the attempt that could not connect shares its fate: its call fails once.
      if (attempt.call !== failing) calls.add(attempt.call);
    }
    for (const call of calls) this.failed(call, call.outbound, CONNECT_FAILURE, 0, now);
  }

  private serveWaiting(outbound: Outbound, endpoint: number, now: number): void {
    const { pool } = outbound;
    if (pool === null) return;
    for (;;) {
      const first = outbound.waitingFirst[endpoint]!;
      if (first === NO_ROW) return;
      const attempt = this.attempts.rows[first]!;
      const admission = pool.nextFor(endpoint, now);
      if (admission === ADMISSION_WAITING) return;
      this.leaveQueue(attempt, outbound);
      this.send(attempt, endpoint, outbound, admission, now);
    }
  }
}

/** Takes the attempt off the list of those that its call waits for. */
function unlink(call: CallRow, attempt: AttemptRow): void {
  if (call.current === attempt) call.current = attempt.sibling;
  else for (let other = call.current; other !== null; other = other.sibling) if (other.sibling === attempt) other.sibling = attempt.sibling;
}
