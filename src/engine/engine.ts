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
import { AttemptState, Attempts, Calls } from './calls.ts';
import { EdgeRules } from './edge-rules.ts';
import { statusOf } from './outcome.ts';
import { Outbound } from './outbound.ts';
import { Admission } from './pool/connection-pool.ts';
import type { EngineObserver, WorldPort } from './ports.ts';
import { TimerKind, kindOf, subjectOf, timerOf } from './timers.ts';

/** What a call is made from. The world fills in one and the same object for every `begin`. */
export class CallRequest {
  edge: EdgeId = 0;
  /** Which of the caller's endpoints (clients of a traffic source, replicas of a service). */
  caller: number = 0;
  /** What the call is, for keyed randomness. */
  keyHi: number = 0;
  keyLo: number = 0;
  hashKey: number = 0;
  /** Index over all request classes of the plan. */
  requestClass: number = 0;
  /** Handed back at `settle`. */
  tag: number = 0;
  /** The attempt whose endpoint makes the call, or NONE. */
  parent: AttemptId = NONE;
  /** Until when the caller's own caller waits; Infinity for no limit. */
  deadline: number = Infinity;
}

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
      if (outlier !== null) this.world.arm(timerOf(TimerKind.sweep, index), now + outlier.intervalNs);
    }
  }

  begin(request: CallRequest, now: number): CallId {
    const { calls } = this;
    const index = this.firstOutbound[request.edge]! + request.caller;
    const outbound = this.outbounds[index]!;
    const call = calls.take();
    calls.outbound[call] = index;
    calls.keyHi[call] = request.keyHi;
    calls.keyLo[call] = request.keyLo;
    calls.hashKey[call] = request.hashKey;
    calls.requestClass[call] = request.requestClass;
    calls.tag[call] = request.tag;
    calls.parent[call] = request.parent;
    calls.attempts[call] = 0;
    calls.current[call] = NONE;
    calls.lastEndpoint[call] = NONE;
    calls.retrySlot[call] = 0;
    calls.verdict[call] = Outcome.ok;
    calls.begunAt[call] = now;
    calls.backoff[call] = 0;
    const ownLimit = now + outbound.rules.timeoutNs;
    const deadline = ownLimit < request.deadline ? ownLimit : request.deadline;
    calls.deadline[call] = deadline;
    if (deadline <= now) {
      this.settleSoon(call, Outcome.timeout, now);
      return call;
    }
    if (outbound.budget !== null) outbound.budget.called(now);
    if (deadline !== Infinity) this.world.arm(timerOf(TimerKind.callTimeout, call), deadline);
    this.attempt(call, outbound, now);
    return call;
  }

  /**
   * The answer to a `send`, or the news that it has none.
   * @param status  of the answer; 0 where there is none
   */
  attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    const { attempts, calls } = this;
    if (attempts.state[attempt] === AttemptState.abandoned) {
      attempts.rows.release(attempt);
      return;
    }
    const call = attempts.call[attempt]!;
    const outbound = this.outbounds[attempts.outbound[attempt]!]!;
    if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TimerKind.attemptTimeout, attempt));
    const keepsConnection = outcome !== Outcome.reset && outcome !== Outcome.connectFailure;
    this.detach(attempt, outbound, outcome, status, keepsConnection, now);
    attempts.rows.release(attempt);
    calls.current[call] = NONE;
    if (outcome === Outcome.ok) {
      if (outbound.budget !== null) outbound.budget.ended(false);
      this.settle(call, outbound, outcome, status, now);
    } else this.failed(call, outbound, outcome, status, now);
  }

  timerDue(timer: TimerId, now: number): void {
    const subject = subjectOf(timer);
    switch (kindOf(timer)) {
      case TimerKind.callTimeout:
        this.callTimedOut(subject, now);
        return;
      case TimerKind.attemptTimeout:
        this.attemptTimedOut(subject, now);
        return;
      case TimerKind.backoff: {
        const outbound = this.outbounds[this.calls.outbound[subject]!]!;
        const verdict = this.calls.verdict[subject]!;
        if (verdict === Outcome.ok) this.attempt(subject, outbound, now);
        else this.settle(subject, outbound, verdict as Outcome, 0, now);
        return;
      }
      case TimerKind.sweep: {
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
    const outbound = this.outbounds[this.calls.outbound[call]!]!;
    this.giveUpCurrent(call, outbound, Outcome.unfinished, now);
    this.world.disarm(timerOf(TimerKind.backoff, call));
    this.settle(call, outbound, Outcome.unfinished, 0, now);
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
    const { rules } = this.outbounds[this.attempts.outbound[attempt]!]!;
    if (!rules.propagateDeadline) return Infinity;
    const ownLimit = this.attempts.sentAt[attempt]! + rules.perTryTimeoutNs;
    const callLimit = this.calls.deadline[this.attempts.call[attempt]!]!;
    return ownLimit < callLimit ? ownLimit : callLimit;
  }

  edgeOf(call: CallId): EdgeId {
    return this.outbounds[this.calls.outbound[call]!]!.edge;
  }

  edgeOfAttempt(attempt: AttemptId): EdgeId {
    return this.outbounds[this.attempts.outbound[attempt]!]!.edge;
  }

  callerOf(attempt: AttemptId): number {
    return this.outbounds[this.attempts.outbound[attempt]!]!.caller;
  }

  /** Every call still open, for the end of a run. */
  openCalls(): CallId[] {
    const { calls } = this;
    return Array.from({ length: calls.rows.end }, (_, call) => call).filter((call) => calls.begunAt[call]! >= 0);
  }

  private attempt(call: CallId, outbound: Outbound, now: number): void {
    const { attempts, calls } = this;
    const { set } = outbound;
    if (set.count === 0) {
      this.settleSoon(call, Outcome.noEndpoint, now);
      return;
    }
    const previous = calls.lastEndpoint[call]!;
    const endpoint =
      previous === NONE || !outbound.rules.avoidPrevious ? outbound.balancer.pick(now) : outbound.pickOther(previous, now);
    const admission = outbound.pool === null ? Admission.reused : outbound.pool.admit(endpoint, now);
    if (admission === Admission.overflow) {
      this.observer.overflowed(outbound.edge);
      this.settleSoon(call, Outcome.overflow, now);
      return;
    }
    const attempt = attempts.take();
    attempts.call[attempt] = call;
    attempts.outbound[attempt] = calls.outbound[call]!;
    attempts.endpoint[attempt] = endpoint;
    attempts.number[attempt] = ++calls.attempts[call]!;
    calls.current[call] = attempt;
    calls.lastEndpoint[call] = endpoint;
    if (admission === Admission.waiting) this.queue(attempt, endpoint, outbound);
    else this.send(attempt, endpoint, outbound, admission, now);
  }

  private send(attempt: AttemptId, endpoint: number, outbound: Outbound, admission: Admission, now: number): void {
    const { attempts } = this;
    attempts.state[attempt] = AttemptState.sent;
    attempts.sentAt[attempt] = now;
    if (outbound.pool !== null) attempts.connection[attempt] = outbound.pool.attached;
    outbound.set.active[endpoint]!++;
    outbound.set.activeTotal++;
    const { perTryTimeoutNs } = outbound.rules;
    if (perTryTimeoutNs !== Infinity) this.world.arm(timerOf(TimerKind.attemptTimeout, attempt), now + perTryTimeoutNs);
    this.world.send(attempt, outbound.firstEndpoint + endpoint, admission, now);
  }

  /** The attempt is off its endpoint as far as the caller is concerned: everybody who learns from it learns now. */
  private detach(attempt: AttemptId, outbound: Outbound, outcome: Outcome, status: number, keepsConnection: boolean, now: number): void {
    const { attempts } = this;
    const endpoint = attempts.endpoint[attempt]!;
    const { set } = outbound;
    set.active[endpoint]!--;
    set.activeTotal--;
    outbound.balancer.finished(endpoint, attempts.sentAt[attempt]!, statusOf(outcome, status) >= 500, now);
    if (outbound.outlier !== null && outcome !== Outcome.unfinished) outbound.outlier.record(endpoint, outcome, status, now);
    if (outbound.pool !== null) {
      outbound.pool.release(endpoint, attempts.connection[attempt]!, keepsConnection, now);
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
      isRetriable && calls.attempts[call]! < rules.maxAttempts && rules.classMayRetry[calls.requestClass[call]!] === 1;
    if (!mayRetry) this.settle(call, outbound, outcome, status, now);
    else if (outbound.retries >= outbound.maxRetries) {
      this.observer.overflowed(outbound.edge);
      this.settle(call, outbound, outcome, status, now);
    } else if (outbound.budget !== null && !outbound.budget.withdraw(now)) {
      this.observer.budgetRefused(outbound.edge);
      this.settle(call, outbound, outcome, status, now);
    } else this.backOff(call, outbound, now);
  }

  private backOff(call: CallId, outbound: Outbound, now: number): void {
    const { calls, draw } = this;
    calls.retrySlot[call] = 1;
    outbound.retries++;
    const attemptsMade = calls.attempts[call]!;
    draw.seek(this.backoffStream, calls.keyHi[call]!, attemptKey(calls.keyLo[call]!, attemptsMade));
    const wait = outbound.rules.backoff.waitNs(attemptsMade - 1, calls.backoff[call]!, draw);
    calls.backoff[call] = wait;
    // Also a wait of nothing goes through the timer: the world may be inside one of our own calls.
    this.world.arm(timerOf(TimerKind.backoff, call), now + wait);
  }

  private callTimedOut(call: CallId, now: number): void {
    const outbound = this.outbounds[this.calls.outbound[call]!]!;
    const hadAttempt = this.giveUpCurrent(call, outbound, Outcome.timeout, now);
    if (hadAttempt && outbound.budget !== null) outbound.budget.ended(true);
    this.world.disarm(timerOf(TimerKind.backoff, call));
    this.settle(call, outbound, Outcome.timeout, 0, now);
  }

  private attemptTimedOut(attempt: AttemptId, now: number): void {
    const call = this.attempts.call[attempt]!;
    const outbound = this.outbounds[this.attempts.outbound[attempt]!]!;
    this.giveUpCurrent(call, outbound, Outcome.timeout, now);
    this.failed(call, outbound, Outcome.timeout, 0, now);
  }

  /** Stop waiting for the attempt in flight. False when there is none. */
  private giveUpCurrent(call: CallId, outbound: Outbound, outcome: Outcome, now: number): boolean {
    const { attempts, calls } = this;
    const attempt = calls.current[call]!;
    if (attempt === NONE) return false;
    calls.current[call] = NONE;
    if (attempts.state[attempt] === AttemptState.waiting) {
      this.leaveQueue(attempt, outbound);
      attempts.rows.release(attempt);
      return true;
    }
    if (outbound.rules.perTryTimeoutNs !== Infinity) this.world.disarm(timerOf(TimerKind.attemptTimeout, attempt));
    attempts.state[attempt] = AttemptState.abandoned;
    attempts.call[attempt] = NONE;
    // Cancelling an HTTP/1 request closes its connection; an HTTP/2 one only loses its stream.
    const keepsConnection = attempts.connection[attempt] === NONE;
    this.world.cancel(attempt, now);
    this.detach(attempt, outbound, outcome, 0, keepsConnection, now);
    return true;
  }

  /** A call that fails at once does so by its next timer: `begin` returns before anything is settled. */
  private settleSoon(call: CallId, outcome: Outcome, now: number): void {
    this.calls.verdict[call] = outcome;
    this.world.arm(timerOf(TimerKind.backoff, call), now);
  }

  private settle(call: CallId, outbound: Outbound, outcome: Outcome, status: number, now: number): void {
    const { calls } = this;
    this.returnRetrySlot(call, outbound);
    if (calls.deadline[call]! !== Infinity) this.world.disarm(timerOf(TimerKind.callTimeout, call));
    this.world.settle(call, outcome, statusOf(outcome, status), now);
    calls.begunAt[call] = -1;
    calls.rows.release(call);
  }

  /** A retry counts as in progress until the next retry decision of its call or its end (envoy.md 8). */
  private returnRetrySlot(call: CallId, outbound: Outbound): void {
    if (this.calls.retrySlot[call] === 0) return;
    this.calls.retrySlot[call] = 0;
    outbound.retries--;
  }

  private queue(attempt: AttemptId, endpoint: number, outbound: Outbound): void {
    const { attempts } = this;
    attempts.state[attempt] = AttemptState.waiting;
    attempts.next[attempt] = NONE;
    const last = outbound.waitingLast[endpoint]!;
    if (last === NONE) outbound.waitingFirst[endpoint] = attempt;
    else attempts.next[last] = attempt;
    outbound.waitingLast[endpoint] = attempt;
    outbound.pool!.pending++;
  }

  private leaveQueue(attempt: AttemptId, outbound: Outbound): void {
    const { attempts } = this;
    const endpoint = attempts.endpoint[attempt]!;
    let previous = NONE;
    for (let other = outbound.waitingFirst[endpoint]!; other !== attempt; other = attempts.next[other]!) previous = other;
    const next = attempts.next[attempt]!;
    if (previous === NONE) outbound.waitingFirst[endpoint] = next;
    else attempts.next[previous] = next;
    if (next === NONE) outbound.waitingLast[endpoint] = previous;
    outbound.pool!.pending--;
  }

  private serveWaiting(outbound: Outbound, endpoint: number, now: number): void {
    const { pool } = outbound;
    if (pool === null) return;
    for (;;) {
      const attempt = outbound.waitingFirst[endpoint]!;
      if (attempt === NONE) return;
      const admission = pool.nextFor(endpoint, now);
      if (admission === Admission.waiting) return;
      this.leaveQueue(attempt, outbound);
      this.send(attempt, endpoint, outbound, admission, now);
    }
  }
}
