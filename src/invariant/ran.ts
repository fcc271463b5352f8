/** A run that is over, as invariants look at it. */
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';

export interface Ran {
  readonly plan: Plan;
  /** Of this one run. */
  readonly result: Pick<Result, 'complete' | 'edges' | 'endpoints' | 'faults' | 'series' | 'services' | 'totals' | 'traffic' | 'window'>;
}
