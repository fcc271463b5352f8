/** Drawing in markup. Colours are classes of the style sheet, so a drawing follows the theme and prints. */
import { html, type Markup } from './markup.ts';

/** Short numbers: a tenth of a pixel is nothing. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Characters that fit into a width, in the font of the page. */
export function fitting(text: string, width: number, fontPx: number): string {
  const most = Math.max(2, Math.floor(width / (fontPx * AVERAGE_WIDTH)));
  const signs = [...text];
  return signs.length <= most ? text : `${signs.slice(0, most - 1).join('')}…`;
}

/** Of a path the end tells most. */
export function fittingEnd(text: string, width: number, fontPx: number): string {
  const most = Math.max(2, Math.floor(width / (fontPx * AVERAGE_WIDTH)));
  const signs = [...text];
  return signs.length <= most ? text : `…${signs.slice(1 - most).join('').replace(/^\./, '')}`;
}

export function textWidth(text: string, fontPx: number): number {
  return [...text].length * fontPx * AVERAGE_WIDTH;
}

/** Of a character, in ems; a little wide, since the font is the reader's. */
const AVERAGE_WIDTH = 0.56;

/** Round values that cover a range: about `many` of them. */
export function ticks(low: number, high: number, many: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / many;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((size) => size >= rough * 0.999)!;
  const values: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) values.push(Number((i * step).toPrecision(12)));
  return values;
}

/** A line of a tile: how something went, no more. Holes where nothing was measured. */
export function sparkline(values: readonly (number | null)[], { color, shaded = [] }: { readonly color: string; /** From and to, as shares of the width. */ readonly shaded?: readonly (readonly [number, number])[] }): Markup {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return html`<svg class="spark" viewBox="0 0 200 40" aria-hidden="true"></svg>`;
  const most = Math.max(...known, 1e-12);
  const at = (value: number, i: number): string => `${px((i * 200) / (values.length - 1))} ${px(38 - (36 * value) / most)}`;
  const paths: string[] = [];
  let isOpen = false;
  values.forEach((value, i) => {
    if (value !== null) paths.push(`${isOpen ? 'L' : 'M'}${at(value, i)}`);
    isOpen = value !== null;
  });
  return html`<svg class="spark" viewBox="0 0 200 40" preserveAspectRatio="none" aria-hidden="true">${shaded.map(([from, to]) => html`<rect class="fault" x="${px(from * 200)}" y="0" width="${px(Math.max(1, (to - from) * 200))}" height="40"/>`)}<path class="area s-${color}" d="${areaOf(values, at)}"/><path class="line s-${color}" d="${paths.join('')}"/></svg>`;
}

/** Down to the ground, without holes: a hole is nothing. */
function areaOf(values: readonly (number | null)[], at: (value: number, i: number) => string): string {
  return `M0 38${values.map((value, i) => `L${at(value ?? 0, i)}`).join('')}L200 38Z`;
}

/** What tells areas apart besides their colour, for `fill="url(#p-…)"` over it; once a page. */
export function patterns(): Markup {
  return html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs><pattern id="p-rising" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5"/></pattern><pattern id="p-falling" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-1 -1L7 7M5 -1L7 1M-1 5L1 7"/></pattern><pattern id="p-dots" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M1.5 2.5H3.5"/></pattern><pattern id="p-rows" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M0 2.5H5"/></pattern><pattern id="p-grid" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M0 2.5H5M2.5 0V5"/></pattern></defs></svg>`;
}
