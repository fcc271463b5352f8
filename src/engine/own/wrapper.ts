/**
 * A call that code of the caller takes over: that code makes the attempts, any number, at any time, also beside one another,
 * and says what the call came to. The engine picks the endpoint of each, pools it and sends it, and retries, times out and
 * cancels nothing by itself. So a library that wraps calls in an application (its retries, timeouts and breakers) runs as
 * it is, between the caller and the endpoints' side of its policy.
 *
 * What such code leaves running keeps running: an attempt is cancelled when the code says so, also after its call is over, and
 * code may begin attempts for a call that has long been settled. Their rows then belong to no call that anybody counts.
 */
import type { AttemptId } from '../../model/ids.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { CallRow } from '../calls.ts';
import type { Outbound } from '../outbound.ts';
import type { CallerOf } from './own-code.ts';

/** Made for each caller endpoint and edge whose policy names it, as the engine is made; may not call the engine then. */
export type WrapperMaker = (about: CallerOf) => Wrapper;

/**
 * What the engine tells a wrapper. It may not call the engine back before the engine has returned to its world; then it may,
 * at any time (`attemptFor`, `cancelAttempt`, `conclude`, `tidy`).
 */
export interface Wrapper {
  /** A call begins. */
  begun(call: WrappedCall): void;
  /** An attempt is over that was not cancelled; its number may be another's from now on. */
  attemptOver(attempt: AttemptId, outcome: Outcome, status: number): void;
  /** Its own caller no longer waits for the call, which is settled. */
  givenUp(call: WrappedCall): void;
}

export class WrappedCall {
  readonly outbound: Outbound;
  readonly hashKey: number;
  /** Null once it is settled and none of its attempts is in flight. */
  row: CallRow | null;
  isOver: boolean = false;
  /** Why the last attempt could not begin. */
  refusal: Outcome = 0;
  private readonly keyHi: number;
  private readonly keyLo: number;
  private readonly requestClass: number;
  private readonly tag: number;
  private readonly deadline: number;
  private attempts: number = 0;
  private lastEndpoint: number = 0;

  constructor(row: CallRow) {
    this.row = row;
    this.outbound = row.outbound;
    this.hashKey = row.hashKey;
    this.keyHi = row.keyHi;
    this.keyLo = row.keyLo;
    this.requestClass = row.requestClass;
    this.tag = row.tag;
    this.deadline = row.deadline;
  }

  /** Its row serves another call from now on. */
  leaveRow(row: CallRow): void {
    this.attempts = row.attempts;
    this.lastEndpoint = row.lastEndpoint;
    row.wrapped = null;
    this.row = null;
  }

  /** An attempt of a call that is over has a row again. */
  enterRow(row: CallRow): void {
    row.keyHi = this.keyHi;
    row.keyLo = this.keyLo;
    row.hashKey = this.hashKey;
    row.requestClass = this.requestClass;
    row.tag = this.tag;
    row.limitTo(this.deadline);
    row.attempts = this.attempts;
    row.lastEndpoint = this.lastEndpoint;
    row.current = null;
    row.begunAt = -1;
    row.wrapped = this;
    this.row = row;
  }
}
