/**
 * An engine whose watchers hear all it is told and all it decides, in that order, the watchers in theirs.
 *
 * A class beside the engine, so that one without watchers pays nothing.
 */
import type { AttemptId, CallId, EdgeId, EndpointId, TimerId } from '../../model/ids.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Plan } from '../../model/plan.ts';
import type { CheckResult } from '../breaker/health-checks.ts';
import { type CallsFrom, Engine, type EngineMaker } from '../engine.ts';
import type { OwnCode } from '../own/own-code.ts';
import type { EngineObserver, WorldPort } from '../ports.ts';
import { WatchedObserver } from './watched-observer.ts';
import { WatchedPort } from './watched-port.ts';
import type { Watcher } from './watcher.ts';
import { Watchers } from './watchers.ts';

export class WatchedEngine extends Engine {
  private readonly watcher: Watcher;

  constructor(watcher: Watcher, plan: Plan, seed: number, world: WorldPort, observer: EngineObserver, modelsConnections: boolean, own?: OwnCode) {
    super(plan, seed, new WatchedPort(watcher, world), new WatchedObserver(watcher, observer), modelsConnections, own);
    this.watcher = watcher;
    watcher.attached(this, plan, seed, modelsConnections);
  }

  override start(now: number, callsFrom?: CallsFrom): void {
    this.watcher.start(now);
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
    this.watcher.begin(edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now);
    const call = super.begin(edge, caller, keyHi, keyLo, hashKey, requestClass, tag, parent, deadline, now);
    this.watcher.begun(call, now);
    return call;
  }

  override attemptDone(attempt: AttemptId, outcome: Outcome, status: number, now: number): void {
    this.watcher.attemptDone(attempt, outcome, status, now);
    super.attemptDone(attempt, outcome, status, now);
  }

  override opened(outbound: number, connection: number, now: number): void {
    this.watcher.opened(outbound, connection, now);
    super.opened(outbound, connection, now);
  }

  override openFailed(outbound: number, connection: number, now: number): void {
    this.watcher.openFailed(outbound, connection, now);
    super.openFailed(outbound, connection, now);
  }

  override connectionsLost(service: number, endpoint: EndpointId, now: number): void {
    this.watcher.connectionsLost(service, endpoint, now);
    super.connectionsLost(service, endpoint, now);
  }

  override probeAnswered(outbound: number, endpoint: EndpointId, serial: number, result: CheckResult, now: number): void {
    this.watcher.probeAnswered(outbound, endpoint, serial, result, now);
    super.probeAnswered(outbound, endpoint, serial, result, now);
  }

  override timerDue(timer: TimerId, now: number): void {
    this.watcher.timerDue(timer, now);
    super.timerDue(timer, now);
  }

  override abandon(call: CallId, now: number): void {
    this.watcher.abandon(call, now);
    super.abandon(call, now);
  }
}

/** What makes an engine with these watchers and this code; undefined where there is neither, and the plain one will do. */
export function watchedBy(watchers: readonly Watcher[], own?: OwnCode): EngineMaker | undefined {
  if (watchers.length === 0) return own === undefined ? undefined : (plan, seed, world, observer, modelsConnections) => new Engine(plan, seed, world, observer, modelsConnections, own);
  const watcher = watchers.length === 1 ? watchers[0]! : new Watchers(watchers);
  return (plan, seed, world, observer, modelsConnections) => new WatchedEngine(watcher, plan, seed, world, observer, modelsConnections, own);
}
