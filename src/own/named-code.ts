/** The code that a plan names. */
import { ownName } from '../engine/own/own-kinds.ts';
import type { Plan } from '../model/plan.ts';
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

/** @throws where the plan names code, which cannot be had here */
export function refuseCode(plan: Plan, where: string): void {
  const [first] = namedCode(plan);
  if (first !== undefined) throw new Error(`the edge ${first.edge} names \`${first.name}\`, which is code, and ${where}`);
}
