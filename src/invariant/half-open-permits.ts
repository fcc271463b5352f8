/** Breakers that have opened against `HalfOpenModel`; and the one probe of failure accrual. */
import { Holder } from '../engine/breaker/readiness.ts';
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import { TimerKind, kindOf, subjectOf } from '../engine/timers.ts';
import { Outcome } from '../model/outcome.ts';
import type { Audit } from './audit.ts';
import { HalfOpenModel } from './half-open.ts';
import { Check } from './invariant.ts';

export function halfOpenChecks(audit: Audit): readonly Check[] {
  const scopes = audit.policies.map(({ circuitBreaker }) => circuitBreaker?.['scope']);
  return [
    ...(scopes.includes('service') ? [new ServiceHalfOpen(audit)] : []),
    ...(scopes.includes('endpoint') ? [new EndpointHalfOpen(audit)] : []),
    ...(audit.policies.some(({ failureAccrual }) => failureAccrual !== null) ? [new OneProbe(audit)] : []),
  ];
}

/** Breakers of a whole service are gates of calls. */
class ServiceHalfOpen extends Check {
  private readonly models: readonly (HalfOpenModel | null)[] = this.audit.policies.map(({ circuitBreaker }) => (circuitBreaker?.['scope'] === 'service' ? new HalfOpenModel(circuitBreaker) : null));
  /** By outbound: closed, as far as is told. */
  private readonly isClosed: boolean[] = this.audit.policies.map(() => true);
  /** By outbound: the input in which it last opened. */
  private readonly openedIn: number[] = this.audit.policies.map(() => -1);

  override breakerOpened(edge: number, caller: number, now: number): void {
    const outbound = this.audit.outboundAt(edge, caller);
    this.models[outbound]!.opened(now);
    this.isClosed[outbound] = false;
    this.openedIn[outbound] = this.audit.inputs;
  }

  override breakerClosed(edge: number, caller: number): void {
    this.isClosed[this.audit.outboundAt(edge, caller)] = true;
  }

  override begun(call: number, now: number): void {
    const outbound = this.audit.outboundOf(call);
    const model = this.models[outbound]!;
    if (model === null || (model.isClosed && this.isClosed[outbound])) return;
    // The call itself opened it, which a gate behind refused.
    if (this.openedIn[outbound] === this.audit.inputs) return;
    const { deadline, gateInFlight, verdict } = this.audit.engine.calls.rows[call]!;
    if (deadline <= now || verdict === Outcome.rateLimited) return;
    const passed = gateInFlight > 0 || verdict !== Outcome.breakerOpen;
    if (passed !== model.mayPass(now)) {
      this.audit.report('half-open-permits', { call, outbound, decision: `it was ${passed ? 'let in' : 'refused'} by a circuit breaker that is ${model.stateOf(now)}` });
    }
    if (!passed) return;
    model.passed(now);
    // A gate behind refused it.
    if (gateInFlight === 0) this.ended(outbound, model, call, verdict, 0, now);
  }

  override settle({ begunAt, gateInFlight, id }: CallRow, outcome: Outcome, _status: number, now: number): void {
    const outbound = this.audit.outboundOf(id);
    const model = this.models[outbound]!;
    if (model === null || (model.isClosed && this.isClosed[outbound])) return;
    if (gateInFlight > 0) this.ended(outbound, model, id, outcome, now - begunAt, now);
  }

  private ended(outbound: number, model: HalfOpenModel, call: number, outcome: Outcome, tookNs: number, now: number): void {
    if (outcome === Outcome.unfinished) model.released(now);
    else model.ended(outcome !== Outcome.ok, tookNs, now);
    if (model.isClosed === this.isClosed[outbound]) return;
    const decision = model.isClosed ? 'its circuit breaker has had good results of its probes, and did not close' : `its circuit breaker closed, which is ${model.stateOf(now)}`;
    this.audit.report('half-open-permits', { call, outbound, decision });
  }
}

/** Breakers of an endpoint see attempts. With pools an attempt that waits for its connection has passed unseen. */
class EndpointHalfOpen extends Check {
  /** By place; made when the breaker first opens. */
  private readonly models: (HalfOpenModel | undefined)[] = [];
  private readonly isClosed: boolean[] = [];
  /** Places whose breakers were asked to close in the last input. */
  private asked: number = -1;
  /** The input in which a call timed out; in which an attempt did, and which. */
  private callTimedOutIn: number = -1;
  private timedOutIn: number = -1;
  private timedOut: number = -1;

  override ejected(edge: number, caller: number, endpoint: number, now: number, holder: Holder): void {
    const { audit } = this;
    const outbound = audit.outboundAt(edge, caller);
    if (holder !== Holder.circuitBreaker || audit.outbounds[outbound]!.pools !== null) return;
    const place = audit.placeAt(outbound, endpoint);
    const model = (this.models[place] ??= new HalfOpenModel(audit.policies[outbound]!.circuitBreaker!)); // who opens has the policy
    model.opened(now);
    this.isClosed[place] = false;
  }

  override unejected(edge: number, caller: number, endpoint: number, now: number, holder: Holder): void {
    const { audit } = this;
    const outbound = audit.outboundAt(edge, caller);
    const place = audit.placeAt(outbound, endpoint);
    const model = this.models[place];
    if (holder !== Holder.circuitBreaker || model === undefined) return;
    this.isClosed[place] = true;
    if (!model.isClosed) audit.report('half-open-permits', { outbound, decision: `the circuit breaker of ${audit.nameOfPlace(place)} closed, which is ${model.stateOf(now)}` });
  }

  override send({ id: attempt }: AttemptRow, _endpoint: number, now: number): void {
    const { audit } = this;
    const place = audit.placeOf(attempt);
    const model = this.models[place];
    if (model === undefined || model.isClosed) return;
    const outbound = audit.backendOf(attempt);
    if (!model.mayPass(now)) {
      // Picks hear of what the clock does by a timer, which may be due at this very instant.
      if (audit.holdings.panics[outbound] === 0 && model.turnedAt !== now) audit.report('half-open-permits', { call: audit.callOf(attempt), attempt, outbound, decision: `it was sent to ${audit.nameOfPlace(place)}, whose circuit breaker is ${model.stateOf(now)}` });
      return;
    }
    model.passed(now);
  }

  override timerDue(timer: number): void {
    this.look();
    if (kindOf(timer) === TimerKind.callTimeout) this.callTimedOutIn = this.audit.inputs;
    if (kindOf(timer) !== TimerKind.attemptTimeout) return;
    this.timedOutIn = this.audit.inputs;
    this.timedOut = subjectOf(timer);
  }

  override attemptDone(attempt: number, outcome: Outcome, _status: number, now: number): void {
    this.look();
    this.ended(attempt, outcome, now);
  }

  override cancel(attempt: number, now: number): void {
    const { inputs } = this.audit;
    const isTimeout = this.callTimedOutIn === inputs || (this.timedOutIn === inputs && this.timedOut === attempt);
    this.ended(attempt, isTimeout ? Outcome.timeout : Outcome.unfinished, now);
  }

  private ended(attempt: number, outcome: Outcome, now: number): void {
    const place = this.audit.placeOf(attempt);
    const model = this.models[place];
    if (model === undefined || model.isClosed) return;
    const { sentAt } = this.audit.engine.attempts.rows[attempt]!;
    if (outcome === Outcome.unfinished) model.released(now);
    else model.ended(outcome !== Outcome.ok, now - sentAt, now);
    if (model.isClosed) this.asked = place;
  }

  /** Before the next input: a breaker that had good results must have closed. */
  private look(): void {
    const place = this.asked;
    this.asked = -1;
    if (place < 0 || this.isClosed[place]! || !this.models[place]!.isClosed) return;
    this.audit.report('half-open-permits', { decision: `the circuit breaker of ${this.audit.nameOfPlace(place)} has had good results of its probes, and did not close` });
  }
}

/** Failure accrual of Linkerd and Finagle lets one attempt through when the time of an endpoint is over. */
class OneProbe extends Check {
  /** By place: 0 where traffic flows, 1 while it is shut, 2 while it may have its probe, 3 when that has been sent. */
  private readonly states: Uint8Array = new Uint8Array(this.audit.firstPlace[this.audit.outbounds.length]!);

  override ejected(edge: number, caller: number, endpoint: number, _now: number, holder: Holder): void {
    if (holder === Holder.failureAccrual) this.states[this.placeOf(edge, caller, endpoint)] = 1;
  }

  override unejected(edge: number, caller: number, endpoint: number, _now: number, holder: Holder): void {
    if (holder === Holder.failureAccrual) this.states[this.placeOf(edge, caller, endpoint)] = 0;
  }

  override refusing(edge: number, caller: number, endpoint: number, on: boolean): void {
    if (endpoint < 0) return;
    const place = this.placeOf(edge, caller, endpoint);
    if (this.states[place] !== 0 && !on) this.states[place] = 2;
  }

  override send({ id: attempt }: AttemptRow): void {
    const { audit } = this;
    const place = audit.placeOf(attempt);
    if (this.states[place]! < 2) return;
    const outbound = audit.backendOf(attempt);
    // Another breaker of the endpoint tells with one voice, and who waited for a connection was picked before.
    if (audit.holdings.panics[outbound] === 1 || audit.policies[outbound]!.circuitBreaker !== null || audit.outbounds[outbound]!.pools !== null) return;
    if (this.states[place] === 2) this.states[place] = 3;
    else audit.report('half-open-permits', { call: audit.callOf(attempt), attempt, outbound, decision: `a second attempt was sent to ${audit.nameOfPlace(place)} while its one probe is out` });
  }

  private placeOf(edge: number, caller: number, endpoint: number): number {
    return this.audit.placeAt(this.audit.outboundAt(edge, caller), endpoint);
  }
}
