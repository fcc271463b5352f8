/** Code that came with a run (a balancer, a retry policy, a wrapper) threw, or decided what cannot be done; the message says which decision, where and when. */
export class OwnPolicyError extends Error {
  override readonly name: string = 'OwnPolicyError';
  /** As the scenario names it. */
  readonly policy: string;
  /** `caller->service`, as in a result. */
  readonly edge: string;
  /** Virtual time, ms. */
  readonly atMs: number;

  /** @param problem  `threw`, or what it did, such as `picked endpoint 7 of 5` */
  constructor(where: OwnPolicyPlace, nowNs: number, deed: string, problem: string, cause?: unknown) {
    const { caller, edge, kind, policy } = where;
    const said = cause === undefined ? problem : `${problem}: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`;
    super(`the ${kind} \`${policy}\` (edge ${edge}, caller ${caller}), ${deed} at ${nowNs / 1e9} s, ${said}`, cause === undefined ? undefined : { cause });
    this.policy = policy;
    this.edge = edge;
    this.atMs = nowNs / 1e6;
  }
}

/** Whose code it is, and where in the mesh it runs. */
export interface OwnPolicyPlace {
  readonly kind: 'balancer' | 'retry policy' | 'wrapper';
  readonly policy: string;
  readonly edge: string;
  /** Client of a traffic source, or replica of a service. */
  readonly caller: number;
}
