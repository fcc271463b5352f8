/** A comparison as a short Markdown text for a pull request: the verdict and what got worse first, the whole table folded. */
import type { Comparison } from '../../compare/comparison.ts';
import { fails, isFailure } from '../../compare/failure.ts';
import { type Block, commandBlock, commentOf, folded, headline, list, literal, table } from '../comment-text.ts';
import type { ComparisonReporter } from './reporter.ts';
import { headOf, manySection, methodOf, pairSection, remarksOf, tallyOf, titlesOf } from './view.ts';
import { whyBlocks } from './why.ts';

export const comparisonComment: ComparisonReporter = {
  doc: 'A short report as Markdown, for a comment on a pull request.',
  file: null,
  render(comparison, { subject, again }) {
    const { name, about } = headOf(comparison, titlesOf(comparison).titles, subject);
    return commentOf([...comparisonBlocks(comparison, `meshsim compare · ${about === '' ? name : `${about} · ${name}`}`), commandBlock(again)]);
  },
};

export function comparisonBlocks(comparison: Comparison, title: string): Block[] {
  const { titles, legend } = titlesOf(comparison);
  const sectionOf = (rows: Comparison['rows']): string => table(titles.length === 2 ? pairSection({ ...comparison, rows }, titles, true) : manySection({ ...comparison, rows }, titles, titles.map((_, i) => i).slice(1)));
  const failed = comparison.rows.filter(({ changes }) => changes.some((change) => fails(change, comparison.failOn)));
  const method = methodOf(comparison);
  const caveats = [...comparison.caveats, ...remarksOf(comparison)];
  return [
    { text: `### ${headline(title)}` },
    { text: `${verdictOf(comparison)} ${literal(tallyOf(comparison).join(' · '))}` },
    { text: literal(headOf(comparison, titles, '').ran.join(' · ')) },
    ...(legend.length === 0 ? [] : [{ text: list(legend), name: 'names of the sides' }]),
    ...(caveats.length === 0 ? [] : [{ text: list(caveats), name: 'caveats' }]),
    ...(failed.length === 0 ? [] : [{ text: sectionOf(failed), name: 'what failed' }]),
    folded('All figures', sectionOf(comparison.rows) + (method === null ? '' : `\n\n${literal(method)}`)),
    ...(comparison.why ?? []).map((why) => folded(`Why: ${why.sides[1]}`, whyBlocks(why).join('\n\n'))),
  ];
}

function verdictOf(comparison: Comparison): string {
  if (isFailure(comparison)) return comparison.counts.worse > 0 ? '✗ **WORSE**' : '✗ **FAILED**';
  if (comparison.rows.every(({ changes }) => changes.every(({ verdict }) => verdict === null))) return '~ **NOT JUDGED**';
  return comparison.counts.inconclusive > 0 ? '~ **NOT WORSE**, as far as could be told:' : '✓ **NOT WORSE**';
}
