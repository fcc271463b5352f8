/** Whether a plan names code, and whether what came with the run has it. */
import { ownName } from '../engine/own/own-kinds.ts';
import type { Plan } from '../model/plan.ts';
import { OwnRun } from './own-run.ts';
import type { OwnPolicies } from './policies.ts';

/** Code that an edge of the plan names. */
export interface NamedCode {
  readonly edge: string;
  readonly kind: keyof OwnPolicies;
  readonly name: string;
}

export function namedCode({ edges }: Plan): readonly NamedCode[] {
  return edges.flatMap(({ name: edge, policy }) =>
    ([['balancers', ownName(policy.loadBalancer)], ['retries', policy.retries?.own ?? null], ['wrappers', policy.wrapper]] as const)
      .flatMap(([kind, name]) => (name === null ? [] : [{ edge, kind, name }])),
  );
}

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

/** @throws where the plan names code, which cannot be had here */
export function refuseCode(plan: Plan, where: string): void {
  const [first] = namedCode(plan);
  if (first !== undefined) throw new Error(`the edge ${first.edge} names \`${first.name}\`, which is code, and ${where}`);
}
