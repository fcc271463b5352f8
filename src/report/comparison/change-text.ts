/** A change in one sentence, for places that have no table: a test case, an annotation. */
import type { Change, Row } from '../../compare/comparison.ts';
import { changeText, changeUncertainty, detectableText, valueText } from './amount.ts';

/** `worse: 12.1 ms to 15.3 ms, change +26% ±2%`. @param at  of the side among those that are no reference */
export function sentenceOn({ unit, cells, changes }: Row, at: number): string {
  const change = changes[at]!;
  const uncertainty = changeUncertainty(change, unit);
  const unseen = change.verdict === 'inconclusive' ? `, ${detectableText(change, unit)}` : '';
  return `${wordFor(change)}: ${valueText(cells[0]!, unit)} to ${valueText(cells[at + 1]!, unit)}, change ${changeText(change, unit)}${uncertainty === '' ? '' : ` ${uncertainty}`}${unseen}`;
}

function wordFor({ verdict, tolerated }: Change): string {
  return tolerated === null ? (verdict ?? 'no verdict') : `${tolerated}, within what is allowed`;
}
