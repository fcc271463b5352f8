/**
 * An engine that writes down all it is told and all it decides: an input, the decisions that it led to, the next input.
 * Since the engine has no clock and no chance of its own, the same inputs lead to the same decisions; who doubts that, or
 * wonders why it decided something, feeds them to another engine (`src/record/replay.ts`).
 *
 * A class beside the engine, so that one without a tape pays nothing.
 */
import type { AttemptId, CallId, EdgeId, EndpointId, TimerId } from '../../model/ids.ts';
import { OUTCOME_NAMES, type Outcome } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import type { CheckResult } from '../breaker/health-checks.ts';
import { type CallsFrom, Engine } from '../engine.ts';
import type { EngineObserver, WorldPort } from '../ports.ts';
import { kindOf, subjectOf } from '../timers.ts';
import { TapedObserver } from './taped-observer.ts';
import { TapedPort } from './taped-port.ts';
import { CHECK_RESULT_NAMES, TIMER_NAMES, decisionLine, inputLine } from './words.ts';

export interface Tape {
  /** The next input or decision; see `words.ts`. Whatever it throws comes out of the engine. */
  line(text: string): void;
}

export class TapedEngine extends Engine {
  private readonly tape: Tape;

  constructor(tape: Tape, plan: Plan, seed: number, world: WorldPort, observer: EngineObserver, modelsConnections: boolean) {
    const port = new TapedPort(tape, world);
    super(plan, seed, port, new TapedObserver(tape, observer), modelsConnections);
    port.engine = this;
    this.tape = tape;
  }

  override start(now: number, callsFrom?: CallsFrom): void {
    this.tape.line(inputLine(now, 'start'));
    super.start(now, callsFrom);
  }

  override begin(
    edge: EdgeId,
    caller: number,
    keyHi: number,
    keyLo: number,
    hashKey: number,
    requestClass: number,
    tag: number,
    parent: AttemptId,
    deadline: number,
    now: number,
  ): CallId {
    this.tape.line(inputLine(now, 'begin', edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline));
    const call = super.begin(edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now);
    this.tape.line(decisionLine('begun', call));
    return call;
  }

  override attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    this.tape.line(inputLine(now, 'attemptDone', attempt, OUTCOME_NAMES[outcome]!, status));
    super.attemptDone(attempt, outcome, status, now);
  }

  override opened(outbound: number, connection: number, now: number): void {
    this.tape.line(inputLine(now, 'opened', outbound, connection));
    super.opened(outbound, connection, now);
  }

  override openFailed(outbound: number, connection: number, now: number): void {
    this.tape.line(inputLine(now, 'openFailed', outbound, connection));
    super.openFailed(outbound, connection, now);
  }

  override connectionsLost(service: number, endpoint: EndpointId, now: number): void {
    this.tape.line(inputLine(now, 'connectionsLost', service, endpoint));
    super.connectionsLost(service, endpoint, now);
  }

  override probeAnswered(outbound: number, endpoint: EndpointId, serial: number, result: CheckResult, now: number): void {
    this.tape.line(inputLine(now, 'probeAnswered', outbound, endpoint, serial, CHECK_RESULT_NAMES[result]!));
    super.probeAnswered(outbound, endpoint, serial, result, now);
  }

  override timerDue(timer: TimerId, now: number): void {
    this.tape.line(inputLine(now, 'timerDue', TIMER_NAMES[kindOf(timer)]!, subjectOf(timer)));
    super.timerDue(timer, now);
  }

  override abandon(call: CallId, now: number): void {
    this.tape.line(inputLine(now, 'abandon', call));
    super.abandon(call, now);
  }
}
