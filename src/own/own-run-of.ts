/** The code that came with a run, for those edges of its plan that name some. */
import type { Plan } from '../model/plan.ts';
import { namedCode } from './named-code.ts';
import { OwnRun } from './own-run.ts';
import type { OwnPolicies } from './policies.ts';

/**
 * The code's side of a run of this plan; null where the plan names none.
 * @param mayWait  whether the run stops for asynchronous code
 * @throws where the plan names code that was not passed, or that the run cannot wait for
 */
export function ownRunOf(plan: Plan, seed: number, policies: OwnPolicies, mayWait: boolean): OwnRun | null {
  const named = namedCode(plan);
  for (const { edge, kind, name } of named) {
    if (!Object.hasOwn(policies[kind] ?? {}, name)) throw new Error(`the edge ${edge} names \`${name}\`, which is code: pass it as \`policies: { ${kind}: { ${name} } }\` to \`simulate\` or \`simulateAsync\``);
    if (kind === 'wrappers' && !mayWait) throw new Error(`the edge ${edge} has the wrapper \`${name}\`, whose code is asynchronous: await \`simulateAsync\` instead of \`simulate\``);
  }
  return named.length === 0 ? null : new OwnRun(policies, seed, mayWait);
}
