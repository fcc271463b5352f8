/**
 * `npm run reports` writes `reports/` anew; with `--check` nothing is written, and a byte that differs, or a
 * folder that belongs to no scenario, fails with the first place that does.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { differenceIn, REPORTS, reportsOf } from './reference-reports.ts';
import { shippedScenarios } from './shipped.ts';

const isCheck = process.argv.includes('--check');
const scenarios = shippedScenarios();
const differences: string[] = [];

for (const folder of foldersIn(REPORTS)) {
  if (scenarios.some(({ name }) => name === folder)) continue;
  if (isCheck) differences.push(`${REPORTS}/${folder}: there is no scenarios/${folder}.yaml`);
  else rmSync(join(REPORTS, folder), { recursive: true });
}
for (const scenario of scenarios) {
  for (const file of reportsOf(scenario)) {
    if (isCheck) {
      const difference = differenceIn(file);
      if (difference !== null) differences.push(difference);
      continue;
    }
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.text);
    process.stdout.write(`${file.path}   ${(file.text.length / 1000).toFixed(0)} kB\n`);
  }
}
for (const difference of differences) process.stderr.write(`${difference}\n`);
if (differences.length > 0) {
  process.stderr.write('The reports are not those of this code and these scenarios. If that is intended: npm run reports\n');
  process.exitCode = 1;
} else if (isCheck) process.stdout.write(`${REPORTS}/ is what ${scenarios.length} scenarios give\n`);

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
  } catch {
    return []; // not there yet
  }
}
