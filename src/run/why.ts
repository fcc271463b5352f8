/** Two runs under one seed, of which every request is followed, set against each other. */
import type { Plan } from '../model/plan.ts';
import type { Why } from '../result/why.ts';
import { Matching } from '../trace/matching.ts';
import { Tracer } from '../trace/tracer.ts';
import { whyOf } from '../trace/why.ts';
import { carryOut } from './carry-out.ts';
import type { RunControl } from './run.ts';

/** Null where one of the two ended early. */
export function runWhy(plans: readonly [Plan, Plan], seed: number, control?: RunControl): Omit<Why, 'sides'> | null {
  const runs = [new Matching(seed), new Matching(seed)] as const;
  for (const side of [0, 1] as const) {
    const { ending } = carryOut(plans[side], seed, control, { tracer: new Tracer([runs[side].see], false) });
    if (ending !== 'complete') return null;
  }
  return whyOf(plans, runs, seed);
}
