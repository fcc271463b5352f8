/** A run that is over, as invariants look at it. */
import type { Plan } from '../model/plan.ts';
import type { Figures } from '../result/build.ts';
import type { RequestSeries } from '../result/result.ts';

export interface Ran {
  readonly plan: Plan;
  /** When it ended, ns. */
  readonly endNs: number;
  readonly figures: Figures;
  readonly series: RequestSeries;
  /** How long the system may take to recover from the last fault, ns; null where it may take for ever. */
  readonly recoverWithinNs: number | null;
}
