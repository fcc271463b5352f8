/**
 * The contract between the engine and a world.
 *
 * The engine decides; a world carries out. The engine owns no clock, socket or timer: every input carries
 * `now` (integer ns, never decreasing). A world answers each `send` with exactly one `attemptDone`, also
 * after `cancel`, and each `open` that takes time with exactly one `opened` or `openFailed`. It never calls the engine
 * back before a port call has returned: a settled call whose caller goes on with another is kept until the engine
 * is done. A timer may come late; one that was disarmed does not come. `begin` returns before its call is settled.
 */
import type { AttemptId, EndpointId, TimerId } from '../model/ids.ts';
import type { Outcome } from '../model/outcome.ts';
import type { AttemptRow, CallRow } from './calls.ts';
import type { Detection } from './breaker/detection.ts';
import type { Holder } from './breaker/readiness.ts';

export interface WorldPort {
  /**
   * Open a connection of this outbound. True when it is open at once; otherwise `opened` or `openFailed` follows, after
   * the connect timeout at the latest, whether or not anybody still waits for it. The number stays its own until
   * `closed`.
   */
  open(outbound: number, connection: number, endpoint: EndpointId, now: number): boolean;
  /**
   * The connection has served its last request, and its number may be that of another next: it was idle for long enough, a
   * request on it was reset or, over HTTP/1, cancelled, its endpoint dropped it (`connectionsLost`), or it could not be
   * opened. Idle ones are closed when somebody looks for one; a world may do it at the time.
   */
  closed(outbound: number, connection: number): void;
  /**
   * Send the attempt on a connection that is open. If that is lost before the answer it is answered `reset`; only on an
   * edge without a pool, where each attempt is as if on a connection of its own, `connectFailure`.
   */
  send(attempt: AttemptRow, endpoint: EndpointId, now: number): void;
  /** An attempt that waited for a connection to the endpoint is over, and was never sent: none could be opened, its caller gave up, or a limit refused it. */
  unsent(attempt: AttemptId, endpoint: EndpointId, outcome: Outcome): void;
  /** The caller no longer waits for an attempt that was sent. */
  cancel(attempt: AttemptId, now: number): void;
  /**
   * Carry an active health check to the endpoint, past its queue and slots. Answered by `probeAnswered` with the same
   * serial, at most once: an endpoint that hangs, or is cut off, says nothing.
   */
  probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void;
  /** Call `timerDue` at `due`; arming an armed timer moves it. */
  arm(timer: TimerId, due: number): void;
  disarm(timer: TimerId): void;
  /** The call is over. Its row can be read until this returns. */
  settle(call: CallRow, outcome: Outcome, status: number, now: number): void;
}

/** What an observer hears; all rare. Times in ns. */
export interface EngineObserver {
  /** `holder` took the endpoint out of use, because of what it noticed; others may hold it too. */
  ejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder, detection: Detection): void;
  /** `holder` no longer does. */
  unejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder): void;
  /** The caller's breaker of the whole service opened, because of what it noticed. */
  breakerOpened(edge: number, caller: number, now: number, detection: Detection): void;
  /** It is closed again; that it was half-open in between, and perhaps opened anew, is not told. */
  breakerClosed(edge: number, caller: number, now: number): void;
  /**
   * Breakers of the caller began to refuse, or ceased: the breaker of the whole service where `endpoint` is NONE, else those
   * of one endpoint. A breaker that is half-open refuses while it has no probe to give away.
   */
  refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean, now: number): void;
  /** The caller refuses calls at once because nobody became ready in time, or no longer does. */
  shedding(edge: number, caller: number, on: boolean, now: number): void;
  panicked(edge: number, caller: number, on: boolean, now: number): void;
  overflowed(edge: number, now: number): void;
  budgetRefused(edge: number, now: number): void;
}
