/** Several watchers as one: each hears all, in their order. Apart from them, because most engines that are watched have one. */
import type { AttemptId, CallId, EdgeId, EndpointId, TimerId } from '../../model/ids.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import type { Detection } from '../breaker/detection.ts';
import type { CheckResult } from '../breaker/health-checks.ts';
import type { Holder } from '../breaker/readiness.ts';
import type { AttemptRow, CallRow } from '../calls.ts';
import type { Engine } from '../engine.ts';
import { Watcher } from './watcher.ts';

export class Watchers extends Watcher {
  private readonly watchers: readonly Watcher[];

  constructor(watchers: readonly Watcher[]) {
    super();
    this.watchers = watchers;
  }

  override attached(engine: Engine, plan: Plan, seed: number, modelsConnections: boolean): void {
    for (const watcher of this.watchers) watcher.attached(engine, plan, seed, modelsConnections);
  }

  override start(now: number): void {
    for (const watcher of this.watchers) watcher.start(now);
  }

  override begin(edge: EdgeId, caller: number, keyHi: number, keyLo: number, hashKey: number, requestClass: number, tag: number, parent: AttemptId, deadline: number, now: number): void {
    for (const watcher of this.watchers) watcher.begin(edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now);
  }

  override attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    for (const watcher of this.watchers) watcher.attemptDone(attempt, outcome, status, now);
  }

  override opened(outbound: number, connection: number, now: number): void {
    for (const watcher of this.watchers) watcher.opened(outbound, connection, now);
  }

  override openFailed(outbound: number, connection: number, now: number): void {
    for (const watcher of this.watchers) watcher.openFailed(outbound, connection, now);
  }

  override connectionsLost(service: number, endpoint: EndpointId, now: number): void {
    for (const watcher of this.watchers) watcher.connectionsLost(service, endpoint, now);
  }

  override probeAnswered(outbound: number, endpoint: EndpointId, serial: number, result: CheckResult, now: number): void {
    for (const watcher of this.watchers) watcher.probeAnswered(outbound, endpoint, serial, result, now);
  }

  override timerDue(timer: TimerId, now: number): void {
    for (const watcher of this.watchers) watcher.timerDue(timer, now);
  }

  override abandon(call: CallId, now: number): void {
    for (const watcher of this.watchers) watcher.abandon(call, now);
  }

  override begun(call: CallId, now: number): void {
    for (const watcher of this.watchers) watcher.begun(call, now);
  }

  override open(outbound: number, connection: number, endpoint: EndpointId, isOpen: boolean, now: number): void {
    for (const watcher of this.watchers) watcher.open(outbound, connection, endpoint, isOpen, now);
  }

  override closed(outbound: number, connection: number): void {
    for (const watcher of this.watchers) watcher.closed(outbound, connection);
  }

  override send(attempt: AttemptRow, endpoint: EndpointId, now: number): void {
    for (const watcher of this.watchers) watcher.send(attempt, endpoint, now);
  }

  override cancel(attempt: AttemptId, now: number): void {
    for (const watcher of this.watchers) watcher.cancel(attempt, now);
  }

  override probe(outbound: number, endpoint: EndpointId, serial: number, now: number): void {
    for (const watcher of this.watchers) watcher.probe(outbound, endpoint, serial, now);
  }

  override arm(timer: TimerId, due: number): void {
    for (const watcher of this.watchers) watcher.arm(timer, due);
  }

  override disarm(timer: TimerId): void {
    for (const watcher of this.watchers) watcher.disarm(timer);
  }

  override settle(call: CallRow, outcome: Outcome, status: number, now: number): void {
    for (const watcher of this.watchers) watcher.settle(call, outcome, status, now);
  }

  override ejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder, detection: Detection): void {
    for (const watcher of this.watchers) watcher.ejected(edge, caller, endpoint, now, holder, detection);
  }

  override unejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder): void {
    for (const watcher of this.watchers) watcher.unejected(edge, caller, endpoint, now, holder);
  }

  override breakerOpened(edge: number, caller: number, now: number, detection: Detection): void {
    for (const watcher of this.watchers) watcher.breakerOpened(edge, caller, now, detection);
  }

  override breakerClosed(edge: number, caller: number, now: number): void {
    for (const watcher of this.watchers) watcher.breakerClosed(edge, caller, now);
  }

  override refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean, now: number): void {
    for (const watcher of this.watchers) watcher.refusing(edge, caller, endpoint, on, now);
  }

  override shedding(edge: number, caller: number, on: boolean, now: number): void {
    for (const watcher of this.watchers) watcher.shedding(edge, caller, on, now);
  }

  override panicked(edge: number, caller: number, on: boolean, now: number): void {
    for (const watcher of this.watchers) watcher.panicked(edge, caller, on, now);
  }

  override overflowed(edge: number, now: number): void {
    for (const watcher of this.watchers) watcher.overflowed(edge, now);
  }

  override budgetRefused(edge: number, now: number): void {
    for (const watcher of this.watchers) watcher.budgetRefused(edge, now);
  }
}
