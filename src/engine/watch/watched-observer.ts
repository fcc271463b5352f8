/** What an engine tells its observer, heard by watchers on its way there. */
import type { EndpointId } from '../../model/ids.ts';
import type { Detection } from '../breaker/detection.ts';
import type { Holder } from '../breaker/readiness.ts';
import type { EngineObserver } from '../ports.ts';
import type { Watcher } from './watcher.ts';

export class WatchedObserver implements EngineObserver {
  private readonly listeners: readonly EngineObserver[];

  constructor(watchers: readonly Watcher[], observer: EngineObserver) {
    this.listeners = [...watchers, observer];
  }

  ejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder, detection: Detection): void {
    for (const listener of this.listeners) listener.ejected(edge, caller, endpoint, now, holder, detection);
  }

  unejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder): void {
    for (const listener of this.listeners) listener.unejected(edge, caller, endpoint, now, holder);
  }

  breakerOpened(edge: number, caller: number, now: number, detection: Detection): void {
    for (const listener of this.listeners) listener.breakerOpened(edge, caller, now, detection);
  }

  breakerClosed(edge: number, caller: number, now: number): void {
    for (const listener of this.listeners) listener.breakerClosed(edge, caller, now);
  }

  refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean, now: number): void {
    for (const listener of this.listeners) listener.refusing(edge, caller, endpoint, on, now);
  }

  shedding(edge: number, caller: number, on: boolean, now: number): void {
    for (const listener of this.listeners) listener.shedding(edge, caller, on, now);
  }

  panicked(edge: number, caller: number, on: boolean, now: number): void {
    for (const listener of this.listeners) listener.panicked(edge, caller, on, now);
  }

  overflowed(edge: number, now: number): void {
    for (const listener of this.listeners) listener.overflowed(edge, now);
  }

  budgetRefused(edge: number, now: number): void {
    for (const listener of this.listeners) listener.budgetRefused(edge, now);
  }
}
