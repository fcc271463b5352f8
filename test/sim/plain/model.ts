/**
 * The simulator a second time, as plainly as can be: closures, a list that is searched for what is next, one endpoint a service, no chance.
 * It was written from the description of scenario files, and shares nothing with the engine, the stations or the world.
 *
 * Where several things happen at one instant their order is a convention, and the two need not have the same; the model says so (`ties`).
 */
import type { PlainEffect, PlainFault, PlainPolicy, PlainScenario, PlainService, PlainSite } from './scenario.ts';
import { windowsOf } from './scenario.ts';

/** Of requests or calls that arrived in the measured window. */
export interface CallFigures {
  requests: number;
  attempts: number;
  hedges: number;
  /** How they ended. */
  readonly outcomes: Record<string, number>;
  readonly latenciesNs: number[];
}

export interface EndpointFigures {
  busyNs: number;
  abandonedNs: number;
  queuedNs: number;
  /** Answers to counted requests. */
  readonly answers: Record<string, number>;
}

export interface PlainFigures {
  readonly totals: CallFigures;
  readonly edges: ReadonlyMap<string, CallFigures>;
  readonly endpoints: ReadonlyMap<string, EndpointFigures>;
  readonly endNs: number;
  /** Times at which several things happened at once. */
  readonly ties: number;
}

interface Call {
  readonly edge: string;
  readonly service: Station;
  readonly policy: PlainPolicy;
  readonly isCounted: boolean;
  readonly isRequest: boolean;
  readonly begunAt: number;
  readonly deadline: number;
  readonly tell: ((outcome: string) => void) | null;
  readonly current: Attempt[];
  attempts: number;
  hedges: number;
  copiesLeft: number;
  retriesLeft: number;
  retries: number;
  holdsRetry: boolean;
  awaitsRetry: boolean;
  isDecided: boolean;
  isOver: boolean;
  /** What its timer is set for; there is one for backoffs and hedges. */
  timer: object | null;
}

interface Attempt {
  readonly call: Call;
  /** Until when somebody waits, as far as its endpoint is told. */
  deadline: number;
  readonly children: Set<Call>;
  state: 'pending' | 'travelling' | 'queued' | 'held' | 'working' | 'calling' | 'hung' | 'over';
  /** As it was late. */
  isRetried: boolean;
  /** The news that its caller gave up has come before it. */
  isOvertaken: boolean;
  givenUpAt: number;
  arrivedAt: number;
  startedAt: number;
  leftNs: number;
  workedSince: number;
  work: object | null;
  step: number;
  pending: number;
  failStatus: number;
}

interface Deferred {
  readonly attempt: Attempt;
  /** It comes in that stood in front of a full queue. */
  readonly isArrival?: true;
  readonly happen: () => void;
}

interface Station {
  readonly plan: PlainService;
  readonly figures: EndpointFigures;
  readonly queue: Attempt[];
  readonly held: Set<Attempt>;
  readonly onSlots: Set<Attempt>;
  readonly hung: Set<Attempt>;
  /** What happens when a pause is over. */
  deferred: Deferred[];
  slots: number;
  isPaused: boolean;
  isDown: boolean;
  isHung: boolean;
}

interface Pool {
  idle: number;
  open: number;
  active: number;
  readonly waiting: Attempt[];
}

interface ActiveFault {
  readonly fault: PlainFault;
  depth: number;
  /** Of first calls. */
  left: number;
}

export function modelled(scenario: PlainScenario): PlainFigures {
  return new PlainModel(scenario).run();
}

class PlainModel {
  private readonly scenario: PlainScenario;
  private now = 0;
  private ties = 0;
  private serial = 0;
  private readonly events: { readonly at: number; readonly serial: number; readonly happen: () => void }[] = [];
  /** What takes no time, and comes after what is going on. */
  private readonly next: (() => void)[] = [];
  private readonly stations: ReadonlyMap<string, Station>;
  private readonly faults: readonly ActiveFault[];
  private readonly switches: { readonly at: number; readonly fault: ActiveFault; readonly by: number }[];
  private readonly open = new Set<Call>();
  private readonly pools = new Map<string, Pool>();
  private readonly retriesAtOnce = new Map<string, number>();
  private readonly heldThere = new Map<string, Attempt[]>();
  private readonly heldCancels = new Map<string, Attempt[]>();
  private readonly heldBack = new Map<string, (() => void)[]>();
  private readonly totals = noCalls();
  private readonly edges = new Map<string, CallFigures>();

  constructor(scenario: PlainScenario) {
    this.scenario = scenario;
    this.stations = new Map(scenario.services.map((plan) => [plan.name, stationOf(plan)]));
    this.faults = scenario.faults.map((fault) => ({ fault, depth: 0, left: fault.effect.kind === 'firstCalls' ? fault.effect.count : 0 }));
    const startupNs = ({ effect, target }: PlainFault): number => (effect.kind === 'crash' ? this.stations.get(target)!.plan.startupNs : 0);
    this.switches = this.faults
      .flatMap((fault) => windowsOf(fault.fault).flatMap(({ fromNs, toNs }) => [{ at: fromNs, fault, by: 1 }, { at: toNs + startupNs(fault.fault), fault, by: -1 }]))
      .sort((one, other) => one.at - other.at);
  }

  run(): PlainFigures {
    const { drainNs, durationNs, ratePerS, services } = this.scenario;
    const first = this.stations.get(services[0]!.name)!;
    const arrivalAt = (number: number): number => Math.round((number * 1e9) / ratePerS);
    let number = 1;
    for (;;) {
      const eventAt = Math.min(...this.events.map(({ at }) => at));
      const requestAt = arrivalAt(number) < durationNs ? arrivalAt(number) : Infinity;
      const switchAt = this.switches[0]?.at ?? Infinity;
      const at = Math.min(eventAt, requestAt, switchAt);
      if (at >= durationNs && this.open.size === 0) {
        this.now = Math.max(this.now, durationNs);
        break;
      }
      if (at >= durationNs + drainNs) {
        this.now = durationNs + drainNs;
        break;
      }
      this.now = at;
      if (switchAt === at) this.switchFaults();
      else if (eventAt === at) this.takeEvent().happen();
      else {
        number++;
        this.begin(`x->${first.plan.name}`, first, at >= this.scenario.warmupNs, Infinity, null);
      }
      if (this.next.length > 0 && this.events.some((event) => event.at === at)) this.ties++;
      while (this.next.length > 0) {
        if (this.next.length > 1) this.ties++;
        this.next.shift()!();
      }
    }
    return this.finish();
  }

  private finish(): PlainFigures {
    for (const call of this.open) this.record(call, 'unfinished');
    for (const station of this.stations.values()) {
      const { figures, held, hung, onSlots, queue } = station;
      for (const attempt of onSlots) this.countWork(attempt);
      for (const { arrivedAt } of [...queue, ...held]) figures.queuedNs += this.measured(arrivedAt, this.now);
      for (const attempt of [...onSlots, ...queue, ...held, ...hung]) this.countAnswer(attempt, 'unfinished');
    }
    const endpoints = new Map([...this.stations].map(([name, { figures }]) => [name, figures]));
    return { totals: this.totals, edges: this.edges, endpoints, endNs: this.now, ties: this.ties };
  }

  private at(time: number, happen: () => void): void {
    this.events.push({ at: time, serial: this.serial++, happen });
  }

  private takeEvent(): { readonly happen: () => void } {
    const { events } = this;
    let first = 0;
    for (const [i, { at, serial }] of events.entries()) if (at < events[first]!.at || (at === events[first]!.at && serial < events[first]!.serial)) first = i;
    const [event] = events.splice(first, 1);
    if (events.some(({ at }) => at === event!.at)) this.ties++;
    return event!;
  }

  /** The part of a stretch of time that is measured. */
  private measured(from: number, to: number): number {
    const { durationNs, warmupNs } = this.scenario;
    return Math.max(0, Math.min(to, durationNs) - Math.max(from, warmupNs));
  }

  // --- calls ---

  private begin(edge: string, service: Station, isCounted: boolean, until: number, tell: Call['tell']): Call {
    const { policy } = service.plan;
    const call: Call = {
      edge, service, policy, isCounted, isRequest: tell === null, begunAt: this.now, deadline: Math.min(this.now + policy.timeoutNs, until), tell, current: [], attempts: 0, hedges: 0,
      copiesLeft: policy.hedgeNs < Infinity ? 1 : 0, retriesLeft: policy.retries?.attempts ?? 0, retries: 0, holdsRetry: false, awaitsRetry: false, isDecided: false, isOver: false, timer: null,
    };
    this.open.add(call);
    const timeOut = (): void => {
      if (call.isOver) return;
      this.giveUpAll(call);
      this.settle(call, 'timeout');
    };
    if (call.deadline <= this.now) {
      call.isDecided = true;
      this.at(this.now, timeOut);
      return call;
    }
    if (call.deadline < Infinity) this.at(call.deadline, timeOut);
    this.attempt(call);
    this.armHedge(call);
    return call;
  }

  private arm(call: Call, at: number, happen: () => void): void {
    const timer = {};
    call.timer = timer;
    this.at(at, () => {
      if (call.timer !== timer || call.isOver) return;
      call.timer = null;
      happen();
    });
  }

  private armHedge(call: Call): void {
    if (call.copiesLeft > 0 && !call.awaitsRetry && !call.isDecided) this.arm(call, this.now + call.policy.hedgeNs, () => this.sendCopy(call));
  }

  private sendCopy(call: Call): void {
    call.copiesLeft--;
    this.attempt(call);
  }

  private attempt(call: Call): void {
    const limits = call.policy.pool;
    const pool = limits === null ? null : this.poolOf(call.edge);
    if (pool !== null && (pool.idle > 0 ? pool.active >= limits!.requests : pool.waiting.length >= limits!.pending)) {
      this.overflow(call);
      return;
    }
    const attempt: Attempt = {
      call, deadline: Infinity, children: new Set(), state: 'pending', isRetried: false, isOvertaken: false, givenUpAt: Infinity, arrivedAt: 0, startedAt: 0, leftNs: 0, workedSince: 0, work: null, step: 0, pending: 0, failStatus: 0,
    };
    call.attempts++;
    if (call.current.length > 0) call.hedges++;
    call.current.unshift(attempt);
    if (pool === null) {
      this.send(attempt);
      return;
    }
    pool.waiting.push(attempt);
    if (pool.idle === 0 && pool.open < limits!.connections) this.connect(pool);
    this.serve(pool);
  }

  private poolOf(edge: string): Pool {
    let pool = this.pools.get(edge);
    if (pool === undefined) this.pools.set(edge, (pool = { idle: 0, open: 0, active: 0, waiting: [] }));
    return pool;
  }

  private connect(pool: Pool): void {
    pool.open++;
    pool.idle++;
  }

  private serve(pool: Pool): void {
    while (pool.waiting.length > 0 && pool.idle > 0) {
      const attempt = pool.waiting.shift()!;
      if (pool.active >= attempt.call.policy.pool!.requests) {
        remove(attempt.call.current, attempt);
        this.overflow(attempt.call);
      } else {
        pool.idle--;
        pool.active++;
        this.send(attempt);
      }
    }
  }

  private overflow(call: Call): void {
    if (call.current.length > 0 || call.isDecided) return;
    call.isDecided = true;
    this.arm(call, this.now, () => this.settle(call, 'overflow'));
  }

  private send(attempt: Attempt): void {
    const { call } = attempt;
    const { hedgesLate, propagates, retries } = call.policy;
    const perTryNs = retries?.perTryNs ?? Infinity;
    attempt.state = 'travelling';
    if (propagates) attempt.deadline = hedgesLate ? call.deadline : Math.min(call.deadline, this.now + perTryNs);
    if (this.isCut(call.edge)) listOf(this.heldThere, call.edge).push(attempt);
    else this.after(this.latencyOf(call.edge), () => this.arrive(attempt));
    if (perTryNs < Infinity) this.at(this.now + perTryNs, () => this.attemptTimedOut(attempt));
  }

  private after(ns: number, happen: () => void): void {
    if (ns === 0) happen();
    else this.at(this.now + ns, happen);
  }

  private attemptTimedOut(attempt: Attempt): void {
    const { call } = attempt;
    if (call.isOver || !call.current.includes(attempt)) return;
    if (call.policy.hedgesLate) {
      attempt.isRetried = this.isGranted(call, true);
      if (attempt.isRetried) this.backOff(call);
      return;
    }
    remove(call.current, attempt);
    this.giveUp(attempt);
    this.failed(call, 'timeout', 0);
  }

  private isGranted(call: Call, isRetriable: boolean): boolean {
    this.releaseRetry(call);
    if (!isRetriable || call.retriesLeft === 0) return false;
    call.retriesLeft--;
    const active = this.retriesAtOnce.get(call.edge) ?? 0;
    if (active >= (call.policy.pool?.retries ?? Infinity)) return false;
    this.retriesAtOnce.set(call.edge, active + 1);
    call.holdsRetry = true;
    return true;
  }

  private releaseRetry(call: Call): void {
    if (!call.holdsRetry) return;
    call.holdsRetry = false;
    this.retriesAtOnce.set(call.edge, this.retriesAtOnce.get(call.edge)! - 1);
  }

  private backOff(call: Call): void {
    const { baseNs, maxNs } = call.policy.retries!;
    call.awaitsRetry = true;
    const waitNs = Math.min(maxNs, baseNs * 2 ** call.retries++);
    this.arm(call, this.now + waitNs, () => {
      call.awaitsRetry = false;
      this.attempt(call);
      this.armHedge(call);
    });
  }

  private answered(attempt: Attempt, outcome: string, status: number): void {
    const { call } = attempt;
    if (call.isOver || !call.current.includes(attempt)) return;
    this.leaveConnection(call, outcome !== 'reset');
    remove(call.current, attempt);
    if (outcome !== 'ok') {
      if (call.policy.hedgesLate) this.failedBesideLate(call, outcome, status, attempt.isRetried);
      else this.failed(call, outcome, status);
      return;
    }
    this.giveUpAll(call);
    this.settle(call, 'ok');
  }

  private leaveConnection(call: Call, keeps: boolean): void {
    const limits = call.policy.pool;
    if (limits === null) return;
    const pool = this.poolOf(call.edge);
    pool.active--;
    if (keeps) pool.idle++;
    else {
      pool.open--;
      if (pool.waiting.length > 0 && pool.open < limits.connections) this.connect(pool);
    }
    this.serve(pool);
  }

  /** Envoy's `hedge_on_per_try_timeout`: each attempt is retried once, and what is left over is dropped while another may turn out well. */
  private failedBesideLate(call: Call, outcome: string, status: number, isRetried: boolean): void {
    const isRetriable = isCovered(call.policy.retries!.on, outcome, status);
    if (!isRetried && this.isGranted(call, isRetriable)) {
      this.backOff(call);
      return;
    }
    const mayBeOutlasted = isRetriable || outcome === 'reset' || outcome === 'connectFailure';
    if (mayBeOutlasted && (call.awaitsRetry || call.current.length > 0)) return;
    this.giveUpAll(call);
    this.settle(call, outcome);
  }

  private failed(call: Call, outcome: string, status: number): void {
    const { hedgeNs, retries } = call.policy;
    const hedges = hedgeNs < Infinity;
    const isRetriable = isCovered(retries?.on ?? (hedges ? ['5xx'] : []), outcome, status);
    if (hedges && isRetriable) {
      if (call.awaitsRetry) return;
      if (call.copiesLeft > 0) {
        this.arm(call, this.now, () => this.sendCopy(call));
        return;
      }
      if (call.current.length > 0) return;
    }
    this.giveUpAll(call);
    if (this.isGranted(call, isRetriable)) this.backOff(call);
    else this.settle(call, outcome);
  }

  private giveUpAll(call: Call): void {
    const { isDecided } = call;
    // What becomes of one while the others are given up decides nothing.
    call.isDecided = true;
    call.awaitsRetry = false;
    call.timer = null;
    for (let attempt = call.current.shift(); attempt !== undefined; attempt = call.current.shift()) this.giveUp(attempt);
    call.isDecided = isDecided;
  }

  private giveUp(attempt: Attempt): void {
    const { call } = attempt;
    if (attempt.state === 'pending') {
      remove(this.poolOf(call.edge).waiting, attempt);
      return;
    }
    attempt.givenUpAt = this.now;
    if (call.service.plan.onCancel !== 'continue' || attempt.state === 'hung' || attempt.state === 'travelling') this.tellCancelled(attempt);
    this.leaveConnection(call, false);
  }

  private tellCancelled(attempt: Attempt): void {
    const { edge } = attempt.call;
    if (this.isCut(edge)) listOf(this.heldCancels, edge).push(attempt);
    else this.at(this.now + this.latencyOf(edge), () => this.cancelled(attempt));
  }

  private settle(call: Call, outcome: string): void {
    if (call.isOver) return;
    call.isOver = true;
    call.timer = null;
    this.open.delete(call);
    this.releaseRetry(call);
    this.record(call, outcome);
    const { tell } = call;
    if (tell !== null && outcome !== 'unfinished') this.next.push(() => tell(outcome));
  }

  private abandon(call: Call): void {
    this.giveUpAll(call);
    this.settle(call, 'unfinished');
  }

  private record({ attempts, begunAt, edge, hedges, isCounted, isRequest }: Call, outcome: string): void {
    if (!isCounted) return;
    let figures = this.edges.get(edge);
    if (figures === undefined) this.edges.set(edge, (figures = noCalls()));
    for (const one of isRequest ? [figures, this.totals] : [figures]) {
      one.requests++;
      one.attempts += attempts;
      one.hedges += hedges;
      one.latenciesNs.push(this.now - begunAt);
      one.outcomes[outcome] = (one.outcomes[outcome] ?? 0) + 1;
    }
  }

  // --- endpoints ---

  private arrive(attempt: Attempt): void {
    attempt.arrivedAt = this.now;
    this.receive(attempt);
    if (attempt.isOvertaken) this.at(this.now, () => this.cancelled(attempt));
  }

  private receive(attempt: Attempt): void {
    const station = attempt.call.service;
    const { held, plan, queue } = station;
    const hasRoom = queue.length + held.size < plan.queueLimit;
    if (station.isDown) this.refuse(attempt, 'connectFailure', 0);
    else if (station.isPaused) {
      if (hasRoom) this.enqueue(attempt);
      else this.hold(attempt, station);
    } else if (station.isHung) this.hang(attempt);
    else if (this.takeFirstCall(plan.name)) this.refuse(attempt, 'error', 500);
    else if (station.onSlots.size < station.slots) this.start(attempt);
    else if (hasRoom) this.enqueue(attempt);
    else this.refuse(attempt, 'rejected', 503);
  }

  private takeFirstCall(name: string): boolean {
    const found = this.faultsOn(name, 'firstCalls').find(({ left }) => left > 0);
    if (found === undefined) return false;
    found.left--;
    return true;
  }

  /** There is no room, and nobody to say so. */
  private hold(attempt: Attempt, station: Station): void {
    attempt.state = 'held';
    station.held.add(attempt);
    const happen = (): void => {
      if (attempt.state !== 'held') return;
      station.held.delete(attempt);
      this.receive(attempt);
      if (!isInside(attempt)) station.figures.queuedNs += this.measured(attempt.arrivedAt, this.now);
    };
    station.deferred.push({ attempt, isArrival: true, happen });
  }

  private hang(attempt: Attempt): void {
    attempt.state = 'hung';
    attempt.call.service.hung.add(attempt);
  }

  private refuse(attempt: Attempt, outcome: string, status: number): void {
    this.countAnswer(attempt, outcome);
    this.answer(attempt, outcome, status);
  }

  private answer(attempt: Attempt, outcome: string, status: number): void {
    const { edge } = attempt.call;
    attempt.state = 'over';
    const hear = (): void => this.answered(attempt, outcome, status);
    if (this.isCut(edge)) {
      listOf(this.heldBack, edge).push(hear);
      return;
    }
    const latencyNs = this.latencyOf(edge);
    if (latencyNs === 0) this.next.push(hear);
    else this.at(this.now + latencyNs, hear);
  }

  private enqueue(attempt: Attempt): void {
    const station = attempt.call.service;
    attempt.state = 'queued';
    station.queue.push(attempt);
    const { patienceNs } = station.plan;
    if (patienceNs === Infinity) return;
    const leave = (): void => {
      if (attempt.state !== 'queued') return;
      if (station.isPaused) {
        station.deferred.push({ attempt, happen: leave });
        return;
      }
      this.leaveQueue(attempt);
      this.refuse(attempt, 'rejected', 503);
    };
    this.at(this.now + patienceNs, leave);
  }

  private leaveQueue(attempt: Attempt): void {
    const { figures, queue } = attempt.call.service;
    remove(queue, attempt);
    figures.queuedNs += this.measured(attempt.arrivedAt, this.now);
  }

  private start(attempt: Attempt): void {
    const station = attempt.call.service;
    // One that a full queue held back goes straight to its slot.
    if (attempt.state === 'held') station.figures.queuedNs += this.measured(attempt.arrivedAt, this.now);
    attempt.state = 'working';
    attempt.startedAt = this.now;
    station.onSlots.add(attempt);
    const { name, workNs } = station.plan;
    const effects = this.faultsOn(name).map(({ fault }) => fault.effect);
    let ns = workNs;
    for (const effect of effects) if (effect.kind === 'set') ns = effect.ns;
    for (const effect of effects) if (effect.kind === 'multiply') ns *= effect.factor;
    for (const effect of effects) if (effect.kind === 'add') ns += effect.ns;
    const error = effects.find((effect) => effect.kind === 'errors');
    attempt.failStatus = error?.status ?? 0;
    attempt.leftNs = error?.afterNs ?? ns;
    this.workOn(attempt);
  }

  private workOn(attempt: Attempt): void {
    const work = {};
    attempt.work = work;
    attempt.workedSince = this.now;
    this.at(this.now + attempt.leftNs, () => {
      if (attempt.state !== 'working' || attempt.work !== work) return;
      if (attempt.failStatus !== 0) this.complete(attempt, 'error', attempt.failStatus);
      else this.nextStep(attempt);
    });
  }

  private nextStep(attempt: Attempt): void {
    const step = attempt.call.service.plan.steps[attempt.step++];
    if (step === undefined) {
      this.complete(attempt, 'ok', 200);
      return;
    }
    attempt.state = 'calling';
    attempt.pending = step.length;
    for (const site of step) this.makeCall(attempt, site, 1);
  }

  private makeCall(attempt: Attempt, site: PlainSite, turn: number): void {
    const { isCounted, service } = attempt.call;
    const hear = (outcome: string): void => {
      if (attempt.state !== 'calling') return;
      if (service.isPaused) {
        service.deferred.push({ attempt, happen: () => hear(outcome) });
        return;
      }
      attempt.children.delete(child);
      if (outcome !== 'ok' && !site.optional) attempt.failStatus = 502;
      else if (turn < site.times) {
        this.makeCall(attempt, site, turn + 1);
        return;
      }
      if (--attempt.pending > 0) return;
      if (attempt.failStatus !== 0) this.complete(attempt, 'error', 502);
      else this.nextStep(attempt);
    };
    const child = this.begin(`${service.plan.name}->${site.service}`, this.stations.get(site.service)!, isCounted, attempt.deadline, hear);
    attempt.children.add(child);
  }

  private complete(attempt: Attempt, outcome: string, status: number): void {
    const station = attempt.call.service;
    this.leaveSlot(attempt);
    if (station.isHung) {
      this.hang(attempt);
      this.startQueued(station);
      if (attempt.givenUpAt < Infinity) this.cancelled(attempt);
      return;
    }
    this.countAnswer(attempt, outcome);
    attempt.state = 'over';
    this.startQueued(station);
    this.answer(attempt, outcome, status);
  }

  private leaveSlot(attempt: Attempt): void {
    attempt.call.service.onSlots.delete(attempt);
    this.countWork(attempt);
  }

  private countWork({ call, givenUpAt, startedAt }: Attempt): void {
    const { figures } = call.service;
    figures.busyNs += this.measured(startedAt, this.now);
    figures.abandonedNs += this.measured(Math.max(givenUpAt, startedAt), Math.max(givenUpAt, this.now));
  }

  private countAnswer({ call }: Attempt, outcome: string): void {
    const { answers } = call.service.figures;
    if (call.isCounted) answers[outcome] = (answers[outcome] ?? 0) + 1;
  }

  private startQueued(station: Station): void {
    const { onSlots, plan, queue } = station;
    while (onSlots.size < station.slots && queue.length > 0) {
      const attempt = queue.at(plan.isLifo ? -1 : 0)!;
      this.leaveQueue(attempt);
      this.start(attempt);
    }
  }

  /** The endpoint hears that nobody waits any more. */
  private cancelled(attempt: Attempt): void {
    const station = attempt.call.service;
    const { onCancel } = station.plan;
    if (attempt.state === 'over') return;
    if (attempt.state === 'travelling') attempt.isOvertaken = true;
    else if (station.isPaused) station.deferred.push({ attempt, happen: () => this.cancelled(attempt) });
    else if (attempt.state === 'hung') {
      station.hung.delete(attempt);
      this.countAnswer(attempt, 'unfinished');
      attempt.state = 'over';
    } else if ((attempt.state === 'queued' || attempt.state === 'held') && onCancel !== 'continue') {
      if (attempt.state === 'queued') this.leaveQueue(attempt);
      else {
        station.held.delete(attempt);
        station.figures.queuedNs += this.measured(attempt.arrivedAt, this.now);
      }
      this.countAnswer(attempt, 'unfinished');
      attempt.state = 'over';
    } else if ((attempt.state === 'working' || attempt.state === 'calling') && onCancel === 'stop') {
      this.abandonChildren(attempt);
      this.complete(attempt, 'unfinished', 0);
    }
  }

  private abandonChildren({ children }: Attempt): void {
    for (const child of children) this.abandon(child);
    children.clear();
  }

  // --- faults ---

  private faultsOn(target: string, kind?: PlainEffect['kind']): ActiveFault[] {
    return this.faults.filter(({ depth, fault }) => depth > 0 && fault.target === target && (kind === undefined || fault.effect.kind === kind));
  }

  private isCut(edge: string): boolean {
    return this.faultsOn(edge, 'partition').length > 0;
  }

  /** One way. */
  private latencyOf(edge: string): number {
    return this.faultsOn(edge).reduce((sum, { fault: { effect } }) => sum + (effect.kind === 'add' ? effect.ns : 0), 0);
  }

  private switchFaults(): void {
    const targets = new Set<string>();
    for (; this.switches[0]?.at === this.now; this.switches.shift()) {
      const { by, fault } = this.switches[0];
      fault.depth += by;
      targets.add(fault.fault.target);
    }
    for (const target of targets) {
      const station = this.stations.get(target);
      if (station !== undefined) this.changeStation(station);
      else if (!this.isCut(target)) this.heal(target);
    }
  }

  private heal(edge: string): void {
    const latencyNs = this.latencyOf(edge);
    const there = listOf(this.heldThere, edge).splice(0);
    for (const attempt of there) {
      this.at(this.now + latencyNs, () => this.arrive(attempt));
      if (attempt.givenUpAt < Infinity) this.at(this.now + latencyNs, () => this.cancelled(attempt));
    }
    for (const attempt of listOf(this.heldCancels, edge).splice(0)) if (!there.includes(attempt)) this.tellCancelled(attempt);
    for (const hear of listOf(this.heldBack, edge).splice(0)) this.at(this.now + latencyNs, hear);
  }

  private changeStation(station: Station): void {
    const { isDown, isPaused, onSlots, plan } = station;
    const has = (kind: PlainEffect['kind']): boolean => this.faultsOn(plan.name, kind).length > 0;
    station.isDown = has('crash');
    station.isPaused = has('pause');
    station.isHung = has('hang');
    station.slots = Math.ceil(plan.slots / 2 ** this.faultsOn(plan.name, 'half').length);
    if (!isPaused && station.isPaused) for (const attempt of onSlots) if (attempt.state === 'working') freeze(attempt, this.now);
    if (!isDown && station.isDown) this.crash(station);
    if (isPaused && !station.isPaused) {
      for (const attempt of onSlots) if (attempt.state === 'working' && attempt.work === null) this.workOn(attempt);
      this.goOn(station);
    }
    if (!station.isPaused) this.startQueued(station);
  }

  private goOn(station: Station): void {
    const waiting = station.deferred.map(({ attempt: { state }, happen, isArrival = false }) => ({ happen, isArrival, waits: state === 'queued' || state === 'held' }));
    station.deferred = [];
    for (const { happen, isArrival, waits } of waiting) if (waits && !isArrival) happen();
    for (const { happen, waits } of waiting) if (!waits) happen();
    this.startQueued(station);
    for (const { happen, isArrival } of waiting) if (isArrival) happen();
  }

  private crash(station: Station): void {
    const { held, hung, onSlots, queue } = station;
    for (const attempt of [...queue]) {
      this.leaveQueue(attempt);
      this.refuse(attempt, 'reset', 0);
    }
    for (const attempt of hung) this.refuse(attempt, 'reset', 0);
    hung.clear();
    // What waits for a connection goes first, or it would be sent on those that the others leave.
    for (const child of [...onSlots].flatMap(({ children }) => [...children])) if (child.current.every(({ state }) => state === 'pending')) this.abandon(child);
    for (const attempt of [...onSlots]) {
      this.abandonChildren(attempt);
      this.leaveSlot(attempt);
      this.refuse(attempt, 'reset', 0);
    }
    for (const attempt of [...held]) {
      held.delete(attempt);
      station.figures.queuedNs += this.measured(attempt.arrivedAt, this.now);
      this.refuse(attempt, 'reset', 0);
    }
    this.goOn(station);
  }
}

function isInside({ state }: Attempt): boolean {
  return state === 'queued' || state === 'working';
}

function noCalls(): CallFigures {
  return { requests: 0, attempts: 0, hedges: 0, outcomes: {}, latenciesNs: [] };
}

function stationOf(plan: PlainService): Station {
  const figures = { busyNs: 0, abandonedNs: 0, queuedNs: 0, answers: {} };
  return { plan, figures, queue: [], held: new Set(), onSlots: new Set(), hung: new Set(), deferred: [], slots: plan.slots, isPaused: false, isDown: false, isHung: false };
}

/** Whether words of `retries.on` cover the failure. */
function isCovered(on: readonly (string | number)[], outcome: string, status: number): boolean {
  const hasNoAnswer = ['reset', 'connectFailure', 'timeout'].includes(outcome);
  return on.some((word) => {
    switch (word) {
      case '5xx': return hasNoAnswer || status >= 500;
      case 'reset': return hasNoAnswer;
      case 'timeout': case 'connectFailure': return outcome === word;
      case 'overload': return outcome === 'rejected';
      default: return status === word;
    }
  });
}

function freeze(attempt: Attempt, now: number): void {
  attempt.leftNs -= now - attempt.workedSince;
  attempt.work = null;
}

function remove<Item>(list: Item[], item: Item): void {
  const place = list.indexOf(item);
  if (place >= 0) list.splice(place, 1);
}

function listOf<Item>(lists: Map<string, Item[]>, key: string): Item[] {
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = []));
  return list;
}
