/**
 * What a synthetic service does with a request: a waiting room, slots, own work, its own calls, an answer.
 *
 *   arrive -> (rejected | queued ->) working -> calling (step by step) -> answered
 *
 * A request holds its slot until its answer is sent. Like the engine, a station has no clock and no timers:
 * a world brings it arrivals, finished work and settled calls, and carries out what it asks for. Both
 * worlds put the same stations behind their networks.
 *
 * A job is the attempt that it serves, and its row has the attempt's number.
 */
import { DOUBLE, doubled } from '../model/columns.ts';
import { type AttemptId, type CallId, NONE } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { ErrorPlan, Plan, ServicePlan } from '../model/plan.ts';
import { createSampler } from '../random/distribution/registry.ts';
import type { Sampler } from '../random/distribution/sampler.ts';
import { Draw, Stream } from '../random/hash.ts';
import { Condition, type ConditionRow, type Conditions } from '../fault/conditions.ts';
import { CallPlans } from './call-plan.ts';
import { JobTime } from './job-times.ts';
import { EndpointStats, UNANSWERED as NOT_ANSWERED } from './endpoint-stats.ts';

/** Where a job is. */
const Job = {
  none: 0,
  travelling: 1,
  queued: 2,
  working: 3,
  calling: 4,
  /** Accepted and never answered. */
  hung: 5,
  /** In front of a paused endpoint whose queue is full. */
  held: 6,
} as const;

const OnCancel = { continue: 0, dropQueued: 1, stop: 2 } as const;

// Local names for constants: see engine/calls.ts.
const { connectFailure: CONNECT_FAILURE, error: ERROR, ok: OK, rejected: REJECTED, reset: RESET, unfinished: UNFINISHED } = Outcome;
const { down: CONDITION_DOWN, firstCalls: CONDITION_FIRST_CALLS, hung: CONDITION_HUNG, paused: CONDITION_PAUSED, resets: CONDITION_RESETS } = Condition;
const { calling: JOB_IS_CALLING, held: JOB_IS_HELD, hung: JOB_IS_HUNG, none: JOB_IS_NONE, queued: JOB_IS_QUEUED, travelling: JOB_IS_TRAVELLING, working: JOB_IS_WORKING } = Job;
const { continue: ON_CANCEL_CONTINUE, stop: ON_CANCEL_STOP } = OnCancel;
const { arrived: ARRIVED, deadline: DEADLINE, givenUp: GIVEN_UP, lostBefore: LOST_BEFORE, patienceEnd: PATIENCE_END, shift: TIME_SHIFT, started: STARTED, workEnd: WORK_END } = JobTime;
const NO_ROW = NONE;
const UNANSWERED = NOT_ANSWERED;

/** The call of an attempt, as far as its endpoint sees it. */
export interface AskedCall {
  /** High word of its key for randomness; the low one is that of the attempt. */
  readonly keyHi: number;
  /** What the job hands on to its own calls: the world's mark (below 0 is not counted), hash and class. */
  readonly tag: number;
  readonly hashKey: number;
  readonly requestClass: number;
}

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


/** Stands for no limit where a small integer is compared with. */
const UNBOUNDED = 2 ** 30;

/**
 * What an endpoint is doing. Rows are objects that live as long as the run, not stretches of typed arrays: a
 * field is one load, a cell is an index, a bounds check and a base address (8 % of bench W2).
 */
class Place {
  // What every job looks at comes first: it shares few cache lines (bench W5).
  readonly endpoint: number;
  /** Copy of the conditions that faults have put it in. */
  flags: number = 0;
  /** Whether it was ever paused: until then the times at the end are not looked at. */
  hasPaused: boolean = false;
  /** Steps of its call plan. */
  readonly steps: number;
  readonly sampler: Sampler;
  readonly errors: ErrorPlan | null;
  /** Usable ones, under the capacity faults that are on. */
  slots: number;
  /** Jobs on slots, and jobs waiting. */
  busy: number = 0;
  queued: number = 0;
  maxQueue: number = 0;
  queueFirst: JobRow | null = null;
  queueLast: JobRow | null = null;
  readonly queueLimit: number;
  readonly isLifo: boolean;
  readonly patience: Sampler | null;
  readonly service: number;
  readonly onCancel: number;
  /** Time lost to pauses so far, ns; while paused, up to `pausedAt`. */
  lostNs: number = DOUBLE;
  /** Infinity while it runs. */
  pausedAt: number = Infinity;

  constructor(endpoint: number, service: number, plan: ServicePlan, sampler: Sampler, patience: Sampler | null) {
    this.endpoint = endpoint;
    this.service = service;
    this.sampler = sampler;
    this.patience = patience;
    this.errors = plan.errors !== null && plan.errors.rate > 0 ? plan.errors : null;
    this.isLifo = plan.queue.discipline === 'lifo';
    this.onCancel = OnCancel[plan.onCancel];
    this.queueLimit = Math.min(plan.queue.limit, UNBOUNDED);
    this.steps = plan.calls.length;
    this.slots = Math.min(plan.concurrency, UNBOUNDED);
    this.lostNs = 0;
  }
}

/** A job; reused by all jobs that have the number. */
class JobRow {
  /** The attempt that it serves. */
  readonly id: AttemptId;
  place: Place;
  endpoint: number = 0;
  state: number = JOB_IS_NONE;
  /** 0 while it is to succeed. */
  failStatus: number = 0;
  tag: number = 0;
  keyHi: number = 0;
  keyLo: number = 0;
  /** Neighbours in the queue. */
  next: JobRow | null = null;
  previous: JobRow | null = null;
  hashKey: number = 0;
  requestClass: number = 0;
  /** First of its open calls. */
  firstCall: CallId = NO_ROW;
  /** Steps of the call plan begun. */
  step: number = 0;
  /** Calls of the present step that are open. */
  pending: number = 0;

  constructor(id: AttemptId, place: Place) {
    this.id = id;
    this.place = place;
  }
}

/** Own failures are drawn first; each fault that adds errors draws from a lane of its own. */
const FAULT_ERROR_LANE = 1;

export class Stations {
  readonly stats: EndpointStats;
  readonly plans: CallPlans;
  /** Service of each endpoint. */
  readonly serviceOf: Int32Array;
  private readonly places: readonly Place[];
  private readonly jobs: JobRow[] = [];
  private times: Float64Array = new Float64Array(1024 << TIME_SHIFT);
  // Open calls, by call: a list for each job.
  private callNext: Int32Array = new Int32Array(1024);
  private callPrevious: Int32Array = new Int32Array(1024);
  private callSite: Int32Array = new Int32Array(1024);
  private callTurn: Int32Array = new Int32Array(1024);
  private readonly deferred: ((now: number) => void)[][];
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
    this.places = plan.services.flatMap((service, index) => {
      const sampler = createSampler(service.latency);
      const patience = service.queue.timeout === null ? null : createSampler(service.queue.timeout);
      return Array.from({ length: service.replicas }, (_, i) => new Place(service.firstEndpoint + i, index, service, sampler, patience));
    });
    this.serviceOf = Int32Array.from(this.places, ({ service }) => service);
    this.concurrency = plan.services.map((service) => service.concurrency);
    this.deferred = this.places.map(() => []);
    this.stats = new EndpointStats(this.places.length, plan.warmupNs, plan.durationNs);
    this.workStream = new Stream(seed, 'work');
    this.addedWorkStream = new Stream(seed, 'work-added');
    this.errorStream = new Stream(seed, 'error');
    this.resetStream = new Stream(seed, 'reset');
    this.patienceStream = new Stream(seed, 'patience');
    this.choiceStream = new Stream(seed, 'choice');
  }

  /** Jobs on slots at this endpoint, jobs waiting there, and the most that ever waited in the measured window. */
  busyAt(endpoint: number): number {
    return this.places[endpoint]!.busy;
  }

  queuedAt(endpoint: number): number {
    return this.places[endpoint]!.queued;
  }

  /** Jobs waiting at all endpoints. */
  queued(): number {
    return this.places.reduce((sum, { queued }) => sum + queued, 0);
  }

  maxQueueAt(endpoint: number): number {
    return this.places[endpoint]!.maxQueue;
  }

  /** An attempt is on its way here. What it is must be known now: its call may be over when it arrives. */
  expect(id: AttemptId, endpoint: number, call: AskedCall, keyLo: number): void {
    const place = this.places[endpoint]!;
    while (id >= this.jobs.length) this.grow(place);
    const job = this.jobs[id]!;
    job.place = place;
    job.endpoint = endpoint;
    job.keyHi = call.keyHi;
    job.keyLo = keyLo;
    job.tag = call.tag;
    job.hashKey = call.hashKey;
    job.requestClass = call.requestClass;
    job.firstCall = NO_ROW;
    job.state = JOB_IS_TRAVELLING;
    const { times } = this;
    times[(id << TIME_SHIFT) | DEADLINE] = Infinity;
    times[(id << TIME_SHIFT) | GIVEN_UP] = Infinity;
  }

  /** Until when somebody waits for it, where endpoints are told. */
  expectUntil(id: AttemptId, deadline: number): void {
    this.times[(id << TIME_SHIFT) | DEADLINE] = deadline;
  }

  /** Endpoint that serves the job. */
  endpointOf(id: AttemptId): number {
    return this.jobs[id]!.endpoint;
  }

  /** What the job is, for keyed randomness. */
  keyHiOf(id: AttemptId): number {
    return this.jobs[id]!.keyHi;
  }

  keyLoOf(id: AttemptId): number {
    return this.jobs[id]!.keyLo;
  }

  /** What the job hands on to its own calls: the world's mark (below 0 is not counted) … */
  tagOf(id: AttemptId): number {
    return this.jobs[id]!.tag;
  }

  hashKeyOf(id: AttemptId): number {
    return this.jobs[id]!.hashKey;
  }

  classOf(id: AttemptId): number {
    return this.jobs[id]!.requestClass;
  }

  /** … and until when somebody waits. */
  deadlineOf(id: AttemptId): number {
    return this.times[(id << TIME_SHIFT) | DEADLINE]!;
  }

  arrive(id: AttemptId, now: number): void {
    const job = this.jobs[id]!;
    this.times[(job.id << TIME_SHIFT) | ARRIVED] = now;
    this.receive(job, now);
  }

  /** An attempt comes on a connection that its endpoint no longer has. */
  turnAway(id: AttemptId, now: number): void {
    const job = this.jobs[id]!;
    this.times[(job.id << TIME_SHIFT) | ARRIVED] = now;
    this.refuse(job, RESET, 0, now);
  }

  /** Due work; harmless when the job was stopped meanwhile, even if its row serves another. */
  workDone(id: AttemptId, now: number): void {
    const job = this.jobs[id]!;
    if (job.state !== JOB_IS_WORKING || this.times[(id << TIME_SHIFT) | WORK_END] !== now) return;
    const { place } = job;
    if (place.hasPaused && this.worksOn(job, place, now)) return;
    if (job.failStatus !== 0) this.complete(job, place, ERROR, job.failStatus, now);
    else if (place.steps === 0) this.complete(job, place, OK, 200, now);
    else this.nextStep(job, place, now);
  }

  patienceOver(id: AttemptId, now: number): void {
    const job = this.jobs[id]!;
    if (job.state !== JOB_IS_QUEUED || this.times[(job.id << TIME_SHIFT) | PATIENCE_END]! !== now) return;
    const { place } = job;
    if (place.pausedAt !== Infinity) {
      // A stopped process does not look at its clock; it finds the time over when it goes on.
      this.deferred[place.endpoint]!.push((then) => {
        this.times[(job.id << TIME_SHIFT) | PATIENCE_END] = then;
        this.patienceOver(id, then);
      });
      return;
    }
    this.leaveQueue(job, place, now);
    this.stats.waited(place.endpoint, this.times[(job.id << TIME_SHIFT) | ARRIVED]!, now, job.tag >= 0);
    this.refuse(job, REJECTED, 503, now);
  }

  /** A call is over and its row about to be reused: note what it was for, then bring that to `callSettled`. */
  callOver(id: AttemptId, call: CallId): { readonly site: number; readonly turn: number } {
    const next = this.callNext[call]!;
    const previous = this.callPrevious[call]!;
    if (previous === NO_ROW) this.jobs[id]!.firstCall = next;
    else this.callNext[previous] = next;
    if (next !== NO_ROW) this.callPrevious[next] = previous;
    this.over.site = this.callSite[call]!;
    this.over.turn = this.callTurn[call]!;
    return this.over;
  }

  callSettled(id: AttemptId, site: number, turn: number, outcome: Outcome, now: number): void {
    const job = this.jobs[id]!;
    const { place } = job;
    if (job.state !== JOB_IS_CALLING) return;
    if (place.hasPaused && place.pausedAt !== Infinity) {
      this.deferred[place.endpoint]!.push((then) => this.callSettled(id, site, turn, outcome, then));
      return;
    }
    const { plans } = this;
    if (outcome !== OK && plans.optional[site] === 0) job.failStatus = 502;
    else if (turn + 1 < plans.times[site]!) {
      this.beginCall(job, site, turn + 1, now);
      return;
    }
    if (--job.pending > 0) return;
    if (job.failStatus !== 0) this.complete(job, place, ERROR, 502, now);
    else this.nextStep(job, place, now);
  }

  /** The caller gave up. Only now is the work abandoned; the endpoint hears of it in `cancelled`. */
  givenUp(id: AttemptId, now: number): void {
    this.times[(id << TIME_SHIFT) | GIVEN_UP] = now;
  }

  isGivenUp(id: AttemptId): boolean {
    return this.times[(id << TIME_SHIFT) | GIVEN_UP]! !== Infinity;
  }

  /** Whether the endpoint does anything when it hears of a cancellation. */
  heedsCancel(id: AttemptId): boolean {
    const { place, state } = this.jobs[id]!;
    return place.onCancel !== ON_CANCEL_CONTINUE || state === JOB_IS_HUNG;
  }

  /** The endpoint hears that nobody waits for this attempt. Harmless when it is already answered. */
  cancelled(id: AttemptId, now: number): void {
    const job = this.jobs[id]!;
    const { place, state } = job;
    if (this.times[(job.id << TIME_SHIFT) | GIVEN_UP]! === Infinity || state === JOB_IS_NONE) return;
    if (place.pausedAt !== Infinity) {
      this.deferred[place.endpoint]!.push((then) => this.cancelled(id, then));
      return;
    }
    const how = place.onCancel;
    if (state === JOB_IS_HUNG) this.refuse(job, UNFINISHED, 0, now);
    else if (state === JOB_IS_QUEUED && how !== ON_CANCEL_CONTINUE) {
      this.leaveQueue(job, place, now);
      this.stats.waited(place.endpoint, this.times[(job.id << TIME_SHIFT) | ARRIVED]!, now, job.tag >= 0);
      this.refuse(job, UNFINISHED, 0, now);
    } else if (how === ON_CANCEL_STOP && (state === JOB_IS_WORKING || state === JOB_IS_CALLING)) {
      this.abandonCalls(job, now);
      this.complete(job, place, UNFINISHED, 0, now);
    }
  }

  /** Conditions of the endpoint have changed. */
  conditionsChanged(endpoint: number, before: number, after: number, now: number): void {
    const place = this.places[endpoint]!;
    place.flags = after;
    place.slots = this.usableSlots(place);
    const wasPaused = (before & CONDITION_PAUSED) !== 0;
    const isPaused = (after & CONDITION_PAUSED) !== 0;
    const wasDown = (before & CONDITION_DOWN) !== 0;
    const isDown = (after & CONDITION_DOWN) !== 0;
    if (!wasPaused && isPaused) {
      place.hasPaused = true;
      place.pausedAt = now;
    }
    if (!wasDown && isDown) this.crash(place, now);
    if (wasPaused && !isPaused) this.resume(place, now);
    if (place.pausedAt === Infinity) this.startQueued(place, now);
  }

  /** Bring the integrals up to the end of the run for jobs that are still here. */
  finish(now: number): void {
    for (const job of this.jobs) {
      const { endpoint, state, tag } = job;
      const arrivedAt = this.times[(job.id << TIME_SHIFT) | ARRIVED]!;
      if (state === JOB_IS_NONE || state === JOB_IS_TRAVELLING) continue;
      if (state === JOB_IS_WORKING || state === JOB_IS_CALLING) {
        this.stats.served(endpoint, tag, this.times, job.id << TIME_SHIFT, UNFINISHED, now);
        continue;
      }
      if (state !== JOB_IS_HUNG) this.stats.waited(endpoint, arrivedAt, now, false);
      if (tag >= 0) this.stats.answered(endpoint, UNFINISHED, now - arrivedAt);
    }
  }

  private receive(job: JobRow, now: number): void {
    const { place } = job;
    if (place.flags !== 0 && this.isTurnedAway(job, place, now)) return;
    if (place.busy < place.slots) this.start(job, place, now);
    else if (place.queued < place.queueLimit) this.enqueue(job, place, now);
    else this.refuse(job, REJECTED, 503, now);
  }

  private start(job: JobRow, place: Place, now: number): void {
    const { draw } = this;
    place.busy++;
    job.state = JOB_IS_WORKING;
    job.step = 0;
    job.failStatus = 0;
    let workNs: number;
    if (place.flags === 0) {
      draw.seek(this.workStream, job.keyHi, job.keyLo);
      workNs = place.sampler.sample(draw);
      if (place.errors !== null) workNs = +this.ownError(job, place.errors, workNs);
    } else workNs = +this.faultyWork(job, place);
    const due = now + Math.floor(workNs + 0.5);
    const { times } = this;
    times[(job.id << TIME_SHIFT) | STARTED] = now;
    times[(job.id << TIME_SHIFT) | LOST_BEFORE] = place.lostNs;
    times[(job.id << TIME_SHIFT) | WORK_END] = due;
    this.world.work(job.id, due);
  }

  /** The work before the answer, shortened if the request fails early. */
  private ownError(job: JobRow, error: ErrorPlan, workNs: number): number {
    const { draw } = this;
    draw.seek(this.errorStream, job.keyHi, job.keyLo);
    if (draw.unit() >= error.rate) return workNs;
    job.failStatus = error.status;
    return error.afterNs ?? workNs;
  }

  private faultyWork(job: JobRow, place: Place): number {
    const { draw } = this;
    const row = this.conditions.endpoints[place.endpoint]!;
    draw.seek(this.workStream, job.keyHi, job.keyLo);
    let workNs = (row.replacement ?? place.sampler).sample(draw) * row.factor;
    for (let i = 0; i < row.adds.length; i++) {
      draw.seek(this.addedWorkStream, job.keyHi, job.keyLo ^ lane(i));
      workNs += row.adds[i]!.sample(draw);
    }
    if (place.errors !== null) workNs = +this.ownError(job, place.errors, workNs);
    for (let i = 0; i < row.errors.length && job.failStatus === 0; i++) {
      const error = row.errors[i]!;
      draw.seek(this.errorStream, job.keyHi, job.keyLo ^ lane(i + FAULT_ERROR_LANE));
      if (draw.unit() >= error.rate) continue;
      job.failStatus = error.status;
      workNs = error.afterNs ?? workNs;
    }
    return workNs;
  }

  private nextStep(job: JobRow, place: Place, now: number): void {
    const { plans } = this;
    const end = plans.firstStep[place.service + 1]!;
    for (let step = plans.firstStep[place.service]! + job.step; step < end; step++) {
      job.step++;
      if (this.beginStep(job, step, now)) return;
    }
    this.complete(job, place, OK, 200, now);
  }

  /** False when chance has it that no call of the step is made. */
  private beginStep(job: JobRow, step: number, now: number): boolean {
    const end = this.plans.firstSite[step + 1]!;
    job.state = JOB_IS_CALLING;
    job.pending = 0;
    for (let site = this.plans.firstSite[step]!; site < end; site++) {
      if (!this.isChosen(job, site)) continue;
      job.pending++;
      this.beginCall(job, site, 0, now);
    }
    return job.pending > 0;
  }

  private isChosen(job: JobRow, site: number): boolean {
    const probability = this.plans.probability[site]!;
    if (probability >= 1) return true;
    this.draw.seek(this.choiceStream, job.keyHi, job.keyLo ^ lane(site));
    return this.draw.unit() < probability;
  }

  private beginCall(job: JobRow, site: number, turn: number, now: number): void {
    const call = this.world.call(job.id, this.plans.edge[site]!, site, turn, now);
    while (call >= this.callNext.length) this.growCalls();
    const first = job.firstCall;
    this.callSite[call] = site;
    this.callTurn[call] = turn;
    this.callPrevious[call] = NO_ROW;
    this.callNext[call] = first;
    if (first !== NO_ROW) this.callPrevious[first] = call;
    job.firstCall = call;
  }

  private abandonCalls(job: JobRow, now: number): void {
    while (job.firstCall !== NO_ROW) this.world.abandonCall(job.firstCall, now);
  }

  private complete(job: JobRow, place: Place, outcome: Outcome, status: number, now: number): void {
    if (place.flags !== 0) {
      this.completeFaulty(job, place, outcome, status, now);
      return;
    }
    this.leaveSlot(job, place, outcome, now);
    // The slot goes to the next in the queue before anybody hears of the answer.
    if (place.queueFirst !== null) this.startQueued(place, now);
    this.world.answer(job.id, outcome, status, now);
  }

  private completeFaulty(job: JobRow, place: Place, outcome: Outcome, status: number, now: number): void {
    if ((place.flags & CONDITION_HUNG) !== 0) {
      this.leaveSlot(job, place, UNANSWERED, now);
      this.startQueued(place, now);
      job.state = JOB_IS_HUNG;
      if (this.times[(job.id << TIME_SHIFT) | GIVEN_UP]! !== Infinity) this.cancelled(job.id, now);
      return;
    }
    const isReset = (place.flags & CONDITION_RESETS) !== 0 && this.isReset(job, this.conditions.endpoints[place.endpoint]!);
    this.leaveSlot(job, place, isReset ? RESET : outcome, now);
    this.startQueued(place, now);
    this.world.answer(job.id, isReset ? RESET : outcome, isReset ? 0 : status, now);
  }

  private isReset(job: JobRow, row: ConditionRow): boolean {
    this.draw.seek(this.resetStream, job.keyHi, job.keyLo);
    return this.draw.unit() < row.resetShare;
  }

  /** Answer a job that is on no slot. */
  private refuse(job: JobRow, outcome: Outcome, status: number, now: number): void {
    job.state = JOB_IS_NONE;
    if (job.tag >= 0) this.stats.answered(job.endpoint, outcome, now - this.times[(job.id << TIME_SHIFT) | ARRIVED]!);
    this.world.answer(job.id, outcome, status, now);
  }

  private startQueued(place: Place, now: number): void {
    while (place.busy < place.slots) {
      const job = place.isLifo ? place.queueLast : place.queueFirst;
      if (job === null) return;
      this.leaveQueue(job, place, now);
      this.start(job, place, now);
    }
  }

  private enqueue(job: JobRow, place: Place, now: number): void {
    job.state = JOB_IS_QUEUED;
    const last = place.queueLast;
    job.previous = last;
    job.next = null;
    if (last === null) place.queueFirst = job;
    else last.next = job;
    place.queueLast = job;
    this.countQueued(place, now);
    if (place.patience === null) return;
    this.draw.seek(this.patienceStream, job.keyHi, job.keyLo);
    this.times[(job.id << TIME_SHIFT) | PATIENCE_END] = now + Math.floor(place.patience.sample(this.draw) + 0.5);
    this.world.patience(job.id, this.times[(job.id << TIME_SHIFT) | PATIENCE_END]!);
  }

  /** Faults that keep a request from being received like any other. */
  private isTurnedAway(job: JobRow, place: Place, now: number): boolean {
    const { flags } = place;
    if ((flags & CONDITION_DOWN) !== 0) {
      this.refuse(job, CONNECT_FAILURE, 0, now);
      return true;
    }
    if ((flags & CONDITION_PAUSED) !== 0) {
      if (place.queued < place.queueLimit) this.enqueue(job, place, now);
      else this.hold(job, place, now);
      return true;
    }
    if ((flags & CONDITION_HUNG) !== 0) {
      job.state = JOB_IS_HUNG;
      return true;
    }
    if ((flags & CONDITION_FIRST_CALLS) === 0) return false;
    const counter = this.conditions.endpoints[place.endpoint]!.firstCalls.find(({ left }) => left > 0);
    if (counter === undefined) return false;
    counter.left--;
    this.refuse(job, ERROR, 500, now);
    return true;
  }

  /** No room, and nobody there to say so: it waits beyond the limit until the process goes on. */
  private hold(job: JobRow, place: Place, now: number): void {
    job.state = JOB_IS_HELD;
    this.countQueued(place, now);
    this.deferred[place.endpoint]!.push((then) => {
      place.queued--;
      // Those who came before it go first.
      this.startQueued(place, then);
      this.receive(job, then);
      const isInside = job.state === JOB_IS_QUEUED || job.state === JOB_IS_WORKING;
      if (!isInside) this.stats.waited(place.endpoint, this.times[(job.id << TIME_SHIFT) | ARRIVED]!, then, job.tag >= 0);
    });
  }

  private leaveQueue(job: JobRow, place: Place, now: number): void {
    const { next, previous } = job;
    // A queue that only shrinks inside the measured window was longest when the window opened.
    if (place.queued > place.maxQueue && this.stats.isMeasured(now)) place.maxQueue = place.queued;
    place.queued--;
    if (previous === null) place.queueFirst = next;
    else previous.next = next;
    if (next === null) place.queueLast = previous;
    else next.previous = previous;
  }

  private countQueued(place: Place, now: number): void {
    const queued = ++place.queued;
    if (queued > place.maxQueue && this.stats.isMeasured(now)) place.maxQueue = queued;
  }

  /** Slots under the capacity faults that are on; a share of a slot counts as a whole one. */
  private usableSlots({ endpoint, service }: Place): number {
    return Math.min(UNBOUNDED, Math.ceil(this.concurrency[service]! * this.conditions.endpoints[endpoint]!.capacity - 1e-9));
  }

  /** Whether pauses have taken time from the work, so that it is not done yet. */
  private worksOn(job: JobRow, place: Place, now: number): boolean {
    const lost = lostAt(place, now) - this.times[(job.id << TIME_SHIFT) | LOST_BEFORE]!;
    if (lost > 0) this.workOn(job, lost, now);
    return lost > 0;
  }

  /** Work that was interrupted by a pause has `leftNs` to go; while the pause is on it waits for the end. */
  private workOn(job: JobRow, leftNs: number, now: number): void {
    if (job.state !== JOB_IS_WORKING) return;
    const { place } = job;
    if (place.pausedAt !== Infinity) {
      this.deferred[place.endpoint]!.push((then) => this.workOn(job, leftNs, then));
      return;
    }
    this.times[(job.id << TIME_SHIFT) | LOST_BEFORE] = place.lostNs;
    this.times[(job.id << TIME_SHIFT) | WORK_END] = now + leftNs;
    this.world.work(job.id, this.times[(job.id << TIME_SHIFT) | WORK_END]!);
  }

  private resume(place: Place, now: number): void {
    place.lostNs = lostAt(place, now);
    place.pausedAt = Infinity;
    const waiting = this.deferred[place.endpoint]!.splice(0);
    // In the order in which it happened: what was cancelled meanwhile is gone before the queue moves.
    for (const goOn of waiting) goOn(now);
  }

  /** Everything in flight here is reset, and the endpoint is empty. */
  private crash(place: Place, now: number): void {
    const waiting = this.deferred[place.endpoint]!.splice(0);
    for (let job = place.queueFirst; job !== null; job = place.queueFirst) {
      this.leaveQueue(job, place, now);
      this.stats.waited(place.endpoint, this.times[(job.id << TIME_SHIFT) | ARRIVED]!, now, job.tag >= 0);
      this.refuse(job, RESET, 0, now);
    }
    for (const job of this.jobs) {
      if (job.place !== place) continue;
      if (job.state === JOB_IS_HUNG) this.refuse(job, RESET, 0, now);
      else if (job.state === JOB_IS_WORKING || job.state === JOB_IS_CALLING) {
        this.abandonCalls(job, now);
        this.lose(job, place, now);
      }
    }
    // Arrivals that a pause held back are refused like any other now; work it had frozen is gone.
    for (const goOn of waiting) goOn(now);
  }

  /** As `complete`, for a process that is no longer there to take the next job or to garble its answer. */
  private lose(job: JobRow, place: Place, now: number): void {
    this.leaveSlot(job, place, RESET, now);
    this.world.answer(job.id, RESET, 0, now);
  }

  private leaveSlot(job: JobRow, place: Place, outcome: Outcome | typeof UNANSWERED, now: number): void {
    this.stats.served(job.endpoint, job.tag, this.times, job.id << TIME_SHIFT, outcome, now);
    place.busy--;
    job.state = JOB_IS_NONE;
  }

  private grow(place: Place): void {
    if (this.jobs.length << TIME_SHIFT === this.times.length) this.times = doubled(this.times);
    this.jobs.push(new JobRow(this.jobs.length, place));
  }

  private growCalls(): void {
    this.callNext = doubled(this.callNext);
    this.callPrevious = doubled(this.callPrevious);
    this.callSite = doubled(this.callSite);
    this.callTurn = doubled(this.callTurn);
  }
}


function lostAt({ lostNs, pausedAt }: Place, now: number): number {
  return lostNs + (pausedAt === Infinity ? 0 : now - pausedAt);
}

/** A place of its own for each further draw of one purpose and key. */
function lane(index: number): number {
  return Math.imul(index, 0x85ebca6b);
}
