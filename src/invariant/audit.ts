/**
 * Watches an engine and keeps books of its own: which calls are open, which attempts are out, which timers stand, who is in use.
 * They are kept from what is heard alone and never from the engine's counts, so that a count that is off by one is found. What an
 * engine's rows are read for is what they are called: whose attempt it is, where it goes.
 *
 * What concerns each call is looked at here, because a call of a method for each invariant would cost more than what it looks at
 * (`npm run bench` says what all of it costs). What is rarer, or asked of few policies, is a `Check` of its own.
 *
 * An outbound is a caller endpoint's side of an edge, a place an endpoint as one outbound knows it; both are counted through.
 */
import { type AttemptRow, AttemptState, type CallRow } from '../engine/calls.ts';
import type { Detection } from '../engine/breaker/detection.ts';
import type { CheckResult } from '../engine/breaker/health-checks.ts';
import type { Holder } from '../engine/breaker/readiness.ts';
import type { Engine } from '../engine/engine.ts';
import type { Outbound } from '../engine/outbound.ts';
import { TimerKind, kindOf, subjectOf } from '../engine/timers.ts';
import { Watcher } from '../engine/watch/watcher.ts';
import type { Conditions } from '../fault/conditions.ts';
import { DOUBLE, doubled } from '../model/columns.ts';
import { type AttemptId, type CallId, type EdgeId, type EndpointId, NONE, type TimerId } from '../model/ids.ts';
import { OUTCOME_NAMES, Outcome } from '../model/outcome.ts';
import type { EdgePlan, Plan, PolicyPlan } from '../model/plan.ts';
import type { Stations } from '../service/station.ts';
import type { Audited, InvariantName, Violation } from '../model/violation.ts';
import { Holdings } from './holdings.ts';
import { Check, type Finding } from './invariant.ts';
import { leftIn } from './leftovers.ts';
import type { Ran } from './ran.ts';
import { INVARIANTS, INVARIANT_NAMES } from './registry.ts';
import { seconds } from './words.ts';

// Local names for constants: see engine/calls.ts.
const { noEndpoint: NO_ENDPOINT, ok: OK } = Outcome;
const { attemptTimeout: TIMER_ATTEMPT_TIMEOUT, backoff: TIMER_BACKOFF, callTimeout: TIMER_CALL_TIMEOUT, outbound: TIMER_OUTBOUND } = TimerKind;
const NO_ROW = NONE;

/** Each of the first so many requests is a look around, and then one of so many. */
const LOOKS_FIRST = 1024;
const LOOK_EVERY = 64;

/** More attempts than any call makes. */
const UNLIMITED = 2 ** 30;

/** A caller endpoint's side of an edge. */
class OutboundBook {
  readonly index: number;
  /** Place of an endpoint less its number in the mesh. */
  readonly placeOffset: number;
  readonly timeoutNs: number = DOUBLE;
  /** Longest that an attempt may take, and after how many retries of its call there is no limit. */
  readonly perTryNs: number = DOUBLE;
  readonly unlimitedAfter: number;
  /** Most attempts of a call. */
  readonly attemptsMax: number;
  /** Whether endpoints are told until when somebody waits. */
  readonly propagates: boolean;
  /** Calls begun, and when somebody wants to hear of the next one, ns. */
  begun: number = 0;
  wakeAt: number = DOUBLE;
  /** Attempts out and waited for. */
  active: number = 0;
  /** Endpoints that somebody holds to be unusable. */
  held: number = 0;

  constructor(index: number, placeOffset: number, { hedge, propagateDeadline, retries, timeoutNs }: PolicyPlan) {
    this.index = index;
    this.placeOffset = placeOffset;
    this.wakeAt = Infinity;
    this.timeoutNs = timeoutNs;
    // One that is not shorter than the whole call's means nothing (envoy.md 5).
    this.perTryNs = retries !== null && retries.perTryTimeoutNs < timeoutNs ? retries.perTryTimeoutNs : Infinity;
    this.unlimitedAfter = retries === null || retries.lastTryTimeout ? UNLIMITED : Math.min(UNLIMITED, retries.attempts);
    this.attemptsMax = Math.min(UNLIMITED, 1 + (retries?.attempts ?? 0) + (hedge === null || hedge.afterNs === Infinity ? 0 : hedge.max));
    this.propagates = propagateDeadline;
  }
}

/**
 * What is known of the call and of the attempt that have a row, or had it last, in cells beside each other: in most calls the two have
 * the same number, and by the time of the answer the row has long left the processor's caches (bench W5).
 */
const ROW_BITS = 3;
// The first one, of the call: whether it is open, the timers of it that stand, and how many of its attempts are out and waited for.
/** Attempts that it may still be sent. */
const LEFT = 1;
/** Index of its outbound. */
const OUTBOUND = 2;
/** Retries that it was granted. */
const RETRIES = 3;
/** Of the attempt: its state, and above that its call. */
const ATTEMPT = 4;
/** Of its endpoint in the mesh. */
const ENDPOINT = 5;
/** Index of the outbound whose endpoint that is. */
const BACKEND = 6;

const OPEN = 1;
const TIMER_BITS = 1;
const TIMERS: number = ((1 << TIMER_CALL_TIMEOUT) | (1 << TIMER_BACKOFF)) << TIMER_BITS;
const WAITED_BITS = 4;
const ONE_WAITED: number = 1 << WAITED_BITS;

const STATE = 3;
const STATE_BITS = 2;
const FREE = 0;
const OUT = 1;
/** Out, and nobody waits for it. */
const GIVEN_UP = 2;

/** What of a world can be looked into. */
export interface Inside {
  readonly stations: Stations;
  readonly conditions: Conditions;
}

export class Audit extends Watcher {
  /** Nearly every attempt has one, and nearly none fires: whether it was right is seen when it does. */
  override readonly hearsAttemptTimers: boolean = false;
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
  private looks: number = 0;
  /** Requests until the next look around, that one included. */
  private untilLook: number = 1;
  // By outbound.
  outbounds: readonly Outbound[] = [];
  policies: readonly PolicyPlan[] = [];
  firstPlace: Int32Array = new Int32Array(0);
  private books: readonly OutboundBook[] = [];
  /** Index of the first outbound of each edge. */
  private firstOutbound: Int32Array = new Int32Array(0);
  // By row of the engine.
  private capacity: number = 64;
  private cells: Int32Array = new Int32Array(this.capacity << ROW_BITS);
  /** Of the call, ns; Infinity for none. */
  private deadlines: Float64Array = new Float64Array(this.capacity);
  /** When the per-try timeout of the attempt is due, ns; Infinity for none. */
  private patience: Float64Array = new Float64Array(this.capacity);
  /** Until when the endpoint of the attempt was told that somebody waits, ns; Infinity for nothing. */
  private told: Float64Array = new Float64Array(this.capacity);
  /** Whether any edge limits its attempts; its calls; or tells its endpoints until when somebody waits. */
  private isTimed: boolean = false;
  private hasDeadlines: boolean = false;
  private tells: boolean = false;
  /** Outbound of the call that is beginning and has no number yet; null between. */
  private beginning: OutboundBook | null = null;
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
  /** Whether anything more is to be looked at when a call is settled. */
  private hearsSettles: boolean = false;
  private onTimer: readonly Check[] = [];
  private onLook: readonly Check[] = [];
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
    this.books = this.policies.map((policy, i) => new OutboundBook(i, this.firstPlace[i]! - this.outbounds[i]!.firstEndpoint, policy));
    this.tells = this.books.some(({ propagates }) => propagates);
    // A per-try timeout that endpoints are told of is a deadline to their own calls.
    this.hasDeadlines = this.tells || this.books.some(({ timeoutNs }) => timeoutNs !== Infinity);
    this.isTimed = this.tells || this.books.some(({ perTryNs }) => perTryNs !== Infinity);
    this.holdsAny = this.policies.some(({ circuitBreaker, failureAccrual, healthCheck, outlierDetection }) => outlierDetection !== null || failureAccrual !== null || healthCheck !== null || circuitBreaker?.['scope'] === 'endpoint');
    this.holdings = new Holdings(this, this.holdsAny);
    // The holdings hear first what the others ask them.
    this.checks = [this.holdings, ...[...this.names].flatMap((name) => INVARIANTS[name].checks?.(this) ?? [])];
    const hearing = (method: keyof Check): readonly Check[] => this.checks.filter((check) => check[method] !== Check.prototype[method]);
    this.onBegun = hearing('begun');
    this.onSend = hearing('send');
    this.onDone = hearing('attemptDone');
    this.onCancel = hearing('cancel');
    this.onSettle = hearing('settle');
    this.hearsSettles = this.hasDeadlines || this.onSettle.length > 0;
    this.onTimer = hearing('timerDue');
    this.onLook = hearing('lookAround');
    this.onGranted = hearing('granted');
    this.onAgain = hearing('again');
    this.onBeside = hearing('sentBeside');
    this.onIdle = hearing('sentIdle');
  }

  // --- what the books say ---

  outboundOf(call: CallId): number {
    return this.cells[(call << ROW_BITS) | OUTBOUND]!;
  }

  isOpen(call: CallId): boolean {
    return call < this.capacity && (this.cells[call << ROW_BITS]! & OPEN) !== 0;
  }

  /** Retries that the call was granted before this one. */
  retriesOf(call: CallId): number {
    return this.cells[(call << ROW_BITS) | RETRIES]!;
  }

  /** Whether the attempt is out and waited for; else it was given up, or is over. */
  isWaitedFor(attempt: AttemptId): boolean {
    return this.stateOf(attempt) === OUT;
  }

  callOf(attempt: AttemptId): CallId {
    return this.cells[(attempt << ROW_BITS) | ATTEMPT]! >> STATE_BITS;
  }

  /** Where the attempt went; also right after it ended. */
  placeOf(attempt: AttemptId): number {
    return this.placeAt(this.backendOf(attempt), this.cells[(attempt << ROW_BITS) | ENDPOINT]!);
  }

  /** Whose endpoint the attempt went to; also right after it ended. */
  backendOf(attempt: AttemptId): number {
    return this.cells[(attempt << ROW_BITS) | BACKEND]!;
  }

  /** Attempts of the outbound that are out and waited for. */
  activeOn(outbound: number): number {
    return this.books[outbound]!.active;
  }

  /** So many endpoints of the outbound are out of use. */
  setHeld(outbound: number, count: number): void {
    this.books[outbound]!.held = count;
  }

  /** Who of the outbound's endpoints can be used is about to change. */
  usableChanges(outbound: number): void {
    for (const check of this.checks) check.usableChanges(outbound);
  }

  /** By endpoint of the mesh: attempts that were sent there and have no answer, waited for or not. */
  unansweredAt(endpoints: number): Int32Array {
    const counts = new Int32Array(endpoints);
    for (let attempt = 0; attempt < this.capacity; attempt++) if (this.stateOf(attempt) !== FREE) counts[this.cells[(attempt << ROW_BITS) | ENDPOINT]!]!++;
    return counts;
  }

  /** Calls that have begun on the outbound. */
  begunBy(outbound: number): number {
    return this.books[outbound]!.begun;
  }

  /** The first call of the outbound that begins at `due` or later is told by `Check.woken`; one asks for an outbound. */
  wakeAt(outbound: number, due: number): void {
    this.books[outbound]!.wakeAt = due;
  }

  outboundAt(edge: EdgeId, caller: number): number {
    return this.firstOutbound[edge]! + caller;
  }

  placeAt(outbound: number, endpoint: EndpointId): number {
    return endpoint + this.books[outbound]!.placeOffset;
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

  /** The first violation of an invariant is kept, if it is one that is looked after. */
  report(invariant: InvariantName, { atNs = this.now, attempt, call, decision, outbound }: Finding): void {
    if (!this.names.has(invariant) || this.broken.has(invariant)) return;
    this.broken.add(invariant);
    const { edge, caller } = this.whose(outbound ?? (call === undefined ? NO_ROW : (call < this.capacity ? this.outboundOf(call) : NO_ROW)));
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

  get isBroken(): boolean {
    return this.violations.length > 0;
  }

  /** Up to now. */
  found(): Audited {
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
    const outbound = this.books[this.firstOutbound[edge]! + caller]!;
    this.beginning = outbound;
    if (now >= outbound.wakeAt) this.wake(outbound.index, now);
    outbound.begun++;
    if (parent === NO_ROW && --this.untilLook === 0) this.lookAround();
    if (this.hasDeadlines) this.limit(outbound, parent, deadline, now);
  }

  override begun(call: CallId, now: number): void {
    if (this.beginning !== null) {
      if (this.isOpen(call)) this.reopened(call);
      this.openCall(call, this.beginning);
    }
    if (this.onBegun.length > 0) this.tellBegun(call, now);
  }

  override attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    this.now = now;
    this.inputs++;
    if (this.owed !== NO_ROW) this.stillOwed();
    const { cells } = this;
    const at = attempt << ROW_BITS;
    const cell = cells[at | ATTEMPT]!;
    if ((cell & STATE) === FREE) this.report('answers-once', { attempt, decision: 'it was answered, and had not been sent, or was answered before' });
    if ((cell & STATE) !== OUT) {
      cells[at | ATTEMPT] = cell & ~STATE;
      return;
    }
    cells[at | ATTEMPT] = cell ^ OUT;
    const call = cell >> STATE_BITS;
    cells[call << ROW_BITS]! -= ONE_WAITED;
    this.books[cells[at | BACKEND]!]!.active--;
    this.subject = call;
    if (this.isTimed && this.patience[attempt]! < now && this.policies[this.outboundOf(call)]!.hedge?.onPerTryTimeout !== true) {
      this.report('timeouts-fire', { call, attempt, decision: `it was answered and still waited for, after its per-try timeout at ${seconds(this.patience[attempt]!)} s` });
    }
    if (outcome === OK) this.owed = call;
    for (let i = 0; i < this.onDone.length; i++) this.onDone[i]!.attemptDone(attempt, outcome, status, now);
  }

  override timerDue(timer: TimerId, now: number): void {
    this.now = now;
    this.inputs++;
    if (this.owed !== NO_ROW) this.stillOwed();
    const subject = subjectOf(timer);
    const kind = kindOf(timer);
    this.subject = NO_ROW;
    if (kind === TIMER_ATTEMPT_TIMEOUT) {
      const call = this.callOf(subject);
      this.subject = call;
      const due = this.patience[subject]!;
      if (!this.isWaitedFor(subject)) this.report('timers-owned', { attempt: subject, decision: 'its per-try timeout fired, and nobody waits for it any more' });
      else if (due !== now) this.report('timeouts-fire', { call, attempt: subject, decision: `its per-try timeout fired, which is due at ${seconds(due)} s` });
    } else {
      if (kind !== TIMER_OUTBOUND) this.callTimerDue(kind, subject);
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

  // Too long for V8 to copy it into the engine, whose own short functions would find no room there any more (bench W3).
  override send(row: AttemptRow, endpoint: EndpointId, now: number): void {
    const { id: attempt, number } = row;
    const call = row.call.id;
    // While a call begins, another may get its connection.
    if (this.beginning !== null && !this.isOpen(call)) this.openCall(call, this.beginning);
    if (attempt >= this.capacity) this.grow(attempt);
    const { cells } = this;
    const ofCall = call << ROW_BITS;
    const ofAttempt = attempt << ROW_BITS;
    const cell = cells[ofCall]!;
    const before = cells[ofAttempt | ATTEMPT]! & STATE;
    cells[ofCall] = cell + ONE_WAITED;
    const left = cells[ofCall | LEFT]! - 1;
    cells[ofCall | LEFT] = left;
    cells[ofAttempt | ATTEMPT] = (call << STATE_BITS) | OUT;
    cells[ofAttempt | ENDPOINT] = endpoint | 0;
    const { index } = row.outbound;
    cells[ofAttempt | BACKEND] = index;
    if ((cell & OPEN) === 0) this.report('no-late-attempt', { call, attempt, decision: `attempt ${number} was sent after its call was settled` });
    if (left < 0) {
      const outbound = this.outboundOf(call);
      const { attemptsMax } = this.books[outbound]!;
      this.report('attempts-limit', { call, attempt, outbound, decision: `attempt ${number} was sent, the ${attemptsMax - left}th of at most ${attemptsMax}` });
    }
    if (before !== FREE) this.report('answers-once', { call, attempt, decision: 'its row was given to another attempt before it was answered' });
    if (this.hasDeadlines && now > this.deadlines[call]!) {
      this.report('no-late-attempt', { call, attempt, decision: `attempt ${number} was sent ${seconds(now - this.deadlines[call]!)} s after the deadline of its call` });
    }
    if (this.isTimed) {
      const { perTryNs, propagates, unlimitedAfter } = this.books[cells[ofCall | OUTBOUND]!]!;
      // Not in one expression: both kinds of number in one would be an object on the heap.
      this.patience[attempt] = now + perTryNs;
      if (cells[ofCall | RETRIES]! >= unlimitedAfter) this.patience[attempt] = Infinity;
      if (this.tells) this.told[attempt] = propagates ? this.tell(attempt, call) : Infinity;
    }
    const backend = this.books[index]!;
    const active = ++backend.active;
    for (let i = 0; i < this.onSend.length; i++) this.onSend[i]!.send(row, endpoint, now);
    if (number > 1) for (let i = 0; i < this.onAgain.length; i++) this.onAgain[i]!.again(row, now);
    if (backend.held > 0) for (let i = 0; i < this.onBeside.length; i++) this.onBeside[i]!.sentBeside(row, endpoint + backend.placeOffset, now);
    if (active === 1) for (let i = 0; i < this.onIdle.length; i++) this.onIdle[i]!.sentIdle(row, endpoint + backend.placeOffset, now);
  }

  override cancel(attempt: AttemptId, now: number): void {
    if (!this.isWaitedFor(attempt)) {
      this.report('answers-once', { attempt, decision: 'it was cancelled, and nobody waited for it' });
      return;
    }
    const { cells } = this;
    const call = this.callOf(attempt);
    cells[(attempt << ROW_BITS) | ATTEMPT] = (call << STATE_BITS) | GIVEN_UP;
    cells[call << ROW_BITS]! -= ONE_WAITED;
    this.books[this.backendOf(attempt)]!.active--;
    for (let i = 0; i < this.onCancel.length; i++) this.onCancel[i]!.cancel(attempt, now);
  }

  override probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    for (const check of this.checks) check.probe(outbound, endpoint, serial, now);
  }

  override arm(timer: TimerId, due: number): void {
    const kind = kindOf(timer);
    if (kind === TIMER_CALL_TIMEOUT || kind === TIMER_BACKOFF) this.armCall(kind, subjectOf(timer), due);
  }

  override disarm(timer: TimerId): void {
    const kind = kindOf(timer);
    if (kind === TIMER_CALL_TIMEOUT || kind === TIMER_BACKOFF) this.disarmCall(kind, subjectOf(timer));
  }

  override settle(row: CallRow, outcome: Outcome, status: number, now: number): void {
    const { cells } = this;
    const call = row.id;
    const at = call << ROW_BITS;
    if ((cells[at] !== OPEN || (outcome === OK) !== (this.owed === call)) && !this.mayBeSettled(call, outcome)) return;
    this.owed = NO_ROW;
    if (this.hearsSettles || outcome === NO_ENDPOINT) this.tellSettled(row, outcome, status, now);
    cells[at]! &= ~OPEN;
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
  private openCall(call: CallId, outbound: OutboundBook): void {
    if (call >= this.capacity) this.grow(call);
    const { cells } = this;
    const at = call << ROW_BITS;
    cells[at] = OPEN;
    cells[at | LEFT] = outbound.attemptsMax;
    cells[at | OUTBOUND] = outbound.index;
    cells[at | RETRIES] = 0;
    if (this.hasDeadlines) this.deadlines[call] = this.beginningUntil;
    this.beginning = null;
  }

  /** Until when the call that begins has time, ns. */
  private limit(outbound: OutboundBook, parent: AttemptId, deadline: number, now: number): void {
    if (this.tells && parent !== NO_ROW && deadline > this.told[parent]!) this.grown(parent, deadline, outbound);
    const own = now + outbound.timeoutNs;
    const limit = own < deadline ? own : deadline;
    // One that begins too late ends at once.
    this.beginningUntil = limit < now ? now : limit;
  }

  private tellBegun(call: CallId, now: number): void {
    for (const check of this.onBegun) check.begun(call, now);
  }

  private tellSettled(row: CallRow, outcome: Outcome, status: number, now: number): void {
    const call = row.id;
    if (this.hasDeadlines && now > this.deadlines[call]!) {
      this.report('timeouts-fire', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}) after its deadline of ${seconds(this.deadlines[call]!)} s, at which it should have timed out` });
    }
    for (const check of this.onSettle) check.settle(row, outcome, status, now);
    if (outcome === NO_ENDPOINT) for (const check of this.checks) check.foundNobody(row, now);
  }

  private grow(row: number): void {
    while (row >= this.capacity) {
      this.capacity *= 2;
      this.cells = doubled(this.cells);
      this.deadlines = doubled(this.deadlines);
      this.patience = doubled(this.patience);
      this.told = doubled(this.told);
    }
  }

  private stateOf(attempt: AttemptId): number {
    return this.cells[(attempt << ROW_BITS) | ATTEMPT]! & STATE;
  }

  private disarmCall(kind: TimerKind, call: CallId): void {
    this.cells[call << ROW_BITS]! &= ~timerBit(kind);
  }

  private callTimerDue(kind: TimerKind, call: CallId): void {
    if (!this.isOpen(call)) this.report('timers-owned', { call, decision: `its timer (${nameOf(kind)}) fired, and the call is over` });
    else if ((this.cells[call << ROW_BITS]! & timerBit(kind)) === 0) this.report('timers-owned', { call, decision: `its timer (${nameOf(kind)}) fired, and does not stand` });
    this.disarmCall(kind, call);
  }

  private wake(outbound: number, now: number): void {
    for (const check of this.checks) check.woken(outbound, now);
  }

  private lookAround(): void {
    this.untilLook = ++this.looks < LOOKS_FIRST ? 1 : LOOK_EVERY;
    for (const check of this.onLook) check.lookAround();
  }

  private armCall(kind: TimerKind, call: CallId, due: number): void {
    if (!this.isOpen(call) && this.beginning !== null) this.openCall(call, this.beginning);
    if (!this.isOpen(call)) {
      this.report('timers-owned', { call, decision: `a timer (${nameOf(kind)}) was armed, and the call is over` });
      return;
    }
    this.cells[call << ROW_BITS]! |= timerBit(kind);
    if (kind === TIMER_CALL_TIMEOUT) {
      const deadline = this.deadlines[call]!;
      if (due !== deadline) this.report('timeouts-fire', { call, decision: `its timeout is due at ${seconds(due)} s instead of ${seconds(deadline)} s` });
    } else {
      const row = this.engine.calls.rows[call]!;
      if (row.awaitsRetry) {
        for (let i = 0; i < this.onGranted.length; i++) this.onGranted[i]!.granted(row, due, this.now);
        this.cells[(call << ROW_BITS) | RETRIES]!++;
      }
    }
  }

  // --- what is wrong ---

  private stillOwed(): void {
    const call = this.owed;
    this.owed = NO_ROW;
    this.report('settles-once', { call, decision: 'it had a good answer, and was not settled with it' });
  }

  private reopened(call: CallId): void {
    this.report('settles-once', { call, decision: 'its row was given to another call before it was settled' });
  }

  /** What is wrong with a call that is settled. @returns whether there is one at all */
  private mayBeSettled(call: CallId, outcome: Outcome): boolean {
    const how = `it was settled (${OUTCOME_NAMES[outcome]})`;
    if (!this.isOpen(call)) {
      this.report('settles-once', { call, decision: `${how}, and had been settled before, or never begun` });
      return false;
    }
    const cell = this.cells[call << ROW_BITS]!;
    const waited = cell >> WAITED_BITS;
    if ((outcome === OK) !== (this.owed === call)) this.report('settles-once', { call, decision: outcome === OK ? `${how}, and no attempt of it had just been answered well` : `${how}, and had just been answered well` });
    if (waited !== 0) this.report('settles-once', { call, decision: `${how} while ${waited} of its attempts were still waited for` });
    if ((cell & TIMERS) !== 0) this.report('timers-owned', { call, decision: `${how}, and its timer still stands` });
    return true;
  }

  /** An endpoint is told until when somebody waits for what it does: no longer than the call, and than the attempt. */
  private tell(attempt: AttemptId, call: CallId): number {
    const keepsWaiting = this.policies[this.outboundOf(call)]!.hedge?.onPerTryTimeout === true;
    const limit = Math.min(this.deadlines[call]!, keepsWaiting ? Infinity : this.patience[attempt]!);
    const told = this.engine.deadlineOf(attempt);
    if (told > limit) this.report('deadline-never-grows', { call, attempt, decision: `its endpoint is told that somebody waits until ${seconds(told)} s, and its caller waits until ${seconds(limit)} s` });
    return limit;
  }

  private grown(parent: AttemptId, deadline: number, { index }: OutboundBook): void {
    this.report('deadline-never-grows', { attempt: parent, outbound: index, decision: `a call for it begins with a deadline of ${seconds(deadline)} s, and it has until ${seconds(this.told[parent]!)} s itself` });
  }

  /** At the end: what is open has something that can end it, and the engine counts what is there. */
  private balance(): void {
    const { engine } = this;
    for (const [call, row] of engine.calls.rows.entries()) {
      const cell = this.cells[call << ROW_BITS] ?? 0;
      const isOpen = (cell & OPEN) !== 0;
      if (isOpen !== row.begunAt >= 0) this.report('settles-once', { call, decision: isOpen ? 'it is open by the books, and the engine has forgotten it' : 'it is settled, and the engine still has it' });
      // Who waits for a connection or for an endpoint is in a queue, which no book tells of.
      else if (isOpen && cell >> WAITED_BITS === 0 && row.current === null && row.waitsAt === null && (cell & timerBit(TIMER_BACKOFF)) === 0) {
        this.report('settles-once', { call, decision: 'it is open at the end, and nothing that is under way can settle it' });
      }
    }
    this.balanceAttempts();
    if (engine.calls.live === 0) for (const what of leftIn(engine)) this.report('answers-once', { decision: `every call is settled, and the engine still counts ${what}` });
  }

  /** What the engine has in flight at the end is what was sent and not answered. */
  private balanceAttempts(): void {
    const { engine } = this;
    const active = this.outbounds.map(({ set }) => new Int32Array(set.size));
    let out = 0;
    for (let attempt = 0; attempt < this.capacity; attempt++) {
      const state = this.stateOf(attempt);
      if (state !== FREE) out++;
      if (state !== OUT) continue;
      const backend = this.backendOf(attempt);
      active[backend]![this.cells[(attempt << ROW_BITS) | ENDPOINT]! - this.outbounds[backend]!.firstEndpoint]!++;
    }
    const [rows, free] = rowsOf(engine);
    const waiting = engine.attempts.rows.filter(({ call, state }, id) => state === AttemptState.waiting && !this.isWaitedFor(id) && call.begunAt >= 0 && isOn(call.current, id)).length;
    if (rows - free !== out + waiting) this.report('answers-once', { decision: `the engine keeps ${rows - free} attempts at the end, and ${out + waiting} have no answer yet` });
    for (const [outbound, { countsWaiting, pools, set }] of this.outbounds.entries()) {
      if (countsWaiting && pools !== null) continue;
      const endpoint = active[outbound]!.findIndex((count, i) => count !== set.active[i]);
      if (endpoint >= 0) this.report('answers-once', { outbound, decision: `${set.active[endpoint]} attempts count as in flight to endpoint ${endpoint}, and ${active[outbound]![endpoint]} are` });
    }
  }
}

function timerBit(kind: TimerKind): number {
  return 1 << (kind + TIMER_BITS);
}

function nameOf(kind: TimerKind): string {
  return Object.keys(TimerKind).find((name) => TimerKind[name as keyof typeof TimerKind] === kind)!; // each has a name
}

function isOn(first: AttemptRow | null, id: AttemptId): boolean {
  for (let attempt = first; attempt !== null; attempt = attempt.sibling) if (attempt.id === id) return true;
  return false;
}

/** Rows of attempts, and those of them that are free. */
function rowsOf({ attempts }: Engine): readonly [rows: number, free: number] {
  let free = 0;
  for (let id = attempts['free']; id !== NONE; id = attempts.rows[id]!.nextFree) free++;
  return [attempts.rows.length, free];
}
