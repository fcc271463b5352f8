/**
 * The full summary as Markdown: a report that lives in a repository. It holds no wall time and no
 * host, so equal runs give equal bytes and a diff shows what a change did.
 */
import type { Reporter } from './reporter.ts';
import type { Mark } from './style.ts';
import type { Section } from './summary.ts';
import { summaryOf } from './summary.ts';
import { withoutEmptyColumns } from './table.ts';

export const markdownReporter: Reporter = {
  doc: 'The full summary as Markdown, `report.md`.',
  file: 'report.md',
  render(result, { again }) {
    const summary = summaryOf(result, 'full');
    const blocks = [
      `# ${escaped(summary.name)}`,
      escaped(summary.ran.join(' · ')),
      ...summary.verdicts.map(({ mark, word, detail }) => `${SIGNS[mark]} **${word}** ${escaped(detail)}`),
      ...(summary.violations.length > 0 ? [summary.violations.map((text) => `- ${escaped(text)}`).join('\n')] : []),
      ...(summary.thresholds === null ? [] : [heading(summary.thresholds), tableOf(summary.thresholds)]),
      '## Totals',
      summary.figures.map(({ title, versions }) => `- **${title.toLowerCase()}** ${escaped(versions[0]!)}`).join('\n'),
      ...[summary.services, ...summary.more].flatMap((section) => [heading(section), tableOf(section)]),
      ...(summary.warnings.length > 0 ? ['## Warnings', summary.warnings.map((text) => `- ${escaped(text)}`).join('\n')] : []),
      `Result digest \`${result.digest}\`, meshsim ${result.meshsim}. Run it again:`,
      `\`\`\`sh\n${again}\n\`\`\``,
    ];
    return `${blocks.join('\n\n')}\n`;
  },
};

export const SIGNS: Readonly<Record<Mark, string>> = { pass: '✓', fail: '✗', unsure: '~', warn: '!', none: '' };

function heading({ title }: Section): string {
  return `## ${escaped(title.charAt(0) + title.slice(1).toLowerCase())}`;
}

export function tableOf(section: Section): string {
  const { columns, rows } = withoutEmptyColumns(section);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const marked = section.marks !== undefined;
  return [
    line([...(marked ? [''] : []), ...columns.map(({ title }, i) => (i === 0 ? '' : title))]),
    line([...(marked ? ['---'] : []), ...columns.map(({ align }) => (align === 'right' ? '---:' : '---'))]),
    ...rows.map((row, i) => line([
      ...(marked ? [SIGNS[section.marks![i]!]] : []),
      ...row.map(({ text, mark }) => [...(mark === undefined ? [] : [SIGNS[mark]]), escaped(text)].join(' ')),
    ])),
  ].join('\n');
}

/** Literal in Markdown, also inside a table and where HTML is allowed. */
export function escaped(text: string): string {
  return text.replace(/[\\|`*_[\]<>~]/g, '\\$&').replace(/^([#+-])/, '\\$1');
}
