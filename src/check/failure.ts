/** Something that did not hold in a run. */
export interface Failure {
  /** `property`: what a test asked for itself; `policy`: code that came with the run, and failed. */
  readonly kind: 'invariant' | 'threshold' | 'property' | 'policy';
  /** Of the invariant, the property or the policy; of a threshold its expression. A simplification must fail in the same one. */
  readonly name: string;
  /** What happened, in a sentence. */
  readonly message: string;
  /** When, ns; null where it is about the whole run. */
  readonly atNs: number | null;
}

export function isSame(one: Pick<Failure, 'kind' | 'name'>, other: Pick<Failure, 'kind' | 'name'>): boolean {
  return one.kind === other.kind && one.name === other.name;
}
