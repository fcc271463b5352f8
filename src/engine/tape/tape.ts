/**
 * Writes down all that an engine is told and all it decides: an input, the decisions that it led to, the next input.
 * Since the engine has no clock and no chance of its own, the same inputs lead to the same decisions; who doubts that, or
 * wonders why it decided something, feeds them to another engine (`src/record/replay.ts`).
 */
import type { AttemptId, CallId, EdgeId, EndpointId, TimerId } from '../../model/ids.ts';
import { OUTCOME_NAMES, type Outcome } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import { DETECTION_NAMES, type Detection } from '../breaker/detection.ts';
import type { CheckResult } from '../breaker/health-checks.ts';
import { Holder } from '../breaker/readiness.ts';
import type { AttemptRow, CallRow } from '../calls.ts';
import type { Engine } from '../engine.ts';
import { kindOf, subjectOf } from '../timers.ts';
import { Watcher } from '../watch/watcher.ts';
import { CHECK_RESULT_NAMES, TIMER_NAMES, decisionLine, inputLine } from './words.ts';

export class Tape extends Watcher {
  private readonly line: (text: string) => void;
  private engine!: Engine;

  /** @param line  the next input or decision; see `words.ts` */
  constructor(line: (text: string) => void) {
    super();
    this.line = line;
  }

  override attached(engine: Engine, _plan: Plan, _seed: number, _modelsConnections: boolean): void {
    this.engine = engine;
  }

  override start(now: number): void {
    this.line(inputLine(now, 'start'));
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
  ): void {
    this.line(inputLine(now, 'begin', edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline));
  }

  override attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    this.line(inputLine(now, 'attemptDone', attempt, OUTCOME_NAMES[outcome]!, status));
  }

  override opened(outbound: number, connection: number, now: number): void {
    this.line(inputLine(now, 'opened', outbound, connection));
  }

  override openFailed(outbound: number, connection: number, now: number): void {
    this.line(inputLine(now, 'openFailed', outbound, connection));
  }

  override connectionsLost(service: number, endpoint: EndpointId, now: number): void {
    this.line(inputLine(now, 'connectionsLost', service, endpoint));
  }

  override probeAnswered(outbound: number, endpoint: EndpointId, serial: number, result: CheckResult, now: number): void {
    this.line(inputLine(now, 'probeAnswered', outbound, endpoint, serial, CHECK_RESULT_NAMES[result]!));
  }

  override timerDue(timer: TimerId, now: number): void {
    this.line(inputLine(now, 'timerDue', TIMER_NAMES[kindOf(timer)]!, subjectOf(timer)));
  }

  override abandon(call: CallId, now: number): void {
    this.line(inputLine(now, 'abandon', call));
  }

  override begun(call: CallId): void {
    this.line(decisionLine('begun', call));
  }

  override open(outbound: number, connection: number, endpoint: EndpointId, isOpen: boolean): void {
    this.line(decisionLine('open', outbound, connection, endpoint, isOpen));
  }

  override closed(outbound: number, connection: number): void {
    this.line(decisionLine('closed', outbound, connection));
  }

  override send({ call, connection, id, isHedge, number }: AttemptRow, endpoint: EndpointId): void {
    this.line(decisionLine('send', id, call.id, number, isHedge, endpoint, connection, this.engine.deadlineOf(id)));
  }

  override cancel(attempt: AttemptId): void {
    this.line(decisionLine('cancel', attempt));
  }

  override probe(outbound: number, endpoint: EndpointId, serial: number): void {
    this.line(decisionLine('probe', outbound, endpoint, serial));
  }

  override arm(timer: TimerId, due: number): void {
    this.line(decisionLine('arm', TIMER_NAMES[kindOf(timer)]!, subjectOf(timer), due));
  }

  override disarm(timer: TimerId): void {
    this.line(decisionLine('disarm', TIMER_NAMES[kindOf(timer)]!, subjectOf(timer)));
  }

  override settle({ attempts, backend, hedges, id, outbound }: CallRow, outcome: Outcome, status: number): void {
    this.line(decisionLine('settle', id, OUTCOME_NAMES[outcome]!, status, attempts, hedges, (backend ?? outbound).edge));
  }

  override ejected(edge: number, caller: number, endpoint: EndpointId, _now: number, holder: Holder, detection: Detection): void {
    this.line(decisionLine('ejected', edge, caller, endpoint, nameOf(holder), DETECTION_NAMES[detection]!));
  }

  override unejected(edge: number, caller: number, endpoint: EndpointId, _now: number, holder: Holder): void {
    this.line(decisionLine('unejected', edge, caller, endpoint, nameOf(holder)));
  }

  override breakerOpened(edge: number, caller: number, _now: number, detection: Detection): void {
    this.line(decisionLine('breakerOpened', edge, caller, DETECTION_NAMES[detection]!));
  }

  override breakerClosed(edge: number, caller: number): void {
    this.line(decisionLine('breakerClosed', edge, caller));
  }

  override refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean): void {
    this.line(decisionLine('refusing', edge, caller, endpoint, on));
  }

  override shedding(edge: number, caller: number, on: boolean): void {
    this.line(decisionLine('shedding', edge, caller, on));
  }

  override panicked(edge: number, caller: number, on: boolean): void {
    this.line(decisionLine('panicked', edge, caller, on));
  }

  override overflowed(edge: number): void {
    this.line(decisionLine('overflowed', edge));
  }

  override budgetRefused(edge: number): void {
    this.line(decisionLine('budgetRefused', edge));
  }
}

function nameOf(holder: Holder): string {
  return Object.keys(Holder).find((name) => Holder[name as keyof typeof Holder] === holder)!; // each is named
}
