/** A comparison as JUnit XML: a case for each figure of each side but the reference. */
import type { Change, Comparison, Row } from '../../compare/comparison.ts';
import { fails } from '../../compare/failure.ts';
import { junitXml, type TestCase } from '../junit-xml.ts';
import { changeText, changeUncertainty, detectableText, valueText } from './amount.ts';
import type { ComparisonReporter } from './reporter.ts';
import { headOf, titlesOf } from './view.ts';

export const comparisonJunit: ComparisonReporter = {
  doc: 'A test case for each compared figure, as JUnit XML.',
  file: null,
  render(comparison, { again, subject }) {
    const { seed, replications, meshsim } = { ...comparison.sides[0]!, meshsim: comparison.meshsim };
    return junitXml({
      name: subject === '' ? headOf(comparison, titlesOf(comparison).titles, subject).name : subject,
      properties: { seed: String(seed), reps: String(replications), command: again, meshsim, 'fail-on': comparison.failOn },
      cases: comparisonCases(comparison, again),
    });
  },
};

export function comparisonCases({ sides, rows, failOn }: Comparison, again: string): TestCase[] {
  const [reference, ...others] = sides.map(({ label }) => label);
  return others.flatMap((label, i) => rows.map((row): TestCase => {
    const change = row.changes[i]!;
    const sentence = sentenceOn(row, i);
    const name = `${row.metric}: ${label} against ${reference}`;
    if (fails(change, failOn)) return { name, fault: { kind: 'failure', type: change.verdict ?? 'no-verdict', message: sentence, details: `again: ${again}` } };
    return { name, ...(change.verdict === 'better' || (change.verdict === 'same' && change.tolerated === null) ? {} : { note: `~ ${sentence}` }) };
  }));
}

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
