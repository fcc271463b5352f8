/** Builds the package once, for the tests that start the real command line. */
import { execFileSync } from 'node:child_process';

export function setup(): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}
