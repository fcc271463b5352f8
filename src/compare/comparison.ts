/** What a comparison says, for reporters and as `comparison.json`. Non-finite numbers are null there. */
import type { OutcomeName } from '../model/outcome.ts';
import type { Audited, Violation } from '../model/violation.ts';
import type { Why } from '../result/why.ts';
import type { Metric } from './metric.ts';
import type { Side } from './side.ts';

export const COMPARISON_SCHEMA = 'meshsim/comparison/1';

/** Of every interval, and what is left to chance over the whole table: 1 - this. */
export const CONFIDENCE = 0.95;
/** With fewer replications on a side there are values but no verdicts. */
export const REPLICATIONS_MIN = 6;

export interface Comparison {
  readonly schema: typeof COMPARISON_SCHEMA;
  readonly meshsim: string;
  readonly confidence: typeof CONFIDENCE;
  /** Changes up to this share of the reference's value are not counted; null counts every change. */
  readonly minEffect: number | null;
  /** What makes it a failure. */
  readonly failOn: FailOn;
  /** The first is the reference. */
  readonly sides: readonly ComparedSide[];
  /** What keeps the sides from being alike in all but what is asked about. */
  readonly caveats: readonly string[];
  readonly rows: readonly Row[];
  readonly counts: Readonly<Record<Verdict | 'tolerated', number>>;
  /** What came of looking after invariants on all sides; where they were asked for. */
  readonly invariants?: AuditedSides;
  /** Where it was asked for, of each side but the first that could be run beside it: the requests of the first pair of replications. */
  readonly why?: readonly Why[];
}

export interface AuditedSides extends Omit<Audited, 'violations'> {
  readonly violations: readonly SideViolation[];
}

export interface SideViolation extends Violation {
  /** Label of the side whose run it was. */
  readonly side: string;
}

export interface ComparedSide extends Omit<Side, 'replications'> {
  readonly replications: number;
  /** How it is set against the reference: by pairs of one seed, or as a sample of its own luck. */
  readonly pairing: 'reference' | 'paired' | 'unpaired';
}

export interface Row {
  readonly metric: string;
  readonly unit: Metric['unit'];
  readonly better: Metric['better'];
  readonly cause: OutcomeName | null;
  /** One a side. */
  readonly cells: readonly Cell[];
  /** One a side but the first. Where no request failed on either side, the interval is Newcombe's, of two shares of which nothing was seen. */
  readonly changes: readonly Change[];
}

/** Over the replications of a side: the geometric mean where changes are ratios, else the plain one; null where one of them has no value. */
export interface Cell {
  readonly mean: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Change {
  /** `ratio`: relative to the reference, 0.05 is 5 % more. `difference`: in the unit of the row. */
  readonly kind: 'ratio' | 'difference';
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** That there is no change; adjusted by Holm's method over the changes of the whole table. 1 where nothing was seen that could differ; null without a verdict. */
  readonly p: number | null;
  readonly pAdjusted: number | null;
  /** The smallest true change of this kind that these replications would have shown, four times in five. */
  readonly detectable: number | null;
  /** Pairs, or replications of the side with fewer. */
  readonly n: number;
  /** `same`: the interval holds no change that matters. Null with too few replications, or where some have no value. */
  readonly verdict: Verdict | null;
  /** What a row called the same would be, were it not for `minEffect`. */
  readonly tolerated: 'better' | 'worse' | null;
}

export type Verdict = 'better' | 'worse' | 'same' | 'inconclusive';

/** `worse`: a row that is worse; `different`: one that is better as well; `inconclusive`: one that is worse, or that could not be told. */
export const FAIL_ON = ['worse', 'different', 'inconclusive'] as const;
export type FailOn = (typeof FAIL_ON)[number];
