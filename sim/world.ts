/**
 * The virtual-time world: carries out what engine and stations decide, in simulated time.
 *
 * One heap of events, one switch over their kinds. Arrivals and fault switches wait outside the heap: their
 * next time is known. At one instant faults come first, then events in the order they were scheduled,
 * then arrivals. With no latency between two places a message takes no event at all; only what happens
 * inside a call of the engine (or while a fault is being applied) is put off to an event of the same instant.
 */
import type { CallRow } from '../src/engine/calls.ts';
import { Engine } from '../src/engine/engine.ts';
import { doubled } from '../src/model/columns.ts';
import { CheckResult } from '../src/engine/breaker/health-checks.ts';
import type { WorldPort } from '../src/engine/ports.ts';
import { Condition } from '../src/fault/conditions.ts';
import { type ConditionListener, FaultSchedule } from '../src/fault/schedule.ts';
import { type AttemptId, type CallId, type EdgeId, type EndpointId, NONE, type TimerId } from '../src/model/ids.ts';
import { Outcome } from '../src/model/outcome.ts';
import type { Plan } from '../src/model/plan.ts';
import { NS_PER_S } from '../src/model/units.ts';
import { createSampler } from '../src/random/distribution/registry.ts';
import type { Sampler } from '../src/random/distribution/sampler.ts';
import { Draw, Stream, attemptKey } from '../src/random/hash.ts';
import { EngineLog } from '../src/result/engine-log.ts';
import { Recorder } from '../src/result/recorder.ts';
import { type StationPort, Stations } from '../src/service/station.ts';
import { type ArrivalSource, createArrivals } from '../src/traffic/arrivals.ts';
import { RequestMix } from '../src/traffic/request-mix.ts';
import { EventQueue, KIND_BITS } from './event-queue.ts';
import { LOST, Network } from './network.ts';
import { NEVER_GIVEN_UP, Openings } from './openings.ts';
import { Probes, probeKey } from './probes.ts';

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
} as const;

// Local names for constants: see engine/calls.ts.
const { ok: OK, reset: RESET, unfinished: UNFINISHED } = Outcome;
const { answer: EVENT_ANSWER, arrive: EVENT_ARRIVE, cancel: EVENT_CANCEL, connectTimeout: EVENT_CONNECT_TIMEOUT, opened: EVENT_OPENED, patience: EVENT_PATIENCE, probe: EVENT_PROBE, probeAnswer: EVENT_PROBE_ANSWER, timer: EVENT_TIMER, user: EVENT_USER, work: EVENT_WORK } = Event;
const NO_ROW = NONE;
const PAYLOAD_BITS = KIND_BITS;
const LOST_MESSAGE = LOST;


const KIND_MASK: number = (1 << PAYLOAD_BITS) - 1;
/** When TCP gives up on a segment that is lost every time, see network.ts. */
const GIVE_UP_NS: number = 200e6 * (2 ** 16 - 1);
/** Of a user of a closed loop, from asking to asking again, when neither answer nor thought takes time. */
const SHORTEST_ROUND_NS = 1e6;

/** Attempts unanswered at once, some 400 bytes each; a run that gets here would only go on to fill the memory. */
const IN_FLIGHT_LIMIT = 1_000_000;

export class SimWorld implements WorldPort, StationPort, ConditionListener {
  readonly engine: Engine;
  readonly stations: Stations;
  readonly recorder: Recorder;
  readonly log: EngineLog;
  readonly faults: FaultSchedule;
  /** Events dispatched, arrivals included. */
  events: number = 0;
  requests: number = 0;
  failedRequests: number = 0;
  /** Requests answered well only after the last had arrived. */
  lateAnswers: number = 0;
  /** The run was stopped because more is in flight than it can hold. */
  isFlooded: boolean = false;
  private readonly plan: Plan;
  private readonly queue: EventQueue = new EventQueue(EVENT_TIMER);
  private readonly network: Network;
  private readonly openings: Openings = new Openings();
  private readonly probes: Probes = new Probes();
  private readonly sources: readonly (ArrivalSource | null)[];
  private readonly mixes: readonly RequestMix[];
  private readonly firstClass: readonly number[];
  private readonly sourceEdges: Int32Array;
  private readonly thinkSamplers: readonly (Sampler | null)[];
  private readonly thinkStream: Stream;
  private readonly childStream: Stream;
  private readonly draw: Draw = new Draw();
  /** Users of all closed loops: source, and rounds made. */
  private readonly userSource: Int32Array;
  private readonly userIndex: Int32Array;
  private readonly userRounds: Float64Array;
  private arrivalAt: number = Infinity;
  private arrivalSource: number = 0;
  private ended: boolean = false;
  /** Set while the engine or a fault is at work: nobody may be called back. */
  private inside: boolean = false;
  // By call: the user who made it, or NO_ROW.
  private callUser: Int32Array = new Int32Array(16);
  // By attempt.
  private outcome: Uint8Array = new Uint8Array(16);
  private status: Int32Array = new Int32Array(16);
  /** When each endpoint last dropped its connections, ns. */
  private readonly lostAt: Float64Array;
  /** Handshakes and messages waiting for a cut edge to heal, by edge. */
  private readonly heldOpenings: number[][];
  private readonly heldThere: AttemptId[][];
  private readonly heldBack: AttemptId[][];
  // Settled calls whose callers are still to hear: job, site, turn, outcome in turn.
  private settledCalls: Int32Array = new Int32Array(64);
  private settledCount: number = 0;

  constructor(plan: Plan, seed: number, renderedKeys: readonly (readonly (readonly string[])[])[]) {
    this.plan = plan;
    this.faults = new FaultSchedule(plan, seed);
    this.recorder = new Recorder(plan);
    this.log = new EngineLog(plan, this.recorder);
    this.network = new Network(plan, seed, this.faults.conditions);
    this.engine = new Engine(plan, seed, this, this.log, this.network.modelsConnections);
    this.stations = new Stations(plan, seed, this.faults.conditions, this);
    const arrivals = new Stream(seed, 'arrival');
    this.sources = plan.traffic.map(({ load }, source) => createArrivals(load, arrivals, source));
    this.mixes = plan.traffic.map((source, i) => new RequestMix(source, i, seed, renderedKeys[i] ?? []));
    this.firstClass = plan.traffic.map((_, i) => plan.traffic.slice(0, i).reduce((sum, { classes }) => sum + classes.length, 0));
    this.sourceEdges = Int32Array.from(plan.traffic, ({ edge }) => edge);
    this.thinkSamplers = plan.traffic.map(({ load }) => (load.kind === 'closed' ? createSampler(load.thinkTime) : null));
    this.thinkStream = new Stream(seed, 'think');
    this.childStream = new Stream(seed, 'child');
    const users = plan.traffic.flatMap(({ load }, source) => (load.kind === 'closed' ? Array.from({ length: load.users }, (_, user) => ({ source, user })) : []));
    this.userSource = Int32Array.from(users, ({ source }) => source);
    this.userIndex = Int32Array.from(users, ({ user }) => user);
    this.userRounds = new Float64Array(users.length);
    this.lostAt = new Float64Array(this.stations.serviceOf.length).fill(-Infinity);
    this.heldOpenings = plan.edges.map(() => []);
    this.heldThere = plan.edges.map(() => []);
    this.heldBack = plan.edges.map(() => []);
  }

  get now(): number {
    return this.queue.now;
  }

  get isDraining(): boolean {
    return this.ended;
  }

  /**
   * Run to the end, asking `mayGoOn` every so many events.
   * @returns whether the end was reached
   */
  run(mayGoOn: () => boolean, everyEvents: number): boolean {
    const { queue } = this;
    const { durationNs, drainNs } = this.plan;
    this.engine.start(0);
    for (let user = 0; user < this.userSource.length; user++) this.think(user, -1, 0);
    this.findArrival();
    let check = everyEvents;
    const { recorder } = this;
    // A threshold that may end the run is looked at by simulated time, however little happens in it.
    const lookEveryNs = this.plan.thresholds.some(({ abort }) => abort !== null) ? NS_PER_S : Infinity;
    let lookAt = lookEveryNs;
    let boundary = Math.min(this.faults.nextAt, recorder.stepEndsAt, durationNs, lookAt);
    for (;;) {
      const arrivalAt = this.arrivalAt;
      const next = queue.peek(arrivalAt < boundary ? arrivalAt : boundary);
      if (next <= arrivalAt && next < boundary) {
        this.dispatch(queue.pop());
        if (this.ended && this.engine.calls.live === 0) return true;
      } else if (arrivalAt < boundary) {
        queue.now = arrivalAt;
        this.arriveRequest();
      } else {
        queue.now = boundary;
        if (boundary >= recorder.stepEndsAt) recorder.turn();
        if (boundary === durationNs && !this.ended) this.ended = true;
        if (this.faults.nextAt <= boundary) this.switchFaults(boundary);
        if (this.ended && (this.engine.calls.live === 0 || boundary >= durationNs + drainNs)) return true;
        if (boundary >= lookAt) {
          lookAt += lookEveryNs;
          if (!mayGoOn()) return false;
        }
        boundary = Math.min(this.faults.nextAt, recorder.stepEndsAt, lookAt, this.ended ? durationNs + drainNs : durationNs);
      }
      this.events++;
      if (--check === 0) {
        check = everyEvents;
        this.isFlooded = this.engine.attempts.rows.length > IN_FLIGHT_LIMIT;
        if (this.isFlooded || !mayGoOn()) return false;
      }
    }
  }

  /** Count what is still open as unfinished, and close all statistics. */
  finish(): void {
    for (const call of this.engine.openCalls()) this.recordSettled(this.engine.calls.rows[call]!, UNFINISHED, this.now);
    this.stations.finish(this.now);
  }

  // --- what the engine asks ---

  open(outbound: number, connection: number, endpoint: EndpointId, now: number): boolean {
    const { network } = this;
    const edge = this.engine.edgeOfOutbound(outbound);
    if (network.isPlain[edge] === 1 && !this.isDown(endpoint)) return true;
    const id = this.openings.take(outbound, connection, endpoint, now + this.connectTimeoutNs(edge));
    if (network.isCut(edge)) this.holdOpening(id, edge);
    else this.shakeHands(id, edge, now);
    return false;
  }

  send(attempt: AttemptId, endpoint: EndpointId, now: number): void {
    const { stations } = this;
    const row = this.engine.attempts.rows[attempt]!;
    const { call, number, outbound } = row;
    stations.expect(attempt, endpoint, call, attemptKey(call.keyLo, number));
    if (call.outbound.rules.propagateDeadline) stations.expectUntil(attempt, this.engine.deadlineOf(attempt));
    this.recorder.attempted(number, number > 1 && row.isHedge);
    if (this.network.isPlain[outbound.edge] === 1) stations.arrive(attempt, now);
    else if (this.network.isCut(outbound.edge)) this.heldThere[outbound.edge]!.push(attempt);
    else this.carry(attempt, now);
  }

  cancel(attempt: AttemptId, now: number): void {
    this.stations.givenUp(attempt, now);
    if (!this.stations.heedsCancel(attempt)) return;
    this.queue.at(now + this.latencyThere(attempt), EVENT_CANCEL, attempt);
  }

  probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    const id = this.probes.take(outbound, endpoint, serial);
    const { hi, lo } = probeKey(this.probes.of(id));
    this.carryProbe(id, EVENT_PROBE, this.network.there(this.engine.edgeOfOutbound(outbound), this.engine.callerOfOutbound(outbound), endpoint, hi, lo), now);
  }

  arm(timer: TimerId, due: number): void {
    this.queue.arm(timer, due);
  }

  disarm(timer: TimerId): void {
    this.queue.disarm(timer);
  }

  settle(call: CallId, outcome: Outcome, _status: number, now: number): void {
    const row = this.engine.calls.rows[call]!;
    const { parent } = row;
    this.recordSettled(row, outcome, now);
    if (parent !== NO_ROW) {
      const { site, turn } = this.stations.callOver(parent, call);
      // What its caller abandoned needs no telling.
      if (outcome !== UNFINISHED) this.noteSettled(parent, site, turn, outcome);
    } else if (this.userSource.length > 0 && this.callUser[call] !== NO_ROW) this.think(this.callUser[call]!, row.begunAt, now);
  }

  // --- what the stations ask ---

  work(job: AttemptId, due: number): void {
    this.queue.at(due, EVENT_WORK, job);
  }

  patience(job: AttemptId, due: number): void {
    this.queue.at(due, EVENT_PATIENCE, job);
  }

  answer(job: AttemptId, outcome: Outcome, status: number, now: number): void {
    const { engine } = this;
    const edge = engine.edgeOfAttempt(job);
    if (this.inside || this.network.isPlain[edge] === 0) {
      this.answerLater(job, edge, outcome, status, now);
      return;
    }
    this.inside = true;
    engine.attemptDone(job, outcome, status, now);
    this.inside = false;
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

  // --- what faults change ---

  endpointChanged(endpoint: EndpointId, before: number, after: number, now: number): void {
    this.stations.conditionsChanged(endpoint, before, after, now);
    if (((before ^ after) & Condition.down) === 0) return;
    this.lostAt[endpoint] = now;
    this.engine.connectionsLost(this.stations.serviceOf[endpoint]!, endpoint, now);
  }

  edgeChanged(edge: EdgeId, before: number, after: number, now: number): void {
    this.network.edgeChanged(edge);
    if ((before & Condition.cut) === 0 || (after & Condition.cut) !== 0) return;
    for (const opening of this.heldOpenings[edge]!.splice(0)) this.shakeHands(opening, edge, now);
    for (const attempt of this.heldThere[edge]!.splice(0)) {
      const latency = this.latencyThere(attempt);
      this.queue.at(now + latency, EVENT_ARRIVE, attempt);
      if (this.stations.isGivenUp(attempt)) this.queue.at(now + latency, EVENT_CANCEL, attempt);
    }
    for (const attempt of this.heldBack[edge]!.splice(0)) {
      const { stations } = this;
      const latency = this.network.back(edge, this.engine.callerOf(attempt), stations.endpointOf(attempt), stations.keyHiOf(attempt), stations.keyLoOf(attempt));
      if (latency === LOST_MESSAGE) this.answerLost(attempt, now);
      else this.queue.at(now + latency, EVENT_ANSWER, attempt);
    }
  }

  // --- the inner loop ---

  private dispatch(payload: number): void {
    const { now } = this.queue;
    const handle = payload >> PAYLOAD_BITS;
    switch (payload & KIND_MASK) {
      case EVENT_WORK:
        this.stations.workDone(handle, now);
        break;
      case EVENT_TIMER:
        if (!this.queue.wheel.fires(handle, now)) return;
        this.inside = true;
        this.engine.timerDue(handle, now);
        this.inside = false;
        break;
      case EVENT_ARRIVE:
        this.arrive(handle, now);
        break;
      case EVENT_ANSWER:
        this.attemptDone(handle, now);
        break;
      case EVENT_CANCEL:
        this.stations.cancelled(handle, now);
        break;
      case EVENT_PATIENCE:
        this.stations.patienceOver(handle, now);
        break;
      case EVENT_USER:
        this.userAsks(handle, now);
        break;
      case EVENT_OPENED:
        this.handsShaken(handle, now);
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
    }
    if (this.settledCount > 0) this.tellCallers(now);
  }

  private attemptDone(attempt: AttemptId, now: number): void {
    this.inside = true;
    // The code was stored by `answer`.
    this.engine.attemptDone(attempt, this.outcome[attempt]! as Outcome, this.status[attempt]!, now);
    this.inside = false;
  }

  private arriveRequest(): void {
    const source = this.arrivalSource;
    const arrivals = this.sources[source]!;
    const { number, recordedClass } = arrivals;
    this.ask(source, number, recordedClass, this.mixes[source]!.clientOf(number), NO_ROW, this.queue.now);
    arrivals.advance();
    this.findArrival();
  }

  private userAsks(user: number, now: number): void {
    if (this.ended) return;
    const source = this.userSource[user]!;
    const { load, clients } = this.plan.traffic[source]!;
    const users = load.kind === 'closed' ? load.users : 1;
    const index = this.userIndex[user]!;
    this.ask(source, index + this.userRounds[user]! * users, -1, index % clients, user, now);
  }

  private ask(source: number, number: number, recordedClass: number, client: number, user: number, now: number): void {
    const { recorder } = this;
    const mix = this.mixes[source]!;
    const classInSource = recordedClass >= 0 ? recordedClass : mix.classOf(number);
    const requestClass = this.firstClass[source]! + classInSource;
    const keyLo = source ^ (Math.floor(number / 2 ** 32) << 16);
    const tag = recorder.tagOf(requestClass, now);
    this.requests++;
    recorder.arrived();
    this.inside = true;
    const call = this.engine.begin(this.sourceEdges[source]!, client, number | 0, keyLo, mix.hashKeyOf(number, classInSource), requestClass, tag, NO_ROW, Infinity, now);
    this.inside = false;
    if (this.userSource.length === 0) return;
    while (call >= this.callUser.length) this.callUser = doubled(this.callUser);
    this.callUser[call] = user;
  }

  /** @param askedAt  when the request began that is now over */
  private think(user: number, askedAt: number, now: number): void {
    const source = this.userSource[user]!;
    const round = ++this.userRounds[user]!;
    this.draw.seek(this.thinkStream, round, this.userIndex[user]! ^ (source << 24));
    const thinkNs = Math.floor(this.thinkSamplers[source]!.sample(this.draw) + 0.5);
    // Refused at once and asking again at once, a user would stop the clock.
    const leastNs = now > askedAt ? 0 : SHORTEST_ROUND_NS;
    this.queue.at(now + Math.max(thinkNs, leastNs), EVENT_USER, user);
  }

  private findArrival(): void {
    let at = Infinity;
    for (let i = 0; i < this.sources.length; i++) {
      const source = this.sources[i]!;
      if (source !== null && source.nextAt < at) {
        at = source.nextAt;
        this.arrivalSource = i;
      }
    }
    this.arrivalAt = at < this.plan.durationNs ? at : Infinity;
  }

  private tellCallers(now: number): void {
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
    if (outcome !== OK) this.failedRequests++;
    else if (this.ended) this.lateAnswers++;
  }

  private switchFaults(now: number): void {
    this.inside = true;
    this.faults.advance(now, this);
    this.inside = false;
    if (this.settledCount > 0) this.tellCallers(now);
  }

  /** A check that meets a cut edge, or is lost for good, is never answered. */
  private carryProbe(id: number, event: number, latency: number, now: number): void {
    const isLost = latency === LOST_MESSAGE || this.network.isCut(this.engine.edgeOfOutbound(this.probes.of(id).outbound));
    if (isLost) this.probes.release(id);
    else this.queue.at(now + latency, event, id);
  }

  private probeArrives(id: number, now: number): void {
    const probe = this.probes.of(id);
    const { endpoint, outbound } = probe;
    const flags = this.faults.conditions.endpointFlags[endpoint]!;
    if ((flags & (Condition.hung | Condition.paused)) !== 0) {
      this.probes.release(id);
      return;
    }
    if ((flags & Condition.down) !== 0) probe.result = CheckResult.network;
    const { hi, lo } = probeKey(probe);
    this.carryProbe(id, EVENT_PROBE_ANSWER, this.network.back(this.engine.edgeOfOutbound(outbound), this.engine.callerOfOutbound(outbound), endpoint, hi, lo), now);
  }

  private probeAnswered(id: number, now: number): void {
    const { endpoint, outbound, result, serial } = this.probes.of(id);
    this.probes.release(id);
    this.inside = true;
    this.engine.probeAnswered(outbound, endpoint, serial, result, now);
    this.inside = false;
  }

  /** As `answer`, where messages take time, a fault is on, or the engine is at work. */
  private answerLater(job: AttemptId, edge: EdgeId, outcome: Outcome, status: number, now: number): void {
    const { stations, network } = this;
    const isReset = network.hasResets(edge) && this.isResetOnEdge(job, edge);
    this.remember(job, isReset ? RESET : outcome, status);
    if (network.isCut(edge)) {
      this.heldBack[edge]!.push(job);
      return;
    }
    const latency = network.back(edge, this.engine.callerOf(job), stations.endpointOf(job), stations.keyHiOf(job), stations.keyLoOf(job));
    if (latency === 0 && !this.inside) this.attemptDone(job, now);
    else if (latency === LOST_MESSAGE) this.answerLost(job, now);
    else this.queue.at(now + latency, EVENT_ANSWER, job);
  }

  /** How the attempt was answered, until its caller hears. */
  private remember(attempt: AttemptId, outcome: Outcome, status: number): void {
    while (attempt >= this.outcome.length) this.growAttempts();
    this.outcome[attempt] = outcome;
    this.status[attempt] = status;
  }

  /** Take the request to its endpoint, on a connection that is open. */
  private carry(attempt: AttemptId, now: number): void {
    const { stations } = this;
    const { caller, edge } = this.engine.attempts.rows[attempt]!.outbound;
    const latency = this.network.there(edge, caller, stations.endpointOf(attempt), stations.keyHiOf(attempt), stations.keyLoOf(attempt));
    if (latency === 0) stations.arrive(attempt, now);
    else if (latency === LOST_MESSAGE) this.answerLost(attempt, now);
    else this.queue.at(now + latency, EVENT_ARRIVE, attempt);
  }

  /** Every copy of a message was lost: the connection is reset when TCP gives up. */
  private answerLost(attempt: AttemptId, now: number): void {
    this.remember(attempt, RESET, 0);
    this.queue.at(now + GIVE_UP_NS, EVENT_ANSWER, attempt);
  }

  /** A message that took time reaches its endpoint, which may have dropped the connection meanwhile. */
  private arrive(attempt: AttemptId, now: number): void {
    const { stations } = this;
    const { connection, sentAt } = this.engine.attempts.rows[attempt]!;
    if (connection !== NO_ROW && sentAt < this.lostAt[stations.endpointOf(attempt)]!) stations.turnAway(attempt, now);
    else stations.arrive(attempt, now);
  }

  private isDown(endpoint: EndpointId): boolean {
    return (this.faults.conditions.endpointFlags[endpoint]! & Condition.down) !== 0;
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
      opening.until = Math.min(until, now + GIVE_UP_NS);
      this.queue.at(opening.until, EVENT_CONNECT_TIMEOUT, id);
    }
  }

  private handsShaken(id: number, now: number): void {
    const { connection, endpoint, outbound } = this.openings.of(id);
    this.openings.release(id);
    this.inside = true;
    if (this.isDown(endpoint)) this.engine.openFailed(outbound, connection, now);
    else this.engine.opened(outbound, connection, now);
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
    this.inside = true;
    this.engine.openFailed(outbound, connection, now);
    this.inside = false;
  }

  private latencyThere(attempt: AttemptId): number {
    const { stations } = this;
    const edge = this.engine.edgeOfAttempt(attempt);
    const latency = this.network.there(edge, this.engine.callerOf(attempt), stations.endpointOf(attempt), stations.keyHiOf(attempt), stations.keyLoOf(attempt));
    return latency === LOST_MESSAGE ? GIVE_UP_NS : latency;
  }

  private isResetOnEdge(job: AttemptId, edge: EdgeId): boolean {
    const { draw, stations } = this;
    draw.seek(this.childStream, stations.keyLoOf(job), ~stations.keyHiOf(job));
    return draw.unit() < this.faults.conditions.edges[edge]!.resetShare;
  }

  private growAttempts(): void {
    this.outcome = doubled(this.outcome);
    this.status = doubled(this.status);
  }
}
