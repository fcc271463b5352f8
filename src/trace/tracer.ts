/**
 * Follows every request of a run from its arrival until the last of its attempts has been answered, and shows it to its listeners.
 *
 * What happens on the caller's side it hears as a watcher of the engine; what happens at the endpoints it hears by standing between the
 * stations and their world (`between`). It changes nothing, and a run without one has neither. In flight a request is a
 * tree of objects; what listeners do not keep is gone when it is over.
 */
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import type { Engine } from '../engine/engine.ts';
import type { Outbound } from '../engine/outbound.ts';
import { TimerKind, kindOf, subjectOf } from '../engine/timers.ts';
import { Watcher } from '../engine/watch/watcher.ts';
import type { AttemptId, CallId, EdgeId, EndpointId, TimerId } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { attemptKey } from '../random/hash.ts';
import type { StationPort, Stations } from '../service/station.ts';
import { AttemptSpan, CallSpan, RequestSpan, Turn } from './spans.ts';

/** Sees a request to which nothing more happens: its caller has its answer and all its attempts were answered, or the run is over. */
export type RequestListener = (request: RequestSpan) => void;

/** What is read of a world. */
export interface TracedWorld {
  readonly now: number;
  readonly stations: Pick<Stations, 'arrivalOf' | 'keyHiOf' | 'keyLoOf'>;
}

/** More are not listed: by then the list says no more than that most are out of use. */
const UNREADY_MAX = 16;

interface UnreadyList {
  readonly version: number;
  readonly endpoints: readonly EndpointId[] | null;
}

export class Tracer extends Watcher {
  private readonly listeners: readonly RequestListener[];
  private readonly hasSockets: boolean;
  // Set by `attached` and `begins`, before anything happens.
  private engine!: Engine;
  private plan!: Plan;
  private world!: TracedWorld;
  /** By call and by attempt; null while the number is free. */
  private readonly calls: (CallSpan | null)[] = [];
  private readonly attempts: (AttemptSpan | null)[] = [];
  /** By job: the attempt that it serves; null while that is not known. */
  private readonly jobs: (AttemptSpan | null | undefined)[] = [];
  /** Where attempts become jobs by way of a socket: those that have not, by key. */
  private readonly travelling: Map<string, AttemptSpan> = new Map();
  /** By attempt: the key of the last one. */
  private readonly keys: string[] = [];
  /** The call that `begin` is about, until its number is known. */
  private beginning: CallSpan | null = null;
  /** What the engine has last been told is that a time is over. */
  private isTimeUp: boolean = false;
  /** By outbound. */
  private readonly unready: UnreadyList[] = [];

  /** What the stations talk to in place of the world. */
  readonly between = (port: StationPort): StationPort => ({
    work: (job, due) => {
      this.started(job);
      port.work(job, due);
    },
    patience: (job, due) => port.patience(job, due),
    answer: (job, outcome, status, now) => {
      this.answered(job, now);
      port.answer(job, outcome, status, now);
    },
    call: (job, edge, site, turn, now) => port.call(job, edge, site, turn, now),
    abandonCall: (call, now) => port.abandonCall(call, now),
    isUnsent: (call) => port.isUnsent(call),
  });

  /** @param hasSockets  an attempt reaches its endpoint by a socket, so that its job has a number of its own */
  constructor(listeners: readonly RequestListener[], hasSockets: boolean) {
    super();
    this.listeners = listeners;
    this.hasSockets = hasSockets;
  }

  /** Once, before the world runs. */
  begins(world: TracedWorld): void {
    this.world = world;
  }

  /** The run is over: what is open ends now, as far as anybody knows. */
  finish(): void {
    const { now, stations } = this.world;
    // Those that wait, or hang, have said nothing yet.
    for (const [job, span] of this.jobs.entries()) if (span && Number.isNaN(span.arrivedAt)) span.arrivedAt = stations.arrivalOf(job);
    for (const request of this.openRequests()) {
      if (request.outcome === null) {
        request.outcome = Outcome.unfinished;
        request.endedAt = now;
      }
      this.show(request);
    }
  }

  override attached(engine: Engine, plan: Plan): void {
    this.engine = engine;
    this.plan = plan;
  }

  override begin(edge: EdgeId, _caller: number, keyHi: number, keyLo: number, _hashKey: number, requestClass: number, tag: number, parent: AttemptId, _deadline: number, now: number): void {
    const { from } = this.plan.edges[edge]!;
    if (from.kind === 'traffic') {
      const request = new RequestSpan(edge, from.index, now, keyHi, keyLo, requestClass, tag >= 0);
      this.beginning = request;
    } else {
      const attempt = this.jobOf(parent);
      // Of a request from outside, or of work that went on at a server after its request was over.
      if (attempt === null || attempt.call.request.open === 0) return;
      this.beginning = new CallSpan(edge, now, attempt.call.request);
      attempt.called(this.beginning);
    }
    this.beginning.request.open++;
    this.beginning.request.size++;
  }

  override begun(call: CallId): void {
    if (this.beginning === null) return;
    this.calls[call] = this.beginning;
    this.beginning = null;
  }

  override send(row: AttemptRow, endpoint: EndpointId, now: number): void {
    const { id } = row;
    const call = this.callOf(row.call.id);
    if (call === null) return;
    const { outbound } = row;
    const pickedAt = outbound.pools === null ? now : row.pickedAt;
    const span = new AttemptSpan(call, outbound.edge, endpoint, row.number, row.isHedge, beganBefore(call, pickedAt), pickedAt, now, this.unreadyFor(outbound));
    call.attempted(span);
    call.request.open++;
    call.request.size++;
    this.attempts[id] = span;
    if (this.hasSockets) this.travelling.set((this.keys[id] = `${row.call.keyHi},${attemptKey(row.call.keyLo, row.number)}`), span);
    else this.jobs[id] = span;
  }

  override cancel(id: AttemptId, now: number): void {
    const span = this.attempts[id] ?? null;
    if (span === null) return;
    span.gaveUpAt = now;
    span.outcome = this.isTimeUp ? Outcome.timeout : Outcome.unfinished;
  }

  override attemptDone(id: AttemptId, outcome: Outcome, _status: number, now: number): void {
    this.isTimeUp = false;
    const span = this.attempts[id] ?? null;
    if (span === null) return;
    span.heardAt = now;
    span.outcome ??= outcome;
    this.attempts[id] = null;
    if (this.hasSockets) this.travelling.delete(this.keys[id]!);
    else this.jobs[id] = null;
    this.ended(span.call.request);
  }

  override arm(timer: TimerId): void {
    if (kindOf(timer) !== TimerKind.backoff) return;
    const id = subjectOf(timer);
    const call = this.callOf(id);
    if (call === null) return;
    // A retry that waits, and not a hedge or an end that is due.
    if (this.engine.calls.rows[id]!.awaitsRetry) call.turned(Turn.backoff, this.world.now);
  }

  override timerDue(timer: TimerId, now: number): void {
    const subject = subjectOf(timer);
    const kind = kindOf(timer);
    this.isTimeUp = kind === TimerKind.callTimeout || kind === TimerKind.attemptTimeout;
    switch (kind) {
      case TimerKind.backoff: {
        const call = this.calls[subject] ?? null;
        const row = this.engine.calls.rows[subject]!;
        if (call !== null && (row.awaitsRetry || row.verdict === Outcome.ok)) call.turned(Turn.attempt, now);
        return;
      }
      case TimerKind.callTimeout:
        this.noteWait(subject);
        return;
    }
  }

  override abandon(id: CallId): void {
    this.isTimeUp = false;
    this.noteWait(id);
  }

  override settle(row: CallRow, outcome: Outcome, _status: number, now: number): void {
    const call = this.callOf(row.id);
    if (call === null) return;
    this.calls[row.id] = null;
    if (row.hasHistory && row.retriesLeft >= 0) call.verdict = row.retryVerdict;
    call.outcome = outcome;
    call.endedAt = now;
    this.ended(call.request);
  }

  private ended(request: RequestSpan): void {
    if (--request.open === 0) this.show(request);
  }

  /** Those that have a call open, or an attempt that was not answered. */
  private openRequests(): Iterable<RequestSpan> {
    return new Set([...this.calls, ...this.attempts.map((attempt) => attempt?.call ?? null)].flatMap((call) => (call ? [call.request] : [])));
  }

  private show(request: RequestSpan): void {
    for (const listener of this.listeners) listener(request);
  }

  /** Its first attempt may be sent, or its end decided, before its number is told. */
  private callOf(id: CallId): CallSpan | null {
    const call = this.calls[id] ?? null;
    return call === null && this.beginning !== null ? (this.calls[id] = this.beginning) : call;
  }

  private noteWait(id: CallId): void {
    const call = this.calls[id] ?? null;
    if (call !== null) call.endedUnready = this.engine.calls.rows[id]!.waitsAt !== null;
  }

  private started(job: number): void {
    const span = this.jobOf(job);
    // After a pause it starts to work again.
    if (span === null || !Number.isNaN(span.startedAt)) return;
    span.arrivedAt = this.world.stations.arrivalOf(job);
    span.startedAt = this.world.now;
  }

  private answered(job: number, now: number): void {
    const span = this.jobOf(job);
    if (span === null) return;
    if (Number.isNaN(span.arrivedAt)) span.arrivedAt = this.world.stations.arrivalOf(job);
    span.answeredAt = now;
    if (this.hasSockets) this.jobs[job] = null;
  }

  private jobOf(job: number): AttemptSpan | null {
    const known = this.jobs[job] ?? null;
    if (known !== null || !this.hasSockets) return known;
    const { stations } = this.world;
    const key = `${stations.keyHiOf(job)},${stations.keyLoOf(job)}`;
    const span = this.travelling.get(key) ?? null;
    this.travelling.delete(key);
    return (this.jobs[job] = span);
  }

  private unreadyFor({ firstEndpoint, index, readiness, set }: Outbound): readonly EndpointId[] | null {
    if (readiness.heldCount === 0) return null;
    const known = this.unready[index];
    if (known?.version === set.version) return known.endpoints;
    const endpoints: EndpointId[] = [];
    for (let local = 0; local < set.size && endpoints.length < UNREADY_MAX; local++) if (readiness.holdersOf(local) !== 0) endpoints.push(firstEndpoint + local);
    this.unready[index] = { version: set.version, endpoints };
    return endpoints;
  }
}

/** The last time before `at` that the call began an attempt. */
function beganBefore({ begunAt, turns }: CallSpan, at: number): number {
  for (let i = turns.length - 2; i >= 0; i -= 2) if (turns[i] === Turn.attempt && turns[i + 1]! <= at) return turns[i + 1]!;
  return begunAt;
}
