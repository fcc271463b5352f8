/** A comparison as JUnit XML: a case for each figure of each side but the reference. */
import type { Comparison } from '../../compare/comparison.ts';
import { fails } from '../../compare/failure.ts';
import { junitXml, type TestCase } from '../junit-xml.ts';
import { sentenceOn } from './change-text.ts';
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
