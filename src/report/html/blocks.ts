/** Small pieces of a page. */
import { type Content, html, type Markup } from './markup.ts';

/** Text in which backticks are code. */
export function prose(text: string): Markup {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** A command with a button that copies it. */
export function commandBlock(command: string): Markup {
  return html`<div class="command"><code>${command}</code><button type="button" class="js-only copy">Copy</button></div>`;
}

/** Where a section has nothing to show, why. */
export function nothing(why: Content): Markup {
  return html`<p class="nothing">${why}</p>`;
}
