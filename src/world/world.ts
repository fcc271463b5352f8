/**
 * What both worlds have in common: they carry out what engine and stations decide, event by event.
 *
 * One heap of events, one switch over their kinds. Arrivals and fault switches wait outside the heap: their
 * next time is known. At one instant faults come first, then events in the order they were scheduled,
 * then arrivals. What the network adds to a message (latency, loss, a cut) is the same in both worlds; with none of it
 * a message takes no event at all. How a message then gets into an endpoint, and the answer out of it, is what tells the
 * worlds apart: `sim/` hands it over, `src/real/` has sockets in between.
 */
import { type AttemptRow, AttemptState, type CallRow } from '../engine/calls.ts';
import { type CallsFrom, Engine, type EngineMaker } from '../engine/engine.ts';
import { DOUBLE, doubled } from '../model/columns.ts';
import type { CheckResult } from '../engine/breaker/health-checks.ts';
import type { WorldPort } from '../engine/ports.ts';
import { Condition } from '../fault/conditions.ts';
import { type ConditionListener, FaultSchedule } from '../fault/schedule.ts';
import { type AttemptId, type CallId, type EdgeId, type EndpointId, NONE, type TimerId } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';
import { Draw, Stream } from '../random/hash.ts';
import { EngineLog } from '../result/engine-log.ts';
import { Recorder } from '../result/recorder.ts';
import { StepReader } from '../result/step-reading.ts';
import { type StationPort, Stations } from '../service/station.ts';
import { Demand, type RenderedKeys } from './demand.ts';
import { EventQueue, KIND_BITS } from './event-queue.ts';
import { CONNECT_GIVE_UP_NS, GIVE_UP_NS, LOST, Network } from './network.ts';
import { NEVER_GIVEN_UP, Openings } from './openings.ts';
import { HeldProbes, type Probe, Probes, probeKey } from './probes.ts';

const Event = {
  timer: 0,
  work: 1,
  patience: 2,
  /** A request reaches its endpoint. */
  arrive: 3,
  /** An answer reaches its caller. */
  answer: 4,
  /** An endpoint hears that its caller gave up. */
  cancel: 5,
  /** A user of a closed loop has thought. */
  user: 6,
  /** A connection should be open by now. */
  connectTimeout: 7,
  /** The handshake of a connection is over. */
  opened: 8,
  /** An active health check reaches its endpoint … */
  probe: 9,
  /** … and its result the caller. */
  probeAnswer: 10,
  /** Something of one world alone. */
  own: 11,
} as const;

// Local names for constants: see engine/calls.ts.
const { connectFailure: CONNECT_FAILURE, ok: OK, reset: RESET, unfinished: UNFINISHED } = Outcome;
const { answer: EVENT_ANSWER, arrive: EVENT_ARRIVE, cancel: EVENT_CANCEL, connectTimeout: EVENT_CONNECT_TIMEOUT, opened: EVENT_OPENED, own: EVENT_OWN, patience: EVENT_PATIENCE, probe: EVENT_PROBE, probeAnswer: EVENT_PROBE_ANSWER, timer: EVENT_TIMER, user: EVENT_USER, work: EVENT_WORK } = Event;
const ATTEMPT_WAITS = AttemptState.waiting;
const NO_ROW = NONE;
const PAYLOAD_BITS = KIND_BITS;
const LOST_MESSAGE = LOST;

const KIND_MASK: number = (1 << PAYLOAD_BITS) - 1;

/** Attempts unanswered at once, some 400 bytes each; a run that gets here would only go on to fill the memory. */
const IN_FLIGHT_LIMIT = 1_000_000;

/**
 * Events between two looks at what stands outside of the queue: long for a loop, and too short to be compiled while it is under way,
 * which costs a compilation more each time (3 % of the processor time of short runs of bench W3).
 */
const STRETCH = 1024;

/** What `advance` came to. */
export const Advance = {
  /** All that was due has happened. */
  waiting: 0,
  /** The run is over. */
  over: 1,
  /** It was asked to stop. */
  stopped: 2,
} as const;
export type Advance = (typeof Advance)[keyof typeof Advance];

export abstract class World implements WorldPort, StationPort, ConditionListener {
  readonly engine: Engine;
  readonly stations: Stations;
  readonly recorder: Recorder;
  readonly log: EngineLog;
  readonly faults: FaultSchedule;
  /** Events dispatched, arrivals included. */
  events: number = 0;
  requests: number = 0;
  failedRequests: number = 0;
  /** Requests of the measured window that were answered well only after the last had arrived. */
  lateAnswers: number = 0;
  /** The run was stopped because more is in flight than it can hold. */
  isFlooded: boolean = false;
  /** Attempts that waited in queues at the times of `lookAtQueues`. */
  readonly queued: number[] = [];
  protected readonly plan: Plan;
  protected readonly queue: EventQueue = new EventQueue(EVENT_TIMER);
  protected readonly network: Network;
  protected readonly openings: Openings = new Openings();
  protected readonly demand: Demand;
  /** Set while the engine or a fault is at work: nobody may be called back. */
  protected inside: boolean = false;
  /** When each endpoint last dropped its connections, ns. */
  protected readonly lostAt: Float64Array;
  /** Whether calls of this caller of the edge begin here. */
  private callsFrom: CallsFrom = () => true;
  private readonly probes: Probes = new Probes();
  private readonly childStream: Stream;
  private readonly draw: Draw = new Draw();
  /** No request arrives any more, or yet; so V8 does not take it for a constant, see `NOT_CONSTANT`. */
  private ended: boolean = true;
  /** Ascending, Infinity at the end, ns. */
  private queueTimes: readonly number[] = [Infinity];
  private seeAt: number = Infinity;
  private see: () => void = () => undefined;
  /** When an `abort` of a threshold is looked at next, ns. */
  private lookAt: number;
  private readonly lookEveryNs: number;
  // By call: the user who made it, or NO_ROW.
  private callUser: Int32Array = new Int32Array(16);
  // By attempt.
  private outcome: Uint8Array = new Uint8Array(16);
  private status: Int32Array = new Int32Array(16);
  /** Handshakes and messages waiting for a cut edge to heal, by edge: requests, the news that their callers gave up, answers. */
  private readonly heldOpenings: number[][];
  private readonly heldThere: AttemptId[][];
  private readonly heldCancels: AttemptId[][];
  private readonly heldBack: AttemptId[][];
  /** Health checks that a cut edge keeps back on their way there, on their way back, and those in front of a paused endpoint, by endpoint. */
  private readonly heldProbes: HeldProbes[];
  private readonly heldProbeAnswers: HeldProbes[];
  private readonly pausedProbes: HeldProbes[];
  /** Requests on their way that were overtaken by the news that their callers gave up, as the network became faster: it is heard right after them. */
  private readonly overtaken: Set<AttemptId> = new Set();
  /**
   * What happens next that is no event of the queue, ns. A field, for a parameter might be anything, and so might the lesser of it and a
   * time, which would be put on the heap at each event (half of all bytes of bench W2).
   */
  private boundary: number = DOUBLE;
  // Settled calls whose callers are still to hear: job, site, turn, outcome in turn.
  private settledCalls: Int32Array = new Int32Array(64);
  private settledCount: number = 0;
  /** See `lookAhead`. */
  protected glances: number = 0;

  /** @param between  who stands between the stations and this world; nobody, unless somebody wants to hear them */
  constructor(plan: Plan, seed: number, renderedKeys: RenderedKeys, makeEngine: EngineMaker = (...setup) => new Engine(...setup), between: (world: StationPort) => StationPort = (world) => world) {
    this.plan = plan;
    this.faults = new FaultSchedule(plan, seed);
    this.recorder = new Recorder(plan);
    this.log = new EngineLog(plan, this.recorder);
    this.network = new Network(plan, seed, this.faults.conditions);
    this.engine = makeEngine(plan, seed, this, this.log, this.network.modelsConnections);
    this.stations = new Stations(plan, seed, this.faults.conditions, between(this));
    const reader = new StepReader(plan, this.engine, this.stations, this.recorder);
    this.recorder.readSteps(() => reader.read(this.now, this.callsFrom));
    this.demand = new Demand(plan, seed, renderedKeys);
    this.childStream = new Stream(seed, 'child');
    this.lostAt = new Float64Array(this.stations.serviceOf.length).fill(-Infinity);
    this.heldOpenings = plan.edges.map(() => []);
    this.heldThere = plan.edges.map(() => []);
    this.heldCancels = plan.edges.map(() => []);
    this.heldBack = plan.edges.map(() => []);
    this.heldProbes = plan.edges.map(() => new HeldProbes(this.probes));
    this.heldProbeAnswers = plan.edges.map(() => new HeldProbes(this.probes));
    this.pausedProbes = Array.from(this.stations.serviceOf, () => new HeldProbes(this.probes));
    // A threshold that may end the run is looked at by the run's own time, however little happens in it.
    this.lookEveryNs = plan.thresholds.some(({ abort }) => abort !== null) ? NS_PER_S : Infinity;
    this.lookAt = this.lookEveryNs;
  }

  get now(): number {
    return this.queue.now;
  }

  get isDraining(): boolean {
    return this.ended;
  }

  /** Before the run: note how much waits at these times, ascending, ns. */
  lookAtQueues(times: readonly number[]): void {
    this.queueTimes = [...times, Infinity];
  }

  /** Before the run: call `see` at that time, ns, before anything that happens then but faults and what was due earlier. It changes nothing. */
  lookOnce(at: number, see: () => void): void {
    this.seeAt = at;
    this.see = see;
  }

  /** Count what is still open as unfinished, and close all statistics. */
  finish(): void {
    for (const call of this.engine.openCalls()) {
      const row = this.engine.calls.rows[call]!;
      for (let attempt = row.current; attempt !== null; attempt = attempt.sibling) if (attempt.state === ATTEMPT_WAITS) this.unsent(attempt.id, attempt.outbound.firstEndpoint + attempt.endpoint, UNFINISHED);
      this.recordSettled(row, UNFINISHED, this.now);
    }
    this.stations.finish(this.now);
  }

  // --- what a world adds ---

  /** An attempt is about to be sent: keep what is needed to carry it, its call may be over when it arrives. */
  protected abstract prepare(attempt: AttemptRow, endpoint: EndpointId): void;
  /** Bring the request into its endpoint, at once … */
  protected abstract deliver(attempt: AttemptId, now: number): void;
  /** … or after it has taken time, in which the endpoint may have dropped the connection. */
  protected abstract deliverLate(attempt: AttemptId, now: number): void;
  /** Of an attempt that was prepared: whether its request has still to come to its endpoint. */
  protected abstract isUnderWay(attempt: AttemptId): boolean;
  /** The news that the caller gave up has taken its time. */
  protected abstract cancelArrives(attempt: AttemptId, now: number): void;
  /** Whether a connection on an edge without latency is open as soon as it is wanted. */
  protected abstract opensAtOnce(endpoint: EndpointId): boolean;
  /** Latency aside, connect to the endpoint; then the row of `openings` is free, and the engine hears. */
  protected abstract connect(opening: number, now: number): void;
  /** Put the health check to the endpoint, which is neither paused nor hung; `probeReturns` brings its answer. */
  protected abstract check(id: number, probe: Probe, now: number): void;
  /** Whether there are so many attempts that their rows have left the processor's caches by the time they are answered; jobs are attempts then. */
  protected abstract get isCrowded(): boolean;
  /** Handle an event that `own` scheduled. */
  protected abstract ownEvent(handle: number, now: number): void;
  /** Of an attempt that was prepared: whether its caller gave up, where it goes, and what it is for keyed randomness. */
  protected abstract isGivenUp(attempt: AttemptId): boolean;
  protected abstract endpointOf(attempt: AttemptId): EndpointId;
  protected abstract keyHiOf(attempt: AttemptId): number;
  protected abstract keyLoOf(attempt: AttemptId): number;
  abstract cancel(attempt: AttemptId, now: number): void;
  abstract closed(outbound: number, connection: number): void;
  abstract answer(job: AttemptId, outcome: Outcome, status: number, now: number): void;

  // --- what the engine asks ---

  open(outbound: number, connection: number, endpoint: EndpointId, now: number): boolean {
    const edge = this.engine.edgeOfOutbound(outbound);
    if (this.network.isPlain[edge] === 1 && this.opensAtOnce(endpoint)) return true;
    const id = this.openings.take(outbound, connection, endpoint, now + this.connectTimeoutNs(edge));
    if (this.network.isCut(edge)) this.holdOpening(id, edge);
    else this.shakeHands(id, edge, now);
    return false;
  }

  send(attempt: AttemptRow, endpoint: EndpointId, now: number): void {
    const { id, number, outbound } = attempt;
    this.prepare(attempt, endpoint);
    this.recorder.attempted(number, number > 1 && attempt.isHedge);
    if (this.network.isPlain[outbound.edge] === 1) this.deliver(id, now);
    else if (this.network.isCut(outbound.edge)) this.heldThere[outbound.edge]!.push(id);
    else this.carry(id, now);
  }

  unsent(attempt: AttemptId, endpoint: EndpointId, outcome: Outcome): void {
    const { call, isHedge, number } = this.engine.attempts.rows[attempt]!;
    this.recorder.attempted(number, number > 1 && isHedge);
    if (outcome === CONNECT_FAILURE) this.stations.refused(endpoint, call.tag);
  }

  probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    this.carryProbe(this.probes.take(outbound, endpoint, serial), now);
  }

  arm(timer: TimerId, due: number): void {
    this.queue.arm(timer, due);
  }

  disarm(timer: TimerId): void {
    this.queue.disarm(timer);
  }

  settle(call: CallRow, outcome: Outcome, _status: number, now: number): void {
    const { id, parent } = call;
    this.recordSettled(call, outcome, now);
    if (parent !== NO_ROW) {
      const { site, turn } = this.stations.callOver(parent, id);
      // What its caller abandoned needs no telling.
      if (outcome !== UNFINISHED) this.noteSettled(parent, site, turn, outcome);
    } else if (this.demand.users > 0 && this.callUser[id] !== NO_ROW) this.think(this.callUser[id]!, call.begunAt, now);
  }

  // --- what the stations ask ---

  work(job: AttemptId, due: number): void {
    this.queue.at(due, EVENT_WORK, job);
  }

  patience(job: AttemptId, due: number): void {
    this.queue.at(due, EVENT_PATIENCE, job);
  }

  call(job: AttemptId, edge: EdgeId, site: number, turn: number, now: number): CallId {
    const { stations, draw } = this;
    const endpoint = stations.endpointOf(job);
    draw.seek(this.childStream, stations.keyHiOf(job) ^ Math.imul(turn, 0x27d4eb2f), stations.keyLoOf(job) ^ Math.imul(site + 1, 0x165667b1));
    const caller = endpoint - this.plan.services[stations.serviceOf[endpoint]!]!.firstEndpoint;
    const wasInside = this.inside;
    this.inside = true;
    const call = this.engine.begin(edge, caller, draw.hi, draw.lo, stations.hashKeyOf(job), stations.classOf(job), stations.tagOf(job), job, stations.deadlineOf(job), now);
    this.inside = wasInside;
    return call;
  }

  abandonCall(call: CallId, now: number): void {
    const wasInside = this.inside;
    this.inside = true;
    this.engine.abandon(call, now);
    this.inside = wasInside;
  }

  isUnsent(call: CallId): boolean {
    return this.engine.isUnsent(call);
  }

  // --- what faults change ---

  endpointChanged(endpoint: EndpointId, before: number, after: number, now: number): void {
    this.stations.conditionsChanged(endpoint, before, after, now);
    for (const id of this.pausedProbes[endpoint]!.release()) this.probeArrives(id, now);
    if (((before ^ after) & Condition.down) === 0) return;
    this.lostAt[endpoint] = now;
    this.engine.connectionsLost(this.stations.serviceOf[endpoint]!, endpoint, now);
  }

  edgeChanged(edge: EdgeId, before: number, after: number, now: number): void {
    this.network.edgeChanged(edge);
    if ((before & Condition.cut) === 0 || (after & Condition.cut) !== 0) return;
    for (const opening of this.heldOpenings[edge]!.splice(0)) this.shakeHands(opening, edge, now);
    for (const id of this.heldProbes[edge]!.release()) this.carryProbe(id, now);
    for (const id of this.heldProbeAnswers[edge]!.release()) this.carryProbeAnswer(id, now);
    const there = this.heldThere[edge]!.splice(0);
    for (const attempt of there) {
      const latency = this.latencyThere(attempt, now);
      this.queue.at(now + latency, EVENT_ARRIVE, attempt);
      if (this.isGivenUp(attempt)) this.queue.at(now + latency, EVENT_CANCEL, attempt);
    }
    const underWay = new Set(there);
    // Their rows serve nobody else by now: what was not answered when its caller gave up has had its answer held as well.
    for (const attempt of this.heldCancels[edge]!.splice(0)) if (!underWay.has(attempt)) this.carryCancel(attempt, now);
    for (const attempt of this.heldBack[edge]!.splice(0)) {
      const latency = this.network.back(edge, this.engine.callerOf(attempt), this.endpointOf(attempt), this.keyHiOf(attempt), this.keyLoOf(attempt));
      if (latency === LOST_MESSAGE) this.answerLost(attempt, now);
      else this.queue.at(now + latency, EVENT_ANSWER, attempt);
    }
  }

  faultSwitched(fault: string, on: boolean, now: number): void {
    this.log.faultSwitched(fault, on, now);
  }

  // --- time ---

  /** The engine's clocks and the users of closed loops begin. */
  protected begin(callsFrom: CallsFrom = this.callsFrom): void {
    this.callsFrom = callsFrom;
    this.ended = false;
    this.engine.start(0, callsFrom);
    for (let user = 0; user < this.demand.users; user++) this.think(user, -1, 0);
  }

  /**
   * Let everything happen that is due before `until`, asking `mayGoOn` every so many events.
   * @param until  ns; Infinity for the whole run
   */
  protected advance(until: number, mayGoOn: () => boolean, everyEvents: number): Advance {
    let check = everyEvents;
    this.boundary = this.nextBoundary(until);
    for (;;) {
      // Each event of the drain may be the last.
      const most = this.ended ? 1 : check < STRETCH ? check : STRETCH;
      const before = this.events;
      this.happen(most);
      if (this.isDone()) return Advance.over;
      const happened = this.events - before;
      check -= happened;
      if (happened < most) {
        const { boundary } = this;
        if (boundary >= until) return Advance.waiting;
        if (!this.pass(boundary)) return Advance.over;
        if (boundary >= this.lookAt) {
          this.lookAt += this.lookEveryNs;
          if (!mayGoOn()) return Advance.stopped;
        }
        this.boundary = this.nextBoundary(until);
        this.events++;
        check--;
      }
      if (check === 0) {
        check = everyEvents;
        this.isFlooded = this.engine.attempts.rows.length > IN_FLIGHT_LIMIT;
        if (this.isFlooded || !mayGoOn()) return Advance.stopped;
      }
    }
  }

  /** Events and arrivals before the boundary, this many at most. */
  private happen(most: number): void {
    const { boundary, demand, isCrowded, queue } = this;
    for (const last = this.events + most; this.events < last; this.events++) {
      const arrivalAt = demand.nextAt;
      const next = queue.peek(arrivalAt < boundary ? arrivalAt : boundary);
      if (next <= arrivalAt && next < boundary) {
        const payload = queue.pop();
        if (isCrowded) this.lookAhead(payload, queue.upcoming());
        this.dispatch(payload);
      } else if (arrivalAt < boundary) {
        queue.now = arrivalAt;
        this.arriveRequest();
      } else return;
    }
  }

  /**
   * Look at what an event will need and at what the one after it will need first, so that all of that is waited for at once and not one
   * piece after another (bench W5 -18 %). What is read is written down only to have it read.
   */
  private lookAhead(payload: number, next: number): void {
    if ((payload & KIND_MASK) !== EVENT_WORK || (next & KIND_MASK) !== EVENT_WORK) return;
    const { engine, stations } = this;
    const job = payload >> PAYLOAD_BITS;
    const nextJob = next >> PAYLOAD_BITS;
    this.glances = engine.glance(nextJob) ^ stations.glance(nextJob) ^ engine.glanceFurther(job) ^ stations.glanceFurther(job);
  }

  /** Do what is due at the boundary. @returns whether the run goes on */
  private pass(boundary: number): boolean {
    const { durationNs, drainNs } = this.plan;
    this.queue.now = boundary;
    if (boundary >= this.recorder.stepEndsAt) this.turn();
    while (boundary >= this.queueTimes[this.queued.length]!) this.queued.push(this.stations.queued());
    if (boundary === durationNs) this.ended = true;
    if (this.faults.nextAt <= boundary) this.switchFaults(boundary);
    if (boundary >= this.seeAt) {
      this.seeAt = Infinity;
      this.see();
    }
    return !this.ended || !(this.isSettled() || boundary >= durationNs + drainNs);
  }

  /** When something happens next that is no event of the queue, ns. */
  protected nextBoundary(until: number): number {
    const { durationNs, drainNs } = this.plan;
    return Math.min(this.faults.nextAt, this.recorder.stepEndsAt, this.lookAt, this.queueTimes[this.queued.length]!, this.seeAt, this.ended ? durationNs + drainNs : durationNs, until);
  }

  /** A step of the series is over. */
  protected turn(): void {
    this.recorder.turn();
  }

  /** Arrivals have ended, and no call is open. */
  protected isDone(): boolean {
    return this.ended && this.isSettled();
  }

  /** Whether no call is open; asked once arrivals have ended. */
  protected isSettled(): boolean {
    return this.engine.calls.live === 0;
  }

  /** Schedule an event of this world alone. */
  protected own(due: number, handle: number): void {
    this.queue.at(due, EVENT_OWN, handle);
  }

  private dispatch(payload: number): void {
    const { now } = this.queue;
    const handle = payload >> PAYLOAD_BITS;
    switch (payload & KIND_MASK) {
      case EVENT_WORK:
        this.stations.workDone(handle, now);
        break;
      case EVENT_TIMER:
        if (!this.queue.fires(handle)) return;
        this.inside = true;
        this.engine.timerDue(handle, now);
        this.inside = false;
        break;
      case EVENT_ARRIVE:
        this.deliverLate(handle, now);
        if (this.overtaken.size > 0 && this.overtaken.delete(handle)) this.queue.at(now, EVENT_CANCEL, handle);
        break;
      case EVENT_ANSWER:
        this.answered(handle, now);
        break;
      case EVENT_CANCEL:
        if (this.isGivenUp(handle) && this.isUnderWay(handle)) this.overtaken.add(handle);
        else this.cancelArrives(handle, now);
        break;
      case EVENT_PATIENCE:
        this.stations.patienceOver(handle, now);
        break;
      case EVENT_USER:
        this.userAsks(handle, now);
        break;
      case EVENT_OPENED:
        this.connect(handle, now);
        break;
      case EVENT_CONNECT_TIMEOUT:
        this.connectTimedOut(handle, now);
        break;
      case EVENT_PROBE:
        this.probeArrives(handle, now);
        break;
      case EVENT_PROBE_ANSWER:
        this.probeAnswered(handle, now);
        break;
      case EVENT_OWN:
        this.ownEvent(handle, now);
        break;
    }
    if (this.settledCount > 0) this.tellCallers(now);
  }

  // --- requests ---

  protected arriveRequest(): void {
    const { demand } = this;
    const source = demand.nextSource;
    const { number, recordedClass } = demand.sources[source]!;
    this.ask(source, number, recordedClass, demand.mixes[source]!.clientOf(number), NO_ROW, this.queue.now);
    demand.advance();
  }

  private userAsks(user: number, now: number): void {
    if (this.ended) return;
    const { demand } = this;
    this.ask(demand.sourceOf(user), demand.numberOf(user), -1, demand.clientOf(user), user, now);
  }

  private ask(source: number, number: number, recordedClass: number, client: number, user: number, now: number): void {
    const { demand } = this;
    const mix = demand.mixes[source]!;
    const classInSource = recordedClass >= 0 ? recordedClass : mix.classOf(number);
    const requestClass = demand.firstClass[source]! + classInSource;
    const keyLo = source ^ (Math.floor(number / 2 ** 32) << 16);
    this.beginRequest(demand.edges[source]!, client, number | 0, keyLo, mix.hashKeyOf(number, classInSource), requestClass, user, now);
  }

  /** @param user  who is to hear of its end, or NO_ROW */
  protected beginRequest(edge: EdgeId, client: number, keyHi: number, keyLo: number, hashKey: number, requestClass: number, user: number, now: number): CallId {
    const { recorder } = this;
    const tag = recorder.tagOf(requestClass, now);
    this.requests++;
    recorder.arrived();
    this.inside = true;
    const call = this.engine.begin(edge, client, keyHi, keyLo, hashKey, requestClass, tag, NO_ROW, Infinity, now);
    this.inside = false;
    if (this.demand.users === 0) return call;
    while (call >= this.callUser.length) this.callUser = doubled(this.callUser);
    this.callUser[call] = user;
    return call;
  }

  private think(user: number, askedAt: number, now: number): void {
    this.queue.at(now + this.demand.think(user, askedAt, now), EVENT_USER, user);
  }

  // --- the way back of a call ---

  /** Bring the engine the outcome that `remember` stored. */
  protected answered(attempt: AttemptId, now: number): void {
    this.inside = true;
    this.engine.attemptDone(attempt, this.outcome[attempt]! as Outcome, this.status[attempt]!, now);
    this.inside = false;
  }

  /** As `answered`, where messages take time, a fault is on, or the engine is at work. */
  protected comeBack(attempt: AttemptId, edge: EdgeId, outcome: Outcome, status: number, now: number): void {
    const { network } = this;
    const isReset = network.hasResets(edge) && this.isResetOnEdge(attempt, edge);
    this.remember(attempt, isReset ? RESET : outcome, status);
    if (network.isCut(edge)) {
      this.heldBack[edge]!.push(attempt);
      return;
    }
    const latency = network.back(edge, this.engine.callerOf(attempt), this.endpointOf(attempt), this.keyHiOf(attempt), this.keyLoOf(attempt));
    if (latency === 0 && !this.inside) this.answered(attempt, now);
    else if (latency === LOST_MESSAGE) this.answerLost(attempt, now);
    else this.queue.at(now + latency, EVENT_ANSWER, attempt);
  }

  /** Tell the stations what their calls came to, outside of all that settled them. */
  protected tellCallers(now: number): void {
    for (let i = 0; i < this.settledCount; i += 4) {
      const { settledCalls } = this;
      // The outcome was stored by `noteSettled`.
      this.stations.callSettled(settledCalls[i]!, settledCalls[i + 1]!, settledCalls[i + 2]!, settledCalls[i + 3]! as Outcome, now);
    }
    this.settledCount = 0;
  }

  private noteSettled(job: AttemptId, site: number, turn: number, outcome: Outcome): void {
    if (this.settledCount === this.settledCalls.length) this.settledCalls = doubled(this.settledCalls);
    this.settledCalls[this.settledCount++] = job;
    this.settledCalls[this.settledCount++] = site;
    this.settledCalls[this.settledCount++] = turn;
    this.settledCalls[this.settledCount++] = outcome;
  }

  private recordSettled(call: CallRow, outcome: Outcome, now: number): void {
    const isRequest = call.parent === NO_ROW;
    const { edge } = call.outbound;
    const way = call.backend === null ? edge : this.recorder.ways.of(edge, call.backend.edge);
    this.recorder.settled(call, way, outcome, isRequest, now);
    if (!isRequest) return;
    const isOk = outcome === OK;
    this.failedRequests += isOk ? 0 : 1;
    this.lateAnswers += isOk && call.tag >= 0 && this.ended ? 1 : 0;
  }

  protected switchFaults(now: number): void {
    this.inside = true;
    this.faults.advance(now, this);
    this.inside = false;
    if (this.settledCount > 0) this.tellCallers(now);
  }

  // --- health checks ---

  private carryProbe(id: number, now: number): void {
    const { endpoint, outbound } = this.probes.of(id);
    const edge = this.engine.edgeOfOutbound(outbound);
    const { hi, lo } = probeKey(this.probes.of(id));
    if (this.network.isCut(edge)) this.heldProbes[edge]!.hold(id);
    else this.probeTakes(id, EVENT_PROBE, this.network.there(edge, this.engine.callerOfOutbound(outbound), endpoint, hi, lo, now), now);
  }

  private carryProbeAnswer(id: number, now: number): void {
    const { endpoint, outbound } = this.probes.of(id);
    const edge = this.engine.edgeOfOutbound(outbound);
    const { hi, lo } = probeKey(this.probes.of(id));
    if (this.network.isCut(edge)) this.heldProbeAnswers[edge]!.hold(id);
    else this.probeTakes(id, EVENT_PROBE_ANSWER, this.network.back(edge, this.engine.callerOfOutbound(outbound), endpoint, hi, lo), now);
  }

  /** One that is lost for good is never answered. */
  private probeTakes(id: number, event: number, latency: number, now: number): void {
    if (latency === LOST_MESSAGE) this.probes.release(id);
    else this.queue.at(now + latency, event, id);
  }

  /** A paused endpoint answers when it goes on, a hung one never. */
  private probeArrives(id: number, now: number): void {
    const probe = this.probes.of(id);
    const { endpoint } = probe;
    if (this.isPaused(endpoint)) this.pausedProbes[endpoint]!.hold(id);
    else if (this.isHung(endpoint)) this.probes.release(id);
    else this.check(id, probe, now);
  }

  /** The endpoint has answered, or could not be reached. */
  protected probeReturns(id: number, probe: Probe, result: CheckResult, now: number): void {
    probe.result = result;
    this.carryProbeAnswer(id, now);
  }

  private probeAnswered(id: number, now: number): void {
    const { endpoint, outbound, result, serial } = this.probes.of(id);
    this.probes.release(id);
    this.inside = true;
    this.engine.probeAnswered(outbound, endpoint, serial, result, now);
    this.inside = false;
  }

  // --- messages that take time ---

  /** How the attempt was answered, until its caller hears. */
  protected remember(attempt: AttemptId, outcome: Outcome, status: number): void {
    while (attempt >= this.outcome.length) this.growAttempts();
    this.outcome[attempt] = outcome;
    this.status[attempt] = status;
  }

  /** Latency of a message that follows the request. */
  protected latencyThere(attempt: AttemptId, now: number): number {
    const latency = this.network.there(this.engine.edgeOfAttempt(attempt), this.engine.callerOf(attempt), this.endpointOf(attempt), this.keyHiOf(attempt), this.keyLoOf(attempt), now);
    return latency === LOST_MESSAGE ? GIVE_UP_NS : latency;
  }

  /** The caller's news that it gave up is on its way, once there is one. */
  protected carryCancel(attempt: AttemptId, now: number): void {
    const edge = this.engine.edgeOfAttempt(attempt);
    if (this.network.isCut(edge)) this.heldCancels[edge]!.push(attempt);
    else this.queue.at(now + this.latencyThere(attempt, now), EVENT_CANCEL, attempt);
  }

  protected isDown(endpoint: EndpointId): boolean {
    return (this.flagsOf(endpoint) & Condition.down) !== 0;
  }

  /** Its process stands still; one that is down has none. */
  protected isPaused(endpoint: EndpointId): boolean {
    return (this.flagsOf(endpoint) & (Condition.paused | Condition.down)) === Condition.paused;
  }

  protected isHung(endpoint: EndpointId): boolean {
    return (this.flagsOf(endpoint) & (Condition.hung | Condition.down)) === Condition.hung;
  }

  private flagsOf(endpoint: EndpointId): number {
    return this.faults.conditions.endpointFlags[endpoint]!;
  }

  /** Take the request to its endpoint, on a connection that is open. */
  private carry(attempt: AttemptId, now: number): void {
    const { caller, edge } = this.engine.attempts.rows[attempt]!.outbound;
    const latency = this.network.there(edge, caller, this.endpointOf(attempt), this.keyHiOf(attempt), this.keyLoOf(attempt), now);
    if (latency === 0) this.deliver(attempt, now);
    else if (latency === LOST_MESSAGE) this.answerLost(attempt, now);
    else this.queue.at(now + latency, EVENT_ARRIVE, attempt);
  }

  /** Every copy of a message was lost: the connection is reset when TCP gives up. */
  private answerLost(attempt: AttemptId, now: number): void {
    this.remember(attempt, RESET, 0);
    this.queue.at(now + GIVE_UP_NS, EVENT_ANSWER, attempt);
  }

  private connectTimeoutNs(edge: EdgeId): number {
    return this.plan.edges[edge]!.policy.connectionPool?.connectTimeoutNs ?? Infinity;
  }

  private holdOpening(id: number, edge: EdgeId): void {
    const { until } = this.openings.of(id);
    this.heldOpenings[edge]!.push(id);
    if (until !== Infinity) this.queue.at(until, EVENT_CONNECT_TIMEOUT, id);
  }

  private shakeHands(id: number, edge: EdgeId, now: number): void {
    const opening = this.openings.of(id);
    const { endpoint, outbound, serial, until } = opening;
    const latency = this.network.opening(edge, this.engine.callerOfOutbound(outbound), endpoint, serial, outbound);
    if (latency !== LOST_MESSAGE && now + latency <= until) {
      opening.until = NEVER_GIVEN_UP;
      this.queue.at(now + latency, EVENT_OPENED, id);
    } else {
      opening.until = Math.min(until, now + CONNECT_GIVE_UP_NS);
      this.queue.at(opening.until, EVENT_CONNECT_TIMEOUT, id);
    }
  }

  /** The connection is open, or was refused. */
  protected handsShaken(outbound: number, connection: number, isOpen: boolean, now: number): void {
    this.inside = true;
    if (isOpen) this.engine.opened(outbound, connection, now);
    else this.engine.openFailed(outbound, connection, now);
    this.inside = false;
  }

  private connectTimedOut(id: number, now: number): void {
    const { connection, outbound, until } = this.openings.of(id);
    // It was open in time, or the row serves another.
    if (until !== now) return;
    const held = this.heldOpenings[this.engine.edgeOfOutbound(outbound)]!;
    const place = held.indexOf(id);
    if (place >= 0) held.splice(place, 1);
    this.openings.release(id);
    this.handsShaken(outbound, connection, false, now);
  }

  private isResetOnEdge(attempt: AttemptId, edge: EdgeId): boolean {
    const { draw } = this;
    draw.seek(this.childStream, this.keyLoOf(attempt), ~this.keyHiOf(attempt));
    return draw.unit() < this.faults.conditions.edges[edge]!.resetShare;
  }

  private growAttempts(): void {
    this.outcome = doubled(this.outcome);
    this.status = doubled(this.status);
  }
}
