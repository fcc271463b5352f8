/**
 * A request as it happens: a tree of calls, their attempts, and the calls that those made. Times are ns of the run; NaN is not yet, or not
 * known.
 */
import type { Verdict } from '../engine/retry/retry-gate.ts';
import type { EdgeId, EndpointId } from '../model/ids.ts';
import type { Outcome } from '../model/outcome.ts';

/** What a call turned to at a moment, between its attempts. */
export const Turn = {
  /** A retry was granted: the backoff begins. */
  backoff: 0,
  /** An attempt begins: without an attempt in flight it waits for a connection or a ready endpoint. */
  attempt: 1,
} as const;
export type Turn = (typeof Turn)[keyof typeof Turn];

/** Of those that have none, which are most: a list of its own for each would be a third of all the memory. */
const NONE_YET: readonly never[] = [];

export class CallSpan {
  readonly edge: EdgeId;
  readonly begunAt: number;
  readonly request: RequestSpan;
  endedAt: number = NaN;
  outcome: Outcome | null = null;
  /** In the order in which they were sent. */
  attempts: readonly AttemptSpan[] = NONE_YET;
  /** When it turned to what after its first attempt, in order: two numbers each. */
  turns: readonly number[] = NONE_YET;
  /** It waited for an endpoint to become ready when it ended. */
  endedUnready: boolean = false;
  /** The last decision about a retry; null where there was none. */
  verdict: Verdict | null = null;

  /** @param request  null of one that is a request itself */
  constructor(edge: EdgeId, begunAt: number, request: RequestSpan | null) {
    this.edge = edge;
    this.begunAt = begunAt;
    this.request = request ?? (this as unknown as RequestSpan);
  }

  attempted(attempt: AttemptSpan): void {
    this.attempts = added(this.attempts, attempt);
  }

  turned(to: Turn, now: number): void {
    this.turns = added(added(this.turns, to), now);
  }
}

export class RequestSpan extends CallSpan {
  /** Among the requests of its source, from 0. */
  readonly number: number;
  readonly source: number;
  readonly requestClass: number;
  /** Whether it arrived in the measured window. */
  readonly isMeasured: boolean;
  readonly keyHi: number;
  readonly keyLo: number;
  /** Calls not settled and attempts not answered, its own included; 0 when it is over. */
  open: number = 0;
  /** Calls and attempts in all. */
  size: number = 0;

  constructor(edge: EdgeId, source: number, begunAt: number, keyHi: number, keyLo: number, requestClass: number, isMeasured: boolean) {
    super(edge, begunAt, null);
    this.source = source;
    this.keyHi = keyHi;
    this.keyLo = keyLo;
    // As the world made the key of it.
    this.number = ((keyLo ^ source) >>> 16) * 2 ** 32 + (keyHi >>> 0);
    this.requestClass = requestClass;
    this.isMeasured = isMeasured;
  }

  get latencyNs(): number {
    return this.endedAt - this.begunAt;
  }
}

export class AttemptSpan {
  readonly call: CallSpan;
  /** Where it went; not that of the call where the call is split. */
  readonly edge: EdgeId;
  readonly endpoint: EndpointId;
  readonly number: number;
  readonly isHedge: boolean;
  /** When it began: from then until `pickedAt` it waited for an endpoint to become ready, until `sentAt` for a connection. */
  readonly beganAt: number;
  readonly pickedAt: number;
  readonly sentAt: number;
  arrivedAt: number = NaN;
  startedAt: number = NaN;
  answeredAt: number = NaN;
  /** The caller no longer waited. */
  gaveUpAt: number = NaN;
  /** The caller heard of its end, also where it had given up. */
  heardAt: number = NaN;
  /** As its caller saw it: `timeout` or `unfinished` where it had given up. */
  outcome: Outcome | null = null;
  /** Calls of its job, in the order in which they began. */
  calls: readonly CallSpan[] = NONE_YET;
  /** Endpoints that its caller did not send to when it was sent; null where all were in use. */
  readonly unready: readonly EndpointId[] | null;

  constructor(call: CallSpan, edge: EdgeId, endpoint: EndpointId, number: number, isHedge: boolean, beganAt: number, pickedAt: number, sentAt: number, unready: readonly EndpointId[] | null) {
    this.call = call;
    this.edge = edge;
    this.endpoint = endpoint;
    this.number = number;
    this.isHedge = isHedge;
    this.beganAt = beganAt;
    this.pickedAt = pickedAt;
    this.sentAt = sentAt;
    this.unready = unready;
  }

  called(call: CallSpan): void {
    this.calls = added(this.calls, call);
  }

  /** When the caller had done with it; Infinity while it waits. */
  get overAt(): number {
    if (!Number.isNaN(this.gaveUpAt)) return this.gaveUpAt;
    return Number.isNaN(this.heardAt) ? Infinity : this.heardAt;
  }

  /** The caller gave it up before it was answered. */
  get isGivenUp(): boolean {
    return !Number.isNaN(this.gaveUpAt);
  }
}

/** The list with one more: a new one of just that length where it was the common empty one. */
function added<Item>(list: readonly Item[], item: Item): readonly Item[] {
  if (list.length === 0) return [item];
  (list as Item[]).push(item); // not the common one, so it is the caller's own
  return list;
}
