/**
 * Columns of text in a given width. What does not fit goes column by column, the one with the
 * smallest `keep` first, so two runs at one width show the same columns; a row never wraps.
 */
import type { Mark, Tone } from './style.ts';
import { lengthOf, shorten } from './text.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Order of leaving when the table is too wide, smallest first and equal ones together; `Infinity` never leaves. */
  readonly keep: number;
  /** Stands close to the column before it, of which it is a part; never the first. */
  readonly isClose?: true;
}

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  /** Goes before the text. */
  readonly mark?: Mark;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

const GAP = '   ';
const CLOSE_GAP = ' ';
const NARROWEST = 8;

/** Header first. Widths are in characters; `paint` colours the text of a cell. */
export function layout(table: Table, width: number, paint: (text: string, tone: Tone | undefined) => string): string[] {
  const filled = withoutEmptyColumns(table);
  const { columns, rows } = fitted(filled, width);
  const widths = widthsOf({ columns, rows });
  squeeze(widths, columns, width);
  const line = (cells: readonly Cell[]): string => cells.map((cell, i) => {
    const text = shorten(cell.text, widths[i]!);
    const blank = ' '.repeat(widths[i]! - lengthOf(text));
    const painted = text === '' ? '' : paint(text, cell.tone); // so that blanks at the end can be trimmed
    const gap = i === 0 ? '' : gapBefore(columns[i]!);
    if (columns[i]!.align === 'right') return gap + blank + painted;
    return gap + (i === cells.length - 1 ? painted : painted + blank);
  }).join('').trimEnd();
  return [line(columns.map(({ title }) => ({ text: title, tone: 'dim' as const }))), ...rows.map(line)];
}

/** A column that says nothing in any row, its title included, takes no room. */
export function withoutEmptyColumns({ columns, rows }: Table): Table {
  const used = columns.map((_, i) => rows.some((row) => row[i]!.text !== ''));
  return keepColumns({ columns, rows }, (i) => used[i]!);
}

/** Whether all columns that never leave have room. */
export function fits({ columns, rows }: Table, width: number): boolean {
  const kept = keepColumns({ columns, rows }, (i) => columns[i]!.keep === Infinity);
  return totalWidth(widthsOf(kept), kept.columns) <= width;
}

function fitted(table: Table, width: number): Table {
  if (totalWidth(widthsOf(table), table.columns) <= width) return table;
  const keeps = table.columns.map(({ keep }) => keep);
  const weakest = Math.min(...keeps);
  if (weakest === Infinity) return table;
  return fitted(keepColumns(table, (i) => keeps[i] !== weakest), width);
}

function keepColumns({ columns, rows }: Table, isKept: (index: number) => boolean): Table {
  const kept = <T>(items: readonly T[]): T[] => items.filter((_, i) => isKept(i));
  return { columns: kept(columns), rows: rows.map(kept) };
}

/** What is still too wide after the last droppable column is cut out of the widest left-aligned one. */
function squeeze(widths: number[], columns: readonly Column[], width: number): void {
  const excess = totalWidth(widths, columns) - width;
  if (excess <= 0) return;
  const lefts = widths.map((size, i) => (columns[i]!.align === 'left' ? size : 0));
  const widest = lefts.indexOf(Math.max(...lefts));
  widths[widest] = Math.max(NARROWEST, widths[widest]! - excess);
}

function widthsOf({ columns, rows }: Table): number[] {
  return columns.map(({ title }, i) => Math.max(lengthOf(title), ...rows.map((row) => lengthOf(row[i]!.text))));
}

function totalWidth(widths: readonly number[], columns: readonly Column[]): number {
  return widths.reduce((sum, size, i) => sum + size + (i === 0 ? 0 : gapBefore(columns[i]!).length), 0);
}

function gapBefore({ isClose }: Column): string {
  return isClose ? CLOSE_GAP : GAP;
}
