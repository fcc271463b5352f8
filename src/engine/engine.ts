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
import { AttemptField, AttemptState, Attempts, CallField, CallTime, Calls } from './calls.ts';
import { EdgeRules } from './edge-rules.ts';
import { statusOf } from './outcome.ts';
import { Outbound } from './outbound.ts';
import { Admission } from './pool/connection-pool.ts';
import type { EngineObserver, WorldPort } from './ports.ts';
import { TimerKind, kindOf, subjectOf, timerOf } from './timers.ts';

// Local names for constants: see calls.ts.
const { shift: CALL_SHIFT, outbound: CALL_OUTBOUND, edge: CALL_EDGE, keyHi: CALL_KEY_HI, keyLo: CALL_KEY_LO, hashKey: CALL_HASH_KEY, requestClass: CALL_REQUEST_CLASS, tag: CALL_TAG, parent: CALL_PARENT, attempts: CALL_ATTEMPTS, current: CALL_CURRENT, lastEndpoint: CALL_LAST_ENDPOINT, retrySlot: CALL_RETRY_SLOT, verdict: CALL_VERDICT } = CallField;
const { shift: CALL_TIME_SHIFT, begunAt: CALL_BEGUN_AT, deadline: CALL_DEADLINE, backoff: CALL_BACKOFF } = CallTime;
const { shift: ATTEMPT_SHIFT, call: ATTEMPT_CALL, outbound: ATTEMPT_OUTBOUND, endpoint: ATTEMPT_ENDPOINT, number: ATTEMPT_NUMBER, state: ATTEMPT_STATE, connection: ATTEMPT_CONNECTION, next: ATTEMPT_NEXT, edge: ATTEMPT_EDGE } = AttemptField;
const { connectFailure: CONNECT_FAILURE, noEndpoint: NO_ENDPOINT, ok: OK, overflow: OVERFLOW, reset: RESET, timeout: TIMEOUT, unfinished: UNFINISHED } = Outcome;
const { abandoned: STATE_ABANDONED, sent: STATE_SENT, waiting: STATE_WAITING } = AttemptState;
const { overflow: ADMISSION_OVERFLOW, reused: ADMISSION_REUSED, waiting: ADMISSION_WAITING } = Admission;
const { attemptTimeout: TIMER_ATTEMPT_TIMEOUT, backoff: TIMER_BACKOFF, callTimeout: TIMER_CALL_TIMEOUT, sweep: TIMER_SWEEP } = TimerKind;
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
   * @param parent    the attempt whose endpoint makes the call, or NO_ROW
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
    const { calls } = this;
    const index = this.firstOutbound[edge]! + caller;
    const outbound = this.outbounds[index]!;
    const call = calls.take();
    const { ints, times } = calls;
    const at = call << CALL_SHIFT;
    ints[at + CALL_OUTBOUND] = index;
    ints[at + CALL_EDGE] = edge;
    ints[at + CALL_KEY_HI] = keyHi;
    ints[at + CALL_KEY_LO] = keyLo;
    ints[at + CALL_HASH_KEY] = hashKey;
    ints[at + CALL_REQUEST_CLASS] = requestClass;
    ints[at + CALL_TAG] = tag;
    ints[at + CALL_PARENT] = parent;
    ints[at + CALL_ATTEMPTS] = 0;
    ints[at + CALL_CURRENT] = NO_ROW;
    ints[at + CALL_LAST_ENDPOINT] = NO_ROW;
    ints[at + CALL_RETRY_SLOT] = 0;
    ints[at + CALL_VERDICT] = OK;
    const ownLimit = now + outbound.rules.timeoutNs;
    const limit = ownLimit < deadline ? ownLimit : deadline;
    const timesAt = call << CALL_TIME_SHIFT;
    times[timesAt + CALL_BEGUN_AT] = now;
    times[timesAt + CALL_DEADLINE] = limit;
    times[timesAt + CALL_BACKOFF] = 0;
    if (limit <= now) {
      this.settleSoon(call, TIMEOUT, now);
      return call;
    }
    if (outbound.budget !== null) outbound.budget.called(now);
    if (limit !== Infinity) this.world.arm(timerOf(TIMER_CALL_TIMEOUT, call), limit);
    this.attempt(call, outbound, now);
    return call;
  }

  /**
   * The answer to a `send`, or the news that it has none.
   * @param status  of the answer; 0 where there is none
   */
  attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    const { attempts, calls } = this;
    if (attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_STATE] === STATE_ABANDONED) {
      attempts.rows.release(attempt);
      return;
    }
    const call = attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CALL]!;
    const outbound = this.outbounds[attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_OUTBOUND]!]!;
    if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt));
    const keepsConnection = outcome !== RESET && outcome !== CONNECT_FAILURE;
    this.detach(attempt, outbound, outcome, status, keepsConnection, now);
    attempts.rows.release(attempt);
    calls.ints[(call << CALL_SHIFT) + CALL_CURRENT] = NO_ROW;
    if (outcome === OK) {
      if (outbound.budget !== null) outbound.budget.ended(false);
      this.settle(call, outbound, outcome, status, now);
    } else this.failed(call, outbound, outcome, status, now);
  }

  timerDue(timer: TimerId, now: number): void {
    const subject = subjectOf(timer);
    switch (kindOf(timer)) {
      case TIMER_CALL_TIMEOUT:
        this.callTimedOut(subject, now);
        return;
      case TIMER_ATTEMPT_TIMEOUT:
        this.attemptTimedOut(subject, now);
        return;
      case TIMER_BACKOFF: {
        const outbound = this.outbounds[this.calls.ints[(subject << CALL_SHIFT) + CALL_OUTBOUND]!]!;
        const verdict = this.calls.ints[(subject << CALL_SHIFT) + CALL_VERDICT]!;
        if (verdict === OK) this.attempt(subject, outbound, now);
        else this.settle(subject, outbound, verdict as Outcome, 0, now);
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
  abandon(call: CallId, now: number): void {
    const outbound = this.outbounds[this.calls.ints[(call << CALL_SHIFT) + CALL_OUTBOUND]!]!;
    this.giveUpCurrent(call, outbound, UNFINISHED, now);
    this.world.disarm(timerOf(TIMER_BACKOFF, call));
    this.settle(call, outbound, UNFINISHED, 0, now);
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
  deadlineOf(attempt: AttemptId): number {
    const { rules } = this.outbounds[this.attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_OUTBOUND]!]!;
    if (!rules.propagateDeadline) return Infinity;
    const ownLimit = this.attempts.sentAt[attempt]! + rules.perTryTimeoutNs;
    const call = this.attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CALL]!;
    const callLimit = this.calls.times[(call << CALL_TIME_SHIFT) + CALL_DEADLINE]!;
    return ownLimit < callLimit ? ownLimit : callLimit;
  }

  tagOf(call: CallId): number {
    return this.calls.ints[(call << CALL_SHIFT) + CALL_TAG]!;
  }

  /** Attempts begun. */
  attemptsOf(call: CallId): number {
    return this.calls.ints[(call << CALL_SHIFT) + CALL_ATTEMPTS]!;
  }

  /** The call that waits for the attempt, or NONE. */
  callOf(attempt: AttemptId): CallId {
    return this.attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CALL]!;
  }

  edgeOf(call: CallId): EdgeId {
    return this.calls.ints[(call << CALL_SHIFT) + CALL_EDGE]!;
  }

  edgeOfAttempt(attempt: AttemptId): EdgeId {
    return this.attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_EDGE]!;
  }

  callerOf(attempt: AttemptId): number {
    return this.outbounds[this.attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_OUTBOUND]!]!.caller;
  }

  /** Every call still open, for the end of a run. */
  openCalls(): CallId[] {
    const { calls } = this;
    return Array.from({ length: calls.rows.end }, (_, call) => call).filter((call) => calls.times[(call << CALL_TIME_SHIFT) + CALL_BEGUN_AT]! >= 0);
  }

  private attempt(call: CallId, outbound: Outbound, now: number): void {
    const { attempts, calls } = this;
    const { set } = outbound;
    if (set.count === 0) {
      this.settleSoon(call, NO_ENDPOINT, now);
      return;
    }
    const previous = calls.ints[(call << CALL_SHIFT) + CALL_LAST_ENDPOINT]!;
    const endpoint =
      previous === NO_ROW || !outbound.rules.avoidPrevious ? outbound.balancer.pick(now) : outbound.pickOther(previous, now);
    const admission = outbound.pool === null ? ADMISSION_REUSED : outbound.pool.admit(endpoint, now);
    if (admission === ADMISSION_OVERFLOW) {
      this.observer.overflowed(outbound.edge, now);
      this.settleSoon(call, OVERFLOW, now);
      return;
    }
    const attempt = attempts.take();
    const at = call << CALL_SHIFT;
    const attemptAt = attempt << ATTEMPT_SHIFT;
    const { ints } = attempts;
    ints[attemptAt + ATTEMPT_CALL] = call;
    ints[attemptAt + ATTEMPT_OUTBOUND] = calls.ints[at + CALL_OUTBOUND]!;
    ints[attemptAt + ATTEMPT_EDGE] = outbound.edge;
    ints[attemptAt + ATTEMPT_CONNECTION] = NO_ROW;
    ints[attemptAt + ATTEMPT_ENDPOINT] = endpoint;
    ints[attemptAt + ATTEMPT_NUMBER] = ++calls.ints[at + CALL_ATTEMPTS]!;
    calls.ints[at + CALL_CURRENT] = attempt;
    calls.ints[at + CALL_LAST_ENDPOINT] = endpoint;
    if (admission === ADMISSION_WAITING) this.queue(attempt, endpoint, outbound);
    else this.send(attempt, endpoint, outbound, admission, now);
  }

  private send(attempt: AttemptId, endpoint: number, outbound: Outbound, admission: Admission, now: number): void {
    const { attempts } = this;
    attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_STATE] = STATE_SENT;
    attempts.sentAt[attempt] = now;
    if (outbound.pool !== null) attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CONNECTION] = outbound.pool.attached;
    outbound.set.active[endpoint]!++;
    outbound.set.activeTotal++;
    const { perTryTimeoutNs } = outbound.rules;
    if (perTryTimeoutNs !== Infinity) this.world.arm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt), now + perTryTimeoutNs);
    this.world.send(attempt, outbound.firstEndpoint + endpoint, admission, now);
  }

  /** The attempt is off its endpoint as far as the caller is concerned: everybody who learns from it learns now. */
  private detach(attempt: AttemptId, outbound: Outbound, outcome: Outcome, status: number, keepsConnection: boolean, now: number): void {
    const { attempts } = this;
    const endpoint = attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_ENDPOINT]!;
    const { set } = outbound;
    set.active[endpoint]!--;
    set.activeTotal--;
    outbound.balancer.finished(endpoint, attempts.sentAt[attempt]!, statusOf(outcome, status) >= 500, now);
    if (outbound.outlier !== null && outcome !== UNFINISHED) outbound.outlier.record(endpoint, outcome, status, now);
    if (outbound.pool !== null) {
      outbound.pool.release(endpoint, attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CONNECTION]!, keepsConnection, now);
      this.serveWaiting(outbound, endpoint, now);
    }
  }

  private failed(call: CallId, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    const { calls } = this;
    const { rules } = outbound;
    const isRetriable = rules.condition.allows(outcome, status);
    if (outbound.budget !== null) outbound.budget.ended(isRetriable);
    this.returnRetrySlot(call, outbound);
    const mayRetry =
      isRetriable && calls.ints[(call << CALL_SHIFT) + CALL_ATTEMPTS]! < rules.maxAttempts && rules.classMayRetry[calls.ints[(call << CALL_SHIFT) + CALL_REQUEST_CLASS]!] === 1;
    if (!mayRetry) this.settle(call, outbound, outcome, status, now);
    else if (outbound.retries >= outbound.maxRetries) {
      this.observer.overflowed(outbound.edge, now);
      this.settle(call, outbound, outcome, status, now);
    } else if (outbound.budget !== null && !outbound.budget.withdraw(now)) {
      this.observer.budgetRefused(outbound.edge, now);
      this.settle(call, outbound, outcome, status, now);
    } else this.backOff(call, outbound, now);
  }

  private backOff(call: CallId, outbound: Outbound, now: number): void {
    const { calls, draw } = this;
    calls.ints[(call << CALL_SHIFT) + CALL_RETRY_SLOT] = 1;
    outbound.retries++;
    const attemptsMade = calls.ints[(call << CALL_SHIFT) + CALL_ATTEMPTS]!;
    draw.seek(this.backoffStream, calls.ints[(call << CALL_SHIFT) + CALL_KEY_HI]!, attemptKey(calls.ints[(call << CALL_SHIFT) + CALL_KEY_LO]!, attemptsMade));
    const wait = outbound.rules.backoff.waitNs(attemptsMade - 1, calls.times[(call << CALL_TIME_SHIFT) + CALL_BACKOFF]!, draw);
    calls.times[(call << CALL_TIME_SHIFT) + CALL_BACKOFF] = wait;
    // Also a wait of nothing goes through the timer: the world may be inside one of our own calls.
    this.world.arm(timerOf(TIMER_BACKOFF, call), now + wait);
  }

  private callTimedOut(call: CallId, now: number): void {
    const outbound = this.outbounds[this.calls.ints[(call << CALL_SHIFT) + CALL_OUTBOUND]!]!;
    const hadAttempt = this.giveUpCurrent(call, outbound, TIMEOUT, now);
    if (hadAttempt && outbound.budget !== null) outbound.budget.ended(true);
    this.world.disarm(timerOf(TIMER_BACKOFF, call));
    this.settle(call, outbound, TIMEOUT, 0, now);
  }

  private attemptTimedOut(attempt: AttemptId, now: number): void {
    const call = this.attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CALL]!;
    const outbound = this.outbounds[this.attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_OUTBOUND]!]!;
    this.giveUpCurrent(call, outbound, TIMEOUT, now);
    this.failed(call, outbound, TIMEOUT, 0, now);
  }

  /** Stop waiting for the attempt in flight. False when there is none. */
  private giveUpCurrent(call: CallId, outbound: Outbound, outcome: Outcome, now: number): boolean {
    const { attempts, calls } = this;
    const attempt = calls.ints[(call << CALL_SHIFT) + CALL_CURRENT]!;
    if (attempt === NO_ROW) return false;
    calls.ints[(call << CALL_SHIFT) + CALL_CURRENT] = NO_ROW;
    if (attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_STATE] === STATE_WAITING) {
      this.leaveQueue(attempt, outbound);
      attempts.rows.release(attempt);
      return true;
    }
    if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TIMER_ATTEMPT_TIMEOUT, attempt));
    attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_STATE] = STATE_ABANDONED;
    attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CALL] = NO_ROW;
    // Cancelling an HTTP/1 request closes its connection; an HTTP/2 one only loses its stream.
    const keepsConnection = attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_CONNECTION] === NO_ROW;
    this.world.cancel(attempt, now);
    this.detach(attempt, outbound, outcome, 0, keepsConnection, now);
    return true;
  }

  /** A call that fails at once does so by its next timer: `begin` returns before anything is settled. */
  private settleSoon(call: CallId, outcome: Outcome, now: number): void {
    this.calls.ints[(call << CALL_SHIFT) + CALL_VERDICT] = outcome;
    this.world.arm(timerOf(TIMER_BACKOFF, call), now);
  }

  private settle(call: CallId, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    const { calls } = this;
    this.returnRetrySlot(call, outbound);
    if (calls.times[(call << CALL_TIME_SHIFT) + CALL_DEADLINE]! !== Infinity) this.world.disarm(timerOf(TIMER_CALL_TIMEOUT, call));
    this.world.settle(call, outcome, statusOf(outcome, status), now);
    calls.times[(call << CALL_TIME_SHIFT) + CALL_BEGUN_AT] = -1;
    calls.rows.release(call);
  }

  /** A retry counts as in progress until the next retry decision of its call or its end (envoy.md 8). */
  private returnRetrySlot(call: CallId, outbound: Outbound): void {
    if (this.calls.ints[(call << CALL_SHIFT) + CALL_RETRY_SLOT] === 0) return;
    this.calls.ints[(call << CALL_SHIFT) + CALL_RETRY_SLOT] = 0;
    outbound.retries--;
  }

  private queue(attempt: AttemptId, endpoint: number, outbound: Outbound): void {
    const { attempts } = this;
    attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_STATE] = STATE_WAITING;
    attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_NEXT] = NO_ROW;
    const last = outbound.waitingLast[endpoint]!;
    if (last === NO_ROW) outbound.waitingFirst[endpoint] = attempt;
    else attempts.ints[(last << ATTEMPT_SHIFT) + ATTEMPT_NEXT] = attempt;
    outbound.waitingLast[endpoint] = attempt;
    outbound.pool!.pending++;
  }

  private leaveQueue(attempt: AttemptId, outbound: Outbound): void {
    const { attempts } = this;
    const endpoint = attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_ENDPOINT]!;
    let previous = NO_ROW;
    for (let other = outbound.waitingFirst[endpoint]!; other !== attempt; other = attempts.ints[(other << ATTEMPT_SHIFT) + ATTEMPT_NEXT]!) previous = other;
    const next = attempts.ints[(attempt << ATTEMPT_SHIFT) + ATTEMPT_NEXT]!;
    if (previous === NO_ROW) outbound.waitingFirst[endpoint] = next;
    else attempts.ints[(previous << ATTEMPT_SHIFT) + ATTEMPT_NEXT] = next;
    if (next === NO_ROW) outbound.waitingLast[endpoint] = previous;
    outbound.pool!.pending--;
  }

  private serveWaiting(outbound: Outbound, endpoint: number, now: number): void {
    const { pool } = outbound;
    if (pool === null) return;
    for (;;) {
      const attempt = outbound.waitingFirst[endpoint]!;
      if (attempt === NO_ROW) return;
      const admission = pool.nextFor(endpoint, now);
      if (admission === ADMISSION_WAITING) return;
      this.leaveQueue(attempt, outbound);
      this.send(attempt, endpoint, outbound, admission, now);
    }
  }
}
