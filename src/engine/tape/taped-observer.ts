/** What an engine tells its observer, on its way there. */
import type { EndpointId } from '../../model/ids.ts';
import { DETECTION_NAMES, type Detection } from '../breaker/detection.ts';
import { Holder } from '../breaker/readiness.ts';
import type { EngineObserver } from '../ports.ts';
import type { Tape } from './taped-engine.ts';
import { decisionLine } from './words.ts';

export class TapedObserver implements EngineObserver {
  private readonly tape: Tape;
  private readonly observer: EngineObserver;

  constructor(tape: Tape, observer: EngineObserver) {
    this.tape = tape;
    this.observer = observer;
  }

  ejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder, detection: Detection): void {
    this.tape.line(decisionLine('ejected', edge, caller, endpoint, nameOf(holder), DETECTION_NAMES[detection]!));
    this.observer.ejected(edge, caller, endpoint, now, holder, detection);
  }

  unejected(edge: number, caller: number, endpoint: EndpointId, now: number, holder: Holder): void {
    this.tape.line(decisionLine('unejected', edge, caller, endpoint, nameOf(holder)));
    this.observer.unejected(edge, caller, endpoint, now, holder);
  }

  breakerOpened(edge: number, caller: number, now: number, detection: Detection): void {
    this.tape.line(decisionLine('breakerOpened', edge, caller, DETECTION_NAMES[detection]!));
    this.observer.breakerOpened(edge, caller, now, detection);
  }

  breakerClosed(edge: number, caller: number, now: number): void {
    this.tape.line(decisionLine('breakerClosed', edge, caller));
    this.observer.breakerClosed(edge, caller, now);
  }

  refusing(edge: number, caller: number, endpoint: EndpointId, on: boolean, now: number): void {
    this.tape.line(decisionLine('refusing', edge, caller, endpoint, on));
    this.observer.refusing(edge, caller, endpoint, on, now);
  }

  shedding(edge: number, caller: number, on: boolean, now: number): void {
    this.tape.line(decisionLine('shedding', edge, caller, on));
    this.observer.shedding(edge, caller, on, now);
  }

  panicked(edge: number, caller: number, on: boolean, now: number): void {
    this.tape.line(decisionLine('panicked', edge, caller, on));
    this.observer.panicked(edge, caller, on, now);
  }

  overflowed(edge: number, now: number): void {
    this.tape.line(decisionLine('overflowed', edge));
    this.observer.overflowed(edge, now);
  }

  budgetRefused(edge: number, now: number): void {
    this.tape.line(decisionLine('budgetRefused', edge));
    this.observer.budgetRefused(edge, now);
  }
}

function nameOf(holder: Holder): string {
  return Object.keys(Holder).find((name) => Holder[name as keyof typeof Holder] === holder)!; // each is named
}
