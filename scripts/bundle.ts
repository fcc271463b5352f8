/**
 * Browser code: each entry of `web/` with all that it imports as one script, and its style sheet beside it, into `dist/web/`. What is
 * written there is read at run time and put into the pages that we write, so a page needs no network.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { rolldown } from 'rolldown';

interface Entry {
  readonly name: string;
  readonly styles: readonly string[];
  /** Packages in it, whose licences want to be kept. */
  readonly packages: readonly string[];
  /** Only as `NAME.base64`, deflated: packed here, so that pages are the same bytes whatever Node makes them. */
  readonly isPacked?: true;
}

const REPORT_STYLES: readonly string[] = ['node_modules/uplot/dist/uPlot.min.css', ...['theme', 'page', 'table', 'chart', 'drawing', 'verdicts', 'narrow', 'print'].map((name) => `web/style/${name}.css`)];
const ENTRIES: readonly Entry[] = [
  { name: 'report', styles: REPORT_STYLES, packages: ['uplot'] },
  { name: 'playground', styles: [...REPORT_STYLES, 'web/style/playground.css'], packages: ['uplot'] },
  { name: 'simulator', styles: [], packages: ['@faker-js/faker', 'fastest-levenshtein', 'simple-statistics', 'yaml'], isPacked: true },
];

const FOLDER = 'dist/web';

/** Sockets are no part of a browser's simulator; what would load them is never called. */
const NOT_THERE = [/[\\/]src[\\/]real[\\/]/];
const INSTEAD: Readonly<Record<string, string>> = { [resolve('src/traffic/faker.ts')]: resolve('web/simulator/faker.ts') };

/** What a result says of the machine that it was made on, in a browser. */
const HOST: Readonly<Record<string, string>> = { 'process.version': '"none"', 'process.platform': '"browser"', 'process.arch': '"any"' };

mkdirSync(FOLDER, { recursive: true });
for (const { isPacked, name, packages, styles } of ENTRIES) {
  const bundle = await rolldown({
    input: `web/${name}.ts`, platform: 'browser', tsconfig: 'web/tsconfig.json', external: NOT_THERE, transform: { define: HOST },
    plugins: [{ name: 'instead', load: (id) => (INSTEAD[id] === undefined ? null : `export * from ${JSON.stringify(INSTEAD[id])};`) }],
    onLog(level, log, report) {
      // What cannot run in a browser must not get into a page.
      if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
      report(level, log);
    },
  });
  const file = `${FOLDER}/${name}.js`;
  await bundle.write({ file, format: 'iife', minify: true, banner: packages.map(licenceOf).join('\n') });
  await bundle.close();
  if (isPacked === true) {
    writeFileSync(`${FOLDER}/${name}.base64`, deflateRawSync(readFileSync(file), { level: 9 }).toString('base64'));
    rmSync(file);
  }
  if (styles.length > 0) writeFileSync(`${FOLDER}/${name}.css`, styles.map((path) => readFileSync(path, 'utf8').trim()).join('\n').replace(/^\/\*.*\*\/$/gm, ''));
}

function licenceOf(name: string): string {
  const folder = `node_modules/${name}`;
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (file === undefined) throw new Error(`${name} has no licence beside it`);
  return `/*! ${name}\n${readFileSync(`${folder}/${file}`, 'utf8').trim().replaceAll('*/', '* /')}\n*/`;
}
