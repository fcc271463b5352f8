/**
 * HTML by template: whatever is put into one is text, unless it is markup itself. Names come from files that somebody else may have written, so
 * no other way leads into a page.
 */
import { printable } from '../summary.ts';

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Nothing is written for null and false. */
export type Content = Markup | string | number | null | false | readonly Content[];

export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, i) => (i === 0 ? part : written(contents[i - 1]!) + part)).join(''));
}

function written(content: Content): string {
  if (content instanceof Markup) return content.text;
  if (content === null || content === false) return '';
  if (typeof content === 'object') return content.map(written).join('');
  return escaped(String(content));
}

function escaped(text: string): string {
  // Line ends are for the source; no other control character means anything in a page.
  return text.split('\n').map(printable).join('\n').replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** JSON for a `<script type="application/json">`: nothing in it ends the element or opens a comment. */
export function jsonBlock(id: string, value: unknown): Markup {
  return new Markup(`<script type="application/json" id="${id}">${JSON.stringify(value).replace(/</g, '\\u003c')}</script>`);
}
