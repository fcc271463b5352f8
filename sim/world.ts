/** The virtual-time world: a message that has come to its endpoint is handed over, and time jumps from event to event. */
import { CheckResult } from '../src/engine/breaker/health-checks.ts';
import type { AttemptRow } from '../src/engine/calls.ts';
import { type AttemptId, type EndpointId, NONE } from '../src/model/ids.ts';
import type { Outcome } from '../src/model/outcome.ts';
import { attemptKey } from '../src/random/hash.ts';
import type { Probe } from '../src/world/probes.ts';
import { Advance, World } from '../src/world/world.ts';

const NO_ROW = NONE;

export class SimWorld extends World {
  /**
   * Run to the end, asking `mayGoOn` every so many events.
   * @returns whether the end was reached
   */
  run(mayGoOn: () => boolean, everyEvents: number): boolean {
    this.begin();
    return this.advance(Infinity, mayGoOn, everyEvents) === Advance.over;
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
    if (!this.answersChecks(probe.endpoint)) this.probeLost(id);
    else this.probeReturns(id, probe, this.isDown(probe.endpoint) ? CheckResult.network : CheckResult.pass, now);
  }

  /** It schedules none. */
  protected ownEvent(): void {}

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
