/** The table of a comparison for a terminal. Many sides go into as many tables as the width asks for, each with the reference. */
import type { Comparison } from '../../compare/comparison.ts';
import { Page } from '../page.ts';
import { printable } from '../summary.ts';
import type { ComparisonReporter } from './reporter.ts';
import { addWhy } from './why.ts';
import { foldedRows, foldedText, headOf, invariantLines, manySection, methodOf, pairSection, remarksOf, resolutionOf, tallyOf, titlesOf } from './view.ts';

export const comparisonTerminal: ComparisonReporter = {
  doc: 'The table on stdout, for people.',
  file: null,
  render(comparison, options) {
    const page = new Page(options);
    const { titles, legend } = titlesOf(comparison);
    const { name, about, ran } = headOf(comparison, titles, options.subject);
    const whole = about === '' ? ran : [about, ...ran];
    page.title(`compare  ${name}`, [ran[0]!, ...ran.map((_, i) => whole.slice(0, i + 2).join(' · '))]);
    for (const line of legend) page.note(line);
    for (const caveat of comparison.caveats) page.lines.push(...page.warningLines(printable(caveat), Infinity));
    const [invariants, ...violations] = invariantLines(comparison);
    if (invariants !== undefined) page.words(invariants);
    for (const violation of violations) page.lines.push(...page.warningLines(violation, Infinity));
    page.gap();
    const isWide = table(page, comparison, titles);
    page.gap();
    for (const remark of remarksOf(comparison)) page.lines.push(...page.warningLines(remark, Infinity));
    const resolution = isWide ? null : resolutionOf(comparison);
    if (resolution !== null) page.words(resolution);
    const method = methodOf(comparison);
    if (method !== null) page.words(method);
    for (const why of comparison.why ?? []) addWhy(page, why, options.width);
    if (comparison.why !== undefined) page.gap();
    page.words([...tallyOf(comparison), ...(options.exitCode === null ? [] : [`exit ${options.exitCode}`])].join('   '));
    page.ending(options);
    return `${page.lines.join('\n')}\n`;
  },
};

/** Whether it says of each row what would have been seen. */
function table(page: Page, comparison: Comparison, titles: readonly string[]): boolean {
  if (titles.length === 2) {
    for (const isWide of [true, false]) {
      const section = pairSection(comparison, titles, isWide);
      if (!page.hasRoomFor(section)) continue;
      page.section(section);
      return isWide;
    }
  }
  manySides(page, comparison, titles);
  return false;
}

function manySides(page: Page, comparison: Comparison, titles: readonly string[]): void {
  const { same, shown } = foldedRows(comparison);
  const rest = { ...comparison, rows: shown };
  for (let others = titles.map((_, i) => i).slice(1); shown.length > 0 && others.length > 0; ) {
    let many = others.length;
    while (many > 1 && !page.hasRoomFor(manySection(rest, titles, others.slice(0, many)))) many--;
    page.gap();
    page.section(manySection(rest, titles, others.slice(0, many)));
    others = others.slice(many);
  }
  if (same.length > 0) {
    page.gap();
    page.words(foldedText(same));
  }
}
