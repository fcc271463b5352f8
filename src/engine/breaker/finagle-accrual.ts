/**
 * Finagle's failure accrual, one for each endpoint (other-policies.md B2; `liveness/FailureAccrualFactory.scala`).
 *
 *   alive        traffic flows --(a failure, and the policy says so)--> dead
 *   dead         no picks --(time over)--> probeOpen; failures of those in flight are ignored
 *   probeOpen    --(a request)--> probeClosed
 *   probeClosed  no further picks until its end
 *                --(success)--> alive, all forgotten --(failure)--> dead, or probeOpen where the policy does not mark
 *                --(its caller went away)--> probeOpen
 *
 * A failure is a status 500-599 or no answer, as Finagle's HTTP client classifies. Finagle fails open: where all are
 * dead it sends all the same; here that is the panic threshold's affair.
 */
import type { OptionValues } from '../../model/kind.ts';
import { Outcome } from '../../model/outcome.ts';
import { NS_PER_MS } from '../../model/units.ts';
import type { Sequence } from '../../random/sequence.ts';
import { statusOf } from '../outcome.ts';
import { type AccrualPolicy, AgeClock, ConsecutiveFailures, EitherPolicy, LowSuccessRate, RequestClock } from './accrual-policy.ts';
import { DueQueue } from './due-queue.ts';
import type { BreakerTarget, EndpointBreaker } from './endpoint-breaker.ts';
import { equalJittered } from './mark-dead.ts';

const ALIVE = 0;
const DEAD = 1;
const PROBE_OPEN = 2;
const PROBE_CLOSED = 3;

// Local name for a constant: see engine/calls.ts.
const { unfinished: UNFINISHED } = Outcome;

export class FinagleAccrual implements EndpointBreaker {
  private readonly policy: AccrualPolicy;
  private readonly target: BreakerTarget;
  private readonly states: Uint8Array;
  /** Ends of being dead. */
  private readonly due: DueQueue;

  constructor(size: number, policy: AccrualPolicy, target: BreakerTarget) {
    this.policy = policy;
    this.target = target;
    this.states = new Uint8Array(size);
    this.due = new DueQueue(size);
  }

  get dueAt(): number {
    return this.due.nextAt;
  }

  sent(endpoint: number, now: number): void {
    if (this.states[endpoint] !== PROBE_OPEN) return;
    this.states[endpoint] = PROBE_CLOSED;
    this.target.setReady(endpoint, false, now);
  }

  finished(endpoint: number, outcome: Outcome, status: number, _sentAt: number, now: number): void {
    const isProbe = this.states[endpoint] === PROBE_CLOSED;
    if (outcome === UNFINISHED) {
      if (isProbe) this.startProbing(endpoint, now);
      return;
    }
    if (statusOf(outcome, status) < 500) {
      if (isProbe) this.revive(endpoint, now);
      this.policy.recordSuccess(endpoint, now);
    } else if (isProbe || this.states[endpoint] === ALIVE) {
      const deadNs = this.policy.markDeadOnFailure(endpoint, now);
      if (deadNs > 0) this.markDead(endpoint, deadNs, now);
      else if (isProbe) this.startProbing(endpoint, now);
    }
  }

  tick(now: number): void {
    while (this.due.nextAt <= now) {
      const endpoint = this.due.first;
      this.due.set(endpoint, Infinity);
      this.startProbing(endpoint, now);
    }
  }

  private startProbing(endpoint: number, now: number): void {
    this.states[endpoint] = PROBE_OPEN;
    this.target.setReady(endpoint, true, now);
  }

  private revive(endpoint: number, now: number): void {
    this.policy.revived(endpoint, now);
    this.states[endpoint] = ALIVE;
    this.target.setReady(endpoint, true, now);
    this.target.recovered(endpoint, now);
  }

  private markDead(endpoint: number, deadNs: number, now: number): void {
    const wasAlive = this.states[endpoint] === ALIVE;
    this.states[endpoint] = DEAD;
    this.due.set(endpoint, now + deadNs);
    this.target.setReady(endpoint, false, now);
    if (wasAlive) this.target.tripped(endpoint, now, this.policy.reason);
  }
}

/** Of finagle-options in `failure-accrual-options.ts`: a success rate or failures in a row, each with times of its own. */
export function finaglePolicy(size: number, options: OptionValues, random: Pick<Sequence, 'unit'>): AccrualPolicy {
  const { consecutiveFailures, successRate, window, windowRequests, minRequests, markDeadFor, maxMarkDeadFor } = options as Readonly<Record<string, number>>;
  const marks = equalJittered(markDeadFor!, maxMarkDeadFor!, random);
  const inARow = new ConsecutiveFailures(size, consecutiveFailures === 0 ? Infinity : consecutiveFailures!, marks);
  if (successRate === 0) return inARow;
  const windowMs = Math.floor(window! / NS_PER_MS);
  const rate =
    windowRequests === 0
      ? new LowSuccessRate(size, successRate!, windowMs, new AgeClock(size, windowMs, minRequests!), marks)
      : new LowSuccessRate(size, successRate!, windowRequests!, new RequestClock(size), marks);
  return new EitherPolicy(rate, inARow);
}
