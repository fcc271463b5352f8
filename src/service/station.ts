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
import { JobField, JobRows, JobTime } from './job-rows.ts';
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
const { arrived: ARRIVED, deadline: DEADLINE, due: DUE, givenUp: GIVEN_UP, lostBefore: LOST_BEFORE, shift: TIME_SHIFT, started: STARTED } = JobTime;
const { endpoint: ENDPOINT, failStatus: FAIL_STATUS, firstCall: FIRST_CALL, hashKey: HASH_KEY, keyHi: KEY_HI, keyLo: KEY_LO, next: NEXT, pending: PENDING, previous: PREVIOUS, requestClass: REQUEST_CLASS, shift: FIELD_SHIFT, state: STATE, step: STEP, tag: TAG } = JobField;
const NO_ROW = NONE;
const UNANSWERED = NOT_ANSWERED;

/** The call of an attempt, as far as its endpoint sees it; integers of 32 bits. */
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
  /** Whether all that there is of this call waits for a connection. */
  isUnsent(call: CallId): boolean;
}


/** Stands for no limit where a small integer is compared with. */
const UNBOUNDED = 2 ** 30;

/** What all endpoints of a service have in common. */
class ServiceRules {
  readonly service: number;
  readonly sampler: Sampler;
  readonly errors: ErrorPlan | null;
  readonly patience: Sampler | null;
  /** Steps of its call plan. */
  readonly steps: number;
  readonly concurrency: number;
  readonly queueLimit: number;
  readonly isLifo: boolean;
  readonly onCancel: number;

  constructor(service: number, plan: ServicePlan) {
    this.service = service;
    this.sampler = createSampler(plan.latency);
    this.errors = plan.errors !== null && plan.errors.rate > 0 ? plan.errors : null;
    this.patience = plan.queue.timeout === null ? null : createSampler(plan.queue.timeout);
    this.steps = plan.calls.length;
    this.concurrency = plan.concurrency;
    this.queueLimit = Math.min(plan.queue.limit, UNBOUNDED);
    this.isLifo = plan.queue.discipline === 'lifo';
    this.onCancel = OnCancel[plan.onCancel];
  }
}

/** What an endpoint is doing, in the order of `CallRow`: what every job looks at comes first. */
class Place {
  readonly rules: ServiceRules;
  readonly endpoint: number;
  /** Whether it was ever paused: until then the times below are not looked at. */
  hasPaused: boolean;
  /** Copy of the conditions that faults have put it in. */
  flags: number;
  /** Jobs on slots, and slots that can be used under the capacity faults that are on. */
  busy: number;
  slots: number;
  queueFirst: AttemptId;
  queueLast: AttemptId;
  /** Jobs waiting. */
  queued: number;
  maxQueue: number;
  /** Attempts that have come here, of all the run. */
  arrivals: number;
  /** When the queue became as long as it is, ns. */
  queueSince: number;
  /** Time lost to pauses so far, ns; while paused, up to `pausedAt`. */
  lostNs: number;
  /** Infinity while it runs. */
  pausedAt: number;

  constructor(endpoint: number, rules: ServiceRules) {
    this.rules = rules;
    this.endpoint = endpoint;
    this.hasPaused = false;
    this.flags = 0;
    this.busy = 0;
    this.slots = Math.min(rules.concurrency, UNBOUNDED);
    this.queueFirst = NO_ROW;
    this.queueLast = NO_ROW;
    this.queued = 0;
    this.maxQueue = 0;
    this.arrivals = 0;
    this.queueSince = DOUBLE;
    this.lostNs = DOUBLE;
    this.pausedAt = Infinity;
    // `DOUBLE` above was for how the fields are kept; these are their values.
    this.queueSince = 0;
    this.lostNs = 0;
  }
}

/** Something that a paused endpoint does when it goes on. */
interface Deferred {
  readonly job: AttemptId;
  /** The job comes in that stood in front of a full queue. */
  readonly isArrival: boolean;
  readonly goOn: (now: number) => void;
}

/** Own failures are drawn first; each fault that adds errors draws from a lane of its own. */
const FAULT_ERROR_LANE = 1;

export class Stations {
  readonly stats: EndpointStats;
  readonly plans: CallPlans;
  /** Service of each endpoint. */
  readonly serviceOf: Int32Array;
  private readonly places: readonly Place[];
  private readonly jobs: JobRows = new JobRows();
  /** Jobs that there have been at once. */
  private jobCount: number = 0;
  /** Set false when it is made, so that V8 does not take it for a constant, see `NOT_CONSTANT`. */
  private isFinished: boolean = true;
  // Open calls, by call: a list for each job.
  private callNext: Int32Array = new Int32Array(16);
  private callPrevious: Int32Array = new Int32Array(16);
  private callSite: Int32Array = new Int32Array(16);
  private callTurn: Int32Array = new Int32Array(16);
  /** By endpoint: what a pause keeps back, in the order in which it happened. */
  private readonly deferred: Deferred[][];
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
      const rules = new ServiceRules(index, service);
      return Array.from({ length: service.replicas }, (_, i) => new Place(service.firstEndpoint + i, rules));
    });
    this.serviceOf = Int32Array.from(this.places, ({ rules }) => rules.service);
    this.deferred = this.places.map(() => []);
    this.stats = new EndpointStats(this.places.length, plan.warmupNs, plan.durationNs);
    this.workStream = new Stream(seed, 'work');
    this.addedWorkStream = new Stream(seed, 'work-added');
    this.errorStream = new Stream(seed, 'error');
    this.resetStream = new Stream(seed, 'reset');
    this.patienceStream = new Stream(seed, 'patience');
    this.choiceStream = new Stream(seed, 'choice');
    this.isFinished = false;
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
    const { jobs } = this;
    while (id >= this.jobCount) this.addJob();
    const { fields, times } = jobs;
    const row = id << FIELD_SHIFT;
    fields[row | STATE] = JOB_IS_TRAVELLING;
    fields[row | ENDPOINT] = endpoint;
    fields[row | TAG] = call.tag;
    fields[row | KEY_HI] = call.keyHi;
    fields[row | KEY_LO] = keyLo;
    fields[row | HASH_KEY] = call.hashKey;
    fields[row | REQUEST_CLASS] = call.requestClass;
    fields[row | FIRST_CALL] = NO_ROW;
    times[(id << TIME_SHIFT) | DEADLINE] = Infinity;
    times[(id << TIME_SHIFT) | GIVEN_UP] = Infinity;
  }

  /** Until when somebody waits for it, where endpoints are told. */
  expectUntil(id: AttemptId, deadline: number): void {
    this.jobs.times[(id << TIME_SHIFT) | DEADLINE] = deadline;
  }

  /** Endpoint that serves the job. */
  endpointOf(id: AttemptId): number {
    return this.jobs.fields[(id << FIELD_SHIFT) | ENDPOINT]!;
  }

  /** What the job is, for keyed randomness. */
  keyHiOf(id: AttemptId): number {
    return this.jobs.fields[(id << FIELD_SHIFT) | KEY_HI]!;
  }

  keyLoOf(id: AttemptId): number {
    return this.jobs.fields[(id << FIELD_SHIFT) | KEY_LO]!;
  }

  /** What the job hands on to its own calls: the world's mark (below 0 is not counted) … */
  tagOf(id: AttemptId): number {
    return this.jobs.fields[(id << FIELD_SHIFT) | TAG]!;
  }

  hashKeyOf(id: AttemptId): number {
    return this.jobs.fields[(id << FIELD_SHIFT) | HASH_KEY]!;
  }

  classOf(id: AttemptId): number {
    return this.jobs.fields[(id << FIELD_SHIFT) | REQUEST_CLASS]!;
  }

  /** … and until when somebody waits. */
  deadlineOf(id: AttemptId): number {
    return this.jobs.times[(id << TIME_SHIFT) | DEADLINE]!;
  }

  /** When it came here, NaN while it is on its way. For looking at. */
  arrivalOf(id: AttemptId): number {
    return this.isTravelling(id) ? NaN : this.arrivedAt(id);
  }

  /** As those of the engine: what the end of a job's work needs. */
  glance(id: AttemptId): number {
    return this.stateOf(id);
  }

  glanceFurther(id: AttemptId): number {
    const { busy, queued, queueFirst } = this.placeOf(id);
    return queueFirst === NO_ROW ? busy : queued ^ this.stateOf(queueFirst);
  }

  isTravelling(id: AttemptId): boolean {
    return this.stateOf(id) === JOB_IS_TRAVELLING;
  }

  arrive(id: AttemptId, now: number): void {
    this.jobs.times[(id << TIME_SHIFT) | ARRIVED] = now;
    const place = this.placeOf(id);
    place.arrivals++;
    this.receive(id, place, now);
  }

  /** An attempt comes on a connection that its endpoint no longer has. */
  turnAway(id: AttemptId, now: number): void {
    this.jobs.times[(id << TIME_SHIFT) | ARRIVED] = now;
    this.placeOf(id).arrivals++;
    this.refuse(id, RESET, 0, now);
  }

  /** An attempt never came: the endpoint's system refused it, because nobody listens there. @param tag  of its call */
  refused(endpoint: number, tag: number): void {
    this.places[endpoint]!.arrivals++;
    if (tag >= 0) this.stats.answered(endpoint, CONNECT_FAILURE, 0);
  }

  /** Due work; harmless when the job was stopped meanwhile, even if its row serves another. */
  workDone(id: AttemptId, now: number): void {
    const { fields, times } = this.jobs;
    const row = id << FIELD_SHIFT;
    if (fields[row | STATE] !== JOB_IS_WORKING || times[(id << TIME_SHIFT) | DUE] !== now) return;
    const place = this.places[fields[row | ENDPOINT]!]!;
    if (place.hasPaused && this.worksOn(id, place, now)) return;
    const failStatus = fields[row | FAIL_STATUS]!;
    this.goOn(id, place, failStatus, now);
  }

  patienceOver(id: AttemptId, now: number): void {
    const { times } = this.jobs;
    const place = this.placeOf(id);
    // Its row may serve another job; one that waits for ever has left the time of its predecessor there.
    if (place.rules.patience === null || this.stateOf(id) !== JOB_IS_QUEUED || times[(id << TIME_SHIFT) | DUE]! !== now) return;
    if (place.pausedAt !== Infinity) {
      // A stopped process does not look at its clock; it finds the time over when it goes on.
      this.defer(place, id, (then) => {
        if (this.stateOf(id) !== JOB_IS_QUEUED) return;
        this.jobs.times[(id << TIME_SHIFT) | DUE] = then;
        this.patienceOver(id, then);
      });
      return;
    }
    this.leaveQueue(id, place, now);
    this.stats.waited(place.endpoint, times[(id << TIME_SHIFT) | ARRIVED]!, now, this.tagOf(id) >= 0);
    this.refuse(id, REJECTED, 503, now);
  }

  /** A call is over and its row about to be reused: note what it was for, then bring that to `callSettled`. */
  callOver(id: AttemptId, call: CallId): { readonly site: number; readonly turn: number } {
    const next = this.callNext[call]!;
    const previous = this.callPrevious[call]!;
    if (previous === NO_ROW) this.jobs.fields[(id << FIELD_SHIFT) | FIRST_CALL] = next;
    else this.callNext[previous] = next;
    if (next !== NO_ROW) this.callPrevious[next] = previous;
    this.over.site = this.callSite[call]!;
    this.over.turn = this.callTurn[call]!;
    return this.over;
  }

  callSettled(id: AttemptId, site: number, turn: number, outcome: Outcome, now: number): void {
    const { fields } = this.jobs;
    const row = id << FIELD_SHIFT;
    if (fields[row | STATE] !== JOB_IS_CALLING) return;
    const place = this.places[fields[row | ENDPOINT]!]!;
    if (place.hasPaused && place.pausedAt !== Infinity) {
      this.defer(place, id, (then) => this.callSettled(id, site, turn, outcome, then));
      return;
    }
    const { optional, times } = this.plans;
    const mayFail = optional[site] === 1;
    const hasFailed = outcome !== OK && !mayFail;
    fields[row | FAIL_STATUS] = hasFailed ? 502 : fields[row | FAIL_STATUS]!;
    if (!hasFailed && turn + 1 < times[site]!) {
      this.beginCall(id, site, turn + 1, now);
      return;
    }
    const pending = fields[row | PENDING]! - 1;
    fields[row | PENDING] = pending;
    if (pending > 0) return;
    this.goOn(id, place, fields[row | FAIL_STATUS]!, now);
  }

  /** The caller gave up. Only now is the work abandoned; the endpoint hears of it in `cancelled`. */
  givenUp(id: AttemptId, now: number): void {
    this.jobs.times[(id << TIME_SHIFT) | GIVEN_UP] = now;
  }

  isGivenUp(id: AttemptId): boolean {
    return this.jobs.times[(id << TIME_SHIFT) | GIVEN_UP]! !== Infinity;
  }

  /** Whether the endpoint may do anything when it hears of a cancellation; it may hang by the time the request comes. */
  heedsCancel(id: AttemptId): boolean {
    const state = this.stateOf(id);
    return state === JOB_IS_HUNG || state === JOB_IS_TRAVELLING || (state !== JOB_IS_NONE && this.placeOf(id).rules.onCancel !== ON_CANCEL_CONTINUE);
  }

  /** The endpoint hears that nobody waits for this attempt. Harmless when it is already answered. */
  cancelled(id: AttemptId, now: number): void {
    const state = this.stateOf(id);
    if (!this.isGivenUp(id) || state === JOB_IS_NONE) return;
    const place = this.placeOf(id);
    if (place.pausedAt !== Infinity) {
      this.defer(place, id, (then) => this.cancelled(id, then));
      return;
    }
    const how = place.rules.onCancel;
    if (state === JOB_IS_HUNG) this.refuse(id, UNFINISHED, 0, now);
    else if (state === JOB_IS_QUEUED && how !== ON_CANCEL_CONTINUE) {
      this.leaveQueue(id, place, now);
      this.stats.waited(place.endpoint, this.arrivedAt(id), now, this.tagOf(id) >= 0);
      this.refuse(id, UNFINISHED, 0, now);
    } else if (state === JOB_IS_HELD && how !== ON_CANCEL_CONTINUE) {
      this.leaveFront(id, place, now);
      this.refuse(id, UNFINISHED, 0, now);
    } else if (how === ON_CANCEL_STOP && (state === JOB_IS_WORKING || state === JOB_IS_CALLING)) {
      this.abandonCalls(id, now);
      this.complete(id, place, UNFINISHED, 0, now);
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
    this.isFinished = true;
    for (const place of this.places) this.queueChanges(place, now);
    for (let id = 0; id < this.jobCount; id++) {
      const endpoint = this.endpointOf(id);
      const state = this.stateOf(id);
      const tag = this.tagOf(id);
      if (state === JOB_IS_NONE || state === JOB_IS_TRAVELLING) continue;
      if (state === JOB_IS_WORKING || state === JOB_IS_CALLING) {
        this.stats.served(endpoint, tag, this.jobs.times, id << TIME_SHIFT, UNFINISHED, now);
        continue;
      }
      const arrivedAt = this.arrivedAt(id);
      if (state !== JOB_IS_HUNG) this.stats.waited(endpoint, arrivedAt, now, false);
      if (tag >= 0) this.stats.answered(endpoint, UNFINISHED, now - arrivedAt);
    }
  }

  /**
   * What endpoints have had to do from the start of the run up to now: attempts that came, and the integrals of jobs on slots and of jobs waiting, ns.
   * @param row  three numbers for each of the first endpoints, 0 before; looks at every job there is
   */
  readWork(now: number, row: Float64Array): void {
    const count = row.length / 3;
    const add = (endpoint: number, busyNs: number, queuedNs: number): void => {
      row[3 * endpoint + 1]! += busyNs;
      row[3 * endpoint + 2]! += queuedNs;
    };
    for (let endpoint = 0; endpoint < count; endpoint++) row[3 * endpoint] = this.places[endpoint]!.arrivals;
    this.stats.readAll(count, add);
    // By then the statistics have them.
    if (this.isFinished) return;
    const { fields, times } = this.jobs;
    for (let id = 0; id < this.jobCount; id++) {
      const state = fields[(id << FIELD_SHIFT) | STATE]!;
      if (state === JOB_IS_NONE || state === JOB_IS_TRAVELLING || state === JOB_IS_HUNG) continue;
      const at = 3 * fields[(id << FIELD_SHIFT) | ENDPOINT]!;
      if (at >= row.length) continue;
      const isOnSlot = state === JOB_IS_WORKING || state === JOB_IS_CALLING;
      const waitedUntil = isOnSlot ? times[(id << TIME_SHIFT) | STARTED]! : now;
      row[at + 1]! += now - waitedUntil;
      row[at + 2]! += waitedUntil - times[(id << TIME_SHIFT) | ARRIVED]!;
    }
  }

  private stateOf(id: AttemptId): number {
    return this.jobs.fields[(id << FIELD_SHIFT) | STATE]!;
  }

  private setState(id: AttemptId, state: number): void {
    this.jobs.fields[(id << FIELD_SHIFT) | STATE] = state;
  }

  private placeOf(id: AttemptId): Place {
    return this.places[this.endpointOf(id)]!;
  }

  private arrivedAt(id: AttemptId): number {
    return this.jobs.times[(id << TIME_SHIFT) | ARRIVED]!;
  }

  private receive(id: AttemptId, place: Place, now: number): void {
    if (place.flags !== 0 && this.isTurnedAway(id, place, now)) return;
    if (place.busy < place.slots) this.start(id, place, now);
    else if (place.queued < place.rules.queueLimit) this.enqueue(id, place, now);
    else this.refuse(id, REJECTED, 503, now);
  }

  private start(id: AttemptId, place: Place, now: number): void {
    const { draw } = this;
    const { fields, times } = this.jobs;
    const row = id << FIELD_SHIFT;
    const { rules } = place;
    place.busy++;
    fields[row | STATE] = JOB_IS_WORKING;
    fields[row | STEP] = 0;
    fields[row | FAIL_STATUS] = 0;
    let workNs: number;
    if (place.flags === 0) {
      draw.seek(this.workStream, fields[row | KEY_HI]!, fields[row | KEY_LO]!);
      workNs = rules.sampler.sample(draw);
      if (rules.errors !== null && this.failsByItself(id, rules.errors) && rules.errors.afterNs !== null) workNs = +rules.errors.afterNs;
    } else workNs = +this.faultyWork(id, place);
    const due = now + Math.floor(workNs + 0.5);
    const at = id << TIME_SHIFT;
    times[at | STARTED] = now;
    times[at | LOST_BEFORE] = place.hasPaused ? place.lostNs : 0;
    times[at | DUE] = due;
    this.world.work(id, due);
  }

  /** Whether the job is to be answered by an error of its service. Says nothing of its work: a number that is handed on is put on the heap (1 % of bench W3). */
  private failsByItself(id: AttemptId, error: ErrorPlan): boolean {
    const { draw } = this;
    draw.seek(this.errorStream, this.keyHiOf(id), this.keyLoOf(id));
    if (draw.unit() >= error.rate) return false;
    this.failWith(id, error.status);
    return true;
  }

  private failWith(id: AttemptId, status: number): void {
    this.jobs.fields[(id << FIELD_SHIFT) | FAIL_STATUS] = status;
  }

  private faultyWork(id: AttemptId, place: Place): number {
    const { draw } = this;
    const { rules } = place;
    const row = this.conditions.endpoints[place.endpoint]!;
    const keyHi = this.keyHiOf(id);
    const keyLo = this.keyLoOf(id);
    draw.seek(this.workStream, keyHi, keyLo);
    let workNs = (row.replacement ?? rules.sampler).sample(draw) * row.factor;
    for (let i = 0; i < row.adds.length; i++) {
      draw.seek(this.addedWorkStream, keyHi, keyLo ^ lane(i));
      workNs += row.adds[i]!.sample(draw);
    }
    if (rules.errors !== null && this.failsByItself(id, rules.errors)) workNs = rules.errors.afterNs ?? workNs;
    for (let i = 0; i < row.errors.length && this.jobs.fields[(id << FIELD_SHIFT) | FAIL_STATUS] === 0; i++) {
      const error = row.errors[i]!;
      draw.seek(this.errorStream, keyHi, keyLo ^ lane(i + FAULT_ERROR_LANE));
      if (draw.unit() >= error.rate) continue;
      this.failWith(id, error.status);
      workNs = error.afterNs ?? workNs;
    }
    return workNs;
  }

  /** The next step of its call plan, or its answer: after the last step, or when anything has failed. */
  private goOn(id: AttemptId, place: Place, failStatus: number, now: number): void {
    const { fields } = this.jobs;
    const { service, steps } = place.rules;
    const row = id << FIELD_SHIFT;
    const isWell = failStatus === 0;
    // Few services call others, and the number of steps begun lies in another cache line than the rest.
    for (let step = isWell && steps > 0 ? fields[row | STEP]! : steps; step < steps; step++) {
      fields[row | STEP] = step + 1;
      if (this.beginStep(id, this.plans.firstStep[service]! + step, now)) return;
    }
    this.complete(id, place, isWell ? OK : ERROR, isWell ? 200 : failStatus, now);
  }

  /** False when chance has it that no call of the step is made. */
  private beginStep(id: AttemptId, step: number, now: number): boolean {
    const { firstSite } = this.plans;
    const end = firstSite[step + 1]!;
    const row = id << FIELD_SHIFT;
    this.jobs.fields[row | STATE] = JOB_IS_CALLING;
    this.jobs.fields[row | PENDING] = 0;
    for (let site = firstSite[step]!; site < end; site++) {
      if (!this.isChosen(id, site)) continue;
      // Beginning a call may move the rows.
      this.jobs.fields[row | PENDING]!++;
      this.beginCall(id, site, 0, now);
    }
    return this.jobs.fields[row | PENDING]! > 0;
  }

  private isChosen(id: AttemptId, site: number): boolean {
    const probability = this.plans.probability[site]!;
    if (probability >= 1) return true;
    this.draw.seek(this.choiceStream, this.keyHiOf(id), this.keyLoOf(id) ^ lane(site));
    return this.draw.unit() < probability;
  }

  private beginCall(id: AttemptId, site: number, turn: number, now: number): void {
    const call = this.world.call(id, this.plans.edge[site]!, site, turn, now);
    while (call >= this.callNext.length) this.growCalls();
    const { fields } = this.jobs;
    const first = fields[(id << FIELD_SHIFT) | FIRST_CALL]!;
    this.callSite[call] = site;
    this.callTurn[call] = turn;
    this.callPrevious[call] = NO_ROW;
    this.callNext[call] = first;
    if (first !== NO_ROW) this.callPrevious[first] = call;
    fields[(id << FIELD_SHIFT) | FIRST_CALL] = call;
  }

  private abandonCalls(id: AttemptId, now: number): void {
    for (;;) {
      const call = this.jobs.fields[(id << FIELD_SHIFT) | FIRST_CALL]!;
      if (call === NO_ROW) return;
      this.world.abandonCall(call, now);
    }
  }

  private abandonUnsent(id: AttemptId, now: number): void {
    let call = this.jobs.fields[(id << FIELD_SHIFT) | FIRST_CALL]!;
    while (call !== NO_ROW) {
      const next = this.callNext[call]!;
      if (this.world.isUnsent(call)) this.world.abandonCall(call, now);
      call = next;
    }
  }

  private complete(id: AttemptId, place: Place, outcome: Outcome, status: number, now: number): void {
    if (place.flags !== 0) {
      this.completeFaulty(id, place, outcome, status, now);
      return;
    }
    this.leaveSlot(id, place, outcome, now);
    // The slot goes to the next in the queue before anybody hears of the answer.
    if (place.queueFirst !== NO_ROW) this.startQueued(place, now);
    this.world.answer(id, outcome, status, now);
  }

  private completeFaulty(id: AttemptId, place: Place, outcome: Outcome, status: number, now: number): void {
    if ((place.flags & CONDITION_HUNG) !== 0) {
      this.leaveSlot(id, place, UNANSWERED, now);
      this.startQueued(place, now);
      this.setState(id, JOB_IS_HUNG);
      if (this.isGivenUp(id)) this.cancelled(id, now);
      return;
    }
    const isReset = (place.flags & CONDITION_RESETS) !== 0 && this.isReset(id, this.conditions.endpoints[place.endpoint]!);
    this.leaveSlot(id, place, isReset ? RESET : outcome, now);
    this.startQueued(place, now);
    this.world.answer(id, isReset ? RESET : outcome, isReset ? 0 : status, now);
  }

  private isReset(id: AttemptId, row: ConditionRow): boolean {
    this.draw.seek(this.resetStream, this.keyHiOf(id), this.keyLoOf(id));
    return this.draw.unit() < row.resetShare;
  }

  /** Answer a job that is on no slot. */
  private refuse(id: AttemptId, outcome: Outcome, status: number, now: number): void {
    this.setState(id, JOB_IS_NONE);
    if (this.tagOf(id) >= 0) this.stats.answered(this.endpointOf(id), outcome, now - this.arrivedAt(id));
    this.world.answer(id, outcome, status, now);
  }

  private startQueued(place: Place, now: number): void {
    while (place.busy < place.slots) {
      const id = place.rules.isLifo ? place.queueLast : place.queueFirst;
      if (id === NO_ROW) return;
      this.leaveQueue(id, place, now);
      this.start(id, place, now);
    }
  }

  private enqueue(id: AttemptId, place: Place, now: number): void {
    const { fields, times } = this.jobs;
    const row = id << FIELD_SHIFT;
    const last = place.queueLast;
    fields[row | STATE] = JOB_IS_QUEUED;
    fields[row | PREVIOUS] = last;
    fields[row | NEXT] = NO_ROW;
    if (last === NO_ROW) place.queueFirst = id;
    else fields[(last << FIELD_SHIFT) | NEXT] = id;
    place.queueLast = id;
    this.countQueued(place, now);
    const { patience } = place.rules;
    if (patience === null) return;
    this.draw.seek(this.patienceStream, this.keyHiOf(id), this.keyLoOf(id));
    const due = now + Math.floor(patience.sample(this.draw) + 0.5);
    times[(id << TIME_SHIFT) | DUE] = due;
    this.world.patience(id, due);
  }

  /** Faults that keep a request from being received like any other. */
  private isTurnedAway(id: AttemptId, place: Place, now: number): boolean {
    const { flags } = place;
    if ((flags & CONDITION_DOWN) !== 0) {
      this.refuse(id, CONNECT_FAILURE, 0, now);
      return true;
    }
    if ((flags & CONDITION_PAUSED) !== 0) {
      if (place.queued < place.rules.queueLimit) this.enqueue(id, place, now);
      else this.hold(id, place, now);
      return true;
    }
    if ((flags & CONDITION_HUNG) !== 0) {
      this.setState(id, JOB_IS_HUNG);
      return true;
    }
    if ((flags & CONDITION_FIRST_CALLS) === 0) return false;
    const counter = this.conditions.endpoints[place.endpoint]!.firstCalls.find(({ left }) => left > 0);
    if (counter === undefined) return false;
    counter.left--;
    this.refuse(id, ERROR, 500, now);
    return true;
  }

  /** No room, and nobody there to say so: it waits beyond the limit until the process goes on. */
  private hold(id: AttemptId, place: Place, now: number): void {
    this.setState(id, JOB_IS_HELD);
    this.countQueued(place, now);
    const comeIn = (then: number): void => {
      if (this.stateOf(id) !== JOB_IS_HELD) return;
      this.queueChanges(place, then);
      place.queued--;
      this.receive(id, place, then);
      const state = this.stateOf(id);
      const isInside = state === JOB_IS_QUEUED || state === JOB_IS_WORKING;
      if (!isInside) this.stats.waited(place.endpoint, this.arrivedAt(id), then, this.tagOf(id) >= 0);
    };
    this.defer(place, id, comeIn, true);
  }

  /** It stood in front of a full queue, and goes without having come in. */
  private leaveFront(id: AttemptId, place: Place, now: number): void {
    this.queueChanges(place, now);
    place.queued--;
    this.stats.waited(place.endpoint, this.arrivedAt(id), now, this.tagOf(id) >= 0);
  }

  private leaveQueue(id: AttemptId, place: Place, now: number): void {
    const { fields } = this.jobs;
    const next = fields[(id << FIELD_SHIFT) | NEXT]!;
    const previous = fields[(id << FIELD_SHIFT) | PREVIOUS]!;
    this.queueChanges(place, now);
    place.queued--;
    if (previous === NO_ROW) place.queueFirst = next;
    else fields[(previous << FIELD_SHIFT) | NEXT] = next;
    if (next === NO_ROW) place.queueLast = previous;
    else fields[(next << FIELD_SHIFT) | PREVIOUS] = previous;
  }

  /** A queue that only shrinks inside the measured window, or stands all through it, was longest when the window opened. */
  private queueChanges(place: Place, now: number): void {
    if (place.queued > place.maxQueue && this.stats.isMeasuredIn(place.queueSince, now)) place.maxQueue = place.queued;
    place.queueSince = now;
  }

  private countQueued(place: Place, now: number): void {
    this.queueChanges(place, now);
    const queued = ++place.queued;
    if (queued > place.maxQueue && this.stats.isMeasured(now)) place.maxQueue = queued;
  }

  /** Slots under the capacity faults that are on; a share of a slot counts as a whole one. */
  private usableSlots({ endpoint, rules }: Place): number {
    return Math.min(UNBOUNDED, Math.ceil(rules.concurrency * this.conditions.endpoints[endpoint]!.capacity - 1e-9));
  }

  /** Whether pauses have taken time from the work, so that it is not done yet. */
  private worksOn(id: AttemptId, place: Place, now: number): boolean {
    const lost = lostAt(place, now) - this.jobs.times[(id << TIME_SHIFT) | LOST_BEFORE]!;
    // Work that is due as a pause begins comes after it: faults go first.
    const goesOn = lost > 0 || place.pausedAt !== Infinity;
    if (goesOn) this.workOn(id, lost, now);
    return goesOn;
  }

  /** Work that was interrupted by a pause has `leftNs` to go; while the pause is on it waits for the end. */
  private workOn(id: AttemptId, leftNs: number, now: number): void {
    if (this.stateOf(id) !== JOB_IS_WORKING) return;
    const place = this.placeOf(id);
    if (place.pausedAt !== Infinity) {
      this.defer(place, id, (then) => this.workOn(id, leftNs, then));
      return;
    }
    const { times } = this.jobs;
    const due = now + leftNs;
    times[(id << TIME_SHIFT) | LOST_BEFORE] = place.lostNs;
    times[(id << TIME_SHIFT) | DUE] = due;
    this.world.work(id, due);
  }

  private defer({ endpoint }: Place, job: AttemptId, goOn: (now: number) => void, isArrival = false): void {
    this.deferred[endpoint]!.push({ job, isArrival, goOn });
  }

  private resume(place: Place, now: number): void {
    place.lostNs = lostAt(place, now);
    place.pausedAt = Infinity;
    this.catchUp(place, this.deferred[place.endpoint]!.splice(0), now);
  }

  /**
   * Do what a pause has kept back, in the order in which it happened; but who waits and was cancelled or is out of time is gone before
   * the queue moves, and who stood in front of it comes in last.
   */
  private catchUp(place: Place, kept: readonly Deferred[], now: number): void {
    const ofWaiting = kept.map(({ job }) => this.stateOf(job) === JOB_IS_QUEUED || this.stateOf(job) === JOB_IS_HELD);
    for (const [i, { goOn, isArrival }] of kept.entries()) if (ofWaiting[i]! && !isArrival) goOn(now);
    for (const [i, { goOn }] of kept.entries()) if (!ofWaiting[i]!) goOn(now);
    this.startQueued(place, now);
    for (const { goOn, isArrival } of kept) if (isArrival) goOn(now);
  }

  /** Everything in flight here is reset, and the endpoint is empty. */
  private crash(place: Place, now: number): void {
    const kept = this.deferred[place.endpoint]!.splice(0);
    for (let id = place.queueFirst; id !== NO_ROW; id = place.queueFirst) {
      this.leaveQueue(id, place, now);
      this.stats.waited(place.endpoint, this.arrivedAt(id), now, this.tagOf(id) >= 0);
      this.refuse(id, RESET, 0, now);
    }
    // A dead process sends nothing on the connections that its other calls leave.
    for (let id = 0; id < this.jobCount; id++) {
      if (this.endpointOf(id) === place.endpoint && this.stateOf(id) === JOB_IS_CALLING) this.abandonUnsent(id, now);
    }
    for (let id = 0; id < this.jobCount; id++) {
      if (this.endpointOf(id) !== place.endpoint) continue;
      const state = this.stateOf(id);
      if (state === JOB_IS_HUNG) this.refuse(id, RESET, 0, now);
      else if (state === JOB_IS_WORKING || state === JOB_IS_CALLING) {
        this.abandonCalls(id, now);
        this.lose(id, place, now);
      }
    }
    // What stood in front of its full queue had come on open connections.
    for (const { isArrival, job } of kept) {
      if (!isArrival || this.stateOf(job) !== JOB_IS_HELD) continue;
      this.leaveFront(job, place, now);
      this.refuse(job, RESET, 0, now);
    }
    // Work that a pause had frozen is gone.
    this.catchUp(place, kept, now);
  }

  /** As `complete`, for a process that is no longer there to take the next job or to garble its answer. */
  private lose(id: AttemptId, place: Place, now: number): void {
    this.leaveSlot(id, place, RESET, now);
    this.world.answer(id, RESET, 0, now);
  }

  private leaveSlot(id: AttemptId, place: Place, outcome: Outcome | typeof UNANSWERED, now: number): void {
    const { fields, times } = this.jobs;
    const row = id << FIELD_SHIFT;
    this.stats.served(place.endpoint, fields[row | TAG]!, times, id << TIME_SHIFT, outcome, now);
    place.busy--;
    fields[row | STATE] = JOB_IS_NONE;
  }

  private addJob(): void {
    if (this.jobCount << TIME_SHIFT === this.jobs.times.length) this.jobs.grow();
    this.jobCount++;
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
