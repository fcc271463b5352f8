/** The style sheet and the script of our pages, as `scripts/bundle.ts` made them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface Assets {
  readonly style: string;
  readonly script: string;
  /** Of the script, as a content security policy names it. */
  readonly scriptHash: string;
}

let assets: Assets | null = null;

export function assetsOf(): Assets {
  if (assets !== null) return assets;
  const { resolve } = createRequire(import.meta.url);
  const [style, script] = ['#web/report.css', '#web/report.js'].map((name) => readFileSync(resolve(name), 'utf8'));
  if (/<\/script|<!--/i.test(script!) || /<\/style/i.test(style!)) throw new Error('the bundle would end the element that it stands in');
  assets = { style: style!, script: script!, scriptHash: `sha256-${createHash('sha256').update(script!).digest('base64')}` };
  return assets;
}
