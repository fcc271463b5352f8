/**
 * Markdown for a comment on a pull request or a step summary of GitHub: a marker that readers do not see, what matters at once,
 * the rest folded, and never more than fits. A comment may have 65,536 characters, a step summary 1 MiB.
 */
import { escaped, tableOf } from './markdown.ts';
import type { Section } from './summary.ts';
import { printable } from './summary.ts';
import { shorten } from './text.ts';

/** First line of every comment, by which a job finds the one to update. */
export const COMMENT_MARKER = '<!-- meshsim -->';

/** Room is left for what a job writes around it. */
export const COMMENT_MAX = 60_000;
const ROWS_MAX = 50;
const CELL_MAX = 200;

export interface Block {
  readonly text: string;
  /** What is missing when there is no room for it, in a word or two; one without a name always stays. */
  readonly name?: string;
}

/** Later blocks leave first. */
export function commentOf(blocks: readonly Block[]): string {
  const kept = [...blocks];
  const missing: string[] = [];
  const text = (): string => {
    const left = missing.length === 0 ? [] : [`Left out for want of room: ${missing.map(literal).join(', ')}.`];
    return `${[COMMENT_MARKER, ...kept.map((block) => block.text), ...left].join('\n\n')}\n`;
  };
  while (text().length > COMMENT_MAX) {
    const last = kept.findLastIndex(({ name }) => name !== undefined);
    if (last < 0) break;
    missing.unshift(kept.splice(last, 1)[0]!.name!); // only those with a name are found
  }
  return text();
}

/** Opened by a click; GitHub reads Markdown in it after an empty line. */
export function folded(title: string, text: string): Block {
  return { name: title, text: `<details><summary>${html(title)}</summary>\n\n${text}\n\n</details>` };
}

/** Markdown is not read in a line of HTML. */
function html(text: string): string {
  return unlinked(printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
}

/** The first rows of a section, and how many more there are. */
export function table(section: Section): string {
  const more = section.rows.length - ROWS_MAX;
  const rows = section.rows.slice(0, ROWS_MAX).map((row) => row.map((cell) => ({ ...cell, text: shorten(cell.text, CELL_MAX) })));
  return `${unlinked(tableOf({ ...section, rows }))}${more > 0 ? `\n\n… and ${more} more` : ''}`;
}

/** As a list, cut like a table. */
export function list(texts: readonly string[]): string {
  const more = texts.length - ROWS_MAX;
  return [...texts.slice(0, ROWS_MAX).map((text) => `- ${literal(shorten(text, 2 * CELL_MAX))}`), ...(more > 0 ? [`- … and ${more} more`] : [])].join('\n');
}

export function headline(text: string): string {
  return literal(shorten(text, CELL_MAX));
}

/** Text of a scenario is nothing but text: no Markdown, no HTML, and nobody is called by it. */
export function literal(text: string): string {
  return unlinked(escaped(printable(text)));
}

export function commandBlock(again: string): Block {
  return folded('Run it again', fenced(again));
}

/** In a fence longer than any inside. */
export function fenced(text: string): string {
  const shown = shorten(text, COMMENT_MAX / 4);
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${shown}\n${fence}`;
}

/** GitHub tells people whose name follows an `@`, in tables and sentences as in prose. */
function unlinked(text: string): string {
  return text.replace(/@(?=[\w-])/g, '@\u200b');
}
