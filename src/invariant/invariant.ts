/** What an invariant is: a description, and who looks after it. */
import type { AttemptRow, CallRow } from '../engine/calls.ts';
import { Watcher } from '../engine/watch/watcher.ts';
import type { Audit } from './audit.ts';
import type { Ran } from './ran.ts';

export interface Invariant {
  /** What must hold, in a sentence. */
  readonly doc: string;
  /** What goes wrong in a mesh where it does not. */
  readonly why: string;
  /** Where the fact comes from: a product and version, a paper, or a contract of ours. */
  readonly source: string;
  /** Who watches for it, beside the books of the audit; nobody where the plan has nothing that could break it. */
  readonly checks?: (audit: Audit) => readonly Check[];
  /** What is wrong with a run that is over. Each is one violation; the first is kept. */
  readonly judge?: (ran: Ran) => readonly Finding[];
}

/** A violation as the one who found it knows it. */
export interface Finding {
  readonly decision: string;
  /** ns; the end of the run unless given. */
  readonly atNs?: number;
  /** Index of caller and edge together; see `Audit`. */
  readonly outbound?: number;
  readonly call?: number;
  readonly attempt?: number;
}

/**
 * Watches for one invariant. It hears what watchers hear, after the books of its audit have been brought up to date, and
 * reports to the audit. Of answers it hears those to attempts that are waited for.
 */
export abstract class Check extends Watcher {
  protected readonly audit: Audit;

  constructor(audit: Audit) {
    super();
    this.audit = audit;
  }

  /** A call gets a retry, which is due at `due`, ns. */
  granted(_call: CallRow, _due: number, _now: number): void {}
  /** A call begins on an outbound at or after the time that `Audit.wakeAt` was told; it is not counted yet. */
  woken(_outbound: number, _now: number): void {}
  /** A call is settled because there was nobody to send it to. */
  foundNobody(_call: CallRow, _now: number): void {}
  /** An attempt that is not the first of its call is sent. */
  again(_attempt: AttemptRow, _now: number): void {}
  /** An attempt is sent while its caller holds some endpoint to be unusable. @param _place  see `Audit` */
  sentBeside(_attempt: AttemptRow, _place: number, _now: number): void {}
  /** An attempt is sent while nothing else of its caller is in flight to the service. */
  sentIdle(_attempt: AttemptRow, _place: number, _now: number): void {}
  /** Every few requests, while nothing is happening anywhere. */
  lookAround(): void {}
  /** Who can be used is about to change. */
  usableChanges(_outbound: number): void {}
  /** The run is over, and the engine as it was left. */
  over(_now: number): void {}
}
