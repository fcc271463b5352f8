/** All gates of one caller endpoint and edge, one behind the other: a call passes if every one lets it. */
import { Outcome } from '../../model/outcome.ts';
import { statusOf } from '../outcome.ts';
import type { CallGate } from './gate.ts';

// Local names for constants: see engine/calls.ts.
const { ok: OK } = Outcome;

export class GateRow {
  /** Calls let in and not settled. Read right after `admit`, it is what `settled` of that call wants to know. */
  inFlight: number = 0;
  private readonly gates: readonly CallGate[];

  constructor(gates: readonly CallGate[]) {
    this.gates = gates;
  }

  /** `ok`, or what the call is settled with at once; `settled` is then not called for it. */
  admit(now: number): Outcome {
    const { gates } = this;
    for (let i = 0; i < gates.length; i++) {
      const verdict = gates[i]!.admit(now);
      if (verdict === OK) continue;
      for (let j = i - 1; j >= 0; j--) gates[j]!.settled(verdict, statusOf(verdict, 0), now, now, this.inFlight + 1);
      return verdict;
    }
    this.inFlight++;
    return OK;
  }

  /** Parameters as in `CallGate.settled`. */
  settled(outcome: Outcome, status: number, begunAt: number, now: number, inFlight: number): void {
    const { gates } = this;
    this.inFlight--;
    // The answer goes back the way the call came.
    for (let i = gates.length - 1; i >= 0; i--) gates[i]!.settled(outcome, status, begunAt, now, inFlight);
  }
}
