/** What an engine asks of its world, heard by watchers on its way there. */
import type { AttemptId, EndpointId, TimerId } from '../../model/ids.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { AttemptRow, CallRow } from '../calls.ts';
import type { WorldPort } from '../ports.ts';
import { TimerKind, kindOf } from '../timers.ts';
import type { Watcher } from './watcher.ts';

// A local name for a constant: see engine/calls.ts.
const { attemptTimeout: ATTEMPT_TIMEOUT } = TimerKind;

export class WatchedPort implements WorldPort {
  private readonly watcher: Watcher;
  private readonly hearsAttemptTimers: boolean;
  private readonly world: WorldPort;

  constructor(watcher: Watcher, world: WorldPort) {
    this.watcher = watcher;
    this.hearsAttemptTimers = watcher.hearsAttemptTimers;
    this.world = world;
  }

  open(outbound: number, connection: number, endpoint: EndpointId, now: number): boolean {
    const isOpen = this.world.open(outbound, connection, endpoint, now);
    this.watcher.open(outbound, connection, endpoint, isOpen, now);
    return isOpen;
  }

  closed(outbound: number, connection: number): void {
    this.watcher.closed(outbound, connection);
    this.world.closed(outbound, connection);
  }

  send(attempt: AttemptRow, endpoint: EndpointId, now: number): void {
    this.watcher.send(attempt, endpoint, now);
    this.world.send(attempt, endpoint, now);
  }

  cancel(attempt: AttemptId, now: number): void {
    this.watcher.cancel(attempt, now);
    this.world.cancel(attempt, now);
  }

  unsent(attempt: AttemptId, endpoint: EndpointId, outcome: Outcome): void {
    this.world.unsent(attempt, endpoint, outcome);
  }

  probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    this.watcher.probe(outbound, endpoint, serial, now);
    this.world.probe(outbound, endpoint, serial, now);
  }

  arm(timer: TimerId, due: number): void {
    if (this.hearsAttemptTimers || kindOf(timer) !== ATTEMPT_TIMEOUT) this.watcher.arm(timer, due);
    this.world.arm(timer, due);
  }

  disarm(timer: TimerId): void {
    if (this.hearsAttemptTimers || kindOf(timer) !== ATTEMPT_TIMEOUT) this.watcher.disarm(timer);
    this.world.disarm(timer);
  }

  settle(call: CallRow, outcome: Outcome, status: number, now: number): void {
    this.watcher.settle(call, outcome, status, now);
    this.world.settle(call, outcome, status, now);
  }
}
