import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { VERSION } from '../../src/model/version.ts';
import { SCENARIO, scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import type { ShellChanges, StringShell } from '../support/string-shell.ts';
import { runHere } from '../support/pool-here.ts';
import { stringShell } from '../support/string-shell.ts';

/** An example longer than the usual 80 is left whole. */
const LINE_MAX = 84;
const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml');
const broken = scenarioFile(folder, 'broken.yaml', `${SCENARIO}trafic: []\n`);

async function meshsim(words: readonly string[], changes: ShellChanges = {}): Promise<{ code: number; shell: StringShell }> {
  const shell = stringShell(changes);
  return { code: await dispatch(words, shell), shell };
}

describe('meshsim', () => {
  test('prints its version, which is the one of the package', async () => {
    const { code, shell } = await meshsim(['--version']);
    expect([code, shell.out()]).toEqual([0, `meshsim ${VERSION}\n`]);
    expect(VERSION).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
  });

  test('prints version, node, platform and result schema as JSON', async () => {
    const { shell } = await meshsim(['--version', '--json']);
    expect(Object.keys(JSON.parse(shell.out()) as object)).toEqual(['meshsim', 'node', 'platform', 'resultSchema']);
  });

  test('alone is an answer on a terminal and a mistake elsewhere', async () => {
    expect((await meshsim([], { isTTY: true })).code).toBe(0);
    const { code, shell } = await meshsim([]);
    expect([code, shell.out()]).toEqual([2, '']);
  });

  test.each([
    [['rnu', 'x.yaml'], 'Did you mean run?'],
    [['run', 'x.yaml', '--sede', '1'], 'Did you mean --seed?'],
    [['run'], 'missing required argument'],
    [['run', 'a', 'b'], 'too many arguments'],
    [['run', 'x.yaml', '--summary', 'big'], 'compact, full, none'],
    [['--colour'], 'unknown option'],
    [['help', 'nothing'], 'no help on'],
  ])('%j is a usage error that says what would be right', async (words, said) => {
    const { code, shell } = await meshsim(words);
    expect([code, shell.out()]).toEqual([2, '']);
    expect(shell.err()).toContain(said);
  });

  test('help puts examples before flags and keeps to 80 columns', async () => {
    for (const words of [['--help'], ['help'], ['run', '--help'], ['help', 'run'], ['validate', '--help'], ['schema', '-h'], ['up', '--help']]) {
      const { code, shell } = await meshsim(words);
      expect(code).toBe(0);
      expect(Math.max(...shell.out().split('\n').map((line) => line.length))).toBeLessThanOrEqual(LINE_MAX);
    }
    const { shell } = await meshsim(['run', '--help']);
    const places = ['Usage:', 'Examples:', 'Input:', 'Run:', 'Output:', 'Display:'].map((title) => shell.out().indexOf(title));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  test('explains the code of a problem', async () => {
    const { shell } = await meshsim(['help', 'unknown-key']);
    expect(shell.out()).toMatch(/^unknown-key: \w/);
  });
});

describe('run', () => {
  test('prints a summary whose last line runs it again', async () => {
    const { code, shell } = await meshsim(['run', shop, '--seed', '7', '--quiet', '--set', 'name=it s', '--threshold', 'errors rate < 5%']);
    expect(code).toBe(0);
    expect(shell.out().trimEnd().split('\n').at(-1)).toBe(`  again: meshsim run ${shop} --seed 7 --set 'name=it s' --threshold 'errors rate < 5%'`);
    expect(shell.err()).toBe('');
  });

  test('prints exactly one JSON document with --json', async () => {
    const { code, shell } = await meshsim(['run', shop, '--json', '--seed', '7', '--duration', '2s']);
    const result = JSON.parse(shell.out()) as { seed: number; window: { durationMs: number } };
    expect([code, result.seed, result.window.durationMs]).toEqual([0, 7, 2_000]);
  });

  test('reads standard input for -', async () => {
    expect((await meshsim(['run', '-', '--quiet'], { stdin: SCENARIO })).code).toBe(0);
  });

  test('exits 99 when a threshold fails', async () => {
    const { code, shell } = await meshsim(['run', shop, '--threshold', 'errors rate < 0%']);
    expect(code).toBe(99);
    expect(shell.out()).toContain('FAILED   1 of 1 threshold');
  });

  test.each([
    [['run', '/nowhere/x.yaml'], 2, 'no such file or directory'],
    [['run', folder], 2, 'is a directory'],
    [['run', shop, '--seed', '-1'], 2, 'whole number'],
    [['run', shop, '--set', 'seed'], 2, 'path=value'],
    [['run', broken], 3, 'error[unknown-key]'],
    [['run', broken, '--duration', '5'], 3, 'error[unknown-key]'],
    [['run', shop, '--duration', '5'], 2, 'error['],
    [['run', shop, '--threshold', 'nonsense'], 2, 'error[bad-threshold]'],
  ])('%j is refused', async (words, expected, said) => {
    const { code, shell } = await meshsim(words);
    expect([code, shell.out()]).toEqual([expected, '']);
    expect(shell.err()).toContain(said);
  });

  test('refuses what it could not simulate', async () => {
    const later = scenarioFile(folder, 'later.yaml', `${SCENARIO}policies: { default: { loadBalancer: { type: peakEwma, maxRetryAfter: 5s } } }\n`);
    const { code, shell } = await meshsim(['run', later]);
    expect(code).toBe(3);
    expect(shell.err()).toContain('error[not-simulated-yet]');
  });

  test('tells the problems as one JSON document with --json', async () => {
    const { code, shell } = await meshsim(['run', broken, '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(shell.out())).toMatchObject({ valid: false, problems: [{ code: 'unknown-key' }] });
  });

  test('reports a bug with seed and version, and where it happened only when asked', async () => {
    const bug: ShellChanges = { runMany: async (tasks) => runHere(tasks, () => Promise.reject(new Error('boom'))) };
    const { code, shell } = await meshsim(['run', shop, '--seed', '7'], bug);
    expect(code).toBe(1);
    expect(shell.err()).toContain('internal error: boom');
    expect(shell.err()).toContain('seed 7');
    expect(shell.err()).not.toMatch(/^ +at /m);
    expect((await meshsim(['run', shop, '--verbose'], bug)).shell.err()).toMatch(/^ +at /m);
  });

  test('writes result and report, making the folder', async () => {
    const out = join(folder, 'deep', 'out');
    const { code, shell } = await meshsim(['run', shop, '--out', out, '--quiet']);
    expect([code, readdirSync(out).sort()]).toEqual([0, ['report.html', 'report.md', 'result.json']]);
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toMatchObject({ schema: 'meshsim/result/1', complete: true });
    expect(shell.out()).toContain(join(out, 'result.json'));
  });

  test.each(['/proc/nowhere', '/dev/null/x', shop])('cannot write to %s, says so in one line, before the run', async (out) => {
    const { code, shell } = await meshsim(['run', shop, '--out', out]);
    expect([code, shell.out()]).toEqual([2, '']);
    expect(shell.err()).toMatch(/^meshsim: cannot write .*\n$/);
  });

  test('prints the summary although a file could not be written, and leaves no half file', async () => {
    const out = join(folder, 'occupied');
    await meshsim(['run', shop, '--out', join(out, 'report.md')]);
    const { code, shell } = await meshsim(['run', shop, '--out', out, '--quiet']);
    expect(code).toBe(2);
    expect(shell.out()).toContain('again: ');
    expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('--summary none and --quiet print nothing', async () => {
    const { shell } = await meshsim(['run', shop, '--summary', 'none', '--quiet']);
    expect([shell.out(), shell.err()]).toEqual(['', '']);
  });

  test('numbers from a thousand on have separators, in every sentence', async () => {
    const { shell } = await meshsim(['run', shop, '--set', 'traffic[0].rate=400/s', '--quiet']);
    expect(shell.out()).toMatch(/· ?[12],\d{3} requests|- [12],\d{3} requests/);
    expect(shell.out().replace(/\s+/g, ' ')).toMatch(/p99.9 rests on [12],\d{3} requests; 10,000 or more/);
  });

  test('--summary full adds edges', async () => {
    expect((await meshsim(['run', shop, '--summary', 'full'])).shell.out()).toContain('EDGE');
  });

  test('takes settings from the environment, and the flag wins', async () => {
    const env = { MESHSIM_SEED: '12', MESHSIM_QUIET: 'yes', MESHSIM_JSON: '1', MESHSIM_THRESHOLD: 'errors rate < 5%; errors rate < 9%' };
    const { shell } = await meshsim(['run', shop, '--verbose'], { env });
    expect(JSON.parse(shell.out())).toMatchObject({ seed: 12, thresholds: [{ expr: 'errors rate < 5%' }, { expr: 'errors rate < 9%' }] });
    expect(shell.err()).toContain('--seed 12 (MESHSIM_SEED)');
    expect(JSON.parse((await meshsim(['run', shop, '--seed', '3'], { env })).shell.out())).toMatchObject({ seed: 3 });
  });

  test.each([{ MESHSIM_SUMMARY: 'big' }, { MESHSIM_QUIET: 'perhaps' }])('refuses %j', async (env) => {
    const { code, shell } = await meshsim(['run', shop], { env });
    expect(code).toBe(2);
    expect(shell.err()).toContain(Object.keys(env)[0]);
  });

  test('tells of a variable that is no setting, and passes over those of other commands and empty ones', async () => {
    const env = { MESHSIM_SEDE: '1', MESHSIM_WHATEVER: 'x', MESHSIM_SHARD: '1/2', MESHSIM_SEED: '', MESHSIM_OLD: '' };
    const { code, shell } = await meshsim(['run', shop, '--no-progress'], { env });
    expect(code).toBe(0);
    expect(shell.err()).toBe('meshsim: MESHSIM_SEDE is no setting of meshsim, and is ignored; did you mean `MESHSIM_SEED`?\nmeshsim: MESHSIM_WHATEVER is no setting of meshsim, and is ignored\n');
    expect((await meshsim(['run', shop, '--quiet'], { env })).shell.err()).toBe('');
    expect((await meshsim(['schema'], { env })).shell.err()).toContain('MESHSIM_SEDE');
  });

  test('gives the exit code of the signal and a partial result', async () => {
    const shell: StringShell = stringShell({
      runMany: async (tasks) => runHere(tasks, () => new Promise((resolve) => setTimeout(resolve, 20))),
    });
    setTimeout(() => shell.signal('SIGTERM'), 5);
    expect(await dispatch(['run', shop, '--json'], shell)).toBe(143);
    expect(JSON.parse(shell.out())).toMatchObject({ complete: false });
    expect(shell.left).toEqual([]);
  });

  test('colours only when told to, on a terminal, or by FORCE_COLOR, and never under NO_COLOR', async () => {
    const isColored = async (words: string[], changes: ShellChanges): Promise<boolean> =>
      (await meshsim(['run', shop, '--no-progress', ...words], changes)).shell.out().includes('\u001b[');
    expect(await isColored([], {})).toBe(false);
    expect(await isColored([], { isTTY: true })).toBe(true);
    expect(await isColored([], { isTTY: true, env: { TERM: 'dumb' } })).toBe(false);
    expect(await isColored([], { isTTY: true, env: { NO_COLOR: '1' } })).toBe(false);
    expect(await isColored([], { isTTY: true, env: { NO_COLOR: '' } })).toBe(true);
    expect(await isColored([], { env: { FORCE_COLOR: '1' } })).toBe(true);
    expect(await isColored(['--color', 'always'], { env: { NO_COLOR: '1' } })).toBe(true);
    expect(await isColored(['--color', 'never'], { isTTY: true, env: { FORCE_COLOR: '1' } })).toBe(false);
  });
});

describe('validate', () => {
  test('names valid files', async () => {
    const { code, shell } = await meshsim(['validate', shop], { env: { LANG: 'C.UTF-8' } });
    expect([code, shell.out()]).toEqual([0, `✓ ${shop}: valid\n`]);
    expect((await meshsim(['validate', shop])).shell.out()).toBe(`ok ${shop}: valid\n`);
  });

  test('lists problems of all files and exits 3', async () => {
    const { code, shell } = await meshsim(['validate', shop, broken]);
    expect(code).toBe(3);
    expect(shell.err()).toContain('error[unknown-key]');
  });

  test('prints one JSON document for many files', async () => {
    const { shell } = await meshsim(['validate', '--json', shop, broken]);
    expect(JSON.parse(shell.out())).toMatchObject({ files: [{ file: shop, valid: true }, { file: broken, valid: false }] });
  });

  test('prints what a file means with every default', async () => {
    const { shell } = await meshsim(['validate', '--resolved', shop]);
    expect(JSON.parse(shell.out())).toMatchObject({ seed: 1, name: 'shop' });
  });

  test('exits 2 for a missing file', async () => {
    expect((await meshsim(['validate', shop, '/nowhere.yaml'])).code).toBe(2);
  });
});

test('schema prints JSON', async () => {
  const { code, shell } = await meshsim(['schema']);
  expect([code, typeof JSON.parse(shell.out())]).toEqual([0, 'object']);
});

test('a folder in use is written to without disturbing its other files', async () => {
  const out = join(folder, 'shared');
  await meshsim(['run', shop, '--out', out, '--quiet']);
  writeFileSync(join(out, 'mine.txt'), 'x');
  await meshsim(['run', shop, '--out', out, '--quiet']);
  expect(existsSync(join(out, 'mine.txt'))).toBe(true);
});
