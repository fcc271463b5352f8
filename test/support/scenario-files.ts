/** Scenario files in a folder of their own, gone when the tests of the file have ended. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export const SCENARIO = 'name: shop\nduration: 5s\nservices: { web: { latency: 1ms } }\ntraffic: [{ to: web, rate: 10/s }]\n';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function scenarioFile(folder: string, name: string, text: string = SCENARIO): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
