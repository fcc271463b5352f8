/** The built command line as a process: what only a real one shows. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCENARIO, scenarioFile, temporaryFolder } from '../support/scenario-files.ts';

const MAIN = 'dist/src/cli/main.js';
const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml');
/** Long enough that only a signal ends it. */
const long = scenarioFile(folder, 'slow.yaml', SCENARIO.replace('shop', 'slow').replace('5s', '90000s').replace('10/s', '20000/s'));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function meshsim(words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...words], (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }));
  });
}

function shell(line: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }));
  });
}

test('runs a scenario in its worker', async () => {
  const { code, out } = await meshsim(['run', shop, '--json', '--quiet']);
  expect([code, (JSON.parse(out) as { complete: boolean }).complete]).toEqual([0, true]);
});

test('a reader that leaves is no failure', async () => {
  const { out, err } = await shell(`${process.execPath} ${MAIN} run ${shop} --json --quiet | head -c 1; echo " $\{PIPESTATUS[0]}"`);
  expect([out, err]).toEqual(['{ 0\n', '']);
});

test('a full disk is one line and exit 2', async () => {
  const { code, err } = await shell(`${process.execPath} ${MAIN} run ${shop} --quiet > /dev/full`);
  expect([code, err]).toEqual([2, 'meshsim: cannot write to standard output: no space left on the device\n']);
});

test('the verdict outlives a full disk', async () => {
  const { code, err } = await shell(`${process.execPath} ${MAIN} run ${shop} --quiet --threshold 'errors rate < 0%' > /dev/full`);
  expect([code, err]).toEqual([99, 'meshsim: cannot write to standard output: no space left on the device\n']);
});

test('too few files for our own modules are no bug of ours, and told with the remedy', async () => {
  const { code, err } = await shell(`ulimit -n 40; ${process.execPath} ${MAIN} run ${shop} --quiet`);
  expect([code, err]).toEqual([2, 'meshsim: this process may open too few files to load its own; raise the limit: ulimit -n 1024\n']);
});

test('the benchmark tells its usage, and refuses what it does not know', async () => {
  const bench = (words: string): Promise<Ended> => shell(`${process.execPath} dist/scripts/bench/bench.js ${words}`);
  expect(await bench('--help')).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^usage: npm run bench[\s\S]*--rounds N/) });
  for (const [words, said] of [['--sede 3', "Unknown option '--sede'"], ['W9', '`W9` is no workload'], ['real W2', '`real` goes alone'], ['--rounds x', '--rounds x: a whole number above 0']] as const) {
    const { code, err, out } = await bench(words);
    expect([code, out, err]).toEqual([2, '', expect.stringMatching(/^bench: .*\n\nusage: /)]);
    expect(err).toContain(said);
  }
});

test('two runs into one folder leave whole files', async () => {
  const out = join(folder, 'both');
  const ended = await Promise.all([meshsim(['run', shop, '--out', out, '--seed', '1']), meshsim(['run', shop, '--out', out, '--seed', '2'])]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect([1, 2]).toContain((JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as { seed: number }).seed);
});

describe.each([['SIGINT', 130], ['SIGTERM', 143]] as const)('%s', (signal, expected) => {
  test('gives what was measured, marked as partial', async () => {
    const child = spawn(process.execPath, [MAIN, 'run', long, '--json']);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    // The first line of progress: it has begun, and listens.
    child.stderr.once('data', () => setTimeout(() => child.kill(signal), 100));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, (JSON.parse(out) as { complete: boolean }).complete]).toEqual([expected, false]);
  });
});

test('eight threads write the bytes of one', async () => {
  const files = await Promise.all(['1', '8'].map(async (jobs) => {
    const out = join(folder, `jobs-${jobs}`);
    const { code } = await meshsim(['run', 'scenarios/retry-storm-budget.yaml', '--duration', '20s', '--reps', '9', '--jobs', jobs, '--out', out, '--quiet']);
    expect([0, 99]).toContain(code);
    const { env: _, ...lasting } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Record<string, unknown>;
    return [JSON.stringify(lasting), readFileSync(join(out, 'report.md'), 'utf8')];
  }));
  expect(files[1]).toEqual(files[0]);
});

test('starts quickly', async () => {
  await meshsim(['--version']);
  const startMs = performance.now();
  await meshsim(['--version']);
  // 150 ms is the goal on a quiet machine; this bound catches an import of the world.
  expect(performance.now() - startMs).toBeLessThan(500);
});
