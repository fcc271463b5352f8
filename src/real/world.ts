/**
 * The real world: the same events as in virtual time, each when its time has come, and sockets between callers and endpoints.
 *
 * An event happens at the time it is due, however late the process gets to it: a timer that fires late makes no work longer and no
 * queue slower, only what comes over a socket is read off the clock. So the lateness of the machine is in the
 * latencies once, not in every step, and is measured beside them.
 */
import type { Dispatcher } from 'undici';
import { CheckResult } from '../engine/breaker/health-checks.ts';
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import type { CallsFrom, EngineMaker } from '../engine/engine.ts';
import { Condition } from '../fault/conditions.ts';
import { type AttemptId, type EndpointId, NONE } from '../model/ids.ts';
import { OUTCOME_NAMES, Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { NS_PER_MS } from '../model/units.ts';
import { attemptKey } from '../random/hash.ts';
import type { StationPort } from '../service/station.ts';
import type { LatenessData } from '../result/lateness.ts';
import type { RenderedKeys } from '../world/demand.ts';
import type { Probe } from '../world/probes.ts';
import { Advance, World } from '../world/world.ts';
import { Alarm } from './alarm.ts';
import { Clock } from './clock.ts';
import { Connections } from './connections.ts';
import { EndpointServer, type ServerOwner } from './endpoint-server.ts';
import { Exchange, type ExchangeOwner } from './exchange.ts';
import { BEAT_MS, Lateness } from './lateness.ts';
import { exhaustionOf, outcomeOfError } from './outcomes.ts';
import { ALONE, type Meeting, type Part, type Ports, WHOLE, hasTraffic, hosts, hostsCaller } from './part.ts';
import type { Reply } from './reply.ts';
import { type RequestText, RequestTexts } from './request-texts.ts';
import { ATTEMPT_HEADER, DEADLINE_HEADER, WORK_HEADER, type Work, deadlineOf, isCheck, workOf, workText } from './wire.ts';

const { connectFailure: CONNECT_FAILURE, ok: OK } = Outcome;

/** How far ahead due timers are looked for, ns; those further away wait in their wheel. */
const LOOK_AHEAD_NS = 16e6;
const IDLE_LOOK_AHEAD_NS = 1e9;
/** Sockets opened before the run, for each pair of a caller and an endpoint and in all. */
const WARM_SOCKETS = 4;
const WARM_SOCKETS_MAX = 2048;
const WARM_AT_ONCE = 32;
/** Checks before the run, in which the code that serves requests is compiled, and how long that may take. */
const WARM_CHECKS = 2000;
const WARM_MS = 1000;
/** One costs some 0.1 ms where it opens a socket. */
const EVENTS_PER_LOOK = 256;

/** Of a request that comes from outside the mesh. */
const STRANGER: Omit<Work, 'keyHi'> = { keyLo: 0x5717a6e5, tag: -1, hashKey: 0, requestClass: 0 };

export class RealWorld extends World implements ExchangeOwner, ServerOwner {
  private readonly clock: Clock;
  private readonly alarm: Alarm;
  private readonly beatNs: number;
  protected readonly lateness: Lateness;
  private readonly texts: RequestTexts;
  private readonly part: Part;
  /** By endpoint; null where another part hosts it. */
  private readonly servers: readonly (EndpointServer | null)[];
  /** By edge. */
  private readonly speaksHttp2: readonly boolean[];
  private connections: Connections | null = null;
  /** By attempt. */
  private readonly exchanges: Exchange[] = [];
  /** By job; null while the number is free. */
  private readonly replies: (Reply | null)[] = [];
  private readonly freeJobs: number[] = [];
  /** By what they are: jobs whose callers may be here, and when the callers of those under way gave up, ns. The time is known here before the endpoint hears. */
  private readonly jobs: Map<string, number> = new Map();
  private readonly leftAt: Map<string, number> = new Map();
  /** Health checks that were on the wire as their endpoint paused. */
  private heldChecks: { readonly endpoint: EndpointId; readonly reply: Reply }[] = [];
  private mayGoOn: () => boolean = () => true;
  private strangers: number = 0;
  private beat: NodeJS.Timeout | undefined;
  private isReacting: boolean = false;
  /** When it was last asked whether the run may go on. */
  private askedAt: number = 0;
  private isOver: boolean = false;
  private ending: { readonly resolve: (isComplete: boolean) => void; readonly reject: (cause: unknown) => void } | null = null;

  /** @param timeScale  real time per time of the run, 1 or more */
  constructor(plan: Plan, seed: number, renderedKeys: RenderedKeys, timeScale: number, part: Part = WHOLE, makeEngine?: EngineMaker, between?: (world: StationPort) => StationPort) {
    super(plan, seed, renderedKeys, makeEngine, between);
    this.part = part;
    this.clock = new Clock(timeScale);
    this.beatNs = (BEAT_MS * NS_PER_MS) / timeScale;
    this.lateness = new Lateness(timeScale);
    this.alarm = new Alarm(this.clock, () => this.react(() => undefined));
    this.texts = new RequestTexts(plan, seed, this.demand.mixes);
    this.speaksHttp2 = plan.edges.map(({ policy }) => policy.connectionPool?.protocol === 'http2');
    this.servers = plan.services.flatMap(({ firstEndpoint, name, replicas }, service) => {
      const isAskedInHttp2 = plan.edges.some(({ to }, edge) => to === service && this.speaksHttp2[edge]!);
      return Array.from({ length: replicas }, (_, i) => (hosts(part, firstEndpoint + i) ? new EndpointServer(firstEndpoint + i, `${name}/${i}`, isAskedInHttp2, this) : null));
    });
  }

  /**
   * Start the mesh, let it run to its end, and stop it.
   * @param mayGoOn  asked a hundred times a second, and when a threshold may end the run
   * @returns whether the end was reached
   * @throws MeshError when this machine cannot carry it
   */
  async run(mayGoOn: () => boolean, meeting: Meeting = ALONE): Promise<boolean> {
    this.mayGoOn = mayGoOn;
    const { part, plan } = this;
    const callsFrom = (edge: number, caller: number): boolean => hostsCaller(part, plan, edge, caller);
    try {
      const connections = new Connections(await meeting.listens(await this.listen()));
      this.connections = connections;
      await this.warmUp(connections, callsFrom);
      const startsAt = await meeting.isReady();
      if (!hasTraffic(part)) this.demand.silence();
      const isComplete = await new Promise<boolean>((resolve, reject) => {
        this.ending = { resolve, reject };
        this.clock.start(startsAt);
        // Before anything that is due by now: the clock did not wait.
        this.begin(callsFrom);
        this.react(() => undefined);
        this.beat = setInterval(() => this.look(), BEAT_MS);
      });
      clearInterval(this.beat);
      await meeting.isOver(isComplete);
      return isComplete;
    } finally {
      this.isOver = true;
      this.alarm.clear();
      clearInterval(this.beat);
      // What ended it may have come from within a callback of a connection: nobody closes that under its feet.
      await new Promise((resolve) => setImmediate(resolve));
      await this.connections?.closeAll();
      await Promise.all(this.servers.map((server) => server?.close()));
    }
  }

  /** Up to now. */
  latenessData(): LatenessData {
    return this.lateness.data();
  }

  // --- what happens on sockets ---

  exchanged(exchange: Exchange, outcome: Outcome, status: number): void {
    const { attempt, edge, endpoint, tag } = exchange;
    this.react((now) => {
      if (outcome === CONNECT_FAILURE) this.stations.refused(endpoint, tag);
      this.comeBack(attempt, edge, outcome, status, now);
    });
  }

  received({ endpoint }: EndpointServer, headers: readonly string[], reply: Reply): void {
    if (isCheck(headers)) {
      if (this.isPaused(endpoint)) this.heldChecks.push({ endpoint, reply });
      else if (!this.isHung(endpoint)) reply.answer(200, OUTCOME_NAMES[OK]!);
      return;
    }
    this.react((now) => {
      const work = workOf(headers) ?? { keyHi: this.strangers++, ...STRANGER };
      const job = this.freeJobs.pop() ?? this.replies.length;
      this.replies[job] = reply;
      reply.job = job;
      this.stations.expect(job, endpoint, work, work.keyLo);
      this.stations.expectUntil(job, deadlineOf(headers));
      const key = keyOf(work.keyHi, work.keyLo);
      this.jobs.set(key, job);
      const leftAt = this.leftAt.get(key);
      if (leftAt !== undefined) this.stations.givenUp(job, leftAt);
      this.stations.arrive(job, now);
    });
  }

  leftBy(reply: Reply): void {
    this.react((now) => {
      const { job } = reply;
      // A health check is no job.
      if (!reply.isOpen || job < 0) return;
      if (!this.stations.isGivenUp(job)) this.stations.givenUp(job, now);
      if (this.stations.heedsCancel(job)) this.stations.cancelled(job, now);
    });
  }

  fail(cause: unknown): void {
    this.isOver = true;
    this.ending?.reject(cause);
  }

  // --- what the engine asks ---

  cancel(attempt: AttemptId, now: number): void {
    const exchange = this.exchanges[attempt]!;
    exchange.isGivenUp = true;
    const key = keyOf(exchange.keyHi, exchange.keyLo);
    const job = this.jobs.get(key);
    if (job === undefined && (exchange.isHeld || exchange.isOnWire)) this.leftAt.set(key, now);
    else if (job !== undefined) this.stations.givenUp(job, now);
    if (exchange.connection !== NONE) this.watchIdle(exchange, now);
    // It follows the request. On a cut edge both wait until that heals.
    if (exchange.isOnWire || !this.network.isCut(exchange.edge)) this.carryCancel(attempt, now);
  }

  closed(outbound: number, connection: number): void {
    this.connections?.close(outbound, connection);
  }

  // --- what the stations ask ---

  answer(job: number, outcome: Outcome, status: number): void {
    const reply = this.replies[job]!;
    this.jobs.delete(keyOf(this.stations.keyHiOf(job), this.stations.keyLoOf(job)));
    this.replies[job] = null;
    this.freeJobs.push(job);
    switch (outcome) {
      case Outcome.ok:
      case Outcome.error:
      case Outcome.rejected:
        reply.answer(status, OUTCOME_NAMES[outcome]!);
        return;
      case Outcome.unfinished:
        reply.drop();
        return;
      default:
        reply.reset();
    }
  }

  // --- what faults change ---

  override endpointChanged(endpoint: EndpointId, before: number, after: number, now: number): void {
    super.endpointChanged(endpoint, before, after, now);
    if (!this.isPaused(endpoint)) this.answerHeldChecks(endpoint);
    if (((before ^ after) & Condition.down) === 0) return;
    const server = this.servers[endpoint]!;
    if (server === null) return;
    if ((after & Condition.down) !== 0) server.crash();
    else server.listen().catch((cause: unknown) => this.fail(cause));
  }

  private answerHeldChecks(endpoint: EndpointId): void {
    const held = this.heldChecks.filter((check) => check.endpoint === endpoint);
    this.heldChecks = this.heldChecks.filter((check) => check.endpoint !== endpoint);
    const isThere = !this.isHung(endpoint) && !this.isDown(endpoint);
    for (const { reply } of held) if (isThere && reply.isOpen) reply.answer(200, OUTCOME_NAMES[OK]!);
  }

  // --- what a world adds ---

  protected prepare(row: AttemptRow, endpoint: EndpointId): void {
    const { call, connection, id, number, outbound } = row;
    const { method, path, headers, body } = this.textOf(call);
    const { hashKey, keyHi, requestClass, tag } = call;
    const keyLo = attemptKey(call.keyLo, number);
    const fields = [...headers, WORK_HEADER, workText({ keyHi, keyLo, tag, hashKey, requestClass }), ATTEMPT_HEADER, String(number)];
    const deadline = call.outbound.rules.propagateDeadline ? this.engine.deadlineOf(id) : Infinity;
    if (deadline !== Infinity) fields.push(DEADLINE_HEADER, String(deadline));
    if (connection !== NONE) this.connections!.occupy(outbound.index, connection);
    this.exchanges[id] = new Exchange(this, row, endpoint, keyHi, keyLo, { method: method as Dispatcher.HttpMethod, path, headers: fields, body, reset: false });
  }

  /** What an attempt of the call says. */
  protected textOf(call: CallRow): RequestText {
    return this.texts.of(call);
  }

  protected deliver(attempt: AttemptId): void {
    const exchange = this.exchanges[attempt]!;
    const { connection, endpoint, isGivenUp, outbound } = exchange;
    const connections = this.connections!;
    // Who gave up has no connection any more, and its number may be another's; what was sent arrives all the same.
    exchange.dispatch(connection === NONE || isGivenUp ? connections.poolOf(outbound, endpoint) : connections.clientOf(outbound, connection));
  }

  /** Also where the caller has given up meanwhile: the endpoint learns that after the request. */
  protected deliverLate(attempt: AttemptId): void {
    this.deliver(attempt);
  }

  protected isUnderWay(attempt: AttemptId): boolean {
    return this.exchanges[attempt]!.isHeld;
  }

  protected cancelArrives(attempt: AttemptId): void {
    const exchange = this.exchanges[attempt]!;
    if (exchange.isGivenUp && exchange.isOnWire) exchange.abort();
  }

  /** Opening a socket takes time, however little. */
  protected opensAtOnce(): boolean {
    return false;
  }

  protected connect(opening: number): void {
    const { connection, endpoint, outbound } = this.openings.of(opening);
    this.openings.release(opening);
    const isHttp2 = this.speaksHttp2[this.engine.edgeOfOutbound(outbound)]!;
    this.connections!.open(outbound, connection, endpoint, isHttp2, (error) =>
      this.react((now) => {
        // What is no outcome of a connection ends the run.
        if (error !== null) outcomeOfError(error);
        this.handsShaken(outbound, connection, error === null, now);
      }),
    );
  }

  protected check(id: number, probe: Probe): void {
    const { endpoint, outbound } = probe;
    const over = (result: CheckResult): void => this.react((now) => this.probeReturns(id, probe, result, now));
    this.connections!.check(outbound, endpoint).then(
      () => over(CheckResult.pass),
      (cause: unknown) => {
        const exhaustion = exhaustionOf(cause);
        if (exhaustion === null) over(CheckResult.network);
        else this.fail(exhaustion);
      },
    );
  }

  /** No event comes as fast as that here. */
  protected get isCrowded(): boolean {
    return false;
  }

  /** A connection may have been idle for too long. */
  protected ownEvent(handle: number, due: number): void {
    const again = this.connections!.closeIdle(handle, due);
    if (again !== null) this.own(again, handle);
  }

  protected isGivenUp(attempt: AttemptId): boolean {
    return this.exchanges[attempt]!.isGivenUp;
  }

  protected endpointOf(attempt: AttemptId): EndpointId {
    return this.exchanges[attempt]!.endpoint;
  }

  protected keyHiOf(attempt: AttemptId): number {
    return this.exchanges[attempt]!.keyHi;
  }

  protected keyLoOf(attempt: AttemptId): number {
    return this.exchanges[attempt]!.keyLo;
  }

  protected override answered(attempt: AttemptId, now: number): void {
    const exchange = this.exchanges[attempt]!;
    if (exchange.isGivenUp) this.leftAt.delete(keyOf(exchange.keyHi, exchange.keyLo));
    else if (exchange.connection !== NONE) this.watchIdle(exchange, now);
    super.answered(attempt, now);
  }

  /** Where the requests are elsewhere, they say when they are over. */
  protected override isSettled(): boolean {
    return hasTraffic(this.part) && super.isSettled();
  }

  protected override arriveRequest(): void {
    this.lateness.arrived(Math.max(0, this.clock.now() - this.demand.nextAt));
    super.arriveRequest();
  }

  protected override turn(): void {
    super.turn();
    this.lateness.turn();
  }

  private watchIdle({ connection, edge, outbound }: Exchange, now: number): void {
    const idleNs = this.plan.edges[edge]!.policy.connectionPool?.idleTimeoutNs ?? Infinity;
    if (idleNs === Infinity) return;
    const handle = this.connections!.rest(outbound, connection, idleNs, now);
    if (handle !== null) this.own(now + idleNs, handle);
  }

  private look(): void {
    this.lateness.looked(this.clock.now());
    try {
      if (this.isOver || this.mayGoOn()) return;
      this.react(() => undefined);
      this.end(false);
    } catch (cause) {
      this.fail(cause);
    }
  }

  private async listen(): Promise<Ports> {
    await Promise.all(this.servers.map((server) => server?.listen()));
    return { http1: this.servers.map((server) => server?.port ?? 0), http2: this.servers.map((server) => server?.http2Port ?? 0) };
  }

  /** Sockets are opened and code is compiled before anybody measures. */
  private async warmUp(connections: Connections, callsFrom: CallsFrom): Promise<void> {
    const pairs = this.engine.unpooled(callsFrom).flatMap(({ outbound, firstEndpoint, endpoints }) => Array.from({ length: endpoints }, (_, i) => ({ outbound, endpoint: firstEndpoint + i })));
    const each = Math.min(WARM_SOCKETS, Math.max(1, Math.floor(WARM_SOCKETS_MAX / Math.max(1, pairs.length))));
    const until = performance.now() + WARM_MS;
    for (let checks = 0; pairs.length > 0 && checks < WARM_CHECKS && (checks === 0 || performance.now() < until); checks += pairs.length * each) {
      for (let first = 0; first < Math.min(pairs.length, WARM_SOCKETS_MAX) && this.mayGoOn(); first += WARM_AT_ONCE) {
        await Promise.all(pairs.slice(first, first + WARM_AT_ONCE).map(({ endpoint, outbound }) => connections.warm(outbound, endpoint, each)));
      }
    }
  }

  /**
   * Whatever comes from outside: first all that is due by now, in its order, then this.
   */
  protected react(action: (now: number) => void): void {
    if (this.isOver) return;
    if (this.isReacting) {
      action(this.now);
      return;
    }
    this.isReacting = true;
    try {
      const now = Math.max(this.clock.now(), this.now);
      if (this.catchUp(now)) {
        this.queue.now = now;
        action(now);
        this.tellCallers(now);
        // What that has set off at once is due now, too.
        if (this.catchUp(now) && this.isDone()) this.end(true);
        else if (!this.isOver && !this.mayStillGoOn(now)) this.end(false);
      }
    } catch (cause) {
      this.fail(cause);
    } finally {
      this.isReacting = false;
    }
    if (!this.isOver) this.alarm.set(this.nextDue());
  }

  /**
   * Under overload thousands of sockets have something to say in one turn of the event loop, which then takes seconds, and on a machine that is busy elsewhere
   * as many times longer; the beat comes once a turn.
   */
  private mayStillGoOn(now: number): boolean {
    if (now < this.askedAt + this.beatNs) return true;
    this.askedAt = now;
    return this.mayGoOn();
  }

  /** @returns false when the run is over */
  private catchUp(now: number): boolean {
    const advance = this.advance(now + 1, this.mayGoOn, EVENTS_PER_LOOK);
    if (advance !== Advance.waiting) this.end(advance === Advance.over);
    return !this.isOver;
  }

  protected end(isComplete: boolean): void {
    this.isOver = true;
    this.ending?.resolve(isComplete);
  }

  /** Boundaries at which nothing happens but counting wait for what happens next. */
  private nextDue(): number {
    // With nobody in the mesh hardly any timer is armed, and to look at those of a second costs less than to wake up sixty times.
    const horizon = this.now + (this.engine.calls.live === 0 ? IDLE_LOOK_AHEAD_NS : LOOK_AHEAD_NS);
    // A timer that is further away than the look ahead shows up when that has passed.
    return Math.min(this.queue.peek(horizon), this.demand.nextAt, this.faults.nextAt, horizon);
  }
}

function keyOf(hi: number, lo: number): string {
  return `${hi} ${lo}`;
}
