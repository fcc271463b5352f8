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
import { doubled } from '../model/columns.ts';
import { type AttemptId, type CallId, NONE } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { ErrorPlan, Plan, ServicePlan } from '../model/plan.ts';
import { createSampler } from '../random/distribution/registry.ts';
import type { Sampler } from '../random/distribution/sampler.ts';
import { Draw, Stream } from '../random/hash.ts';
import { Condition, type ConditionRow, type Conditions } from '../fault/conditions.ts';
import { CallPlans } from './call-plan.ts';
import { EndpointStats } from './endpoint-stats.ts';

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

// Local names for constants: see engine/calls.ts.
const { connectFailure: CONNECT_FAILURE, error: ERROR, ok: OK, rejected: REJECTED, reset: RESET, unfinished: UNFINISHED } = Outcome;
const { down: CONDITION_DOWN, firstCalls: CONDITION_FIRST_CALLS, hung: CONDITION_HUNG, paused: CONDITION_PAUSED, resets: CONDITION_RESETS } = Condition;
const { calling: JOB_IS_CALLING, hung: JOB_IS_HUNG, none: JOB_IS_NONE, queued: JOB_IS_QUEUED, travelling: JOB_IS_TRAVELLING, working: JOB_IS_WORKING } = Job;
const { continue: ON_CANCEL_CONTINUE, stop: ON_CANCEL_STOP } = OnCancel;
const NO_ROW = NONE;

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


/** Integers of a job: `ints[(job << JOB_SHIFT) + field]`; see `engine/calls.ts` for why not columns. */
const JOB_SHIFT = 4;
const JOB_ENDPOINT = 0;
const JOB_KEY_HI = 1;
const JOB_KEY_LO = 2;
const JOB_TAG = 3;
const JOB_HASH_KEY = 4;
const JOB_CLASS = 5;
const JOB_STATE = 6;
/** 0 while it is to succeed. */
const JOB_FAIL_STATUS = 7;
/** Steps of the call plan begun. */
const JOB_STEP = 8;
/** Calls of the present step that are open. */
const JOB_PENDING = 9;
/** Neighbours in the queue. */
const JOB_NEXT = 10;
const JOB_PREVIOUS = 11;
/** First of its open calls. */
const JOB_FIRST_CALL = 12;

/** Integers of an endpoint: `places[(endpoint << PLACE_SHIFT) + field]`. */
const PLACE_SHIFT = 4;
/** Jobs on slots, and jobs waiting. */
const PLACE_BUSY = 0;
const PLACE_QUEUED = 1;
const PLACE_QUEUE_FIRST = 2;
const PLACE_QUEUE_LAST = 3;
const PLACE_LIFO = 4;
const PLACE_ON_CANCEL = 5;
const PLACE_SERVICE = 6;
const PLACE_MAX_QUEUE = 7;
/** Copy of the conditions that faults have put it in. */
const PLACE_FLAGS = 8;

/** Numbers of an endpoint: `limits[(endpoint << LIMIT_SHIFT) + field]`. */
const LIMIT_SHIFT = 3;
const LIMIT_SLOTS = 0;
const LIMIT_QUEUE_LIMIT = 1;
const LIMIT_ERROR_RATE = 2;
/** Time lost to pauses so far, ns; while paused, up to PAUSED_AT. */
const LIMIT_LOST = 3;
/** Infinity while it runs. */
const LIMIT_PAUSED_AT = 4;

/** Times of a job, ns: `times[(job << JOB_TIME_SHIFT) + field]`. */
const JOB_TIME_SHIFT = 3;
const JOB_DEADLINE = 0;
const JOB_ARRIVED_AT = 1;
const JOB_STARTED_AT = 2;
/** When its caller gave up; Infinity while it waits. */
const JOB_GIVEN_UP_AT = 3;
const JOB_PATIENCE_END = 4;
const JOB_WORK_END = 5;
/** Time its endpoint had lost to pauses when its work was last scheduled. */
const JOB_LOST_BEFORE = 6;


/** Own failures are drawn first; each fault that adds errors draws from a lane of its own. */
const FAULT_ERROR_LANE = 1;

export class Stations {
  readonly stats: EndpointStats;
  readonly plans: CallPlans;
  /** Service of each endpoint. */
  readonly serviceOf: Int32Array;
  private ints: Int32Array = new Int32Array(1024 << JOB_SHIFT);
  private times: Float64Array = new Float64Array(1024 << JOB_TIME_SHIFT);
  private jobs: number = 1024;
  // Open calls, by call: a list for each job.
  private callNext: Int32Array = new Int32Array(1024);
  private callPrevious: Int32Array = new Int32Array(1024);
  private callSite: Int32Array = new Int32Array(1024);
  private callTurn: Int32Array = new Int32Array(1024);
  /** Endpoints: integers and numbers of a row each. */
  private readonly places: Int32Array;
  private readonly limits: Float64Array;
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
    this.places = new Int32Array(services.length << PLACE_SHIFT);
    this.limits = new Float64Array(services.length << LIMIT_SHIFT);
    for (const [endpoint, index] of services.entries()) this.setUp(endpoint, index, plan.services[index]!);
    this.concurrency = plan.services.map((service) => service.concurrency);
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

  private setUp(endpoint: number, index: number, service: ServicePlan): void {
    const { places, limits } = this;
    const at = endpoint << PLACE_SHIFT;
    places[at + PLACE_QUEUE_FIRST] = NO_ROW;
    places[at + PLACE_QUEUE_LAST] = NO_ROW;
    places[at + PLACE_LIFO] = service.queue.discipline === 'lifo' ? 1 : 0;
    places[at + PLACE_ON_CANCEL] = OnCancel[service.onCancel];
    places[at + PLACE_SERVICE] = index;
    const limitsAt = endpoint << LIMIT_SHIFT;
    limits[limitsAt + LIMIT_SLOTS] = service.concurrency;
    limits[limitsAt + LIMIT_QUEUE_LIMIT] = service.queue.limit;
    limits[limitsAt + LIMIT_ERROR_RATE] = service.errors?.rate ?? 0;
    limits[limitsAt + LIMIT_PAUSED_AT] = Infinity;
  }

  /** Jobs on slots at this endpoint, jobs waiting there, and the most that ever waited in the measured window. */
  busyAt(endpoint: number): number {
    return this.places[(endpoint << PLACE_SHIFT) + PLACE_BUSY]!;
  }

  queuedAt(endpoint: number): number {
    return this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUED]!;
  }

  maxQueueAt(endpoint: number): number {
    return this.places[(endpoint << PLACE_SHIFT) + PLACE_MAX_QUEUE]!;
  }

  /** An attempt is on its way here. What it is must be known now: its call may be over when it arrives. */
  expect(job: AttemptId, endpoint: number, keyHi: number, keyLo: number, tag: number, hashKey: number, requestClass: number, deadline: number): void {
    while (job >= this.jobs) this.growJobs();
    const { ints, times } = this;
    const at = job << JOB_SHIFT;
    ints[at + JOB_ENDPOINT] = endpoint;
    ints[at + JOB_KEY_HI] = keyHi;
    ints[at + JOB_KEY_LO] = keyLo;
    ints[at + JOB_TAG] = tag;
    ints[at + JOB_HASH_KEY] = hashKey;
    ints[at + JOB_CLASS] = requestClass;
    ints[at + JOB_FIRST_CALL] = NO_ROW;
    ints[at + JOB_STATE] = JOB_IS_TRAVELLING;
    const timesAt = job << JOB_TIME_SHIFT;
    times[timesAt + JOB_DEADLINE] = deadline;
    times[timesAt + JOB_GIVEN_UP_AT] = Infinity;
  }

  /** Endpoint that serves the job. */
  endpointOf(job: AttemptId): number {
    return this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]!;
  }

  /** What the job is, for keyed randomness. */
  keyHiOf(job: AttemptId): number {
    return this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!;
  }

  keyLoOf(job: AttemptId): number {
    return this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]!;
  }

  /** What the job hands on to its own calls: the world's mark (below 0 is not counted) … */
  tagOf(job: AttemptId): number {
    return this.ints[(job << JOB_SHIFT) + JOB_TAG]!;
  }

  hashKeyOf(job: AttemptId): number {
    return this.ints[(job << JOB_SHIFT) + JOB_HASH_KEY]!;
  }

  classOf(job: AttemptId): number {
    return this.ints[(job << JOB_SHIFT) + JOB_CLASS]!;
  }

  /** … and until when somebody waits. */
  deadlineOf(job: AttemptId): number {
    return this.times[(job << JOB_TIME_SHIFT) + JOB_DEADLINE]!;
  }

  arrive(job: AttemptId, now: number): void {
    const endpoint = this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]!;
    this.times[(job << JOB_TIME_SHIFT) + JOB_ARRIVED_AT] = now;
    if (this.places[(endpoint << PLACE_SHIFT) + PLACE_FLAGS]! !== 0 && this.isTurnedAway(job, endpoint, now)) return;
    if (this.places[(endpoint << PLACE_SHIFT) + PLACE_BUSY]! < this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_SLOTS]!) {
      this.start(job, endpoint, now);
    } else if (this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUED]! < this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_QUEUE_LIMIT]!) {
      this.enqueue(job, endpoint, now);
    } else this.refuse(job, endpoint, REJECTED, 503, now);
  }

  /** Due work; harmless when the job was stopped meanwhile, even if its row serves another. */
  workDone(job: AttemptId, now: number): void {
    if (this.ints[(job << JOB_SHIFT) + JOB_STATE] !== JOB_IS_WORKING || this.times[(job << JOB_TIME_SHIFT) + JOB_WORK_END]! !== now) return;
    const endpoint = this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]!;
    if (this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_LOST]! !== 0 || this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT]! !== Infinity) {
      const lost = this.lostAt(endpoint, now) - this.times[(job << JOB_TIME_SHIFT) + JOB_LOST_BEFORE]!;
      if (lost > 0) {
        this.workOn(job, endpoint, lost, now);
        return;
      }
    }
    if (this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS]! !== 0) this.complete(job, endpoint, ERROR, this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS]!, now);
    else this.nextStep(job, endpoint, now);
  }

  patienceOver(job: AttemptId, now: number): void {
    if (this.ints[(job << JOB_SHIFT) + JOB_STATE] !== JOB_IS_QUEUED || this.times[(job << JOB_TIME_SHIFT) + JOB_PATIENCE_END]! !== now) return;
    const endpoint = this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]!;
    if (this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT]! !== Infinity) {
      // A stopped process does not look at its clock; it finds the time over when it goes on.
      this.deferred[endpoint]!.push((then) => {
        this.times[(job << JOB_TIME_SHIFT) + JOB_PATIENCE_END] = then;
        this.patienceOver(job, then);
      });
      return;
    }
    this.leaveQueue(job, endpoint);
    this.stats.waited(endpoint, this.times[(job << JOB_TIME_SHIFT) + JOB_ARRIVED_AT]!, now, this.ints[(job << JOB_SHIFT) + JOB_TAG]! >= 0);
    this.refuse(job, endpoint, REJECTED, 503, now);
  }

  /** A call is over and its row about to be reused: note what it was for, then bring that to `callSettled`. */
  callOver(job: AttemptId, call: CallId): { readonly site: number; readonly turn: number } {
    const next = this.callNext[call]!;
    const previous = this.callPrevious[call]!;
    if (previous === NO_ROW) this.ints[(job << JOB_SHIFT) + JOB_FIRST_CALL] = next;
    else this.callNext[previous] = next;
    if (next !== NO_ROW) this.callPrevious[next] = previous;
    this.over.site = this.callSite[call]!;
    this.over.turn = this.callTurn[call]!;
    return this.over;
  }

  callSettled(job: AttemptId, site: number, turn: number, outcome: Outcome, now: number): void {
    const endpoint = this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]!;
    if (this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT]! !== Infinity) {
      this.deferred[endpoint]!.push((then) => this.callSettled(job, site, turn, outcome, then));
      return;
    }
    if (this.ints[(job << JOB_SHIFT) + JOB_STATE] !== JOB_IS_CALLING) return;
    const { plans } = this;
    if (outcome !== OK && plans.optional[site] === 0) this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS] = 502;
    else if (turn + 1 < plans.times[site]!) {
      this.beginCall(job, site, turn + 1, now);
      return;
    }
    if (--this.ints[(job << JOB_SHIFT) + JOB_PENDING]! > 0) return;
    if (this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS]! !== 0) this.complete(job, endpoint, ERROR, 502, now);
    else this.nextStep(job, endpoint, now);
  }

  /** The caller gave up. Only now is the work abandoned; the endpoint hears of it in `cancelled`. */
  givenUp(job: AttemptId, now: number): void {
    this.times[(job << JOB_TIME_SHIFT) + JOB_GIVEN_UP_AT] = now;
  }

  isGivenUp(job: AttemptId): boolean {
    return this.times[(job << JOB_TIME_SHIFT) + JOB_GIVEN_UP_AT]! !== Infinity;
  }

  /** Whether the endpoint does anything when it hears of a cancellation. */
  heedsCancel(job: AttemptId): boolean {
    return this.places[(this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]! << PLACE_SHIFT) + PLACE_ON_CANCEL]! !== ON_CANCEL_CONTINUE || this.ints[(job << JOB_SHIFT) + JOB_STATE] === JOB_IS_HUNG;
  }

  /** The endpoint hears that nobody waits for this attempt. Harmless when it is already answered. */
  cancelled(job: AttemptId, now: number): void {
    const endpoint = this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]!;
    if (this.times[(job << JOB_TIME_SHIFT) + JOB_GIVEN_UP_AT]! === Infinity || this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT]! !== Infinity) return;
    const state = this.ints[(job << JOB_SHIFT) + JOB_STATE]!;
    const how = this.places[(endpoint << PLACE_SHIFT) + PLACE_ON_CANCEL]!;
    if (state === JOB_IS_HUNG) {
      this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_NONE;
      this.world.answer(job, UNFINISHED, 0, now);
    } else if (state === JOB_IS_QUEUED && how !== ON_CANCEL_CONTINUE) {
      this.leaveQueue(job, endpoint);
      this.stats.waited(endpoint, this.times[(job << JOB_TIME_SHIFT) + JOB_ARRIVED_AT]!, now, this.ints[(job << JOB_SHIFT) + JOB_TAG]! >= 0);
      this.refuse(job, endpoint, UNFINISHED, 0, now);
    } else if (how === ON_CANCEL_STOP && (state === JOB_IS_WORKING || state === JOB_IS_CALLING)) {
      this.abandonCalls(job, now);
      this.complete(job, endpoint, UNFINISHED, 0, now);
    }
  }

  /** Conditions of the endpoint have changed. */
  conditionsChanged(endpoint: number, before: number, after: number, now: number): void {
    this.places[(endpoint << PLACE_SHIFT) + PLACE_FLAGS] = after;
    this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_SLOTS] = this.usableSlots(endpoint);
    const wasPaused = (before & CONDITION_PAUSED) !== 0;
    const isPaused = (after & CONDITION_PAUSED) !== 0;
    const wasDown = (before & CONDITION_DOWN) !== 0;
    const isDown = (after & CONDITION_DOWN) !== 0;
    if (!wasPaused && isPaused) this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT] = now;
    if (!wasDown && isDown) this.crash(endpoint, now);
    if (wasPaused && !isPaused) this.resume(endpoint, now);
    if (this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT]! === Infinity) this.startQueued(endpoint, now);
  }

  /** Bring the integrals up to the end of the run for jobs that are still here. */
  finish(now: number): void {
    for (let job = 0; job < this.jobs; job++) {
      const endpoint = this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT]!;
      const state = this.ints[(job << JOB_SHIFT) + JOB_STATE]!;
      if (state === JOB_IS_QUEUED) this.stats.waited(endpoint, this.times[(job << JOB_TIME_SHIFT) + JOB_ARRIVED_AT]!, now, false);
      else if (state === JOB_IS_WORKING || state === JOB_IS_CALLING) this.stats.worked(endpoint, this.times[(job << JOB_TIME_SHIFT) + JOB_STARTED_AT]!, this.times[(job << JOB_TIME_SHIFT) + JOB_GIVEN_UP_AT]!, now);
    }
  }

  private start(job: AttemptId, endpoint: number, now: number): void {
    const { stats, draw } = this;
    this.places[(endpoint << PLACE_SHIFT) + PLACE_BUSY]!++;
    this.times[(job << JOB_TIME_SHIFT) + JOB_STARTED_AT] = now;
    this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_WORKING;
    this.ints[(job << JOB_SHIFT) + JOB_STEP] = 0;
    this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS] = 0;
    stats.waited(endpoint, this.times[(job << JOB_TIME_SHIFT) + JOB_ARRIVED_AT]!, now, this.ints[(job << JOB_SHIFT) + JOB_TAG]! >= 0);
    const service = this.places[(endpoint << PLACE_SHIFT) + PLACE_SERVICE]!;
    let workNs: number;
    if (this.places[(endpoint << PLACE_SHIFT) + PLACE_FLAGS]! === 0) {
      draw.seek(this.workStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]!);
      workNs = this.samplers[service]!.sample(draw);
      if (this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_ERROR_RATE]! > 0) workNs = this.ownError(job, service, workNs);
    } else workNs = this.faultyWork(job, endpoint, service);
    this.times[(job << JOB_TIME_SHIFT) + JOB_LOST_BEFORE] = this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_LOST]!;
    this.work(job, now + Math.floor(workNs + 0.5));
  }

  private work(job: AttemptId, due: number): void {
    this.times[(job << JOB_TIME_SHIFT) + JOB_WORK_END] = due;
    this.world.work(job, due);
  }

  /** The work before the answer, shortened if the request fails early. */
  private ownError(job: AttemptId, service: number, workNs: number): number {
    const { draw } = this;
    const error = this.errors[service]!;
    draw.seek(this.errorStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]!);
    if (error === null || draw.unit() >= error.rate) return workNs;
    this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS] = error.status;
    return error.afterNs ?? workNs;
  }

  private faultyWork(job: AttemptId, endpoint: number, service: number): number {
    const { draw } = this;
    const row = this.conditions.endpoints[endpoint]!;
    draw.seek(this.workStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]!);
    let workNs = (row.replacement ?? this.samplers[service]!).sample(draw) * row.factor;
    for (let i = 0; i < row.adds.length; i++) {
      draw.seek(this.addedWorkStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]! ^ lane(i));
      workNs += row.adds[i]!.sample(draw);
    }
    workNs = this.ownError(job, service, workNs);
    for (let i = 0; i < row.errors.length && this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS]! === 0; i++) {
      const error = row.errors[i]!;
      draw.seek(this.errorStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]! ^ lane(i + FAULT_ERROR_LANE));
      if (draw.unit() >= error.rate) continue;
      this.ints[(job << JOB_SHIFT) + JOB_FAIL_STATUS] = error.status;
      workNs = error.afterNs ?? workNs;
    }
    return workNs;
  }

  private nextStep(job: AttemptId, endpoint: number, now: number): void {
    const { plans } = this;
    const service = this.places[(endpoint << PLACE_SHIFT) + PLACE_SERVICE]!;
    const end = plans.firstStep[service + 1]!;
    for (let step = plans.firstStep[service]! + this.ints[(job << JOB_SHIFT) + JOB_STEP]!; step < end; step++) {
      this.ints[(job << JOB_SHIFT) + JOB_STEP]!++;
      if (this.beginStep(job, step, now)) return;
    }
    this.complete(job, endpoint, OK, 200, now);
  }

  /** False when chance has it that no call of the step is made. */
  private beginStep(job: AttemptId, step: number, now: number): boolean {
    const end = this.plans.firstSite[step + 1]!;
    this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_CALLING;
    this.ints[(job << JOB_SHIFT) + JOB_PENDING] = 0;
    for (let site = this.plans.firstSite[step]!; site < end; site++) {
      if (!this.isChosen(job, site)) continue;
      this.ints[(job << JOB_SHIFT) + JOB_PENDING]!++;
      this.beginCall(job, site, 0, now);
    }
    return this.ints[(job << JOB_SHIFT) + JOB_PENDING]! > 0;
  }

  private isChosen(job: AttemptId, site: number): boolean {
    const probability = this.plans.probability[site]!;
    if (probability >= 1) return true;
    this.draw.seek(this.choiceStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]! ^ lane(site));
    return this.draw.unit() < probability;
  }

  private beginCall(job: AttemptId, site: number, turn: number, now: number): void {
    const call = this.world.call(job, this.plans.edge[site]!, site, turn, now);
    while (call >= this.callNext.length) this.growCalls();
    const first = this.ints[(job << JOB_SHIFT) + JOB_FIRST_CALL]!;
    this.callSite[call] = site;
    this.callTurn[call] = turn;
    this.callPrevious[call] = NO_ROW;
    this.callNext[call] = first;
    if (first !== NO_ROW) this.callPrevious[first] = call;
    this.ints[(job << JOB_SHIFT) + JOB_FIRST_CALL] = call;
  }

  private abandonCalls(job: AttemptId, now: number): void {
    for (let call = this.ints[(job << JOB_SHIFT) + JOB_FIRST_CALL]!; call !== NO_ROW; call = this.ints[(job << JOB_SHIFT) + JOB_FIRST_CALL]!) this.world.abandonCall(call, now);
  }

  private complete(job: AttemptId, endpoint: number, outcome: Outcome, status: number, now: number): void {
    this.leaveSlot(job, endpoint, now);
    const flags = this.places[(endpoint << PLACE_SHIFT) + PLACE_FLAGS]!;
    // The slot goes to the next in the queue before anybody hears of the answer.
    if (this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_FIRST]! !== NO_ROW) this.startQueued(endpoint, now);
    if (flags !== 0) {
      if ((flags & CONDITION_HUNG) !== 0) {
        this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_HUNG;
        if (this.times[(job << JOB_TIME_SHIFT) + JOB_GIVEN_UP_AT]! !== Infinity) this.cancelled(job, now);
        return;
      }
      if ((flags & CONDITION_RESETS) !== 0 && this.isReset(job, this.conditions.endpoints[endpoint]!)) {
        this.reply(job, endpoint, RESET, 0, now);
        return;
      }
    }
    this.reply(job, endpoint, outcome, status, now);
  }

  private isReset(job: AttemptId, row: ConditionRow): boolean {
    this.draw.seek(this.resetStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]!);
    return this.draw.unit() < row.resetShare;
  }

  private reply(job: AttemptId, endpoint: number, outcome: Outcome, status: number, now: number): void {
    if (this.ints[(job << JOB_SHIFT) + JOB_TAG]! >= 0) this.stats.answered(endpoint, outcome, now - this.times[(job << JOB_TIME_SHIFT) + JOB_ARRIVED_AT]!);
    this.world.answer(job, outcome, status, now);
  }

  private refuse(job: AttemptId, endpoint: number, outcome: Outcome, status: number, now: number): void {
    this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_NONE;
    this.reply(job, endpoint, outcome, status, now);
  }

  private startQueued(endpoint: number, now: number): void {
    while (this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_FIRST]! !== NO_ROW && this.places[(endpoint << PLACE_SHIFT) + PLACE_BUSY]! < this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_SLOTS]!) {
      const job = this.places[(endpoint << PLACE_SHIFT) + PLACE_LIFO] === 1 ? this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_LAST]! : this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_FIRST]!;
      this.leaveQueue(job, endpoint);
      this.start(job, endpoint, now);
    }
  }

  private enqueue(job: AttemptId, endpoint: number, now: number): void {
    this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_QUEUED;
    const last = this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_LAST]!;
    this.ints[(job << JOB_SHIFT) + JOB_PREVIOUS] = last;
    this.ints[(job << JOB_SHIFT) + JOB_NEXT] = NO_ROW;
    if (last === NO_ROW) this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_FIRST] = job;
    else this.ints[(last << JOB_SHIFT) + JOB_NEXT] = job;
    this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_LAST] = job;
    const queued = ++this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUED]!;
    if (queued > this.places[(endpoint << PLACE_SHIFT) + PLACE_MAX_QUEUE]! && this.stats.isMeasured(now)) this.places[(endpoint << PLACE_SHIFT) + PLACE_MAX_QUEUE] = queued;
    const patience = this.patienceSamplers[this.places[(endpoint << PLACE_SHIFT) + PLACE_SERVICE]!]!;
    if (patience === null) return;
    this.draw.seek(this.patienceStream, this.ints[(job << JOB_SHIFT) + JOB_KEY_HI]!, this.ints[(job << JOB_SHIFT) + JOB_KEY_LO]!);
    this.times[(job << JOB_TIME_SHIFT) + JOB_PATIENCE_END] = now + Math.floor(patience.sample(this.draw) + 0.5);
    this.world.patience(job, this.times[(job << JOB_TIME_SHIFT) + JOB_PATIENCE_END]!);
  }

  private leaveQueue(job: AttemptId, endpoint: number): void {
    this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUED]!--;
    const next = this.ints[(job << JOB_SHIFT) + JOB_NEXT]!;
    const previous = this.ints[(job << JOB_SHIFT) + JOB_PREVIOUS]!;
    if (previous === NO_ROW) this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_FIRST] = next;
    else this.ints[(previous << JOB_SHIFT) + JOB_NEXT] = next;
    if (next === NO_ROW) this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_LAST] = previous;
    else this.ints[(next << JOB_SHIFT) + JOB_PREVIOUS] = previous;
  }

  /** Faults that keep a request from being received like any other. */
  private isTurnedAway(job: AttemptId, endpoint: number, now: number): boolean {
    const flags = this.places[(endpoint << PLACE_SHIFT) + PLACE_FLAGS]!;
    if ((flags & CONDITION_DOWN) !== 0) {
      this.refuse(job, endpoint, CONNECT_FAILURE, 0, now);
      return true;
    }
    if ((flags & CONDITION_PAUSED) !== 0) {
      this.deferred[endpoint]!.push((then) => this.arrive(job, then));
      return true;
    }
    if ((flags & CONDITION_HUNG) !== 0) {
      this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_HUNG;
      return true;
    }
    if ((flags & CONDITION_FIRST_CALLS) === 0) return false;
    const counter = this.conditions.endpoints[endpoint]!.firstCalls.find(({ left }) => left > 0);
    if (counter === undefined) return false;
    counter.left--;
    this.refuse(job, endpoint, ERROR, 500, now);
    return true;
  }

  /** Slots under the capacity faults that are on; a share of a slot counts as a whole one. */
  private usableSlots(endpoint: number): number {
    return Math.ceil(this.concurrency[this.places[(endpoint << PLACE_SHIFT) + PLACE_SERVICE]!]! * this.conditions.endpoints[endpoint]!.capacity - 1e-9);
  }

  /** Work that was interrupted by a pause has `leftNs` to go; while the pause is on it waits for the end. */
  private workOn(job: AttemptId, endpoint: number, leftNs: number, now: number): void {
    if (this.ints[(job << JOB_SHIFT) + JOB_STATE] !== JOB_IS_WORKING) return;
    if (this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT]! !== Infinity) {
      this.deferred[endpoint]!.push((then) => this.workOn(job, endpoint, leftNs, then));
      return;
    }
    this.times[(job << JOB_TIME_SHIFT) + JOB_LOST_BEFORE] = this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_LOST]!;
    this.work(job, now + leftNs);
  }

  private lostAt(endpoint: number, now: number): number {
    const pausedAt = this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT]!;
    return this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_LOST]! + (pausedAt === Infinity ? 0 : now - pausedAt);
  }

  private resume(endpoint: number, now: number): void {
    this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_LOST] = this.lostAt(endpoint, now);
    this.limits[(endpoint << LIMIT_SHIFT) + LIMIT_PAUSED_AT] = Infinity;
    const waiting = this.deferred[endpoint]!.splice(0);
    for (const goOn of waiting) goOn(now);
  }

  /** Everything in flight here is reset, and the endpoint is empty. */
  private crash(endpoint: number, now: number): void {
    const waiting = this.deferred[endpoint]!.splice(0);
    while (this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_FIRST]! !== NO_ROW) {
      const job = this.places[(endpoint << PLACE_SHIFT) + PLACE_QUEUE_FIRST]!;
      this.leaveQueue(job, endpoint);
      this.stats.waited(endpoint, this.times[(job << JOB_TIME_SHIFT) + JOB_ARRIVED_AT]!, now, this.ints[(job << JOB_SHIFT) + JOB_TAG]! >= 0);
      this.refuse(job, endpoint, RESET, 0, now);
    }
    for (let job = 0; job < this.jobs; job++) {
      if (this.ints[(job << JOB_SHIFT) + JOB_ENDPOINT] !== endpoint) continue;
      const state = this.ints[(job << JOB_SHIFT) + JOB_STATE]!;
      if (state === JOB_IS_HUNG) this.refuse(job, endpoint, RESET, 0, now);
      else if (state === JOB_IS_WORKING || state === JOB_IS_CALLING) {
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
    this.reply(job, endpoint, RESET, 0, now);
  }

  private leaveSlot(job: AttemptId, endpoint: number, now: number): void {
    this.stats.worked(endpoint, this.times[(job << JOB_TIME_SHIFT) + JOB_STARTED_AT]!, this.times[(job << JOB_TIME_SHIFT) + JOB_GIVEN_UP_AT]!, now);
    this.places[(endpoint << PLACE_SHIFT) + PLACE_BUSY]!--;
    this.ints[(job << JOB_SHIFT) + JOB_STATE] = JOB_IS_NONE;
  }

  private growJobs(): void {
    this.jobs *= 2;
    this.ints = doubled(this.ints);
    this.times = doubled(this.times);
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
