/** A run as a short Markdown text for a pull request: the verdict and what did not hold first, all else folded. */
import { counted } from '../model/grouped.ts';
import type { Result } from '../result/result.ts';
import { type Block, commandBlock, commentOf, folded, headline, list, literal, table } from './comment-text.ts';
import { comparisonBlocks } from './comparison/comment.ts';
import type { Reporter } from './reporter.ts';
import { SIGNS } from './markdown.ts';
import { markOf, type Section, type Summary, summaryOf } from './summary.ts';

export const commentReporter: Reporter = {
  doc: 'A short report as Markdown, for a comment on a pull request.',
  file: null,
  render(result, { again, comparison }) {
    const summary = summaryOf(result, 'full');
    return commentOf([
      { text: `### meshsim · ${headline(summary.name)}` },
      { text: summary.verdicts.map(({ mark, word, detail }) => `${SIGNS[mark]} **${word}** ${literal(detail)}`).join('\n\n') },
      { text: literal(summary.ran.join(' · ')) },
      ...(summary.violations.length === 0 ? [] : [{ name: 'broken invariants', text: list(summary.violations) }]),
      ...failuresOf(summary, result),
      ...(comparison === undefined ? [] : comparisonBlocks(comparison, 'Against the baseline')),
      { name: 'figures', text: summary.figures.map(({ title, versions }) => `- **${title.toLowerCase()}** ${literal(versions[0]!)}`).join('\n') },
      ...(summary.warnings.length === 0 ? [] : [folded(counted(summary.warnings.length, 'warning'), list(summary.warnings))]),
      ...(summary.thresholds === null ? [] : [folded(counted(summary.thresholds.rows.length, 'threshold'), table(worstFirst(summary.thresholds)))]),
      commandBlock(again),
      ...[summary.services, ...summary.more].map((section) => folded(section.title.charAt(0) + section.title.slice(1).toLowerCase(), table(section))),
    ]);
  },
};

/** Thresholds that did not hold, or only just; nothing where all did. */
function failuresOf({ thresholds: section }: Summary, { thresholds }: Result): Block[] {
  if (section === null) return [];
  const isOpen = (i: number): boolean => markOf(thresholds[i]!) !== 'pass';
  const open = worstFirst({ ...section, rows: section.rows.filter((_, i) => isOpen(i)), marks: section.marks!.filter((_, i) => isOpen(i)) });
  return open.rows.length === 0 ? [] : [{ text: table(open), name: 'what did not hold' }];
}

/** So that what is cut off is what held. */
function worstFirst(section: Section): Section {
  const marks = section.marks!; // of thresholds each has one
  const order = ['fail', 'unsure'].flatMap((mark) => marks.flatMap((own, i) => (own === mark ? [i] : [])));
  const all = [...order, ...marks.flatMap((mark, i) => (mark === 'pass' ? [i] : []))];
  return { ...section, rows: all.map((i) => section.rows[i]!), marks: all.map((i) => marks[i]!) };
}
