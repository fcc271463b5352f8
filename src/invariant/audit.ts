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
import { type AttemptRow, AttemptState } from '../engine/calls.ts';
import type { Detection } from '../engine/breaker/detection.ts';
import type { CheckResult } from '../engine/breaker/health-checks.ts';
import type { Holder } from '../engine/breaker/readiness.ts';
import type { Engine } from '../engine/engine.ts';
import type { Outbound } from '../engine/outbound.ts';
import { TimerKind, kindOf, subjectOf } from '../engine/timers.ts';
import { Watcher } from '../engine/watch/watcher.ts';
import type { Conditions } from '../fault/conditions.ts';
import { DOUBLE } from '../model/columns.ts';
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

/** Each of the first so many requests is a look around, and then one of so many, a power of two. */
const LOOKS_FIRST = 1024;
const LOOK_EVERY = 64;

/** A caller endpoint's side of an edge. */
class OutboundBook {
  readonly index: number;
  /** Place of an endpoint less its number in the mesh. */
  readonly placeOffset: number;
  readonly timeoutNs: number;
  /** Longest that an attempt may take, and from which attempt of its call on there is no limit. */
  readonly perTryNs: number;
  readonly unlimitedFrom: number;
  /** Most attempts of a call. */
  readonly attemptsMax: number;
  /** Whether endpoints are told until when somebody waits. */
  readonly propagates: boolean;
  /** Calls begun, and when somebody wants to hear of the next one, ns. */
  begun: number = 0;
  wakeAt: number = Infinity;
  /** Attempts out and waited for. */
  active: number = 0;
  /** Endpoints that somebody holds to be unusable. */
  held: number = 0;

  constructor(index: number, placeOffset: number, { hedge, propagateDeadline, retries, timeoutNs }: PolicyPlan) {
    this.index = index;
    this.placeOffset = placeOffset;
    this.timeoutNs = timeoutNs;
    // One that is not shorter than the whole call's means nothing (envoy.md 5).
    this.perTryNs = retries !== null && retries.perTryTimeoutNs < timeoutNs ? retries.perTryTimeoutNs : Infinity;
    this.unlimitedFrom = retries === null || retries.lastTryTimeout ? Infinity : 1 + retries.attempts;
    this.attemptsMax = 1 + (retries?.attempts ?? 0) + (hedge === null || hedge.afterNs === Infinity ? 0 : hedge.max);
    this.propagates = propagateDeadline;
  }
}

/** What is known of the call that has a row, or had it last. */
class CallBook {
  isOpen: boolean = false;
  outbound: OutboundBook;
  /** Timers of it that stand, one bit a kind. */
  timers: number = 0;
  /** Attempts sent. */
  sent: number = 0;
  /** Attempts that are out and waited for. */
  waited: number = 0;
  /** ns; Infinity for none. */
  deadline: number = DOUBLE;

  constructor(outbound: OutboundBook) {
    this.outbound = outbound;
  }
}

const FREE = 0;
const OUT = 1;
/** Out, and nobody waits for it. */
const GIVEN_UP = 2;

/** What is known of the attempt that has a row, or had it last. */
class AttemptBook {
  state: typeof FREE | typeof OUT | typeof GIVEN_UP = FREE;
  call: CallId = NO_ROW;
  callBook: CallBook;
  backend: OutboundBook;
  /** Of its endpoint in the mesh. */
  endpoint: EndpointId = 0;
  /** When its per-try timeout is due, ns; Infinity for none. */
  patience: number = DOUBLE;
  /** Until when its endpoint was told that somebody waits, ns; Infinity for nothing. */
  told: number = DOUBLE;

  constructor(callBook: CallBook, backend: OutboundBook) {
    this.callBook = callBook;
    this.backend = backend;
  }
}

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
  private requests: number = 0;
  // By outbound.
  outbounds: readonly Outbound[] = [];
  policies: readonly PolicyPlan[] = [];
  firstPlace: Int32Array = new Int32Array(0);
  private books: readonly OutboundBook[] = [];
  /** Index of the first outbound of each edge. */
  private firstOutbound: Int32Array = new Int32Array(0);
  // By row of the engine.
  private readonly calls: CallBook[] = [];
  private readonly attempts: AttemptBook[] = [];
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
    this.onTimer = hearing('timerDue');
    this.onLook = hearing('lookAround');
    this.onGranted = hearing('granted');
    this.onAgain = hearing('again');
    this.onBeside = hearing('sentBeside');
    this.onIdle = hearing('sentIdle');
  }

  // --- what the books say ---

  outboundOf(call: CallId): number {
    return this.calls[call]!.outbound.index;
  }

  isOpen(call: CallId): boolean {
    return this.calls[call]?.isOpen === true;
  }

  /** Whether the attempt is out and waited for; else it was given up, or is over. */
  isWaitedFor(attempt: AttemptId): boolean {
    return this.attempts[attempt]?.state === OUT;
  }

  callOf(attempt: AttemptId): CallId {
    return this.attempts[attempt]!.call;
  }

  /** Where the attempt went; also right after it ended. */
  placeOf(attempt: AttemptId): number {
    const { backend, endpoint } = this.attempts[attempt]!;
    return endpoint + backend.placeOffset;
  }

  /** Whose endpoint the attempt went to; also right after it ended. */
  backendOf(attempt: AttemptId): number {
    return this.attempts[attempt]!.backend.index;
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
    for (const { endpoint, state } of this.attempts) if (state !== FREE) counts[endpoint]!++;
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
    const { edge, caller } = this.whose(outbound ?? (call === undefined ? NO_ROW : (this.calls[call]?.outbound.index ?? NO_ROW)));
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
    if (parent === NO_ROW) {
      if (++this.requests < LOOKS_FIRST || (this.requests & (LOOK_EVERY - 1)) === 0) this.lookAround();
    } else if (this.tells && deadline > this.attempts[parent]!.told) this.grown(parent, deadline, outbound);
    if (this.hasDeadlines) {
      const own = now + outbound.timeoutNs;
      const limit = own < deadline ? own : deadline;
      // One that begins too late ends at once.
      this.beginningUntil = limit < now ? now : limit;
    }
  }

  override begun(call: CallId, now: number): void {
    if (this.beginning !== null) this.openCall(call, this.beginning);
    for (let i = 0; i < this.onBegun.length; i++) this.onBegun[i]!.begun(call, now);
  }

  override attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    this.now = now;
    this.inputs++;
    if (this.owed !== NO_ROW) this.stillOwed();
    const book = this.attempts[attempt];
    if (book === undefined || book.state === FREE) {
      this.report('answers-once', { attempt, decision: 'it was answered, and had not been sent, or was answered before' });
      return;
    }
    const isWaitedFor = book.state === OUT;
    book.state = FREE;
    if (!isWaitedFor) return;
    book.callBook.waited--;
    book.backend.active--;
    this.subject = book.call;
    if (this.isTimed && book.patience < now) this.unheeded(attempt, book);
    if (outcome === OK) this.owed = book.call;
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
      const book = this.attempts[subject]!;
      this.subject = book.call;
      if (book.state !== OUT) this.report('timers-owned', { attempt: subject, decision: 'its per-try timeout fired, and nobody waits for it any more' });
      else if (book.patience !== now) this.report('timeouts-fire', { call: book.call, attempt: subject, decision: `its per-try timeout fired, which is due at ${seconds(book.patience)} s` });
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

  override send(attempt: AttemptId, endpoint: EndpointId, now: number): void {
    const row = this.engine.attempts.rows[attempt]!;
    const call = row.call.id;
    // While a call begins, another may get its connection.
    if (this.beginning !== null && !this.isOpen(call)) this.openCall(call, this.beginning);
    const callBook = this.calls[call] ?? this.addCall(call, this.books[row.call.outbound.index]!);
    const { outbound } = callBook;
    if (!callBook.isOpen || (this.hasDeadlines && now > callBook.deadline)) this.tooLate(row, callBook, now);
    callBook.waited++;
    if (++callBook.sent > outbound.attemptsMax) this.tooMany(row, callBook);

    const backend = row.outbound === row.call.outbound ? outbound : this.books[row.outbound.index]!;
    const book = this.attempts[attempt] ?? this.addAttempt(attempt, callBook, backend);
    if (book.state !== FREE) this.report('answers-once', { call, attempt, decision: 'its row was given to another attempt before it was answered' });
    book.state = OUT;
    book.call = call;
    book.callBook = callBook;
    book.backend = backend;
    book.endpoint = endpoint;
    if (this.isTimed) {
      book.patience = row.number < outbound.unlimitedFrom ? now + outbound.perTryNs : Infinity;
      if (this.tells) this.tell(attempt, book);
    }
    const active = ++backend.active;
    for (let i = 0; i < this.onSend.length; i++) this.onSend[i]!.send(attempt, endpoint, now);
    if (row.number > 1) for (let i = 0; i < this.onAgain.length; i++) this.onAgain[i]!.again(row, now);
    if (backend.held > 0) for (let i = 0; i < this.onBeside.length; i++) this.onBeside[i]!.sentBeside(row, endpoint + backend.placeOffset, now);
    if (active === 1) for (let i = 0; i < this.onIdle.length; i++) this.onIdle[i]!.sentIdle(row, endpoint + backend.placeOffset, now);
  }

  override cancel(attempt: AttemptId, now: number): void {
    const book = this.attempts[attempt];
    if (book === undefined || book.state !== OUT) {
      this.report('answers-once', { attempt, decision: 'it was cancelled, and nobody waited for it' });
      return;
    }
    book.state = GIVEN_UP;
    book.callBook.waited--;
    book.backend.active--;
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

  override settle(call: CallId, outcome: Outcome, status: number, now: number): void {
    const book = this.calls[call];
    if (book === undefined || !book.isOpen) {
      this.report('settles-once', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}), and had been settled before, or never begun` });
      return;
    }
    if (outcome === OK ? this.owed !== call : this.owed === call) this.misjudged(call, outcome);
    this.owed = NO_ROW;
    if (book.waited !== 0) this.report('settles-once', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}) while ${book.waited} of its attempts were still waited for` });
    if (book.timers !== 0) {
      this.report('timers-owned', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}), and its timer still stands` });
    }
    if (this.hasDeadlines && now > book.deadline) this.report('timeouts-fire', { call, decision: `it was settled (${OUTCOME_NAMES[outcome]}) after its deadline of ${seconds(book.deadline)} s, at which it should have timed out` });
    for (let i = 0; i < this.onSettle.length; i++) this.onSettle[i]!.settle(call, outcome, status, now);
    if (outcome === NO_ENDPOINT) for (const check of this.checks) check.foundNobody(this.engine.calls.rows[call]!, now);
    book.isOpen = false;
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
    const book = this.calls[call] ?? this.addCall(call, outbound);
    if (book.isOpen) this.report('settles-once', { call, decision: 'its row was given to another call before it was settled' });
    book.isOpen = true;
    book.timers = 0;
    book.outbound = outbound;
    book.sent = 0;
    book.waited = 0;
    if (this.hasDeadlines) book.deadline = this.beginningUntil;
    this.beginning = null;
  }

  private addCall(call: CallId, outbound: OutboundBook): CallBook {
    while (call >= this.calls.length) this.calls.push(new CallBook(outbound));
    return this.calls[call]!;
  }

  private addAttempt(attempt: AttemptId, callBook: CallBook, backend: OutboundBook): AttemptBook {
    while (attempt >= this.attempts.length) this.attempts.push(new AttemptBook(callBook, backend));
    return this.attempts[attempt]!;
  }

  private disarmCall(kind: TimerKind, call: CallId): void {
    const book = this.calls[call];
    if (book !== undefined) book.timers &= ~(1 << kind);
  }

  private callTimerDue(kind: TimerKind, call: CallId): void {
    const book = this.calls[call];
    if (book === undefined || !book.isOpen) this.report('timers-owned', { call, decision: `its timer (${nameOf(kind)}) fired, and the call is over` });
    else if ((book.timers & (1 << kind)) === 0) this.report('timers-owned', { call, decision: `its timer (${nameOf(kind)}) fired, and does not stand` });
    this.disarmCall(kind, call);
  }

  private wake(outbound: number, now: number): void {
    for (const check of this.checks) check.woken(outbound, now);
  }

  private lookAround(): void {
    for (const check of this.onLook) check.lookAround();
  }

  private armCall(kind: TimerKind, call: CallId, due: number): void {
    if (this.beginning !== null && !this.isOpen(call)) this.openCall(call, this.beginning);
    const book = this.calls[call];
    if (book === undefined || !book.isOpen) {
      this.report('timers-owned', { call, decision: `a timer (${nameOf(kind)}) was armed, and the call is over` });
      return;
    }
    book.timers |= 1 << kind;
    if (kind === TIMER_CALL_TIMEOUT) {
      const { deadline } = book;
      if (due !== deadline) this.report('timeouts-fire', { call, decision: `its timeout is due at ${seconds(due)} s instead of ${seconds(deadline)} s` });
    } else {
      const row = this.engine.calls.rows[call]!;
      if (row.awaitsRetry) for (let i = 0; i < this.onGranted.length; i++) this.onGranted[i]!.granted(row, due, this.now);
    }
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

  private tooMany({ call: { id: call }, id, number }: AttemptRow, { outbound: { attemptsMax, index }, sent }: CallBook): void {
    this.report('attempts-limit', { call, attempt: id, outbound: index, decision: `attempt ${number} was sent, the ${sent}th of at most ${attemptsMax}` });
  }

  private tooLate({ call: { id: call }, id: attempt, number }: AttemptRow, { deadline, isOpen }: CallBook, now: number): void {
    const when = isOpen ? `${seconds(now - deadline)} s after the deadline of its call` : 'after its call was settled';
    this.report('no-late-attempt', { call, attempt, decision: `attempt ${number} was sent ${when}` });
  }

  private unheeded(attempt: AttemptId, { call, callBook: { outbound: { index } }, patience }: AttemptBook): void {
    if (this.policies[index]!.hedge?.onPerTryTimeout === true) return;
    this.report('timeouts-fire', { call, attempt, decision: `it was answered and still waited for, after its per-try timeout at ${seconds(patience)} s` });
  }

  /** An endpoint is told until when somebody waits for what it does: no longer than the call, and than the attempt. */
  private tell(attempt: AttemptId, book: AttemptBook): void {
    const { call, callBook: { deadline, outbound: { index, propagates } }, patience } = book;
    book.told = Infinity;
    if (!propagates) return;
    const keepsWaiting = this.policies[index]!.hedge?.onPerTryTimeout === true;
    const limit = Math.min(deadline, keepsWaiting ? Infinity : patience);
    const told = this.engine.deadlineOf(attempt);
    book.told = limit;
    if (told > limit) this.report('deadline-never-grows', { call, attempt, decision: `its endpoint is told that somebody waits until ${seconds(told)} s, and its caller waits until ${seconds(limit)} s` });
  }

  private grown(parent: AttemptId, deadline: number, { index }: OutboundBook): void {
    this.report('deadline-never-grows', { attempt: parent, outbound: index, decision: `a call for it begins with a deadline of ${seconds(deadline)} s, and it has until ${seconds(this.attempts[parent]!.told)} s itself` });
  }

  /** At the end: what is open has something that can end it, and the engine counts what is there. */
  private balance(): void {
    const { engine } = this;
    for (const [call, book] of this.calls.entries()) {
      const row = engine.calls.rows[call]!;
      if (book.isOpen !== row.begunAt >= 0) this.report('settles-once', { call, decision: book.isOpen ? 'it is open by the books, and the engine has forgotten it' : 'it is settled, and the engine still has it' });
      // Who waits for a connection or for an endpoint is in a queue, which no book tells of.
      else if (book.isOpen && book.waited === 0 && row.current === null && row.waitsAt === null && (book.timers & (1 << TIMER_BACKOFF)) === 0) {
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
    for (const { backend: { index }, endpoint, state } of this.attempts) {
      if (state !== FREE) out++;
      if (state === OUT) active[index]![endpoint - this.outbounds[index]!.firstEndpoint]!++;
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
  for (let row = attempts['free']; row !== null; row = row.nextFree) free++;
  return [attempts.rows.length, free];
}
