/**
 * What a synthetic service does with a request: a waiting room, slots, own work, its own calls, an answer.
 *
 *   arrive -> (rejected | queued ->) working -> calling (step by step) -> answered
 *
 * A request holds its slot until its answer is sent. Like the engine, a station has no clock and no timers:
 * a world brings it arrivals, finished work and settled calls, and carries out what it asks for. Both
 * worlds put the same stations behind their networks.
 *
 * All endpoints share one set of columns; a job is the attempt that it serves, and its row has the
 * attempt's number.
 */
import { doubled } from '../engine/columns.ts';
import { type AttemptId, type CallId, NONE } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { ErrorPlan, Plan } from '../model/plan.ts';
import { createSampler } from '../random/distribution/registry.ts';
import type { Sampler } from '../random/distribution/sampler.ts';
import { Draw, Stream } from '../random/hash.ts';
import { Condition, type ConditionRow, type Conditions } from '../fault/conditions.ts';
import { CallPlans } from './call-plan.ts';
import { EndpointStats } from './endpoint-stats.ts';

/** What a station asks of its world. Nothing here may call the station back before it has returned. */
export interface StationPort {
  /** Call `workDone` at `due`. Never taken back. */
  work(job: AttemptId, due: number): void;
  /** Call `patienceOver` at `due`. Never taken back; harmless when the job has moved on. */
  patience(job: AttemptId, due: number): void;
  answer(job: AttemptId, outcome: Outcome, status: number, now: number): void;
  /** Begin a call of this job on the edge. The world hands its row to `callOver`, then brings `callSettled`. */
  call(job: AttemptId, edge: number, site: number, turn: number, now: number): CallId;
  /** Nobody waits for this call any more; no `callSettled` comes for it. */
  abandonCall(call: CallId, now: number): void;
}

/** Where a job is. */
const Job = {
  none: 0,
  travelling: 1,
  queued: 2,
  working: 3,
  calling: 4,
  /** Accepted and never answered. */
  hung: 5,
} as const;

const OnCancel = { continue: 0, dropQueued: 1, stop: 2 } as const;

/** Own failures are drawn first; each fault that adds errors draws from a lane of its own. */
const FAULT_ERROR_LANE = 1;

export class Stations {
  readonly stats: EndpointStats;
  readonly plans: CallPlans;
  /** Service of each endpoint. */
  readonly serviceOf: Int32Array;
  // Jobs, by attempt.
  endpoint: Int32Array = new Int32Array(1024);
  keyHi: Int32Array = new Int32Array(1024);
  keyLo: Int32Array = new Int32Array(1024);
  /** The world's mark, handed on to the job's own calls; below 0 is not counted. */
  tag: Int32Array = new Int32Array(1024);
  /** Until when somebody waits; handed on to the job's own calls. */
  deadline: Float64Array = new Float64Array(1024);
  private state: Uint8Array = new Uint8Array(1024);
  private failStatus: Int32Array = new Int32Array(1024);
  private step: Int32Array = new Int32Array(1024);
  private pendingCalls: Int32Array = new Int32Array(1024);
  private next: Int32Array = new Int32Array(1024);
  private previous: Int32Array = new Int32Array(1024);
  private arrivedAt: Float64Array = new Float64Array(1024);
  private startedAt: Float64Array = new Float64Array(1024);
  private givenUpAt: Float64Array = new Float64Array(1024);
  private patienceEnd: Float64Array = new Float64Array(1024);
  private workEnd: Float64Array = new Float64Array(1024);
  private lostBefore: Float64Array = new Float64Array(1024);
  private firstCall: Int32Array = new Int32Array(1024);
  // Open calls, by call: a list for each job.
  private callNext: Int32Array = new Int32Array(1024);
  private callPrevious: Int32Array = new Int32Array(1024);
  private callSite: Int32Array = new Int32Array(1024);
  private callTurn: Int32Array = new Int32Array(1024);
  // Endpoints.
  private readonly slots: Float64Array;
  private readonly queueFirst: Int32Array;
  private readonly queueLast: Int32Array;
  private readonly queueLimit: Float64Array;
  private readonly lifo: Uint8Array;
  private readonly onCancel: Uint8Array;
  private readonly errorRate: Float64Array;
  /** Time lost to pauses so far; while paused, up to `pausedAt`. */
  private readonly lostNs: Float64Array;
  private readonly pausedAt: Float64Array;
  private readonly deferred: ((now: number) => void)[][];
  // Services.
  private readonly samplers: readonly Sampler[];
  private readonly patienceSamplers: readonly (Sampler | null)[];
  private readonly errors: readonly (ErrorPlan | null)[];
  private readonly concurrency: readonly number[];

  private readonly over: { site: number; turn: number } = { site: 0, turn: 0 };
  private readonly world: StationPort;
  private readonly conditions: Conditions;
  private readonly draw: Draw = new Draw();
  private readonly workStream: Stream;
  private readonly addedWorkStream: Stream;
  private readonly errorStream: Stream;
  private readonly resetStream: Stream;
  private readonly patienceStream: Stream;
  private readonly choiceStream: Stream;

  constructor(plan: Plan, seed: number, conditions: Conditions, world: StationPort) {
    this.world = world;
    this.conditions = conditions;
    this.plans = new CallPlans(plan);
    const services = plan.services.flatMap((service, index) => Array.from({ length: service.replicas }, () => index));
    this.serviceOf = Int32Array.from(services);
    const ofService = <T>(value: (service: Plan['services'][number]) => T): T[] => services.map((s) => value(plan.services[s]!));
    this.slots = Float64Array.from(ofService((service) => service.concurrency));
    this.concurrency = plan.services.map((service) => service.concurrency);
    this.queueLimit = Float64Array.from(ofService((service) => service.queue.limit));
    this.lifo = Uint8Array.from(ofService((service) => (service.queue.discipline === 'lifo' ? 1 : 0)));
    this.onCancel = Uint8Array.from(ofService((service) => OnCancel[service.onCancel]));
    this.errorRate = Float64Array.from(ofService((service) => service.errors?.rate ?? 0));
    this.queueFirst = new Int32Array(services.length).fill(NONE);
    this.queueLast = new Int32Array(services.length).fill(NONE);
    this.lostNs = new Float64Array(services.length);
    this.pausedAt = new Float64Array(services.length).fill(Infinity);
    this.deferred = services.map(() => []);
    this.samplers = plan.services.map((service) => createSampler(service.latency));
    this.patienceSamplers = plan.services.map(({ queue }) => (queue.timeout === null ? null : createSampler(queue.timeout)));
    this.errors = plan.services.map((service) => service.errors);
    this.stats = new EndpointStats(services.length, plan.warmupNs, plan.durationNs);
    this.workStream = new Stream(seed, 'work');
    this.addedWorkStream = new Stream(seed, 'work-added');
    this.errorStream = new Stream(seed, 'error');
    this.resetStream = new Stream(seed, 'reset');
    this.patienceStream = new Stream(seed, 'patience');
    this.choiceStream = new Stream(seed, 'choice');
  }

  /** An attempt is on its way here. What it is must be known now: its call may be over when it arrives. */
  expect(job: AttemptId, endpoint: number, keyHi: number, keyLo: number, tag: number, deadline: number): void {
    while (job >= this.endpoint.length) this.growJobs();
    this.endpoint[job] = endpoint;
    this.keyHi[job] = keyHi;
    this.keyLo[job] = keyLo;
    this.tag[job] = tag;
    this.deadline[job] = deadline;
    this.givenUpAt[job] = Infinity;
    this.firstCall[job] = NONE;
    this.state[job] = Job.travelling;
  }

  arrive(job: AttemptId, now: number): void {
    const endpoint = this.endpoint[job]!;
    this.arrivedAt[job] = now;
    if (this.conditions.endpointFlags[endpoint]! !== 0 && this.isTurnedAway(job, endpoint, now)) return;
    const { stats } = this;
    if (stats.busy[endpoint]! < this.slots[endpoint]!) {
      this.start(job, endpoint, now);
    } else if (stats.queued[endpoint]! < this.queueLimit[endpoint]!) {
      this.enqueue(job, endpoint, now);
    } else this.refuse(job, endpoint, Outcome.rejected, 503, now);
  }

  /** Due work; harmless when the job was stopped meanwhile, even if its row serves another. */
  workDone(job: AttemptId, now: number): void {
    if (this.state[job] !== Job.working || this.workEnd[job]! !== now) return;
    const endpoint = this.endpoint[job]!;
    if (this.lostNs[endpoint]! !== 0 || this.pausedAt[endpoint]! !== Infinity) {
      const lost = this.lostAt(endpoint, now) - this.lostBefore[job]!;
      if (lost > 0) {
        this.workOn(job, endpoint, lost, now);
        return;
      }
    }
    if (this.failStatus[job]! !== 0) this.complete(job, endpoint, Outcome.error, this.failStatus[job]!, now);
    else this.nextStep(job, endpoint, now);
  }

  patienceOver(job: AttemptId, now: number): void {
    if (this.state[job] !== Job.queued || this.patienceEnd[job]! !== now) return;
    const endpoint = this.endpoint[job]!;
    if (this.pausedAt[endpoint]! !== Infinity) {
      // A stopped process does not look at its clock; it finds the time over when it goes on.
      this.deferred[endpoint]!.push((then) => {
        this.patienceEnd[job] = then;
        this.patienceOver(job, then);
      });
      return;
    }
    this.leaveQueue(job, endpoint);
    this.stats.waited(endpoint, this.arrivedAt[job]!, now, this.tag[job]! >= 0);
    this.refuse(job, endpoint, Outcome.rejected, 503, now);
  }

  /** A call is over and its row about to be reused: note what it was for, then bring that to `callSettled`. */
  callOver(job: AttemptId, call: CallId): { readonly site: number; readonly turn: number } {
    const next = this.callNext[call]!;
    const previous = this.callPrevious[call]!;
    if (previous === NONE) this.firstCall[job] = next;
    else this.callNext[previous] = next;
    if (next !== NONE) this.callPrevious[next] = previous;
    this.over.site = this.callSite[call]!;
    this.over.turn = this.callTurn[call]!;
    return this.over;
  }

  callSettled(job: AttemptId, site: number, turn: number, outcome: Outcome, now: number): void {
    const endpoint = this.endpoint[job]!;
    if (this.pausedAt[endpoint]! !== Infinity) {
      this.deferred[endpoint]!.push((then) => this.callSettled(job, site, turn, outcome, then));
      return;
    }
    if (this.state[job] !== Job.calling) return;
    const { plans } = this;
    if (outcome !== Outcome.ok && plans.optional[site] === 0) this.failStatus[job] = 502;
    else if (turn + 1 < plans.times[site]!) {
      this.beginCall(job, site, turn + 1, now);
      return;
    }
    if (--this.pendingCalls[job]! > 0) return;
    if (this.failStatus[job]! !== 0) this.complete(job, endpoint, Outcome.error, 502, now);
    else this.nextStep(job, endpoint, now);
  }

  /** The caller gave up. Only now is the work abandoned; the endpoint hears of it in `cancelled`. */
  givenUp(job: AttemptId, now: number): void {
    this.givenUpAt[job] = now;
  }

  isGivenUp(job: AttemptId): boolean {
    return this.givenUpAt[job]! !== Infinity;
  }

  /** Whether the endpoint does anything when it hears of a cancellation. */
  heedsCancel(job: AttemptId): boolean {
    return this.onCancel[this.endpoint[job]!]! !== OnCancel.continue || this.state[job] === Job.hung;
  }

  /** The endpoint hears that nobody waits for this attempt. Harmless when it is already answered. */
  cancelled(job: AttemptId, now: number): void {
    const endpoint = this.endpoint[job]!;
    if (this.givenUpAt[job]! === Infinity || this.pausedAt[endpoint]! !== Infinity) return;
    const state = this.state[job]!;
    const how = this.onCancel[endpoint]!;
    if (state === Job.hung) {
      this.state[job] = Job.none;
      this.world.answer(job, Outcome.unfinished, 0, now);
    } else if (state === Job.queued && how !== OnCancel.continue) {
      this.leaveQueue(job, endpoint);
      this.stats.waited(endpoint, this.arrivedAt[job]!, now, this.tag[job]! >= 0);
      this.refuse(job, endpoint, Outcome.unfinished, 0, now);
    } else if (how === OnCancel.stop && (state === Job.working || state === Job.calling)) {
      this.abandonCalls(job, now);
      this.complete(job, endpoint, Outcome.unfinished, 0, now);
    }
  }

  /** Conditions of the endpoint have changed. */
  conditionsChanged(endpoint: number, before: number, after: number, now: number): void {
    this.slots[endpoint] = this.usableSlots(endpoint);
    const wasPaused = (before & Condition.paused) !== 0;
    const isPaused = (after & Condition.paused) !== 0;
    const wasDown = (before & Condition.down) !== 0;
    const isDown = (after & Condition.down) !== 0;
    if (!wasPaused && isPaused) this.pausedAt[endpoint] = now;
    if (!wasDown && isDown) this.crash(endpoint, now);
    if (wasPaused && !isPaused) this.resume(endpoint, now);
    if (this.pausedAt[endpoint]! === Infinity) this.startQueued(endpoint, now);
  }

  /** Bring the integrals up to the end of the run for jobs that are still here. */
  finish(now: number): void {
    for (let job = 0; job < this.state.length; job++) {
      const endpoint = this.endpoint[job]!;
      const state = this.state[job]!;
      if (state === Job.queued) this.stats.waited(endpoint, this.arrivedAt[job]!, now, false);
      else if (state === Job.working || state === Job.calling) this.stats.worked(endpoint, this.startedAt[job]!, this.givenUpAt[job]!, now);
    }
  }

  private start(job: AttemptId, endpoint: number, now: number): void {
    const { stats, draw } = this;
    stats.busy[endpoint]!++;
    this.startedAt[job] = now;
    this.state[job] = Job.working;
    this.step[job] = 0;
    this.failStatus[job] = 0;
    stats.waited(endpoint, this.arrivedAt[job]!, now, this.tag[job]! >= 0);
    const service = this.serviceOf[endpoint]!;
    let workNs: number;
    if (this.conditions.endpointFlags[endpoint]! === 0) {
      draw.seek(this.workStream, this.keyHi[job]!, this.keyLo[job]!);
      workNs = this.samplers[service]!.sample(draw);
      if (this.errorRate[endpoint]! > 0) workNs = this.ownError(job, service, workNs);
    } else workNs = this.faultyWork(job, endpoint, service);
    this.lostBefore[job] = this.lostNs[endpoint]!;
    this.work(job, now + Math.floor(workNs + 0.5));
  }

  private work(job: AttemptId, due: number): void {
    this.workEnd[job] = due;
    this.world.work(job, due);
  }

  /** The work before the answer, shortened if the request fails early. */
  private ownError(job: AttemptId, service: number, workNs: number): number {
    const { draw } = this;
    const error = this.errors[service]!;
    draw.seek(this.errorStream, this.keyHi[job]!, this.keyLo[job]!);
    if (error === null || draw.unit() >= error.rate) return workNs;
    this.failStatus[job] = error.status;
    return error.afterNs ?? workNs;
  }

  private faultyWork(job: AttemptId, endpoint: number, service: number): number {
    const { draw } = this;
    const row = this.conditions.endpoints[endpoint]!;
    draw.seek(this.workStream, this.keyHi[job]!, this.keyLo[job]!);
    let workNs = (row.replacement ?? this.samplers[service]!).sample(draw) * row.factor;
    for (let i = 0; i < row.adds.length; i++) {
      draw.seek(this.addedWorkStream, this.keyHi[job]!, this.keyLo[job]! ^ lane(i));
      workNs += row.adds[i]!.sample(draw);
    }
    workNs = this.ownError(job, service, workNs);
    for (let i = 0; i < row.errors.length && this.failStatus[job]! === 0; i++) {
      const error = row.errors[i]!;
      draw.seek(this.errorStream, this.keyHi[job]!, this.keyLo[job]! ^ lane(i + FAULT_ERROR_LANE));
      if (draw.unit() >= error.rate) continue;
      this.failStatus[job] = error.status;
      workNs = error.afterNs ?? workNs;
    }
    return workNs;
  }

  private nextStep(job: AttemptId, endpoint: number, now: number): void {
    const { plans } = this;
    const service = this.serviceOf[endpoint]!;
    const end = plans.firstStep[service + 1]!;
    for (let step = plans.firstStep[service]! + this.step[job]!; step < end; step++) {
      this.step[job]!++;
      if (this.beginStep(job, step, now)) return;
    }
    this.complete(job, endpoint, Outcome.ok, 200, now);
  }

  /** False when chance has it that no call of the step is made. */
  private beginStep(job: AttemptId, step: number, now: number): boolean {
    const end = this.plans.firstSite[step + 1]!;
    this.state[job] = Job.calling;
    this.pendingCalls[job] = 0;
    for (let site = this.plans.firstSite[step]!; site < end; site++) {
      if (!this.isChosen(job, site)) continue;
      this.pendingCalls[job]!++;
      this.beginCall(job, site, 0, now);
    }
    return this.pendingCalls[job]! > 0;
  }

  private isChosen(job: AttemptId, site: number): boolean {
    const probability = this.plans.probability[site]!;
    if (probability >= 1) return true;
    this.draw.seek(this.choiceStream, this.keyHi[job]!, this.keyLo[job]! ^ lane(site));
    return this.draw.unit() < probability;
  }

  private beginCall(job: AttemptId, site: number, turn: number, now: number): void {
    const call = this.world.call(job, this.plans.edge[site]!, site, turn, now);
    while (call >= this.callNext.length) this.growCalls();
    const first = this.firstCall[job]!;
    this.callSite[call] = site;
    this.callTurn[call] = turn;
    this.callPrevious[call] = NONE;
    this.callNext[call] = first;
    if (first !== NONE) this.callPrevious[first] = call;
    this.firstCall[job] = call;
  }

  private abandonCalls(job: AttemptId, now: number): void {
    for (let call = this.firstCall[job]!; call !== NONE; call = this.firstCall[job]!) this.world.abandonCall(call, now);
  }

  private complete(job: AttemptId, endpoint: number, outcome: Outcome, status: number, now: number): void {
    this.leaveSlot(job, endpoint, now);
    const flags = this.conditions.endpointFlags[endpoint]!;
    // The slot goes to the next in the queue before anybody hears of the answer.
    if (this.queueFirst[endpoint]! !== NONE) this.startQueued(endpoint, now);
    if (flags !== 0) {
      if ((flags & Condition.hung) !== 0) {
        this.state[job] = Job.hung;
        if (this.givenUpAt[job]! !== Infinity) this.cancelled(job, now);
        return;
      }
      if ((flags & Condition.resets) !== 0 && this.isReset(job, this.conditions.endpoints[endpoint]!)) {
        this.reply(job, endpoint, Outcome.reset, 0, now);
        return;
      }
    }
    this.reply(job, endpoint, outcome, status, now);
  }

  private isReset(job: AttemptId, row: ConditionRow): boolean {
    this.draw.seek(this.resetStream, this.keyHi[job]!, this.keyLo[job]!);
    return this.draw.unit() < row.resetShare;
  }

  private reply(job: AttemptId, endpoint: number, outcome: Outcome, status: number, now: number): void {
    if (this.tag[job]! >= 0) this.stats.answered(endpoint, outcome, now - this.arrivedAt[job]!);
    this.world.answer(job, outcome, status, now);
  }

  private refuse(job: AttemptId, endpoint: number, outcome: Outcome, status: number, now: number): void {
    this.state[job] = Job.none;
    this.reply(job, endpoint, outcome, status, now);
  }

  private startQueued(endpoint: number, now: number): void {
    const { stats } = this;
    while (this.queueFirst[endpoint]! !== NONE && stats.busy[endpoint]! < this.slots[endpoint]!) {
      const job = this.lifo[endpoint] === 1 ? this.queueLast[endpoint]! : this.queueFirst[endpoint]!;
      this.leaveQueue(job, endpoint);
      this.start(job, endpoint, now);
    }
  }

  private enqueue(job: AttemptId, endpoint: number, now: number): void {
    const { stats } = this;
    this.state[job] = Job.queued;
    const last = this.queueLast[endpoint]!;
    this.previous[job] = last;
    this.next[job] = NONE;
    if (last === NONE) this.queueFirst[endpoint] = job;
    else this.next[last] = job;
    this.queueLast[endpoint] = job;
    const queued = ++stats.queued[endpoint]!;
    if (queued > stats.maxQueue[endpoint]! && now >= stats.fromNs && now <= stats.toNs) stats.maxQueue[endpoint] = queued;
    const patience = this.patienceSamplers[this.serviceOf[endpoint]!]!;
    if (patience === null) return;
    this.draw.seek(this.patienceStream, this.keyHi[job]!, this.keyLo[job]!);
    this.patienceEnd[job] = now + Math.floor(patience.sample(this.draw) + 0.5);
    this.world.patience(job, this.patienceEnd[job]!);
  }

  private leaveQueue(job: AttemptId, endpoint: number): void {
    this.stats.queued[endpoint]!--;
    const next = this.next[job]!;
    const previous = this.previous[job]!;
    if (previous === NONE) this.queueFirst[endpoint] = next;
    else this.next[previous] = next;
    if (next === NONE) this.queueLast[endpoint] = previous;
    else this.previous[next] = previous;
  }

  /** Faults that keep a request from being received like any other. */
  private isTurnedAway(job: AttemptId, endpoint: number, now: number): boolean {
    const flags = this.conditions.endpointFlags[endpoint]!;
    if ((flags & Condition.down) !== 0) {
      this.refuse(job, endpoint, Outcome.connectFailure, 0, now);
      return true;
    }
    if ((flags & Condition.paused) !== 0) {
      this.deferred[endpoint]!.push((then) => this.arrive(job, then));
      return true;
    }
    if ((flags & Condition.hung) !== 0) {
      this.state[job] = Job.hung;
      return true;
    }
    if ((flags & Condition.firstCalls) === 0) return false;
    const counter = this.conditions.endpoints[endpoint]!.firstCalls.find(({ left }) => left > 0);
    if (counter === undefined) return false;
    counter.left--;
    this.refuse(job, endpoint, Outcome.error, 500, now);
    return true;
  }

  /** Slots under the capacity faults that are on; a share of a slot counts as a whole one. */
  private usableSlots(endpoint: number): number {
    return Math.ceil(this.concurrency[this.serviceOf[endpoint]!]! * this.conditions.endpoints[endpoint]!.capacity - 1e-9);
  }

  /** Work that was interrupted by a pause has `leftNs` to go; while the pause is on it waits for the end. */
  private workOn(job: AttemptId, endpoint: number, leftNs: number, now: number): void {
    if (this.state[job] !== Job.working) return;
    if (this.pausedAt[endpoint]! !== Infinity) {
      this.deferred[endpoint]!.push((then) => this.workOn(job, endpoint, leftNs, then));
      return;
    }
    this.lostBefore[job] = this.lostNs[endpoint]!;
    this.work(job, now + leftNs);
  }

  private lostAt(endpoint: number, now: number): number {
    const pausedAt = this.pausedAt[endpoint]!;
    return this.lostNs[endpoint]! + (pausedAt === Infinity ? 0 : now - pausedAt);
  }

  private resume(endpoint: number, now: number): void {
    this.lostNs[endpoint] = this.lostAt(endpoint, now);
    this.pausedAt[endpoint] = Infinity;
    const waiting = this.deferred[endpoint]!.splice(0);
    for (const goOn of waiting) goOn(now);
  }

  /** Everything in flight here is reset, and the endpoint is empty. */
  private crash(endpoint: number, now: number): void {
    const waiting = this.deferred[endpoint]!.splice(0);
    while (this.queueFirst[endpoint]! !== NONE) {
      const job = this.queueFirst[endpoint]!;
      this.leaveQueue(job, endpoint);
      this.stats.waited(endpoint, this.arrivedAt[job]!, now, this.tag[job]! >= 0);
      this.refuse(job, endpoint, Outcome.reset, 0, now);
    }
    for (let job = 0; job < this.state.length; job++) {
      if (this.endpoint[job] !== endpoint) continue;
      const state = this.state[job]!;
      if (state === Job.hung) this.refuse(job, endpoint, Outcome.reset, 0, now);
      else if (state === Job.working || state === Job.calling) {
        this.abandonCalls(job, now);
        this.lose(job, endpoint, now);
      }
    }
    // Arrivals that a pause held back are refused like any other now; work it had frozen is gone.
    for (const goOn of waiting) goOn(now);
  }

  /** As `complete`, for a process that is no longer there to take the next job or to garble its answer. */
  private lose(job: AttemptId, endpoint: number, now: number): void {
    this.leaveSlot(job, endpoint, now);
    this.reply(job, endpoint, Outcome.reset, 0, now);
  }

  private leaveSlot(job: AttemptId, endpoint: number, now: number): void {
    this.stats.worked(endpoint, this.startedAt[job]!, this.givenUpAt[job]!, now);
    this.stats.busy[endpoint]!--;
    this.state[job] = Job.none;
  }

  private growJobs(): void {
    this.endpoint = doubled(this.endpoint);
    this.keyHi = doubled(this.keyHi);
    this.keyLo = doubled(this.keyLo);
    this.tag = doubled(this.tag);
    this.deadline = doubled(this.deadline);
    this.state = doubled(this.state);
    this.failStatus = doubled(this.failStatus);
    this.step = doubled(this.step);
    this.pendingCalls = doubled(this.pendingCalls);
    this.next = doubled(this.next);
    this.previous = doubled(this.previous);
    this.firstCall = doubled(this.firstCall);
    this.arrivedAt = doubled(this.arrivedAt);
    this.startedAt = doubled(this.startedAt);
    this.givenUpAt = doubled(this.givenUpAt);
    this.patienceEnd = doubled(this.patienceEnd);
    this.workEnd = doubled(this.workEnd);
    this.lostBefore = doubled(this.lostBefore);
  }

  private growCalls(): void {
    this.callNext = doubled(this.callNext);
    this.callPrevious = doubled(this.callPrevious);
    this.callSite = doubled(this.callSite);
    this.callTurn = doubled(this.callTurn);
  }
}

/** A place of its own for each further draw of one purpose and key. */
function lane(index: number): number {
  return Math.imul(index, 0x85ebca6b);
}
