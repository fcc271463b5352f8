/**
 * Ends a run before the next thing that its engine is told once an invariant is broken: what an engine does from then on means little, and one that is beyond its own
 * books may never come back. What the same input broke as well is still heard of.
 */
import { Watcher } from '../engine/watch/watcher.ts';
import type { Audit } from './audit.ts';

/** What such a run is left with. */
export const BROKEN: Error = new Error('an invariant is broken');

/** Hears after the audit. */
export class UntilBroken extends Watcher {
  override readonly hearsAttemptTimers: boolean = false;
  private readonly audit: Audit;

  constructor(audit: Audit) {
    super();
    this.audit = audit;
  }

  override begin(): void {
    this.look();
  }

  override attemptDone(): void {
    this.look();
  }

  override opened(): void {
    this.look();
  }

  override openFailed(): void {
    this.look();
  }

  override connectionsLost(): void {
    this.look();
  }

  override probeAnswered(): void {
    this.look();
  }

  override timerDue(): void {
    this.look();
  }

  override abandon(): void {
    this.look();
  }

  private look(): void {
    if (this.audit.isBroken) throw BROKEN;
  }
}
