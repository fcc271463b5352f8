/**
 * Retries at once, those waiting in backoff included (envoy.md 8): a call has a slot from the grant of its retry to its next failure or
 * its end. A failure that is not seen (an attempt that never got its connection) makes this a count too many, so a call whose next
 * retry is granted does not count beside itself.
 */
import type { CallRow } from '../engine/calls.ts';
import { TimerKind, kindOf, subjectOf } from '../engine/timers.ts';
import { Outcome } from '../model/outcome.ts';
import type { Audit } from './audit.ts';
import { Check } from './invariant.ts';

export abstract class RetrySlots extends Check {
  /** By outbound. */
  private readonly calls: readonly Set<number>[];

  constructor(audit: Audit) {
    super(audit);
    this.calls = audit.outbounds.map(() => new Set());
  }

  /** The call has its slot in a moment, beside `takenBy` others. */
  protected abstract judge(row: CallRow, outbound: number, now: number): void;

  protected takenBy(outbound: number): number {
    return this.calls[outbound]!.size;
  }

  override granted(row: CallRow, _due: number, now: number): void {
    const outbound = this.audit.outboundOf(row.id);
    const calls = this.calls[outbound]!;
    calls.delete(row.id);
    this.judge(row, outbound, now);
    calls.add(row.id);
  }

  override attemptDone(attempt: number, outcome: Outcome): void {
    if (outcome !== Outcome.ok) this.release(this.audit.callOf(attempt));
  }

  override timerDue(timer: number): void {
    if (kindOf(timer) === TimerKind.attemptTimeout) this.release(this.audit.callOf(subjectOf(timer)));
  }

  override settle({ id }: CallRow): void {
    this.release(id);
  }

  private release(call: number): void {
    this.calls[this.audit.outboundOf(call)]!.delete(call);
  }
}
