/**
 * `npm run test:nodes [-- 20 24]`: the same bytes on every Node. Installs the npm package `node`, whose versions are the
 * releases of Node as binaries, into a temporary folder, runs every shipped scenario with each of them
 * from the built package, and compares digests and result bytes (`env` apart) with those of this process.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Result } from '../src/result/result.ts';
import { CannotInstall, installNode, type Runtime } from './node-release.ts';
import { type Shipped, shippedScenarios } from './shipped.ts';

const MAIN = resolve('dist/src/cli/main.js');
const wanted = process.argv.slice(2).filter((word) => /^\d+$/.test(word));
const majors = wanted.length > 0 ? wanted : ['20', '22', '24', '26'];

interface Outcome {
  readonly digest: string;
  /** Of the result's bytes without `env`. */
  readonly bytes: string;
}

function compare(runtimes: readonly Runtime[]): number {
  const scenarios = shippedScenarios();
  const widest = Math.max(...scenarios.map(({ name }) => name.length));
  process.stdout.write(`${''.padEnd(widest)}   ${'digest'.padEnd(16)}   ${runtimes.map(({ version }) => version.padEnd(10)).join('')}\n`);
  let differences = 0;
  for (const scenario of scenarios) {
    const outcomes = runtimes.map(({ binary }) => outcomeOf(binary, scenario));
    const first = outcomes[0]!;
    const verdicts = outcomes.map(({ digest, bytes }) => (digest !== first.digest ? 'DIGEST' : bytes !== first.bytes ? 'BYTES' : 'same'));
    differences += verdicts.filter((verdict) => verdict !== 'same').length;
    process.stdout.write(`${scenario.name.padEnd(widest)}   ${first.digest}   ${verdicts.map((verdict) => verdict.padEnd(10)).join('').trimEnd()}\n`);
  }
  process.stdout.write(differences === 0
    ? `${scenarios.length} scenarios, ${runtimes.length} runtimes: the same bytes\n`
    : `${differences} results differ from those of ${process.version}\n`);
  return differences === 0 ? 0 : 1;
}

function outcomeOf(binary: string, { path }: Shipped): Outcome {
  const text = execFileSync(binary, [MAIN, 'run', path, '--json', '--quiet'], { encoding: 'utf8', maxBuffer: 2 ** 28, env: { PATH: process.env['PATH'] ?? '' } });
  const { env: _, ...lasting } = JSON.parse(text) as Result; // its own output
  return { digest: lasting.digest, bytes: createHash('sha256').update(JSON.stringify(lasting)).digest('hex') };
}

const folder = mkdtempSync(join(tmpdir(), 'meshsim-nodes-'));
try {
  process.exitCode = compare([{ version: process.version, binary: process.execPath }, ...majors.map((major) => installNode(major, folder))]);
} catch (error) {
  if (!(error instanceof CannotInstall)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
