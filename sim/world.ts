/** The virtual-time world: a message that has come to its endpoint is handed over, and time jumps from event to event. */
import { CheckResult } from '../src/engine/breaker/health-checks.ts';
import type { AttemptRow } from '../src/engine/calls.ts';
import type { Engine } from '../src/engine/engine.ts';
import { type AttemptId, type EndpointId, NONE } from '../src/model/ids.ts';
import type { Outcome } from '../src/model/outcome.ts';
import { attemptKey } from '../src/random/hash.ts';
import type { Probe } from '../src/world/probes.ts';
import { Advance, World } from '../src/world/world.ts';

const NO_ROW = NONE;

/** Attempts at once whose rows, 600 bytes each with those of calls and jobs, fill the caches of a processor's core. */
const CROWD = 4096;

export class SimWorld extends World {
  private woken: (handle: number, now: number) => void = () => {};

  /**
   * Run to the end, asking `mayGoOn` every so many events.
   * @returns whether the end was reached
   */
  run(mayGoOn: () => boolean, everyEvents: number): boolean {
    this.begin();
    return this.advance(Infinity, mayGoOn, everyEvents) === Advance.over;
  }

  // --- for a run that stops between events, since code of its own has something to say ---

  /** In place of `run`: nothing happens yet. @param woken  hears what `wakeAt` asked for */
  start(woken: (handle: number, now: number) => void): void {
    this.woken = woken;
    this.begin();
  }

  /** Go on where the run stopped. @returns whether the end was reached */
  goOn(mayGoOn: () => boolean): boolean {
    return this.isDone() || this.advance(Infinity, mayGoOn, 1) === Advance.over;
  }

  /** Between events: let the engine do something now. */
  act<T>(deed: (engine: Engine, now: number) => T): T {
    this.inside = true;
    const done = deed(this.engine, this.now);
    this.inside = false;
    this.tellCallers(this.now);
    return done;
  }

  /** An event of its own, in its place among those of its time. */
  wakeAt(due: number, handle: number): void {
    this.own(due, handle);
  }

  cancel(attempt: AttemptId, now: number): void {
    this.stations.givenUp(attempt, now);
    if (this.stations.heedsCancel(attempt)) this.carryCancel(attempt, now);
  }

  /** Nothing is left of a connection that is only thought. */
  closed(): void {}

  answer(job: AttemptId, outcome: Outcome, status: number, now: number): void {
    const { engine } = this;
    const edge = engine.edgeOfAttempt(job);
    if (this.inside || this.network.isPlain[edge] === 0) {
      this.comeBack(job, edge, outcome, status, now);
      return;
    }
    this.inside = true;
    engine.attemptDone(job, outcome, status, now);
    this.inside = false;
  }

  protected prepare({ call, id, number }: AttemptRow, endpoint: EndpointId): void {
    const { stations } = this;
    stations.expect(id, endpoint, call, attemptKey(call.keyLo, number));
    if (call.outbound.rules.propagateDeadline) stations.expectUntil(id, this.engine.deadlineOf(id));
  }

  protected deliver(attempt: AttemptId, now: number): void {
    this.stations.arrive(attempt, now);
  }

  protected deliverLate(attempt: AttemptId, now: number): void {
    const { stations } = this;
    const { connection, sentAt } = this.engine.attempts.rows[attempt]!;
    if (connection !== NO_ROW && sentAt < this.lostAt[stations.endpointOf(attempt)]!) stations.turnAway(attempt, now);
    else stations.arrive(attempt, now);
  }

  protected isUnderWay(attempt: AttemptId): boolean {
    return this.stations.isTravelling(attempt);
  }

  protected cancelArrives(attempt: AttemptId, now: number): void {
    this.stations.cancelled(attempt, now);
  }

  protected opensAtOnce(endpoint: EndpointId): boolean {
    return !this.isDown(endpoint);
  }

  protected connect(opening: number, now: number): void {
    const { connection, endpoint, outbound } = this.openings.of(opening);
    this.openings.release(opening);
    this.handsShaken(outbound, connection, !this.isDown(endpoint), now);
  }

  protected check(id: number, probe: Probe, now: number): void {
    this.probeReturns(id, probe, this.isDown(probe.endpoint) ? CheckResult.network : CheckResult.pass, now);
  }

  protected get isCrowded(): boolean {
    return this.engine.attempts.rows.length > CROWD;
  }

  protected ownEvent(handle: number, now: number): void {
    this.woken(handle, now);
  }

  protected isGivenUp(attempt: AttemptId): boolean {
    return this.stations.isGivenUp(attempt);
  }

  protected endpointOf(attempt: AttemptId): EndpointId {
    return this.stations.endpointOf(attempt);
  }

  protected keyHiOf(attempt: AttemptId): number {
    return this.stations.keyHiOf(attempt);
  }

  protected keyLoOf(attempt: AttemptId): number {
    return this.stations.keyLoOf(attempt);
  }
}
