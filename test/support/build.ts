/** Builds the package before the tests, which are of it, and again before they run again. */
import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

export function setup(project: TestProject): void {
  build();
  project.onTestsRerun(async () => build());
}

function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
