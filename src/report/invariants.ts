/** What summaries say of invariants. */
import type { Audited, Violation } from '../model/violation.ts';
import { count } from './format.ts';
import type { Verdict } from './summary.ts';

/** Those shown; a result has more. */
const SHOWN = 5;

export function invariantVerdict({ checked, broken }: Pick<Audited, 'broken' | 'checked'>): Verdict {
  return broken === 0 ? { mark: 'pass', word: 'INVARIANTS HELD', detail: `all ${checked}` } : { mark: 'fail', word: 'INVARIANT BROKEN', detail: `${count(broken)} ${broken === 1 ? 'violation' : 'violations'} of ${checked} invariants` };
}

/** A line for each violation. @param of  whose it is, where there are several sides */
export function violationLines<V extends Violation>(violations: readonly V[], of: (violation: V) => string = () => ''): string[] {
  const lines = violations.slice(0, SHOWN).map((violation) => `${of(violation)}seed ${violation.seed}, ${violation.message}`);
  return violations.length > SHOWN ? [...lines, `and ${violations.length - SHOWN} more in the result`] : lines;
}
