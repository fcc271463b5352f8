/** Of the candidates that meet the goals, those that no other beats in both: the metric, and what the goals have to spare. */
import { TIED } from './assessment.ts';
import type { Candidate } from './explore.ts';

/** By the metric, the least first. One that has more to spare at as good as the same metric beats another. */
export function frontOf(candidates: readonly Candidate[]): Candidate[] {
  const feasible = candidates.filter(({ assessment }) => assessment.isFeasible)
    .toSorted((a, b) => a.assessment.objective - b.assessment.objective || b.assessment.margin - a.assessment.margin);
  const beats = (one: Candidate, other: Candidate): boolean =>
    one.assessment.objective <= other.assessment.objective * (1 + TIED) && (one.assessment.margin > other.assessment.margin || (one.assessment.margin === other.assessment.margin && feasible.indexOf(one) < feasible.indexOf(other)));
  return feasible.filter((candidate) => !feasible.some((one) => one !== candidate && beats(one, candidate)));
}
