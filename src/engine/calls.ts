/**
 * The tables of calls and attempts in flight. A row is a stretch of one wide array, not a cell in each of many
 * columns: what touches ten fields of a row then checks and loads one array instead of ten, and one or two
 * cache lines instead of ten. Rows are reused, most recently freed first.
 *
 * Hot code takes the fields' places under names of its own (`const { tag: CALL_TAG } = CallField`): a local
 * constant folds into the machine code, an imported binding is looked up and checked at each use
 * (a fifth of bench W2).
 */
import type { AttemptId, CallId } from '../model/ids.ts';
import { Rows, doubled } from '../model/columns.ts';

/** Integers of a call: `ints[(call << shift) + field]`. */
export const CallField = {
  shift: 4,
  /** Which caller endpoint and edge: index into the engine's outbounds. */
  outbound: 0,
  edge: 1,
  /** What the call is, for keyed randomness; see `random/hash.ts`. */
  keyHi: 2,
  keyLo: 3,
  /** What consistent-hash balancers hash. */
  hashKey: 4,
  /** Index over all request classes of the plan. */
  requestClass: 5,
  /** The world's own mark, handed back at `settle`. */
  tag: 6,
  /** The attempt whose endpoint makes this call; NONE for a request. */
  parent: 7,
  /** Attempts begun. */
  attempts: 8,
  /** The attempt in flight or waiting for a connection; NONE during backoff. */
  current: 9,
  /** Endpoint (index within the service) of the last attempt; NONE before the first. */
  lastEndpoint: 10,
  /** 1 while it counts among the retries in progress of its outbound. */
  retrySlot: 11,
  /** What the call is about to be settled with; `ok` while that is open. */
  verdict: 12,
} as const;

/** Times of a call, ns: `times[(call << shift) + field]`. */
export const CallTime = {
  shift: 2,
  /** -1 while the row is free. */
  begunAt: 0,
  /** When the whole call must be over; Infinity for never. */
  deadline: 1,
  /** The wait before the last retry. */
  backoff: 2,
} as const;

/** Integers of an attempt: `ints[(attempt << shift) + field]`. */
export const AttemptField = {
  shift: 3,
  /** NONE once the caller has given up. */
  call: 0,
  outbound: 1,
  /** Index within the service. */
  endpoint: 2,
  /** 1 for the first of its call. */
  number: 3,
  state: 4,
  connection: 5,
  /** Next in the queue for a connection. */
  next: 6,
  edge: 7,
} as const;

export const AttemptState = {
  /** In the caller's queue for a connection. */
  waiting: 0,
  /** Sent, and the caller waits for it. */
  sent: 1,
  /** The caller has given up; the world still owes the answer. */
  abandoned: 2,
} as const;

const INITIAL = 1024;

export class Calls {
  readonly rows: Rows = new Rows(INITIAL);
  ints: Int32Array = new Int32Array(INITIAL << CallField.shift);
  times: Float64Array = new Float64Array(INITIAL << CallTime.shift);

  take(): CallId {
    const call = this.rows.take();
    if (call >= this.rows.capacity) this.grow();
    return call;
  }

  private grow(): void {
    this.rows.grown();
    this.ints = doubled(this.ints);
    this.times = doubled(this.times);
  }
}

export class Attempts {
  readonly rows: Rows = new Rows(INITIAL);
  ints: Int32Array = new Int32Array(INITIAL << AttemptField.shift);
  sentAt: Float64Array = new Float64Array(INITIAL);

  take(): AttemptId {
    const attempt = this.rows.take();
    if (attempt >= this.rows.capacity) this.grow();
    return attempt;
  }

  private grow(): void {
    this.rows.grown();
    this.ints = doubled(this.ints);
    this.sentAt = doubled(this.sentAt);
  }
}
