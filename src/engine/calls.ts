/**
 * The calls and attempts in flight. A row is an object that is used again, most recently freed first, so nothing
 * is allocated per request; outside the engine it goes by its number. A field of an object is one load, where
 * a cell of a typed array is an index, a bounds check and a base address (W2 -8 %).
 *
 * A reference that is written into a row has to be shown to the collector of garbage, a dozen instructions each time: so free rows
 * are linked by number, and what a row refers to already is not written again.
 */
import { DOUBLE } from '../model/columns.ts';
import { type AttemptId, type CallId, NONE } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import type { Outbound } from './outbound.ts';
import type { WrappedCall } from './own/wrapper.ts';
import { RetryCause } from './retry/retry-cause.ts';
import { Verdict } from './retry/retry-gate.ts';

// A local name folds into the machine code, an imported binding is looked up and checked at each use.
const NO_ROW = NONE;
const NO_CAUSE = RetryCause.none;
const VERDICT_FINAL = Verdict.final;

export const AttemptState = {
  /** In the caller's queue for a connection; the world does not know of it. */
  waiting: 0,
  /** Sent, and the caller waits for it. */
  sent: 1,
  /** The caller has given up; the world still owes the answer. */
  abandoned: 2,
} as const;
export type AttemptState = (typeof AttemptState)[keyof typeof AttemptState];

/**
 * Fields lie in memory in the order in which the constructor fills them; initializers would go before what is passed in. What every
 * call needs when it ends comes first and shares two cache lines, which have long left the caches by then; then comes what is needed
 * when it begins, and what is seldom needed at all (bench W5 -7 %).
 */
export class CallRow {
  readonly id: CallId;
  outbound: Outbound;
  /** The attempts in flight or waiting for a connection, last begun first, linked by `sibling`; null during backoff. More than one only where calls are hedged. */
  current: AttemptRow | null;
  /** Attempts begun. */
  attempts: number;
  /**
   * Whether anything that `forget` clears may differ from what it begins with. Most calls end without a retry, a hedge,
   * a gate or a split, and leave nothing to clear away.
   */
  hasHistory: boolean;
  /** When it began, ns; below 0 while the row is free. */
  begunAt: number;
  /** Where a split or a wait for a ready endpoint has put its last attempt; null is its own outbound. */
  backend: Outbound | null;
  /** Whether it has a deadline. A time in a field is a heap object of its own, and with it memory to be waited for. */
  isTimed: boolean;
  /** The world's own mark, handed back at `settle`. */
  tag: number;
  /** The attempt whose endpoint makes this call; NONE for a request. */
  parent: AttemptId;
  /** NONE for the last. */
  nextFree: CallId;
  /** While code of the caller makes its attempts; such a row may outlive its call. */
  wrapped: WrappedCall | null;
  /** Why it was last retried. */
  retryCause: RetryCause;
  /** Endpoint (index within the service) of the last attempt; NONE before the first. */
  lastEndpoint: number;
  /** What the call is, for keyed randomness; see `random/hash.ts`. */
  keyHi: number;
  keyLo: number;
  /** What consistent-hash balancers hash. */
  hashKey: number;
  /** Index over all request classes of the plan. */
  requestClass: number;
  /** What the call is about to be settled with; `ok` while that is open. */
  verdict: Outcome;
  /** The deadline of one that `isTimed`, ns. */
  private until: number;
  /** The wait before the last retry, ns. */
  backoffNs: number;
  /** Retries that its policy still allows; below 0 until the first failure. */
  retriesLeft: number;
  /** While it counts among the retries in progress of its outbound. */
  hasRetrySlot: boolean;
  /** Retries granted. */
  retries: number;
  /** The last decision about a retry. */
  retryVerdict: Verdict;
  /** A retry is granted, and its backoff not over. */
  awaitsRetry: boolean;
  /** See `HedgedCall`. */
  hedgeCount: number;
  /** What the last failed copy of a hedged call came to. */
  lastOutcome: Outcome;
  lastStatus: number;
  /** Attempts that were sent beside another that was still waited for. */
  hedges: number;
  /** An attempt that failed had reached its endpoint. */
  hasBeenSent: boolean;
  /** It ends by the timeout of an attempt, not by its own. */
  isPerTry: boolean;
  /** Where it, or a copy of it, waits for a ready endpoint; a settled call waits nowhere. */
  waitsAt: Outbound | null;
  /** Calls that the gates had in flight with this one; 0 for a call that passed none. */
  gateInFlight: number;

  constructor(id: CallId, outbound: Outbound) {
    this.id = id;
    this.outbound = outbound;
    this.current = null;
    this.attempts = 0;
    this.hasHistory = false;
    this.begunAt = DOUBLE;
    this.backend = null;
    this.isTimed = false;
    this.tag = 0;
    this.parent = NO_ROW;
    this.nextFree = NO_ROW;
    this.wrapped = null;
    this.retryCause = NO_CAUSE;
    this.lastEndpoint = NO_ROW;
    this.keyHi = 0;
    this.keyLo = 0;
    this.hashKey = 0;
    this.requestClass = 0;
    this.verdict = Outcome.ok;
    this.until = DOUBLE;
    this.backoffNs = DOUBLE;
    this.retriesLeft = -1;
    this.hasRetrySlot = false;
    this.retries = 0;
    this.retryVerdict = VERDICT_FINAL;
    this.awaitsRetry = false;
    this.hedgeCount = 0;
    this.lastOutcome = Outcome.ok;
    this.lastStatus = 0;
    this.hedges = 0;
    this.hasBeenSent = false;
    this.isPerTry = false;
    this.waitsAt = null;
    this.gateInFlight = 0;
    // `DOUBLE` above was for how the field is kept; this is its value.
    this.backoffNs = 0;
  }

  /** When the whole call must be over, ns; Infinity for never. */
  get deadline(): number {
    return this.isTimed ? this.until : Infinity;
  }

  limitTo(deadline: number): void {
    this.isTimed = deadline !== Infinity;
    if (this.isTimed) this.until = deadline;
  }

  forget(): void {
    this.hasHistory = false;
    this.verdict = Outcome.ok;
    this.backoffNs = 0;
    this.retriesLeft = -1;
    this.retries = 0;
    this.retryCause = NO_CAUSE;
    this.retryVerdict = VERDICT_FINAL;
    this.awaitsRetry = false;
    this.hedgeCount = 0;
    this.hedges = 0;
    this.hasBeenSent = false;
    this.isPerTry = false;
    this.backend = null;
    this.gateInFlight = 0;
  }
}

/** In the same order. */
export class AttemptRow {
  readonly id: AttemptId;
  /** Stays what it was once the caller has given up, when the row may serve another call. */
  call: CallRow;
  /** Whose endpoint it goes to; not that of the call where the call is split. */
  outbound: Outbound;
  state: AttemptState;
  /** Index within the service. */
  endpoint: number;
  /** When it was sent on an open connection, ns. */
  sentAt: number;
  /** Another attempt of the same call that is still waited for. */
  sibling: AttemptRow | null;
  nextFree: AttemptId;
  /** Its per-try timeout has passed, and it is waited for all the same. */
  isLate: boolean;
  /** And it was retried then: it is not retried again. */
  isRetried: boolean;
  /** It began beside another that was still waited for. */
  isHedge: boolean;
  /** 1 for the first of its call. */
  number: number;
  /** In the pools of its outbound; NONE where there are none. */
  connection: number;
  /** Next in the queue for a connection. */
  next: AttemptId;
  /** When its endpoint was picked, ns; only where there are pools, else it is sent at once. */
  pickedAt: number;

  constructor(id: AttemptId, call: CallRow, outbound: Outbound) {
    this.id = id;
    this.call = call;
    this.outbound = outbound;
    this.state = AttemptState.waiting;
    this.endpoint = 0;
    this.sentAt = DOUBLE;
    this.sibling = null;
    this.nextFree = NO_ROW;
    this.isLate = false;
    this.isRetried = false;
    this.isHedge = false;
    this.number = 0;
    this.connection = NO_ROW;
    this.next = NO_ROW;
    this.pickedAt = DOUBLE;
  }
}

export class Calls {
  /** By number. */
  readonly rows: CallRow[] = [];
  /** Taken and not released. */
  live: number = 0;
  private free: CallId = NO_ROW;

  take(outbound: Outbound): CallRow {
    const { free } = this;
    this.live++;
    if (free === NO_ROW) return this.add(outbound);
    const row = this.rows[free]!;
    this.free = row.nextFree;
    if (row.outbound !== outbound) row.outbound = outbound;
    return row;
  }

  release(row: CallRow): void {
    this.live--;
    this.reuse(row);
  }

  /** For attempts of a call that is over. */
  takeUncounted(outbound: Outbound): CallRow {
    const row = this.take(outbound);
    this.live--;
    return row;
  }

  /** The row is free; its call has been over for a while. */
  reuse(row: CallRow): void {
    row.nextFree = this.free;
    this.free = row.id;
  }

  private add(outbound: Outbound): CallRow {
    const row = new CallRow(this.rows.length, outbound);
    this.rows.push(row);
    return row;
  }
}

export class Attempts {
  /** By number. */
  readonly rows: AttemptRow[] = [];
  private free: AttemptId = NO_ROW;

  take(call: CallRow, outbound: Outbound): AttemptRow {
    const { free } = this;
    if (free === NO_ROW) return this.add(call, outbound);
    const row = this.rows[free]!;
    this.free = row.nextFree;
    if (row.call !== call) row.call = call;
    if (row.outbound !== outbound) row.outbound = outbound;
    return row;
  }

  release(row: AttemptRow): void {
    row.nextFree = this.free;
    this.free = row.id;
  }

  private add(call: CallRow, outbound: Outbound): AttemptRow {
    const row = new AttemptRow(this.rows.length, call, outbound);
    this.rows.push(row);
    return row;
  }
}
