/** `npm run docs` writes anew what is made from descriptions: pages of `docs/`, and `schema/`; with `--check` nothing is written, and a difference fails. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { INVARIANTS_PAGE, invariantsPage } from './invariants-page.ts';
import { PAGE, policiesPage } from './policies-page.ts';
import { differenceIn } from './reference-reports.ts';
import { RESULT_SCHEMA_FILE, resultSchema, SCENARIO_SCHEMA_FILE, scenarioSchemaText } from './schemas.ts';

const MADE: readonly { readonly path: string; readonly text: string }[] = [
  { path: PAGE, text: policiesPage() },
  { path: INVARIANTS_PAGE, text: invariantsPage() },
  { path: SCENARIO_SCHEMA_FILE, text: scenarioSchemaText() },
  { path: RESULT_SCHEMA_FILE, text: resultSchema() },
];

for (const page of MADE) {
  const difference = differenceIn(page);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(page.path), { recursive: true });
    writeFileSync(page.path, page.text);
    process.stdout.write(`${page.path}   ${difference === null ? 'as it was' : 'new'}\n`);
  } else if (difference !== null) {
    process.stderr.write(`${difference}\nIt is not what the descriptions say. If they are right: npm run docs\n`);
    process.exitCode = 1;
  }
}
