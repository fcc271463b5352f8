/** What an invariant is: a description, and who looks after it. */
import type { CallRow } from '../engine/calls.ts';
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
  /** Who watches for it, beside the books of the audit; null where the plan has nothing that could break it. */
  readonly check?: (audit: Audit) => Check | null;
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
 * reports to the audit.
 */
export abstract class Check extends Watcher {
  protected readonly audit: Audit;

  constructor(audit: Audit) {
    super();
    this.audit = audit;
  }

  /** A call got a retry: it is due at `due`, ns. */
  granted(_call: CallRow, _due: number, _now: number): void {}
  /** The run is over, and the engine as it was left. */
  over(_now: number): void {}
}
