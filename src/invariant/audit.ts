/**
 * Watches an engine and keeps books of its own: which calls are open, which attempts are out, which timers stand, who is in use.
 * They are kept from what is heard alone and never from the engine's counts, so that a count that is off by one is found. What an
 * engine's rows are read for is what they are called: whose attempt it is, where it goes.
 *
 * What concerns each call is looked at here, because a call of a method for each invariant would cost more than what it looks at:
 * one that is the plainest takes some 30 ns (`npm run bench`). What is rarer, or asked of few policies, is a `Check` of its own.
 *
 * An outbound is a caller endpoint's side of an edge, a place an endpoint as one outbound knows it; both are counted through.
 */
import { type AttemptRow, AttemptState } from '../engine/calls.ts';
import type { Detection } from '../engine/breaker/detection.ts';
import type { CheckResult } from '../engine/breaker/health-checks.ts';
import type { Holder } from '../engine/breaker/readiness.ts';
import type { Engine } from '../engine/engine.ts';
import type { Outbound } from '../engine/outbound.ts';
import { TimerKind, kindOf, subjectOf, timerOf } from '../engine/timers.ts';
import { Watcher } from '../engine/watch/watcher.ts';
import type { Conditions } from '../fault/conditions.ts';
import { DOUBLE, doubled } from '../model/columns.ts';
import { type AttemptId, type CallId, type EdgeId, type EndpointId, NONE, type TimerId } from '../model/ids.ts';
import { OUTCOME_NAMES, Outcome } from '../model/outcome.ts';
import type { EdgePlan, Plan, PolicyPlan } from '../model/plan.ts';
import type { Stations } from '../service/station.ts';
import { Holdings } from './holdings.ts';
import { Check, type Finding } from './invariant.ts';
import { leftIn } from './leftovers.ts';
import type { Ran } from './ran.ts';
import { INVARIANTS, INVARIANT_NAMES } from './registry.ts';
import type { Audited, InvariantName, Violation } from '../model/violation.ts';
import { seconds } from './words.ts';

// Local names for constants: see engine/calls.ts.
const { noEndpoint: NO_ENDPOINT, ok: OK } = Outcome;
const { attemptTimeout: TIMER_ATTEMPT_TIMEOUT, backoff: TIMER_BACKOFF, callTimeout: TIMER_CALL_TIMEOUT, outbound: TIMER_OUTBOUND } = TimerKind;
const NO_ROW = NONE;

/** Calls: `calls[(call << CALL_SHIFT) | field]`. */
const CALL_SHIFT = 2;
const CALL_STATE = 0;
const CALL_OUTBOUND = 1;
/** Attempts sent. */
const CALL_SENT = 2;
/** Attempts that are out and waited for. */
const CALL_WAITED = 3;

/** States of calls: free, open, open with a deadline. */
const FREE = 0;
const OPEN = 1;
const OPEN_WITH_DEADLINE = 2;

/** Attempts: `attempts[(attempt << ATTEMPT_SHIFT) | field]`. */
const ATTEMPT_SHIFT = 2;
const ATTEMPT_STATE = 0;
const ATTEMPT_CALL = 1;
const ATTEMPT_PLACE = 2;
const ATTEMPT_OUTBOUND = 3;

/** States of attempts: free, out, out and given up. */
const OUT = 1;
const GIVEN_UP = 2;

/** Requests between two looks around, a power of two. */
const LOOK_EVERY = 16;

/** What of a world can be looked into. */
export interface Inside {
  readonly stations: Stations;
  readonly conditions: Conditions;
}

export class Audit extends Watcher {
  /** At most one of each invariant: after the first, the books are those of an engine that is beyond them. */
  private readonly violations: Violation[] = [];
  engine!: Engine;
  plan!: Plan;
  private seed: number = 0;
  /** When the input that is being dealt with came, ns, and how many there have been. */
  now: number = DOUBLE;
  inputs: number = 0;
  /** Who is out of use; whether anybody ever can be. */
  holdings!: Holdings;
  holdsAny: boolean = false;
  /** The call whose attempt was answered or timed out in this input; NONE in others. */
  subject: CallId = NO_ROW;
  /** The service side of the run; null where only an engine is watched. */
  inside: Inside | null = null;
  private requests: number = 0;
  private heldCounts: Int32Array = new Int32Array(0);
  // By outbound.
  outbounds: readonly Outbound[] = [];
  policies: readonly PolicyPlan[] = [];
  firstPlace: Int32Array = new Int32Array(0);
  /** Attempts out and waited for. */
  activeTotals: Int32Array = new Int32Array(0);
  /** Calls begun, and when somebody wants to hear of the next one, ns. */
  private begunCounts: Float64Array = new Float64Array(0);
  private wakeTimes: Float64Array = new Float64Array(0);
  private firstOutbound: Int32Array = new Int32Array(0);
  private timeoutNs: Float64Array = new Float64Array(0);
  /** Longest that an attempt may take, and from which attempt on there is no limit. */
  private perTryNs: Float64Array = new Float64Array(0);
  private unlimitedFrom: Float64Array = new Float64Array(0);
  private propagates: Uint8Array = new Uint8Array(0);
  /** Whether any edge limits its attempts, or tells its endpoints until when somebody waits. */
  private isTimed: boolean = false;
  private tells: boolean = false;
  /** Most attempts of a call. */
  private attemptsMax: Float64Array = new Float64Array(0);
  // By place.
  /** Attempts out and waited for. */
  private active: Int32Array = new Int32Array(0);
  // By call.
  private calls: Int32Array = new Int32Array(64 << CALL_SHIFT);
  private deadlines: Float64Array = new Float64Array(64);
  // By attempt.
  private attempts: Int32Array = new Int32Array(64 << ATTEMPT_SHIFT);
  /** When its per-try timeout is due; Infinity where there is none. */
  private patience: Float64Array = new Float64Array(64);
  /** What its endpoint was told of who waits for it, ns; Infinity for nothing. */
  private told: Float64Array = new Float64Array(64).fill(Infinity);
  /** By timer: whether it stands. */
  private armed: Uint8Array = new Uint8Array(256);
  /** Outbound of the call that is beginning and has no number yet. */
  private beginning: number = NO_ROW;
  private beginningUntil: number = DOUBLE;
  /** A call that has had its good answer, and must be settled before the next input. */
  private owed: number = NO_ROW;
  private readonly names: ReadonlySet<InvariantName>;
  private readonly broken: Set<InvariantName> = new Set();
  private checks: readonly Check[] = [];
  // Of the checks, those that want to hear of what happens to each call.
  private onBegun: readonly Check[] = [];
  private onSend: readonly Check[] = [];
  private onDone: readonly Check[] = [];
  private onCancel: readonly Check[] = [];
  private onSettle: readonly Check[] = [];
  private onTimer: readonly Check[] = [];
  private onGranted: readonly Check[] = [];
  private onAgain: readonly Check[] = [];
  private onBeside: readonly Check[] = [];
  private onIdle: readonly Check[] = [];

  /** @param names  the invariants to look after */
  constructor(names: readonly InvariantName[] = INVARIANT_NAMES) {
    super();
    this.names = new Set(names);
  }

  override attached(engine: Engine, plan: Plan, seed: number, _modelsConnections: boolean): void {
    this.engine = engine;
    this.plan = plan;
    this.seed = seed;
    this.now = 0;
    this.firstOutbound = Int32Array.from(plan.edges, (_, edge) => plan.edges.slice(0, edge).reduce((sum, { callerZones }) => sum + callerZones.length, 0));
    this.outbounds = plan.edges.flatMap((_, edge) => engine.outboundsOn(edge));
    const edges = this.outbounds.map(({ edge }) => plan.edges[edge]!);
    this.policies = edges.map(({ policy }) => policy);
    const sizes = edges.map(({ to }) => plan.services[to]!.replicas);
    this.firstPlace = new Int32Array(edges.length + 1);
    for (const [i, size] of sizes.entries()) this.firstPlace[i + 1] = this.firstPlace[i]! + size;
    this.active = new Int32Array(this.firstPlace[edges.length]!);
    this.activeTotals = new Int32Array(edges.length);
    this.begunCounts = new Float64Array(edges.length);
    this.wakeTimes = new Float64Array(edges.length).fill(Infinity);
    this.timeoutNs = Float64Array.from(this.policies, ({ timeoutNs }) => timeoutNs);
    // One that is not shorter than the whole call's means nothing (envoy.md 5).
    this.perTryNs = Float64Array.from(this.policies, ({ retries, timeoutNs }) => (retries !== null && retries.perTryTimeoutNs < timeoutNs ? retries.perTryTimeoutNs : Infinity));
    this.unlimitedFrom = Float64Array.from(this.policies, ({ retries }) => (retries === null || retries.lastTryTimeout ? Infinity : 1 + retries.attempts));
    this.propagates = Uint8Array.from(this.policies, ({ propagateDeadline }) => (propagateDeadline ? 1 : 0));
    this.tells = this.propagates.includes(1);
    this.isTimed = this.tells || this.perTryNs.some((ns) => ns !== Infinity);
    this.attemptsMax = Float64Array.from(this.policies, attemptsMaxOf);
    this.holdsAny = this.policies.some(({ circuitBreaker, failureAccrual, healthCheck, outlierDetection }) => outlierDetection !== null || failureAccrual !== null || healthCheck !== null || circuitBreaker?.['scope'] === 'endpoint');
    this.holdings = new Holdings(this, this.holdsAny);
    this.heldCounts = this.holdings.heldCounts;
    // The holdings hear first what the others ask them.
    this.checks = [this.holdings, ...[...this.names].flatMap((name) => INVARIANTS[name].checks?.(this) ?? [])];
    const hearing = (method: keyof Check): readonly Check[] => this.checks.filter((check) => check[method] !== Check.prototype[method]);
    this.onBegun = hearing('begun');
    this.onSend = hearing('send');
    this.onDone = hearing('attemptDone');
    this.onCancel = hearing('cancel');
    this.onSettle = hearing('settle');
    this.onTimer = hearing('timerDue');
    this.onGranted = hearing('granted');
    this.onAgain = hearing('again');
    this.onBeside = hearing('sentBeside');
    this.onIdle = hearing('sentIdle');
  }

  // --- what the books say ---

  outboundOf(call: CallId): number {
    return this.calls[(call << CALL_SHIFT) | CALL_OUTBOUND]!;
  }

  isOpen(call: CallId): boolean {
    const at = call << CALL_SHIFT;
    return at < this.calls.length && this.calls[at | CALL_STATE] !== FREE;
  }

  /** Attempts of the call sent so far. */
  sentOf(call: CallId): number {
    return this.calls[(call << CALL_SHIFT) | CALL_SENT]!;
  }

  /** ns; Infinity for none. */
  deadlineOf(call: CallId): number {
    return this.calls[(call << CALL_SHIFT) | CALL_STATE] === OPEN_WITH_DEADLINE ? this.deadlines[call]! : Infinity;
  }

  /** Whether the attempt is out and waited for; else it was given up, or is over. */
  isWaitedFor(attempt: AttemptId): boolean {
    const at = attempt << ATTEMPT_SHIFT;
    return at < this.attempts.length && this.attempts[at | ATTEMPT_STATE] === OUT;
  }

  callOf(attempt: AttemptId): CallId {
    return this.attempts[(attempt << ATTEMPT_SHIFT) | ATTEMPT_CALL]!;
  }

  /** Where the attempt went; also right after it ended. */
  placeOf(attempt: AttemptId): number {
    return this.attempts[(attempt << ATTEMPT_SHIFT) | ATTEMPT_PLACE]!;
  }

  /** Whose endpoint the attempt went to; also right after it ended. */
  backendOf(attempt: AttemptId): number {
    return this.attempts[(attempt << ATTEMPT_SHIFT) | ATTEMPT_OUTBOUND]!;
  }

  /** Attempts of the outbound that are out to the endpoint and waited for. */
  activeAt(place: number): number {
    return this.active[place]!;
  }

  /** Who of the outbound's endpoints can be used is about to change. */
  usableChanges(outbound: number): void {
    for (const check of this.checks) check.usableChanges(outbound);
  }

  /** By endpoint of the mesh: attempts that were sent there and have no answer, waited for or not. */
  unansweredAt(endpoints: number): Int32Array {
    const counts = new Int32Array(endpoints);
    for (let at = 0; at < this.attempts.length; at += 1 << ATTEMPT_SHIFT) {
      if (this.attempts[at | ATTEMPT_STATE] === FREE) continue;
      const outbound = this.attempts[at | ATTEMPT_OUTBOUND]!;
      counts[this.outbounds[outbound]!.firstEndpoint + this.attempts[at | ATTEMPT_PLACE]! - this.firstPlace[outbound]!]!++;
    }
    return counts;
  }

  /** Calls that have begun on the outbound. */
  begunBy(outbound: number): number {
    return this.begunCounts[outbound]!;
  }

  /** The first call of the outbound that begins at `due` or later is told by `Check.woken`; one asks for an outbound. */
  wakeAt(outbound: number, due: number): void {
    this.wakeTimes[outbound] = due;
  }

  isArmed(kind: TimerKind, subject: number): boolean {
    return this.armed[timerOf(kind, subject)] === 1;
  }

  outboundAt(edge: EdgeId, caller: number): number {
    return this.firstOutbound[edge]! + caller;
  }

  placeAt(outbound: number, endpoint: EndpointId): number {
    return this.firstPlace[outbound]! + endpoint - this.outbounds[outbound]!.firstEndpoint;
  }

  /** Endpoints of the service that the outbound calls. */
  sizeOf(outbound: number): number {
    return this.firstPlace[outbound + 1]! - this.firstPlace[outbound]!;
  }

  edgeOf(outbound: number): EdgePlan {
    return this.plan.edges[this.outbounds[outbound]!.edge]!;
  }

  nameOfPlace(place: number): string {
    let outbound = 0;
    while (this.firstPlace[outbound + 1]! <= place) outbound++;
    return `${this.plan.services[this.edgeOf(outbound).to]!.name}/${place - this.firstPlace[outbound]!}`;
  }

  /** Whether anything more is wanted of this invariant. */
  report(invariant: InvariantName, { atNs = this.now, attempt, call, decision, outbound }: Finding): void {
    if (!this.names.has(invariant) || this.broken.has(invariant)) return;
    this.broken.add(invariant);
    const { edge, caller } = this.whose(outbound ?? (call === undefined ? NO_ROW : this.outboundOf(call)));
    const whose = edge === null ? '' : ` on ${edge} of ${caller}`;
    const which = `${call === undefined ? '' : `, call ${call}`}${attempt === undefined ? '' : `, attempt ${attempt}`}`;
    this.violations.push({ invariant, seed: this.seed, atNs, edge, caller, call: call ?? null, attempt: attempt ?? null, decision, message: `${invariant}: at ${seconds(atNs)} s${whose}${which}: ${decision}` });
  }

  private whose(outbound: number): Pick<Violation, 'caller' | 'edge'> {
    if (outbound === NO_ROW || this.outbounds[outbound] === undefined) return { edge: null, caller: null };
    const { name, from } = this.edgeOf(outbound);
    const callers = from.kind === 'traffic' ? this.plan.traffic : this.plan.services;
    return { edge: name, caller: `${callers[from.index]!.name}/${this.outbounds[outbound]!.caller}` };
  }

  /** The run is over: nothing may be left that nobody owns, and what it says of itself must hold. */
  over(ran: Ran): Audited {
    this.now = ran.endNs;
    if (this.owed !== NO_ROW) this.stillOwed();
    this.balance();
    for (const check of this.checks) check.over(ran.endNs);
    for (const name of this.names) for (const finding of INVARIANTS[name].judge?.(ran) ?? []) this.report(name, finding);
    return this.found();
  }

  /** The run cannot go on: what was found up to now. @throws the error itself where nobody would hear of it */
  threw(error: unknown): Audited {
    this.report('does-not-throw', { decision: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    if (this.violations.length === 0) throw error;
    return this.found();
  }

  private found(): Audited {
    return { checked: this.names.size, broken: this.violations.length, violations: this.violations };
  }

  // --- what the engine is told ---

  override start(now: number): void {
    this.now = now;
    for (const check of this.checks) check.start(now);
  }

  override begin(edge: EdgeId, caller: number, _keyHi: number, _keyLo: number, _hashKey: number, _requestClass: number, _tag: number, parent: AttemptId, deadline: number, now: number): void {
    this.now = now;
    this.inputs++;
    if (this.owed !== NO_ROW) this.stillOwed();
    const outbound = this.firstOutbound[edge]! + caller;
    this.beginning = outbound;
    if (now >= this.wakeTimes[outbound]!) this.wake(outbound, now);
    this.begunCounts[outbound]!++;
    if (parent === NO_ROW && (++this.requests & (LOOK_EVERY - 1)) === 0) this.lookAround();
    const own = now + this.timeoutNs[outbound]!;
    const limit = own < deadline ? own : deadline;
    // One that begins too late ends at once.
    this.beginningUntil = limit < now ? now : limit;
    if (this.tells && parent !== NO_ROW && deadline > this.told[parent]!) this.grown(parent, deadline, outbound);
  }

  override begun(call: CallId, now: number): void {
    if (this.beginning !== NO_ROW) this.openCall(call);
    for (let i = 0; i < this.onBegun.length; i++) this.onBegun[i]!.begun(call, now);
  }

  override attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    this.now = now;
    this.inputs++;
    if (this.owed !== NO_ROW) this.stillOwed();
    const { attempts } = this;
    const at = attempt << ATTEMPT_SHIFT;
    const state = attempts[at | ATTEMPT_STATE]!;
    // Undefined where it is beyond the books.
    if (state !== OUT && state !== GIVEN_UP) {
      this.report('answers-once', { attempt, decision: 'it was answered, and had not been sent, or was answered before' });
      return;
    }
    attempts[at | ATTEMPT_STATE] = FREE;
    if (state === OUT) {
      const call = attempts[at | ATTEMPT_CALL]!;
      this.landed(at, call);
      this.subject = call;
      if (this.isTimed && this.patience[attempt]! < now) this.unheeded(attempt, call);
      if (outcome === OK) this.owed = call;
      for (let i = 0; i < this.onDone.length; i++) this.onDone[i]!.attemptDone(attempt, outcome, status, now);
    }
  }

  override timerDue(timer: TimerId, now: number): void {
    this.now = now;
    this.inputs++;
    if (this.owed !== NO_ROW) this.stillOwed();
    const subject = subjectOf(timer);
    const kind = kindOf(timer);
    this.subject = NO_ROW;
    if (kind === TIMER_ATTEMPT_TIMEOUT) {
      this.subject = this.callOf(subject);
      if (!this.isWaitedFor(subject)) this.report('timers-owned', { attempt: subject, decision: 'its per-try timeout fired, and nobody waits for it any more' });
      else if (this.patience[subject] !== now) this.report('timeouts-fire', { call: this.subject, attempt: subject, decision: `its per-try timeout fired, which is due at ${seconds(this.patience[subject]!)} s` });
    } else {
      if (this.armed[timer] !== 1) this.report('timers-owned', { decision: `a timer of ${whoseTimer(kind, subject)} fired that does not stand` });
      this.armed[timer] = 0;
      if (kind !== TIMER_OUTBOUND && !this.isOpen(subject)) this.report('timers-owned', { call: subject, decision: `a timer of ${whoseTimer(kind, subject)} fired, and the call is over` });
    }
    for (let i = 0; i < this.onTimer.length; i++) this.onTimer[i]!.timerDue(timer, now);
  }

  override abandon(call: CallId, now: number): void {
    this.now = now;
    this.inputs++;
    if (this.owed !== NO_ROW) this.stillOwed();
    for (const check of this.checks) check.abandon(call, now);
  }

  override opened(outbound: number, connection: number, now: number): void {
    this.now = now;
    this.inputs++;
    this.subject = NO_ROW;
    for (const check of this.checks) check.opened(outbound, connection, now);
  }

  override openFailed(outbound: number, connection: number, now: number): void {
    this.now = now;
    this.inputs++;
    this.subject = NO_ROW;
    for (const check of this.checks) check.openFailed(outbound, connection, now);
  }

  override connectionsLost(service: number, endpoint: EndpointId, now: number): void {
    this.now = now;
    this.inputs++;
    this.subject = NO_ROW;
    for (const check of this.checks) check.connectionsLost(service, endpoint, now);
  }

  override probeAnswered(outbound: number, endpoint: EndpointId, serial: number, result: CheckResult, now: number): void {
    this.now = now;
    this.inputs++;
    this.subject = NO_ROW;
    for (const check of this.checks) check.probeAnswered(outbound, endpoint, serial, result, now);
  }

  // --- what it decides ---

  override open(outbound: number, connection: number, endpoint: EndpointId, isOpen: boolean, now: number): void {
    for (const check of this.checks) check.open(outbound, connection, endpoint, isOpen, now);
  }

  override closed(outbound: number, connection: number): void {
    for (const check of this.checks) check.closed(outbound, connection);
  }

  override send(attempt: AttemptId, endpoint: EndpointId, now: number): void {
    const row = this.engine.attempts.rows[attempt]!;
    const { call: { id: call }, outbound: backend } = row;
    // While a call begins, another may get its connection.
    if (this.beginning !== NO_ROW && !this.isOpen(call)) this.openCall(call);
    const { calls } = this;
    const callAt = call << CALL_SHIFT;
    const state = calls[callAt | CALL_STATE]!;
    if (state !== OPEN) this.checkOpen(row, state, now);
    const outbound = calls[callAt | CALL_OUTBOUND]!;
    const sent = ++calls[callAt | CALL_SENT]!;
    calls[callAt | CALL_WAITED]!++;
    if (sent > 1 && sent > this.attemptsMax[outbound]!) this.tooMany(row, sent, outbound);

    const at = attempt << ATTEMPT_SHIFT;
    if (at >= this.attempts.length) this.growAttempts(attempt);
    const { attempts } = this;
    if (attempts[at | ATTEMPT_STATE] !== FREE) this.report('answers-once', { call, attempt, decision: 'its row was given to another attempt before it was answered' });
    const backendIndex = backend.index;
    const place = this.firstPlace[backendIndex]! + endpoint - backend.firstEndpoint;
    attempts[at | ATTEMPT_STATE] = OUT;
    attempts[at | ATTEMPT_CALL] = call;
    attempts[at | ATTEMPT_PLACE] = place;
    attempts[at | ATTEMPT_OUTBOUND] = backendIndex;
    this.active[place]!++;
    const isIdle = ++this.activeTotals[backendIndex]! === 1;
    if (this.isTimed) {
      this.patience[attempt] = row.number < this.unlimitedFrom[outbound]! ? now + this.perTryNs[outbound]! : Infinity;
      if (this.tells) this.tell(attempt, call, outbound);
    }
    for (let i = 0; i < this.onSend.length; i++) this.onSend[i]!.send(attempt, endpoint, now);
    if (row.number > 1) for (let i = 0; i < this.onAgain.length; i++) this.onAgain[i]!.again(row, now);
    if (this.heldCounts[backendIndex]! > 0) for (let i = 0; i < this.onBeside.length; i++) this.onBeside[i]!.sentBeside(row, place, now);
    if (isIdle) for (let i = 0; i < this.onIdle.length; i++) this.onIdle[i]!.sentIdle(row, place, now);
  }

  override cancel(attempt: AttemptId, now: number): void {
    const { attempts } = this;
    const at = attempt << ATTEMPT_SHIFT;
    if (attempts[at | ATTEMPT_STATE] !== OUT) {
      this.report('answers-once', { attempt, decision: 'it was cancelled, and nobody waited for it' });
      return;
    }
    attempts[at | ATTEMPT_STATE] = GIVEN_UP;
    const call = attempts[at | ATTEMPT_CALL]!;
    this.landed(at, call);
    for (let i = 0; i < this.onCancel.length; i++) this.onCancel[i]!.cancel(attempt, now);
  }

  override probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    for (const check of this.checks) check.probe(outbound, endpoint, serial, now);
  }

  override arm(timer: TimerId, due: number): void {
    const kind = kindOf(timer);
    // Nearly every attempt has one, and nearly none fires: whether it was right is seen when it does.
    if (kind !== TIMER_ATTEMPT_TIMEOUT) this.armOther(timer, kind, due);
  }

  override disarm(timer: TimerId): void {
    if (kindOf(timer) !== TIMER_ATTEMPT_TIMEOUT) this.armed[timer] = 0;
  }

  override settle(call: CallId, outcome: Outcome, status: number, now: number): void {
    const { calls } = this;
    const at = call << CALL_SHIFT;
    const state = calls[at | CALL_STATE]!;
    if (state === FREE || state === undefined) {
      this.report('settles-once', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}), and had been settled before, or never begun` });
      return;
    }
    if (outcome === OK ? this.owed !== call : this.owed === call) this.misjudged(call, outcome);
    this.owed = NO_ROW;
    if (calls[at | CALL_WAITED] !== 0) this.report('settles-once', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}) while ${calls[at | CALL_WAITED]} of its attempts were still waited for` });
    if (this.armed[timerOf(TIMER_CALL_TIMEOUT, call)] === 1 || this.armed[timerOf(TIMER_BACKOFF, call)] === 1) {
      this.report('timers-owned', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}), and its timer still stands` });
    }
    if (state === OPEN_WITH_DEADLINE && now > this.deadlines[call]!) this.report('timeouts-fire', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}) after its deadline of ${seconds(this.deadlines[call]!)} s, at which it should have timed out` });
    for (let i = 0; i < this.onSettle.length; i++) this.onSettle[i]!.settle(call, outcome, status, now);
    if (outcome === NO_ENDPOINT) for (const check of this.checks) check.foundNobody(this.engine.calls.rows[call]!, now);
    calls[at | CALL_STATE] = FREE;
  }

  // --- what it notices ---

  override ejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder, detection: Detection): void {
    for (const check of this.checks) check.ejected(edge, caller, endpoint, now, holder, detection);
  }

  override unejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder): void {
    for (const check of this.checks) check.unejected(edge, caller, endpoint, now, holder);
  }

  override breakerOpened(edge: number, caller: number, now: number, detection: Detection): void {
    for (const check of this.checks) check.breakerOpened(edge, caller, now, detection);
  }

  override breakerClosed(edge: number, caller: number, now: number): void {
    for (const check of this.checks) check.breakerClosed(edge, caller, now);
  }

  override refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean, now: number): void {
    for (const check of this.checks) check.refusing(edge, caller, endpoint, on, now);
  }

  override shedding(edge: number, caller: number, on: boolean, now: number): void {
    for (const check of this.checks) check.shedding(edge, caller, on, now);
  }

  override panicked(edge: number, caller: number, on: boolean, now: number): void {
    for (const check of this.checks) check.panicked(edge, caller, on, now);
  }

  override budgetRefused(edge: number, now: number): void {
    for (const check of this.checks) check.budgetRefused(edge, now);
  }

  // --- the books ---

  /** The call that is beginning is heard of by its number for the first time. */
  private openCall(call: CallId): void {
    const at = call << CALL_SHIFT;
    if (at >= this.calls.length) this.growCalls(call);
    const { calls } = this;
    if (calls[at | CALL_STATE] !== FREE) this.report('settles-once', { call, decision: 'its row was given to another call before it was settled' });
    calls[at | CALL_STATE] = this.beginningUntil === Infinity ? OPEN : OPEN_WITH_DEADLINE;
    if (this.beginningUntil !== Infinity) this.deadlines[call] = this.beginningUntil;
    calls[at | CALL_OUTBOUND] = this.beginning;
    calls[at | CALL_SENT] = 0;
    calls[at | CALL_WAITED] = 0;
    this.beginning = NO_ROW;
  }

  private wake(outbound: number, now: number): void {
    for (const check of this.checks) check.woken(outbound, now);
  }

  private lookAround(): void {
    for (const check of this.checks) check.lookAround();
  }

  private armOther(timer: TimerId, kind: TimerKind, due: number): void {
    if (timer >= this.armed.length) this.growTimers(timer);
    this.armed[timer] = 1;
    if (kind !== TIMER_OUTBOUND) this.armCall(kind, subjectOf(timer), due);
  }

  private armCall(kind: TimerKind, call: CallId, due: number): void {
    if (this.beginning !== NO_ROW && !this.isOpen(call)) this.openCall(call);
    if (!this.isOpen(call)) this.report('timers-owned', { call, decision: `a timer of ${whoseTimer(kind, call)} was armed, and the call is over` });
    else if (kind === TIMER_CALL_TIMEOUT) {
      if (due !== this.deadlineOf(call)) this.report('timeouts-fire', { call, decision: `its timeout is due at ${seconds(due)} s instead of ${seconds(this.deadlineOf(call))} s` });
    } else {
      const row = this.engine.calls.rows[call]!;
      if (row.awaitsRetry) for (let i = 0; i < this.onGranted.length; i++) this.onGranted[i]!.granted(row, due, this.now);
    }
  }

  /** An attempt that was waited for is so no more. */
  private landed(at: number, call: CallId): void {
    const { attempts } = this;
    this.calls[(call << CALL_SHIFT) | CALL_WAITED]!--;
    this.active[attempts[at | ATTEMPT_PLACE]!]!--;
    this.activeTotals[attempts[at | ATTEMPT_OUTBOUND]!]!--;
  }

  // --- what is wrong ---

  private stillOwed(): void {
    const call = this.owed;
    this.owed = NO_ROW;
    this.report('settles-once', { call, decision: 'it had a good answer, and was not settled with it' });
  }

  private misjudged(call: CallId, outcome: Outcome): void {
    this.report('settles-once', { call, decision: outcome === OK ? 'it was settled (ok), and no attempt of it had just been answered well' : `it was settled (${OUTCOME_NAMES[outcome]}), and had just been answered well` });
  }

  private tooMany({ id, number }: AttemptRow, sent: number, outbound: number): void {
    this.report('attempts-limit', { call: this.callOf(id), attempt: id, outbound, decision: `attempt ${number} was sent, the ${sent}th of at most ${this.attemptsMax[outbound]}` });
  }

  /** An attempt of a call that has a deadline, or is none. */
  private checkOpen({ call: { id: call }, id: attempt, number }: AttemptRow, state: number, now: number): void {
    if (state !== OPEN_WITH_DEADLINE) this.report('no-late-attempt', { call, attempt, decision: `attempt ${number} was sent after its call was settled` });
    else if (now > this.deadlines[call]!) this.report('no-late-attempt', { call, attempt, decision: `attempt ${number} was sent ${seconds(now - this.deadlines[call]!)} s after the deadline of its call` });
  }

  private unheeded(attempt: AttemptId, call: CallId): void {
    const outbound = this.outboundOf(call);
    if (this.policies[outbound]!.hedge?.onPerTryTimeout === true) return;
    this.report('timeouts-fire', { call, attempt, decision: `it was answered and still waited for, after its per-try timeout at ${seconds(this.patience[attempt]!)} s` });
  }

  /** An endpoint is told until when somebody waits for what it does: no longer than the call, and than the attempt. */
  private tell(attempt: AttemptId, call: CallId, outbound: number): void {
    this.told[attempt] = Infinity;
    if (this.propagates[outbound] === 0) return;
    const keepsWaiting = this.policies[outbound]!.hedge?.onPerTryTimeout === true;
    const limit = Math.min(this.deadlineOf(call), keepsWaiting ? Infinity : this.patience[attempt]!);
    const told = this.engine.deadlineOf(attempt);
    this.told[attempt] = limit;
    if (told > limit) this.report('deadline-never-grows', { call, attempt, decision: `its endpoint is told that somebody waits until ${seconds(told)} s, and its caller waits until ${seconds(limit)} s` });
  }

  private grown(parent: AttemptId, deadline: number, outbound: number): void {
    this.report('deadline-never-grows', { attempt: parent, outbound, decision: `a call for it begins with a deadline of ${seconds(deadline)} s, and it has until ${seconds(this.told[parent]!)} s itself` });
  }

  /** At the end: what is open has something that can end it, and the engine counts what is there. */
  private balance(): void {
    const { engine } = this;
    const rows = engine.calls.rows;
    for (let call = 0; call << CALL_SHIFT < this.calls.length; call++) {
      const row = rows[call];
      const isOpen = this.isOpen(call);
      if (isOpen !== (row !== undefined && row.begunAt >= 0)) this.report('settles-once', { call, decision: isOpen ? 'it is open by the books, and the engine has forgotten it' : 'it is settled, and the engine still has it' });
      // Who waits for a connection or for an endpoint is in a queue, which no book tells of.
      else if (isOpen && this.calls[(call << CALL_SHIFT) | CALL_WAITED] === 0 && row!.current === null && row!.waitsAt === null && !this.isArmed(TIMER_BACKOFF, call)) {
        this.report('settles-once', { call, decision: 'it is open at the end, and nothing that is under way can settle it' });
      }
    }
    for (let timer = 0; timer < this.armed.length; timer++) {
      const [kind, subject] = [kindOf(timer), subjectOf(timer)];
      if (this.armed[timer] === 1 && kind !== TIMER_OUTBOUND && !this.isOpen(subject)) this.report('timers-owned', { decision: `a timer of ${whoseTimer(kind, subject)} still stands at the end, and what it is of is over` });
    }
    this.balanceAttempts();
    if (engine.calls.live === 0) for (const what of leftIn(engine)) this.report('answers-once', { decision: `every call is settled, and the engine still counts ${what}` });
  }

  /** What the engine has in flight at the end is what was sent and not answered. */
  private balanceAttempts(): void {
    const { engine, firstPlace } = this;
    let out = 0;
    for (let at = 0; at < this.attempts.length; at += 1 << ATTEMPT_SHIFT) if (this.attempts[at | ATTEMPT_STATE] !== FREE) out++;
    const [rows, free] = rowsOf(engine);
    const waiting = engine.attempts.rows.filter(({ call, state }, id) => state === AttemptState.waiting && !this.isWaitedFor(id) && call.begunAt >= 0 && isOn(call.current, id)).length;
    if (rows - free !== out + waiting) this.report('answers-once', { decision: `the engine keeps ${rows - free} attempts at the end, and ${out + waiting} have no answer yet` });
    for (const [outbound, { countsWaiting, pools, set }] of this.outbounds.entries()) {
      if (countsWaiting && pools !== null) continue;
      for (let i = 0; i < set.size; i++) {
        const [active, counted] = [this.activeAt(firstPlace[outbound]! + i), set.active[i]!];
        if (active !== counted) this.report('answers-once', { outbound, decision: `${counted} attempts count as in flight to endpoint ${i}, and ${active} are` });
      }
    }
  }

  private growCalls(call: CallId): void {
    while (call << CALL_SHIFT >= this.calls.length) {
      this.calls = doubled(this.calls);
      this.deadlines = doubled(this.deadlines);
    }
  }

  private growAttempts(attempt: AttemptId): void {
    while (attempt << ATTEMPT_SHIFT >= this.attempts.length) {
      this.attempts = doubled(this.attempts);
      this.patience = doubled(this.patience);
      this.told = doubled(this.told);
    }
  }

  private growTimers(timer: TimerId): void {
    while (timer >= this.armed.length) this.armed = doubled(this.armed);
  }
}

function attemptsMaxOf({ hedge, retries }: PolicyPlan): number {
  return 1 + (retries?.attempts ?? 0) + (hedge === null || hedge.afterNs === Infinity ? 0 : hedge.max);
}

function whoseTimer(kind: TimerKind, subject: number): string {
  return `${Object.keys(TimerKind).find((name) => TimerKind[name as keyof typeof TimerKind] === kind)} ${subject}`;
}

function isOn(first: AttemptRow | null, id: AttemptId): boolean {
  for (let attempt = first; attempt !== null; attempt = attempt.sibling) if (attempt.id === id) return true;
  return false;
}

/** Rows of attempts, and those of them that are free. */
function rowsOf({ attempts }: Engine): readonly [rows: number, free: number] {
  let free = 0;
  for (let row = attempts['free']; row !== null; row = row.nextFree) free++;
  return [attempts.rows.length, free];
}
