/**
 * The summary for a terminal: what ran, verdict, thresholds, totals, services, warnings, files, and
 * last a command that runs it again. `compact` keeps to 40 lines: services and warnings give way,
 * never the verdict. Only the last line may be wider than the terminal, because a command that is
 * cut is none.
 */
import type { Result } from '../result/result.ts';
import * as format from './format.ts';
import type { Reporter, ReportOptions } from './reporter.ts';
import type { Look, Mark, Style } from './style.ts';
import { MARK_TONES, styleOf } from './style.ts';
import type { Figure, Section, Summary, Verdict } from './summary.ts';
import { summaryOf } from './summary.ts';
import { layout } from './table.ts';
import { lengthOf, shorten, wrapped } from './text.ts';

export const terminalReporter: Reporter = {
  doc: 'The summary on stdout, for people.',
  file: null,
  render(result, options) {
    return `${linesOf(result, options).join('\n')}\n`;
  },
};

const LINES_COMPACT = 40;
const FEWEST_ROWS = 3;
const MOST_THRESHOLDS = 10;
const MOST_WARNINGS = 3;
const MOST_LINES_OF_WARNING = 2;

function linesOf(result: Result, options: ReportOptions): string[] {
  const summary = summaryOf(result, options.detail);
  const page = new Page(options);
  const compact = options.detail === 'compact';

  page.title(summary, result.env.wallMs);
  page.gap();
  for (const verdict of summary.verdicts) page.verdict(verdict);
  page.gap();
  if (summary.thresholds !== null) {
    page.section(failuresFirst(summary.thresholds), compact ? MOST_THRESHOLDS : Infinity, 'thresholds');
    page.gap();
  }
  page.figures(summary.figures);
  page.gap();
  const warnings = compact ? summary.warnings.slice(0, MOST_WARNINGS) : summary.warnings;
  const warningLines = warnings.flatMap((text) => page.warningLines(text, compact ? MOST_LINES_OF_WARNING : Infinity));
  const below = warningLines.length + (summary.warnings.length > warnings.length ? 1 : 0) + 3 + (options.files.length > 0 ? 1 : 0);
  page.section(summary.services, compact ? Math.max(FEWEST_ROWS, LINES_COMPACT - page.lines.length - below - 2) : Infinity, 'services');
  for (const section of summary.more) {
    page.gap();
    page.section(section, Infinity, '');
  }
  page.gap();
  page.lines.push(...warningLines);
  if (summary.warnings.length > warnings.length) page.note(`and ${summary.warnings.length - warnings.length} more warnings: --summary full`);
  page.ending(options);
  return page.lines;
}

/** With room for some only, those that failed are the ones to read. */
function failuresFirst(section: Section): Section {
  const marks = section.marks ?? [];
  const order = section.rows.map((_, i) => i).sort((a, b) => weight(marks[a]) - weight(marks[b]) || a - b);
  if (section.rows.length <= MOST_THRESHOLDS) return section;
  return { ...section, rows: order.map((i) => section.rows[i]!), marks: order.map((i) => marks[i]!) };
}

function weight(mark: Mark | undefined): number {
  return mark === 'fail' ? 0 : mark === 'unsure' ? 1 : 2;
}

/** Lines of a page of a given width. */
class Page {
  readonly lines: string[] = [];
  private readonly width: number;
  private readonly style: Style;
  private readonly markWidth: number;

  constructor({ width, color, unicode }: Look & { readonly width: number }) {
    this.width = width;
    this.style = styleOf({ color, unicode });
    this.markWidth = Math.max(...(['pass', 'fail', 'unsure', 'warn'] as const).map((mark) => lengthOf(this.style.mark(mark))));
  }

  gap(): void {
    if (this.lines.at(-1) !== '') this.lines.push('');
  }

  /** Parts of what ran leave from the end when there is no room; the name stays. */
  title({ name, ran }: Summary, wallMs: number): void {
    const { paint, plain } = this.style;
    const details = [ran.slice(0, 2).join(' · '), ran.slice(0, 3).join(' · '), ran.join(' · '), `${ran.join(' · ')} in ${format.duration(wallMs)}`].map(plain);
    const shownName = shorten(plain(name), this.width);
    const detail = details.findLast((text) => lengthOf(`${shownName}   ${text}`) <= this.width) ?? '';
    this.lines.push(`${paint(shownName, 'strong')}   ${detail}`.trimEnd());
  }

  verdict({ mark, word, detail }: Verdict): void {
    const { paint, plain } = this.style;
    const sign = this.style.mark(mark);
    // In ASCII the signs of pass and fail are words themselves: `FAIL FAILED` says nothing more.
    const head = lengthOf(sign) === 1 ? `${sign} ${word}` : word;
    const room = this.width - lengthOf(head) - 3;
    this.lines.push(`${paint(head, MARK_TONES[mark])}   ${shorten(plain(detail), room)}`);
  }

  section(section: Section, most: number, what: string): void {
    const { paint, plain } = this.style;
    const shown = section.rows.length > most ? most - 1 : section.rows.length;
    const indent = section.marks ? this.markWidth + 3 : 2;
    // Columns are chosen over all rows, so what is shown does not depend on how many are.
    const table = { ...section, rows: section.rows.map((row) => row.map((cell) => ({ ...cell, text: plain(cell.text) }))) };
    const [header, ...rows] = layout(table, this.width - indent, paint);
    this.lines.push(' '.repeat(indent) + header);
    rows.slice(0, shown).forEach((row, i) => {
      this.lines.push(`  ${section.marks ? `${this.signOf(section.marks[i]!)} ` : ''}${row}`.trimEnd());
    });
    if (shown < section.rows.length) this.note(`and ${section.rows.length - shown} more ${what}: --summary full`);
  }

  figures(figures: readonly Figure[]): void {
    const { paint, plain } = this.style;
    const column = Math.max(...figures.map(({ title }) => title.length)) + 4;
    for (const { title, versions, tone } of figures) {
      const room = this.width - 2 - column;
      const texts = versions.map(plain);
      const text = texts.find((version) => lengthOf(version) <= room) ?? shorten(texts.at(-1)!, room);
      this.lines.push(`  ${paint(title.padEnd(column), 'dim')}${paint(text, tone)}`);
    }
  }

  warningLines(text: string, most: number): string[] {
    const { paint, plain } = this.style;
    const lines = wrapped(plain(text), this.width - 4);
    const shown = lines.length <= most ? lines : [...lines.slice(0, most - 1), shorten(lines.slice(most - 1).join(' '), this.width - 4)];
    return shown.map((line, i) => `  ${i === 0 ? paint('!', 'warn') : ' '} ${line}`);
  }

  note(text: string): void {
    this.lines.push(this.style.paint(shorten(`  ${text}`, this.width), 'dim'));
  }

  ending({ files, again }: ReportOptions): void {
    const written = files.map(({ what, path }) => `${what} ${path}`);
    const last = `again: ${again}`;
    const oneLine = `  ${[...written, last].join('    ')}`;
    if (lengthOf(oneLine) <= this.width) {
      this.lines.push(oneLine);
      return;
    }
    if (written.length > 0) this.lines.push(...rowsOf(written, this.width));
    this.lines.push(`  ${last}`);
  }

  private signOf(mark: Mark): string {
    const sign = this.style.mark(mark);
    return this.style.paint(sign, MARK_TONES[mark]) + ' '.repeat(this.markWidth - lengthOf(sign));
  }
}

/** On one line if they fit, else one each; a path is not cut. */
function rowsOf(texts: readonly string[], width: number): string[] {
  const joined = `  ${texts.join('    ')}`;
  return lengthOf(joined) <= width ? [joined] : texts.map((text) => `  ${text}`);
}
