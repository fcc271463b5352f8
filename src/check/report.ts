/** What a check found, as `--json` has it: nothing in it depends on the machine or on how many cases ran at once. */
import type { ScenarioDocument } from '../scenario/document.ts';
import type { Failure } from './failure.ts';

export const CHECK_SCHEMA = 'meshsim/check/1';

export interface CheckReport {
  readonly schema: typeof CHECK_SCHEMA;
  readonly scenario: { readonly name: string; readonly sha256: string };
  /** Of the search; it draws the cases. */
  readonly seed: number;
  /** False when it was stopped, or its time was over, before all cases were tried. */
  readonly complete: boolean;
  /** Tried, and how many there were to be. */
  readonly cases: number;
  readonly casesMost: number;
  /** Most faults at once. */
  readonly faults: number;
  readonly requests: number;
  readonly events: number;
  /** Cases that were ended before their time, because too much happened in them. */
  readonly cutOff: number;
  readonly invariants: readonly string[];
  readonly thresholds: {
    readonly judged: readonly string[];
    readonly notJudged: readonly { readonly expr: string; readonly because: string }[];
    /** Those that fail in some case even without its faults. */
    readonly failsAnyway: readonly string[];
  };
  /** Failures that were kept earlier. */
  readonly kept: readonly KeptReport[];
  readonly found: readonly FoundReport[];
}

export interface KeptReport {
  readonly file: string;
  /** `gone`: the file does not ask for its threshold any more, or has not what its faults strike. */
  readonly status: 'fails' | 'fixed' | 'gone';
  /** Null unless it fails. */
  readonly failure: Failure | null;
  readonly story: readonly string[] | null;
}

export interface FoundReport {
  readonly failure: Failure;
  /** Number of the case that it was found in, from 0. */
  readonly case: number;
  readonly requests: number;
  /** Simplifications that still failed, and those that were tried; none where the check was stopped. */
  readonly shrinks: number;
  readonly tries: number;
  readonly story: readonly string[];
  /** Where it was kept. */
  readonly file: string;
  readonly scenario: ScenarioDocument;
}

export function isBroken({ found, kept }: CheckReport): boolean {
  return found.length > 0 || kept.some(({ status }) => status === 'fails');
}
