/**
 * A scenario's text to its result or its problems, in one go: what the page in the browser asks of its worker. All of it runs there as it
 * does here, so that the same text and overrides have the same digest.
 */
import type { Override } from '../scenario/override.ts';
import { parseScenario } from '../scenario/parse.ts';
import type { Problem } from '../scenario/problem.ts';
import type { Plan } from '../model/plan.ts';
import type { Result } from '../result/result.ts';
import { carryOut, resultOf } from './carry-out.ts';
import type { RunControl } from './run.ts';

export interface Asked {
  readonly text: string;
  readonly set: readonly Override[];
}

export interface Answered {
  /** Null where the problems keep it from running. */
  readonly result: Result | null;
  readonly plan: Plan | null;
  readonly resolved: unknown;
  readonly problems: readonly Problem[];
}

export function runHere({ text, set }: Asked, control?: RunControl): Answered {
  const { plan, resolved, problems, notSimulated } = parseScenario(text, { set });
  if (plan === null || notSimulated.length > 0) return { result: null, plan: null, resolved, problems };
  return { result: resultOf(carryOut(plan, plan.seed, control), { resolved, sha256: '' }), plan, resolved, problems };
}
