/** What must hold in every run; `src/invariant/registry.ts` describes them. */
export type InvariantName =
  | 'answers-once'
  | 'attempts-limit'
  | 'backoff-waited'
  | 'budget-not-negative'
  | 'deadline-never-grows'
  | 'does-not-throw'
  | 'ejected-share'
  | 'fair-picks'
  | 'figures-add-up'
  | 'half-open-permits'
  | 'in-flight-limits'
  | 'no-late-attempt'
  | 'panic-below-threshold'
  | 'ready-picks'
  | 'recovers'
  | 'retry-budget'
  | 'settles-once'
  | 'timeouts-fire'
  | 'timers-owned'
  | 'work-conserved';

/** A decision of an engine, or a figure of a run, that broke an invariant: plain data, so that a worker can send it. */
export interface Violation {
  /** Its name in `src/invariant/registry.ts`, and in `docs/invariants.md`. */
  readonly invariant: InvariantName;
  /** Of the run that it happened in. */
  readonly seed: number;
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

/** What came of looking after invariants, in one run or in several. */
export interface Audited {
  /** How many invariants were looked after. */
  readonly checked: number;
  /** How many were broken, the same in two runs counted twice. */
  readonly broken: number;
  /** The first of each invariant in each run, in the order of the runs and in that in which they were found; the first 100. */
  readonly violations: readonly Violation[];
}

const VIOLATIONS_KEPT = 100;

export function joinedAudits(one: Audited | null, other: Audited): Audited {
  if (one === null) return other;
  return { checked: Math.max(one.checked, other.checked), broken: one.broken + other.broken, violations: [...one.violations, ...other.violations].slice(0, VIOLATIONS_KEPT) };
}
