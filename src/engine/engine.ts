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
import { type AttemptRow, AttemptState, Attempts, type CallRow, Calls } from './calls.ts';
import { EdgeRules } from './edge-rules.ts';
import type { Hedging } from './hedge/hedging.ts';
import { statusOf } from './outcome.ts';
import { Outbound } from './outbound.ts';
import { Admission } from './pool/connection-pool.ts';
import type { EngineObserver, WorldPort } from './ports.ts';
import { Ended } from './retry/budget.ts';
import { RetryCause, retryCauseOf } from './retry/retry-cause.ts';
import { Verdict } from './retry/retry-gate.ts';
import { TimerKind, kindOf, subjectOf, timerOf } from './timers.ts';

// Local names for constants: see calls.ts.
const { error: ERROR, rejected: REJECTED, connectFailure: CONNECT_FAILURE, noEndpoint: NO_ENDPOINT, ok: OK, overflow: OVERFLOW, reset: RESET, timeout: TIMEOUT, unfinished: UNFINISHED } = Outcome;
const { abandoned: STATE_ABANDONED, sent: STATE_SENT, waiting: STATE_WAITING } = AttemptState;
const { overflow: ADMISSION_OVERFLOW, reused: ADMISSION_REUSED, waiting: ADMISSION_WAITING } = Admission;
const { attemptTimeout: TIMER_ATTEMPT_TIMEOUT, backoff: TIMER_BACKOFF, callTimeout: TIMER_CALL_TIMEOUT, sweep: TIMER_SWEEP } = TimerKind;
const { budgetRefused: VERDICT_BUDGET, final: VERDICT_FINAL, granted: VERDICT_GRANTED, overflow: VERDICT_OVERFLOW } = Verdict;
const NO_ROW = NONE;

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
    const picks = new Stream(seed, 'pick');
    const dice = new Stream(seed, 'outlier');
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
        const outbound = new Outbound({ index, edge, caller, plan: edgePlan, service, rules, picks, dice, modelsConnections, observer });
        this.outbounds.push(outbound);
        this.outboundsTo[edgePlan.to]!.push(outbound);
      }
    }
  }

  /** Arm what runs by the clock alone. Once, before the first `begin`. */
  start(now: number): void {
    for (const [index, { outlier }] of this.outbounds.entries()) {
      if (outlier !== null) this.world.arm(timerOf(TIMER_SWEEP, index), now + outlier.intervalNs);
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
    const ownLimit = now + outbound.rules.timeoutNs;
    const limit = ownLimit < deadline ? ownLimit : deadline;
    call.begunAt = now;
    call.deadline = limit;
    call.backoffNs = 0;
    if (limit <= now) {
      this.settleSoon(call, TIMEOUT, now);
      return call.id;
    }
    if (outbound.budget !== null) outbound.budget.called(now);
    if (limit !== Infinity) this.world.arm(timerOf(TIMER_CALL_TIMEOUT, call.id), limit);
    this.attempt(call, outbound, now);
    const { hedging } = outbound;
    if (hedging !== null && call.current !== null) this.armNext(call, hedging.begun(call, now));
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
    const { call, outbound } = attempt;
    if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, id));
    const keepsConnection = outcome !== RESET && outcome !== CONNECT_FAILURE;
    if (outcome === CONNECT_FAILURE && outbound.pool !== null) this.failWaiting(outbound, attempt, now);
    this.detach(attempt, outbound, outcome, status, keepsConnection, now);
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
    if (attempt.state === STATE_SENT) this.startPatience(attempt, now);
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
          this.attempt(call, call.outbound, now);
        } else if (call.verdict === OK) this.hedge(call, call.outbound, now);
        else this.settle(call, call.outbound, call.verdict, 0, now);
        return;
      }
      case TIMER_SWEEP: {
        const { outlier } = this.outbounds[subject]!;
        if (outlier === null) return;
        outlier.sweep(now);
        this.world.arm(timer, now + outlier.intervalNs);
        return;
      }
    }
  }

  /** The caller of this call no longer waits for it; it is settled as `unfinished` at once. */
  abandon(id: CallId, now: number): void {
    const call = this.calls.rows[id]!;
    this.giveUpCurrent(call, call.outbound, UNFINISHED, now);
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
    const { call, outbound, number, sentAt } = this.attempts.rows[id]!;
    const { rules } = outbound;
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

  /** Every call still open, for the end of a run. */
  openCalls(): CallId[] {
    return this.calls.rows.filter(({ begunAt }) => begunAt >= 0).map(({ id }) => id);
  }

  private attempt(call: CallRow, outbound: Outbound, now: number): void {
    const isHedge = call.current !== null;
    if (outbound.set.count === 0) {
      // The attempts that are still waited for may turn out well.
      if (!isHedge) this.settleSoon(call, NO_ENDPOINT, now);
      return;
    }
    const previous = call.lastEndpoint;
    const endpoint =
      previous === NO_ROW || !(outbound.rules.avoidPrevious || isHedge) ? outbound.balancer.pick(now, call.hashKey, 0) : outbound.pickOther(previous, call.hashKey, now);
    const admission = outbound.pool === null ? ADMISSION_REUSED : outbound.pool.admit(endpoint, now);
    if (admission === ADMISSION_OVERFLOW) {
      this.observer.overflowed(outbound.edge, now);
      if (!isHedge) this.settleSoon(call, OVERFLOW, now);
      return;
    }
    if (isHedge) call.hedges++;
    const attempt = this.attempts.take(call);
    attempt.connection = NO_ROW;
    attempt.endpoint = endpoint;
    attempt.number = ++call.attempts;
    attempt.isLate = false;
    attempt.sibling = call.current;
    call.current = attempt;
    call.lastEndpoint = endpoint;
    if (admission === ADMISSION_WAITING) this.queue(attempt, endpoint, outbound);
    else this.send(attempt, endpoint, outbound, admission, now);
  }

  private send(attempt: AttemptRow, endpoint: number, outbound: Outbound, admission: Admission, now: number): void {
    attempt.state = STATE_SENT;
    attempt.sentAt = now;
    if (outbound.pool !== null) attempt.connection = outbound.pool.attached;
    outbound.set.active[endpoint]!++;
    outbound.set.activeTotal++;
    if (this.world.send(attempt.id, outbound.firstEndpoint + endpoint, admission, now)) this.startPatience(attempt, now);
  }

  private startPatience(attempt: AttemptRow, now: number): void {
    const patienceNs = attempt.outbound.rules.patienceNs(attempt.number);
    if (patienceNs !== Infinity) this.world.arm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt.id), now + patienceNs);
  }

  /** Another copy of a call whose attempts are still waited for, or whose copy has failed. */
  private hedge(call: CallRow, outbound: Outbound, now: number): void {
    const hedging = outbound.hedging!;
    if (hedging.mayHedge(call, now)) {
      this.attempt(call, outbound, now);
      // With nobody to send to and nobody to wait for, the timer is the one that settles it.
      if (call.verdict === OK) this.armNext(call, hedging.sent(call, now));
    } else {
      this.observer.budgetRefused(outbound.edge, now);
      if (call.current === null) this.settle(call, outbound, call.lastOutcome, call.lastStatus, now);
    }
  }

  private armNext(call: CallRow, due: number): void {
    if (due !== Infinity) this.world.arm(timerOf(TIMER_BACKOFF, call.id), due);
  }

  /** The attempt is off its endpoint as far as the caller is concerned: everybody who learns from it learns now. */
  private detach(attempt: AttemptRow, outbound: Outbound, outcome: Outcome, status: number, keepsConnection: boolean, now: number): void {
    const { endpoint } = attempt;
    const { set } = outbound;
    set.active[endpoint]!--;
    set.activeTotal--;
    outbound.balancer.finished(endpoint, attempt.sentAt, isPenalised(outcome, status), now);
    // A late attempt was reported when its time had passed.
    if (outbound.outlier !== null && outcome !== UNFINISHED && !attempt.isLate) outbound.outlier.record(endpoint, outcome, status, now);
    if (outbound.pool !== null) {
      outbound.pool.release(endpoint, attempt.connection, keepsConnection, now);
      this.serveWaiting(outbound, endpoint, now);
    }
  }

  /** An attempt failed, and is off the call's list. */
  private failed(call: CallRow, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    const { budget, gate, hedging, rules } = outbound;
    if (outcome !== CONNECT_FAILURE) call.hasBeenSent = true;
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
    return call.current !== null;
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
    this.giveUpCurrent(call, outbound, TIMEOUT, now);
    this.world.disarm(timerOf(TIMER_BACKOFF, call.id));
    this.settle(call, outbound, TIMEOUT, 0, now);
  }

  private attemptTimedOut(attempt: AttemptRow, now: number): void {
    const { call, outbound } = attempt;
    if (outbound.rules.hedgesOnPerTryTimeout) {
      this.hedgeLate(attempt, call, outbound, now);
      return;
    }
    call.isPerTry = true;
    unlink(call, attempt);
    this.giveUp(attempt, outbound, TIMEOUT, now);
    this.failed(call, outbound, TIMEOUT, 0, now);
  }

  /** Envoy's `hedge_on_per_try_timeout`: the attempt goes on, and any policy that retries at all retries it. */
  private hedgeLate(attempt: AttemptRow, call: CallRow, outbound: Outbound, now: number): void {
    if (outbound.outlier !== null) outbound.outlier.record(attempt.endpoint, TIMEOUT, 0, now);
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
    this.giveUpCurrent(call, outbound, UNFINISHED, now);
  }

  /** Stop waiting for the attempts in flight. */
  private giveUpCurrent(call: CallRow, outbound: Outbound, outcome: Outcome, now: number): void {
    for (let attempt = call.current; attempt !== null; attempt = call.current) {
      call.current = attempt.sibling;
      this.giveUp(attempt, outbound, outcome, now);
    }
  }

  private giveUp(attempt: AttemptRow, outbound: Outbound, outcome: Outcome, now: number): void {
    const { attempts } = this;
    if (attempt.state === STATE_WAITING) {
      this.leaveQueue(attempt, outbound);
      attempts.release(attempt);
      return;
    }
    if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt.id));
    attempt.state = STATE_ABANDONED;
    // Cancelling an HTTP/1 request closes its connection; an HTTP/2 one only loses its stream.
    const keepsConnection = attempt.connection === NO_ROW;
    this.world.cancel(attempt.id, now);
    this.detach(attempt, outbound, outcome, 0, keepsConnection, now);
  }

  /** A call that fails at once does so by its next timer: `begin` returns before anything is settled. */
  private settleSoon(call: CallRow, outcome: Outcome, now: number): void {
    call.verdict = outcome;
    this.world.arm(timerOf(TIMER_BACKOFF, call.id), now);
  }

  private settle(call: CallRow, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    outbound.gate.release(call);
    if (call.deadline !== Infinity) this.world.disarm(timerOf(TIMER_CALL_TIMEOUT, call.id));
    this.world.settle(call.id, outcome, statusOf(outcome, status), now);
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
    for (const call of calls) this.failed(call, outbound, CONNECT_FAILURE, 0, now);
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

/** What Linkerd's penalising estimator counts as a failure (linkerd.md 2): answers, not broken connections. */
function isPenalised(outcome: Outcome, status: number): boolean {
  return outcome !== OK && (outcome === ERROR || outcome === REJECTED) && (status >= 500 || status === 429);
}
