/** What an engine asks of its world, on its way there, written down with what the world reads in the engine's rows. */
import type { AttemptId, CallId, EndpointId, TimerId } from '../../model/ids.ts';
import { OUTCOME_NAMES, type Outcome } from '../../model/outcome.ts';
import type { Engine } from '../engine.ts';
import type { WorldPort } from '../ports.ts';
import { kindOf, subjectOf } from '../timers.ts';
import type { Tape } from './taped-engine.ts';
import { TIMER_NAMES, decisionLine } from './words.ts';

export class TapedPort implements WorldPort {
  /** Whose port it is; set before it asks for anything. */
  engine!: Engine;
  private readonly tape: Tape;
  private readonly world: WorldPort;

  constructor(tape: Tape, world: WorldPort) {
    this.tape = tape;
    this.world = world;
  }

  open(outbound: number, connection: number, endpoint: EndpointId, now: number): boolean {
    const isOpen = this.world.open(outbound, connection, endpoint, now);
    this.tape.line(decisionLine('open', outbound, connection, endpoint, isOpen));
    return isOpen;
  }

  closed(outbound: number, connection: number): void {
    this.tape.line(decisionLine('closed', outbound, connection));
    this.world.closed(outbound, connection);
  }

  send(attempt: AttemptId, endpoint: EndpointId, now: number): void {
    const { call, connection, isHedge, number } = this.engine.attempts.rows[attempt]!;
    this.tape.line(decisionLine('send', attempt, call.id, number, isHedge, endpoint, connection, this.engine.deadlineOf(attempt)));
    this.world.send(attempt, endpoint, now);
  }

  cancel(attempt: AttemptId, now: number): void {
    this.tape.line(decisionLine('cancel', attempt));
    this.world.cancel(attempt, now);
  }

  probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    this.tape.line(decisionLine('probe', outbound, endpoint, serial));
    this.world.probe(outbound, endpoint, serial, now);
  }

  arm(timer: TimerId, due: number): void {
    this.tape.line(decisionLine('arm', TIMER_NAMES[kindOf(timer)]!, subjectOf(timer), due));
    this.world.arm(timer, due);
  }

  disarm(timer: TimerId): void {
    this.tape.line(decisionLine('disarm', TIMER_NAMES[kindOf(timer)]!, subjectOf(timer)));
    this.world.disarm(timer);
  }

  settle(call: CallId, outcome: Outcome, status: number, now: number): void {
    const { attempts, backend, hedges, outbound } = this.engine.calls.rows[call]!;
    this.tape.line(decisionLine('settle', call, OUTCOME_NAMES[outcome]!, status, attempts, hedges, (backend ?? outbound).edge));
    this.world.settle(call, outcome, status, now);
  }
}
