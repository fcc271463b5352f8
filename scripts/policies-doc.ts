/** `npm run docs` writes the pages of `docs/` anew that are made from descriptions; with `--check` nothing is written, and a difference fails. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { INVARIANTS_PAGE, invariantsPage } from './invariants-page.ts';
import { PAGE, policiesPage } from './policies-page.ts';
import { differenceIn } from './reference-reports.ts';

for (const page of [{ path: PAGE, text: policiesPage() }, { path: INVARIANTS_PAGE, text: invariantsPage() }]) {
  const difference = differenceIn(page);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(page.path), { recursive: true });
    writeFileSync(page.path, page.text);
    process.stdout.write(`${page.path}   ${difference === null ? 'as it was' : 'new'}\n`);
  } else if (difference !== null) {
    process.stderr.write(`${difference}\nThe page is not what the descriptions say. If they are right: npm run docs\n`);
    process.exitCode = 1;
  }
}
