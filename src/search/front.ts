/** Of the candidates that meet the goals, those that no other beats in both: the metric, and what the goals have to spare. */
import type { Candidate } from './explore.ts';

/** By the metric, the least first; of equal ones the first. */
export function frontOf(candidates: readonly Candidate[]): Candidate[] {
  const feasible = candidates.filter(({ assessment }) => assessment.isFeasible)
    .toSorted((a, b) => a.assessment.objective - b.assessment.objective || b.assessment.margin - a.assessment.margin);
  let margin = -Infinity;
  return feasible.filter(({ assessment }, i) => {
    const isOnFront = i === 0 || assessment.margin > margin;
    margin = Math.max(margin, assessment.margin);
    return isOnFront;
  });
}
