/** The tables of calls and attempts in flight: columns with handles, rows reused. */
import { Rows, doubled } from './columns.ts';
import { type AttemptId, type CallId, NONE } from '../model/ids.ts';

export class Calls {
  readonly rows: Rows = new Rows(1024);
  /** Which caller endpoint and edge: index into the engine's outbounds. */
  outbound: Int32Array = new Int32Array(1024);
  /** What the call is, for keyed randomness; see `random/hash.ts`. */
  keyHi: Int32Array = new Int32Array(1024);
  keyLo: Int32Array = new Int32Array(1024);
  /** What consistent-hash balancers hash. */
  hashKey: Int32Array = new Int32Array(1024);
  requestClass: Int32Array = new Int32Array(1024);
  /** The world's own mark, handed back at `settle`. */
  tag: Int32Array = new Int32Array(1024);
  /** The attempt whose endpoint makes this call; NONE for a request. */
  parent: Int32Array = new Int32Array(1024);
  /** Attempts begun. */
  attempts: Int32Array = new Int32Array(1024);
  /** The attempt in flight or waiting for a connection; NONE during backoff. */
  current: Int32Array = new Int32Array(1024);
  /** Endpoint (index within the service) of the last attempt; NONE before the first. */
  lastEndpoint: Int32Array = new Int32Array(1024);
  /** 1 while it counts among the retries in progress of its outbound. */
  retrySlot: Uint8Array = new Uint8Array(1024);
  /** What the call is about to be settled with; `ok` while that is open. */
  verdict: Uint8Array = new Uint8Array(1024);
  begunAt: Float64Array = new Float64Array(1024);
  /** When the whole call must be over; Infinity for never. */
  deadline: Float64Array = new Float64Array(1024);
  /** The wait before the last retry, ns. */
  backoff: Float64Array = new Float64Array(1024);

  take(): CallId {
    const call = this.rows.take();
    if (call >= this.rows.capacity) this.grow();
    return call;
  }

  private grow(): void {
    this.rows.grown();
    this.outbound = doubled(this.outbound);
    this.keyHi = doubled(this.keyHi);
    this.keyLo = doubled(this.keyLo);
    this.hashKey = doubled(this.hashKey);
    this.requestClass = doubled(this.requestClass);
    this.tag = doubled(this.tag);
    this.parent = doubled(this.parent);
    this.attempts = doubled(this.attempts);
    this.current = doubled(this.current);
    this.lastEndpoint = doubled(this.lastEndpoint);
    this.retrySlot = doubled(this.retrySlot);
    this.verdict = doubled(this.verdict);
    this.begunAt = doubled(this.begunAt);
    this.deadline = doubled(this.deadline);
    this.backoff = doubled(this.backoff);
  }
}

export const AttemptState = {
  /** In the caller's queue for a connection. */
  waiting: 0,
  /** Sent, and the caller waits for it. */
  sent: 1,
  /** The caller has given up; the world still owes the answer. */
  abandoned: 2,
} as const;

export class Attempts {
  readonly rows: Rows = new Rows(1024);
  /** NONE once the caller has given up. */
  call: Int32Array = new Int32Array(1024);
  outbound: Int32Array = new Int32Array(1024);
  /** Index within the service. */
  endpoint: Int32Array = new Int32Array(1024);
  /** 1 for the first of its call. */
  number: Int32Array = new Int32Array(1024);
  state: Uint8Array = new Uint8Array(1024);
  connection: Int32Array = new Int32Array(1024);
  /** Next in the queue for a connection. */
  next: Int32Array = new Int32Array(1024);
  sentAt: Float64Array = new Float64Array(1024);

  take(): AttemptId {
    const attempt = this.rows.take();
    if (attempt >= this.rows.capacity) this.grow();
    this.connection[attempt] = NONE;
    return attempt;
  }

  private grow(): void {
    this.rows.grown();
    this.call = doubled(this.call);
    this.outbound = doubled(this.outbound);
    this.endpoint = doubled(this.endpoint);
    this.number = doubled(this.number);
    this.state = doubled(this.state);
    this.connection = doubled(this.connection);
    this.next = doubled(this.next);
    this.sentAt = doubled(this.sentAt);
  }
}
