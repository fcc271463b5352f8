/**
 * Browser code: each entry of `web/` with all that it imports as one script, and its style sheet beside it, into `dist/web/`. What is
 * written there is read at run time and put into the pages that we write, so a page needs no network.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const ENTRIES: readonly { readonly name: string; readonly styles: readonly string[] }[] = [
  { name: 'report', styles: ['node_modules/uplot/dist/uPlot.min.css', ...['theme', 'page', 'table', 'chart', 'drawing', 'verdicts', 'narrow', 'print'].map((name) => `web/style/${name}.css`)] },
];

const FOLDER = 'dist/web';

/** What the minifier takes out, and the licence wants kept. */
const LICENCES = `/*! uPlot (https://github.com/leeoniya/uPlot)\n${readFileSync('node_modules/uplot/LICENSE', 'utf8').trim()}\n*/`;

mkdirSync(FOLDER, { recursive: true });
for (const { name, styles } of ENTRIES) {
  const bundle = await rolldown({ input: `web/${name}.ts`, platform: 'browser', tsconfig: 'web/tsconfig.json' });
  await bundle.write({ file: `${FOLDER}/${name}.js`, format: 'iife', minify: true, banner: LICENCES });
  await bundle.close();
  writeFileSync(`${FOLDER}/${name}.css`, styles.map((path) => readFileSync(path, 'utf8').trim()).join('\n').replace(/^\/\*.*\*\/$/gm, ''));
}
