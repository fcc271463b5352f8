/** Lines of text of a given width, out of the parts that summaries have in common. */
import type { ReportOptions } from './reporter.ts';
import type { Look, Mark, Style } from './style.ts';
import { MARK_TONES, styleOf } from './style.ts';
import type { Figure, Section, Verdict } from './summary.ts';
import type { Cell, Table } from './table.ts';
import { fits, layout } from './table.ts';
import { lengthOf, shorten, wrapped } from './text.ts';

/** How many rows of a table are shown. */
export interface RowLimit {
  /** With the line that tells of the others. */
  readonly most: number;
  /** What they are, in the plural. */
  readonly what: string;
  /** The flag that shows all of them. */
  readonly all: string;
}

export class Page {
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

  /** The last of the details for which there is room; the name stays. */
  title(name: string, details: readonly string[]): void {
    const { paint, plain } = this.style;
    const shownName = this.cut(name, this.width);
    const detail = details.map(plain).findLast((text) => lengthOf(`${shownName}   ${text}`) <= this.width) ?? '';
    this.lines.push(`${paint(shownName, 'strong')}   ${detail}`.trimEnd());
  }

  verdict({ mark, word, detail }: Verdict): void {
    const { paint } = this.style;
    const sign = this.style.mark(mark);
    // In ASCII the signs of pass and fail are words themselves: `FAIL FAILED` says nothing more.
    const head = lengthOf(sign) === 1 ? `${sign} ${word}` : word;
    const room = this.width - lengthOf(head) - 3;
    this.lines.push(`${paint(head, MARK_TONES[mark])}   ${this.cut(detail, room)}`);
  }

  /** @param limit  all rows unless given */
  section(section: Section, limit?: RowLimit): void {
    const { paint } = this.style;
    const shown = limit !== undefined && section.rows.length > limit.most ? limit.most - 1 : section.rows.length;
    const indent = section.marks ? this.markWidth + 3 : 2;
    // Columns are chosen over all rows, so what is shown does not depend on how many are.
    const [header, ...rows] = layout(this.written(section), this.width - indent, paint).map(this.style.plain);
    this.lines.push(' '.repeat(indent) + header);
    rows.slice(0, shown).forEach((row, i) => {
      this.lines.push(`  ${section.marks ? `${this.signOf(section.marks[i]!)} ` : ''}${row}`.trimEnd());
    });
    if (limit !== undefined && shown < section.rows.length) this.note(`and ${section.rows.length - shown} more ${limit.what}: ${limit.all}`);
  }

  /** Whether a table without marks keeps all that matters. */
  hasRoomFor(table: Table): boolean {
    return fits(this.written(table), this.width - 2);
  }

  figures(figures: readonly Figure[]): void {
    const { paint, plain } = this.style;
    const column = Math.max(...figures.map(({ title }) => title.length)) + 4;
    for (const { title, versions, tone } of figures) {
      const room = this.width - 2 - column;
      const texts = versions.map(plain);
      const text = texts.find((version) => lengthOf(version) <= room) ?? this.cut(texts.at(-1)!, room);
      this.lines.push(`  ${paint(title.padEnd(column), 'dim')}${paint(text, tone)}`);
    }
  }

  warningLines(text: string, most: number): string[] {
    const { paint, plain } = this.style;
    const lines = wrapped(plain(text), this.width - 4);
    const shown = lines.length <= most ? lines : [...lines.slice(0, most - 1), shorten(lines.slice(most - 1).join(' '), this.width - 4)];
    return shown.map((line, i) => `  ${i === 0 ? paint('!', 'warn') : ' '} ${plain(line)}`);
  }

  /** A sentence on as many lines as it takes. */
  words(text: string): void {
    const { paint, plain } = this.style;
    this.lines.push(...wrapped(plain(text), this.width - 2).map((line) => paint(`  ${plain(line)}`, 'dim')));
  }

  /** A line of its own, or as many as it takes, each further one set in. */
  plainly(text: string): void {
    const [first = '', ...more] = wrapped(this.style.plain(text), this.width - 4).map(this.style.plain);
    this.lines.push(`  ${first}`, ...more.map((line) => `    ${line}`));
  }

  /** A line as it is, but for what the terminal cannot show. */
  text(text: string): void {
    this.lines.push(this.cut(`  ${text}`, this.width).trimEnd());
  }

  note(text: string): void {
    this.lines.push(this.style.paint(this.cut(`  ${text}`, this.width), 'dim'));
  }

  /** Not cut, for it is there to be copied. */
  command(text: string): void {
    this.lines.push(this.style.paint(`  ${text}`, 'dim'));
  }

  ending({ files, again }: Pick<ReportOptions, 'files' | 'again'>): void {
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

  /** As it will stand there, marks and characters of the terminal included. */
  private written(table: Table): Table {
    const { mark: signFor, plain } = this.style;
    const text = ({ text: words, mark }: Cell): string => (mark === undefined ? plain(words) : `${signFor(mark).padEnd(this.markWidth)} ${plain(words)}`);
    return {
      columns: table.columns.map((column) => ({ ...column, title: plain(column.title) })),
      rows: table.rows.map((row) => row.map((cell) => ({ ...cell, text: text(cell) }))),
    };
  }

  /** The sign of what was cut off is no ASCII either. */
  private cut(text: string, width: number): string {
    const { plain } = this.style;
    return plain(shorten(plain(text), width));
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
