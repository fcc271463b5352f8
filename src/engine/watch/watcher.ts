/**
 * Somebody who hears all that an engine is told and all that it decides: a tape, a check of invariants, a trace of requests.
 *
 * What is not of interest need not be written: every method does nothing here. Watching changes nothing; what a watcher throws
 * comes out of the engine. `EngineObserver` says what is heard from `ejected` on; times are ns.
 */
import type { AttemptId, CallId, EdgeId, EndpointId, TimerId } from '../../model/ids.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import type { Detection } from '../breaker/detection.ts';
import type { CheckResult } from '../breaker/health-checks.ts';
import type { Holder } from '../breaker/readiness.ts';
import type { AttemptRow, CallRow } from '../calls.ts';
import type { Engine } from '../engine.ts';
import type { EngineObserver } from '../ports.ts';

export abstract class Watcher implements EngineObserver {
  /** Whether it hears `arm` and `disarm` of per-try timeouts, two of every attempt. */
  readonly hearsAttemptTimers: boolean = true;

  /** Before the engine is told or decides anything. */
  attached(_engine: Engine, _plan: Plan, _seed: number, _modelsConnections: boolean): void {}

  // --- what the engine is told, before it acts on it ---

  start(_now: number): void {}
  begin(
    _edge: EdgeId,
    _caller: number,
    _keyHi: number,
    _keyLo: number,
    _hashKey: number,
    _requestClass: number,
    _tag: number,
    _parent: AttemptId,
    _deadline: number,
    _now: number,
  ): void {}
  attemptDone(_attempt: AttemptId, _outcome: Outcome, _status: number, _now: number): void {}
  opened(_outbound: number, _connection: number, _now: number): void {}
  openFailed(_outbound: number, _connection: number, _now: number): void {}
  connectionsLost(_service: number, _endpoint: EndpointId, _now: number): void {}
  probeAnswered(_outbound: number, _endpoint: EndpointId, _serial: number, _result: CheckResult, _now: number): void {}
  timerDue(_timer: TimerId, _now: number): void {}
  abandon(_call: CallId, _now: number): void {}

  // --- what it asks of its world; the rows of calls and attempts are those of that moment ---

  /** The number that `begin` gave the call, whose first attempt may have been sent by then. */
  begun(_call: CallId, _now: number): void {}
  /** @param _isOpen  what the world said */
  open(_outbound: number, _connection: number, _endpoint: EndpointId, _isOpen: boolean, _now: number): void {}
  closed(_outbound: number, _connection: number): void {}
  send(_attempt: AttemptRow, _endpoint: EndpointId, _now: number): void {}
  cancel(_attempt: AttemptId, _now: number): void {}
  probe(_outbound: number, _endpoint: EndpointId, _serial: number, _now: number): void {}
  arm(_timer: TimerId, _due: number): void {}
  disarm(_timer: TimerId): void {}
  settle(_call: CallRow, _outcome: Outcome, _status: number, _now: number): void {}

  // --- what it notices ---

  ejected(_edge: number, _caller: number, _endpoint: EndpointId, _now: number, _holder: Holder, _detection: Detection): void {}
  unejected(_edge: number, _caller: number, _endpoint: EndpointId, _now: number, _holder: Holder): void {}
  breakerOpened(_edge: number, _caller: number, _now: number, _detection: Detection): void {}
  breakerClosed(_edge: number, _caller: number, _now: number): void {}
  refusing(_edge: number, _caller: number, _endpoint: EndpointId, _on: boolean, _now: number): void {}
  shedding(_edge: number, _caller: number, _on: boolean, _now: number): void {}
  panicked(_edge: number, _caller: number, _on: boolean, _now: number): void {}
  overflowed(_edge: number, _now: number): void {}
  budgetRefused(_edge: number, _now: number): void {}
}
