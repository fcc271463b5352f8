/** When a comparison is a failure: one of its changes is, by what it is asked to fail on. */
import type { Change, Comparison, FailOn } from './comparison.ts';

export function isFailure({ rows, failOn }: Comparison): boolean {
  return rows.some(({ changes }) => changes.some((change) => fails(change, failOn)));
}

export function fails({ verdict }: Change, failOn: FailOn): boolean {
  switch (failOn) {
    case 'worse': return verdict === 'worse';
    case 'different': return verdict === 'worse' || verdict === 'better';
    case 'inconclusive': return verdict === 'worse' || verdict === 'inconclusive' || verdict === null;
    default: return failOn satisfies never;
  }
}
