/** The style sheets and scripts of our pages, as `scripts/bundle.ts` made them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A script that stands in a page. */
export interface Script {
  readonly text: string;
  /** As a content security policy names it. */
  readonly hash: string;
}

const { resolve } = createRequire(import.meta.url);
const texts = new Map<string, string>();

/** @param name  of a bundle, such as `report` */
export function scriptOf(name: string): Script {
  const text = textOf(`${name}.js`);
  return { text, hash: `sha256-${createHash('sha256').update(text).digest('base64')}` };
}

export function styleSheetOf(name: string): string {
  return textOf(`${name}.css`);
}

/** A script that is no part of a page but of something in it: deflated, as base64. */
export function packedScriptOf(name: string): string {
  return textOf(`${name}.base64`);
}

function textOf(file: string): string {
  let text = texts.get(file);
  if (text === undefined) {
    text = readFileSync(resolve(`#web/${file}`), 'utf8');
    if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${file} would end the element that it stands in`);
    texts.set(file, text);
  }
  return text;
}
