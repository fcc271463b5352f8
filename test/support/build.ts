/** Builds the package once before the tests that start the real command line. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const DOUBLES = 'dist/test/support/doubles';

export function setup(): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  if (!existsSync(DOUBLES)) return;
  for (const name of readdirSync(DOUBLES, { recursive: true, encoding: 'utf8' })) {
    const place = join('dist/src', name);
    if (!name.endsWith('.js') || existsSync(place)) continue;
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, `export * from './${relative(dirname(place), join(DOUBLES, name))}';\n`);
  }
}
