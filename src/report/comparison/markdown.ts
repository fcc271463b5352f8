/** A comparison as Markdown, for a pull request: equal comparisons give equal bytes. */
import { printable } from '../summary.ts';
import { escaped, tableOf } from '../markdown.ts';
import type { ComparisonReporter } from './reporter.ts';
import { foldedRows, foldedText, headOf, invariantLines, manySection, methodOf, pairSection, remarksOf, resolutionOf, tallyOf, titlesOf } from './view.ts';
import { whyBlocks } from './why.ts';

export const comparisonMarkdown: ComparisonReporter = {
  doc: 'The table as Markdown, `comparison.md`.',
  file: 'comparison.md',
  render(comparison, { subject, again }) {
    const { titles, legend } = titlesOf(comparison);
    const { same, shown } = foldedRows(comparison);
    const isPair = titles.length === 2;
    const { name, about, ran } = headOf(comparison, titles, subject);
    const method = methodOf(comparison);
    const resolution = resolutionOf(comparison);
    const invariants = invariantLines(comparison);
    const blocks = [
      `# Compare ${escaped(name)}`,
      escaped([...(about === '' ? [] : [about]), ...ran].join(' · ')),
      ...(legend.length > 0 ? [legend.map((line) => `- ${escaped(line)}`).join('\n')] : []),
      ...comparison.caveats.map((caveat) => `! ${escaped(printable(caveat))}`),
      ...(invariants.length === 0 ? [] : [invariants.map((line) => `- ${escaped(line)}`).join('\n')]),
      ...(isPair ? [tableOf(pairSection(comparison, titles, true))] : shown.length > 0 ? [tableOf(manySection({ ...comparison, rows: shown }, titles, titles.map((_, i) => i).slice(1)))] : []),
      ...(!isPair && same.length > 0 ? [`\\~ ${escaped(foldedText(same))}`] : []),
      ...remarksOf(comparison).map((remark) => `! ${escaped(remark)}`),
      `**${escaped(tallyOf(comparison).join(' · '))}**`,
      ...(isPair || resolution === null ? [] : [escaped(resolution)]),
      ...(method === null ? [] : [escaped(method)]),
      ...(comparison.why ?? []).flatMap((why) => [`## Why: ${escaped(printable(why.sides[1]))}`, ...whyBlocks(why)]),
      `meshsim ${comparison.meshsim}. Run it again:`,
      `\`\`\`sh\n${again}\n\`\`\``,
    ];
    return `${blocks.join('\n\n')}\n`;
  },
};
