/** What an engine tells its observer, heard by a watcher on its way there. */
import type { EndpointId } from '../../model/ids.ts';
import type { Detection } from '../breaker/detection.ts';
import type { Holder } from '../breaker/readiness.ts';
import type { EngineObserver } from '../ports.ts';
import type { Watcher } from './watcher.ts';

export class WatchedObserver implements EngineObserver {
  private readonly watcher: Watcher;
  private readonly observer: EngineObserver;

  constructor(watcher: Watcher, observer: EngineObserver) {
    this.watcher = watcher;
    this.observer = observer;
  }

  ejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder, detection: Detection): void {
    this.watcher.ejected(edge, caller, endpoint, now, holder, detection);
    this.observer.ejected(edge, caller, endpoint, now, holder, detection);
  }

  unejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder): void {
    this.watcher.unejected(edge, caller, endpoint, now, holder);
    this.observer.unejected(edge, caller, endpoint, now, holder);
  }

  breakerOpened(edge: number, caller: number, now: number, detection: Detection): void {
    this.watcher.breakerOpened(edge, caller, now, detection);
    this.observer.breakerOpened(edge, caller, now, detection);
  }

  breakerClosed(edge: number, caller: number, now: number): void {
    this.watcher.breakerClosed(edge, caller, now);
    this.observer.breakerClosed(edge, caller, now);
  }

  refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean, now: number): void {
    this.watcher.refusing(edge, caller, endpoint, on, now);
    this.observer.refusing(edge, caller, endpoint, on, now);
  }

  shedding(edge: number, caller: number, on: boolean, now: number): void {
    this.watcher.shedding(edge, caller, on, now);
    this.observer.shedding(edge, caller, on, now);
  }

  panicked(edge: number, caller: number, on: boolean, now: number): void {
    this.watcher.panicked(edge, caller, on, now);
    this.observer.panicked(edge, caller, on, now);
  }

  overflowed(edge: number, now: number): void {
    this.watcher.overflowed(edge, now);
    this.observer.overflowed(edge, now);
  }

  budgetRefused(edge: number, now: number): void {
    this.watcher.budgetRefused(edge, now);
    this.observer.budgetRefused(edge, now);
  }
}
