export type InvariantName =
  | 'answers-once'
  | 'attempts-limit'
  | 'deadline-never-grows'
  | 'no-late-attempt'
  | 'settles-once'
  | 'timeouts-fire'
  | 'timers-owned';

/** A decision of an engine that broke an invariant: plain data, so that a worker can send it. */
export interface Violation {
  /** Its name in `registry.ts`. */
  readonly invariant: InvariantName;
  /** When, in ns since the start of the run. */
  readonly atNs: number;
  /** `caller->service`; null where it is about no single edge. */
  readonly edge: string | null;
  /** Whose view of the edge it is, such as `web/2`. */
  readonly caller: string | null;
  /** The row of the call, as recordings name it (docs/recording.md); null where it is about no single call. */
  readonly call: number | null;
  /** The row of the attempt, likewise. */
  readonly attempt: number | null;
  /** What was decided, and what would have been right. */
  readonly decision: string;
  /** All of it in a sentence. */
  readonly message: string;
}
