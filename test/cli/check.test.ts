/** `meshsim check`: over worker threads where it counts, else on this one. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckReport } from '../../src/check/report.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { ExitCode } from '../../src/cli/exit-codes.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { type StringShell, stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();

/** Nothing is retried, so that an endpoint that fails is seen. */
const SHOP = `
name: shop
duration: 4s
services: { web: { replicas: 4, latency: 5ms, calls: cart }, cart: { replicas: 3, latency: 10ms } }
policies: { default: { timeout: 200ms, retries: 0 } }
traffic: [{ to: web, name: browse, rate: 50/s }]
faults: [{ name: slow, at: 1s, for: 1s, target: cart/0, latency: { multiply: 3 } }]
thresholds: [errors rate < 2%, 'latency{phase:slow} p(99) < 1s']
`;
const shop = scenarioFile(folder, 'shop.yaml', SHOP);
const careful = ['--set', 'policies.default.retries={ attempts: 3, on: [5xx, reset, connectFailure, timeout], perTryTimeout: 40ms, avoidPrevious: true, backoff: 0 }'];

function check(words: readonly string[]): Promise<{ readonly code: ExitCode; readonly shell: StringShell }> {
  const shell = stringShell({ columns: 100, env: { LANG: 'C.UTF-8' } });
  return dispatch(['check', ...words], shell).then((code) => ({ code, shell }));
}

function reportOf(shell: StringShell): CheckReport {
  return JSON.parse(shell.out()) as CheckReport;
}

describe('a threshold that one endpoint can break', () => {
  const failures = join(folder, 'kept');
  const words = [shop, '--cases', '40', '--failures', failures, '--quiet'];

  test('is found, shrunk, told and kept', async () => {
    const { code, shell } = await check(words);
    expect(code).toBe(ExitCode.invariantBroken);
    const [kept] = readdirSync(failures);
    const path = join(failures, kept!);
    expect(kept).toMatch(/^errors-rate-2-[0-9a-f]{4}\.yaml$/);
    expect(shell.out()).toMatch(/✗ threshold broken: errors rate < 2% {3}in case \d+ · shrunk \d+ times/);
    expect(shell.out()).toMatch(/browse → web +timeout: 200ms, retries: 0/);
    expect(shell.out()).toContain('without the fault it holds');
    expect(shell.out()).toContain(`saved   ${path}\n  again   meshsim run ${path} --seed`);
    expect(shell.out()).toContain('not judged: latency{phase:slow} p(99) < 1s: it is about a fault of the file');
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^# threshold broken: errors rate < 2%\n/);
    expect(text.match(/- \{ name: fault/g)).toHaveLength(1);
    // As complete as any file.
    expect(await dispatch(['run', path, '--quiet'], stringShell())).toBe(ExitCode.thresholdFailed);
  });

  test('is found though it cannot be kept', async () => {
    const { code, shell } = await check([shop, '--cases', '40', '--failures', '/proc/meshsim-failures', '--quiet']);
    expect(code).toBe(ExitCode.invariantBroken);
    expect(shell.out()).toContain('threshold broken: errors rate < 2%');
    expect(shell.err()).toMatch(/^meshsim: cannot write to the folder [^\n]*\n$/);
  });

  test('is run first the next time, and is no news', async () => {
    const { code, shell } = await check(words);
    expect(code).toBe(ExitCode.invariantBroken);
    expect(shell.out()).toContain(`✗ still fails   errors rate < 2%\n  ${join(failures, readdirSync(failures)[0]!)}\n`);
    expect(shell.out()).toContain('~ NOTHING NEW   40 cases with up to 2 faults at once');
    expect(readdirSync(failures)).toHaveLength(1);
  });

  test('and fixed where the file has been changed, whatever is kept of it', async () => {
    const { code, shell } = await check([...words, ...careful, '--json']);
    const report = reportOf(shell);
    expect(report.kept).toMatchObject([{ status: 'fixed', failure: null }]);
    expect(code).toBe(report.found.length === 0 ? ExitCode.ok : ExitCode.invariantBroken);
  });

  test('or of no matter where the file asks for something else', async () => {
    const { shell } = await check([...words, '--set', 'thresholds=["errors rate < 90%"]', '--json']);
    expect(reportOf(shell).kept).toMatchObject([{ status: 'gone' }]);
  });

  test.each([
    ['fixed   it holds by now', careful],
    ['outdated   its threshold, or what it fails in, is gone', ['--set', 'thresholds=["errors rate < 90%"]']],
  ])('what to do about one that is %s is told in full, however narrow and long', async (said, changed) => {
    const shell = stringShell({ columns: 40, env: { LANG: 'C.UTF-8' } });
    await dispatch(['check', ...words, '--cases', '1', ...changed], shell);
    expect(shell.out()).toContain(said.slice(0, 30));
    expect(shell.out()).toContain(`\n  ${join(failures, readdirSync(failures)[0]!)}\n  where it was kept as a failure, the\n  file can go\n`);
  });

  test('and can be run by itself', async () => {
    const path = join(failures, readdirSync(failures)[0]!);
    const { code, shell } = await check(['--replay', path, '--quiet']);
    expect(code).toBe(ExitCode.invariantBroken);
    expect(shell.out()).toMatch(/✗ still fails[\s\S]*errors rate < 2%: it is/);
    const calm = scenarioFile(folder, 'calm.yaml', readFileSync(path, 'utf8').replace(/faults:\n.*\n/, ''));
    expect((await check(['--replay', calm, '--quiet'])).code).toBe(ExitCode.ok);
  });
});

describe('a kept file that is no valid scenario', () => {
  const plain = scenarioFile(folder, 'whole.yaml', SHOP.replace(/thresholds:.*/, ''));
  const broken = join(folder, 'broken');
  mkdirSync(broken);
  test.each([
    ['nonsense.yaml', '{ not: [yaml', /broken\/nonsense\.yaml:1:/],
    ['empty.yml', '', /the file is empty[\s\S]*broken\/empty\.yml:1:1/],
    ['key.yaml', SHOP.replace('duration', 'duraton'), /`duraton` is not a field[\s\S]*broken\/key\.yaml:3:1/],
  ])('%s is told, and no green check', async (name, text, message) => {
    const path = scenarioFile(broken, name, text);
    const { code, shell } = await check([plain, '--cases', '3', '--failures', broken, '--quiet']);
    rmSync(path);
    expect(code).toBe(ExitCode.invalidScenario);
    expect(shell.err()).toMatch(message);
    expect(shell.err()).toContain(`meshsim: the kept failure ${path} is no valid scenario: put it right, or delete it\n`);
    expect(shell.out()).toContain('NOTHING FOUND');
  });

  test('what fails is worse', async () => {
    const path = scenarioFile(broken, 'empty.yaml', '');
    const { code, shell } = await check([shop, '--cases', '40', '--failures', broken, '--quiet']);
    for (const name of readdirSync(broken)) rmSync(join(broken, name));
    expect(code).toBe(ExitCode.invariantBroken);
    expect(shell.err()).toContain(path);
  });

  test('is no matter where it is another scenario, and a folder is no file', async () => {
    const path = scenarioFile(broken, 'other.yaml', SHOP.replace('duration', 'duraton').replace('name: shop', 'name: other'));
    mkdirSync(join(broken, 'folder.yaml'));
    const { code, shell } = await check([plain, '--cases', '3', '--failures', broken, '--quiet']);
    rmSync(path);
    expect(code).toBe(ExitCode.ok);
    expect(shell.err()).toBe('');
  });
});

test('a kept file may end in .yml', async () => {
  const yml = join(folder, 'yml');
  mkdirSync(yml);
  scenarioFile(yml, 'kept.yml', SHOP.replace(/faults:.*/, "faults: [{ target: web/0, errors: '100%' }]").replace(", 'latency{phase:slow} p(99) < 1s'", ''));
  const { shell } = await check([shop, '--cases', '3', '--failures', yml, '--json', '--quiet']);
  expect(reportOf(shell).kept).toMatchObject([{ file: join(yml, 'kept.yml'), status: 'fails' }]);
});

test('of what was kept, only what is asked for is run', async () => {
  const both = join(folder, 'both');
  mkdirSync(both);
  const kept = SHOP.replace(/faults:.*/, "faults: [{ target: web/0, errors: '100%' }]");
  scenarioFile(both, 'invariant.yaml', kept.replace(/thresholds:.*/, ''));
  scenarioFile(both, 'threshold.yaml', kept.replace(", 'latency{phase:slow} p(99) < 1s'", ''));
  const rerun = async (...words: readonly string[]): Promise<readonly string[]> => reportOf((await check([shop, '--cases', '1', '--failures', both, '--json', '--quiet', ...words])).shell).kept.map(({ file }) => basename(file));
  expect(await rerun()).toEqual(['invariant.yaml', 'threshold.yaml']);
  expect(await rerun('--only', 'invariants')).toEqual(['invariant.yaml']);
  expect(await rerun('--only', 'thresholds')).toEqual(['threshold.yaml']);
});

test('nothing found says how much was tried, and that it is no proof', async () => {
  const { code, shell } = await check([scenarioFile(folder, 'plain.yaml', SHOP.replace(/thresholds:.*/, '')), '--cases', '30', '--failures', join(folder, 'none')]);
  expect(code).toBe(ExitCode.ok);
  expect(shell.out()).toContain('✓ NOTHING FOUND   30 cases with up to 2 faults at once');
  expect(shell.out()).toMatch(/invariants \(\d+\): under loads/);
  expect(shell.out()).toContain('what was not found may still be there');
  expect(shell.out()).toContain('again: meshsim check');
});

test('a case number is the same case, however many there are', async () => {
  const few = reportOf((await check([shop, '--cases', '25', '--failures', join(folder, 'few'), '--json', '--quiet'])).shell);
  const many = reportOf((await check([shop, '--cases', '50', '--failures', join(folder, 'many'), '--json', '--quiet'])).shell);
  expect(many.found[0]).toMatchObject({ case: few.found[0]!.case, scenario: few.found[0]!.scenario, failure: few.found[0]!.failure });
});

describe('mistakes', () => {
  test.each([
    [[], 'name a scenario file, or a kept failure with --replay'],
    [[shop, '--replay', shop], `--replay ${shop} is complete; leave out ${shop}`],
    [[shop, '--cases', '0'], '--cases 0: write a whole number from 1 to 100000'],
    [[shop, '--faults', '11'], '--faults 11: write a whole number from 1 to 10'],
    [[shop, '--time', '5'], '--time 5: a time up to 24h'],
    [[shop, '--only', 'thresholds', '--set', 'services.web.replicas=1', '--set', 'services.cart.replicas=1'], '`errors rate < 2%` cannot be judged: no service has more than one endpoint'],
    [[shop, '--failures', shop], 'cannot read the folder'],
  ])('%s', async (words, message) => {
    const { code, shell } = await check(words);
    expect(code).toBe(ExitCode.usage);
    expect(shell.err()).toContain(message);
  });

  test('of the file are its problems', async () => {
    const { code, shell } = await check([shop, '--set', 'services.web.latency=5']);
    expect(code).toBe(ExitCode.usage);
    expect(shell.err()).toContain('has no unit');
    expect((await check([scenarioFile(folder, 'bad.yaml', 'duration: 5\n')])).code).toBe(ExitCode.invalidScenario);
  });
});

describe('as a process', () => {
  const MAIN = 'dist/src/cli/main.js';
  const meshsim = (words: readonly string[]): Promise<{ readonly code: number; readonly out: string }> =>
    new Promise((resolve) => execFile(process.execPath, [MAIN, ...words], (error, out) => resolve({ code: error === null ? 0 : Number(error.code), out })));

  test('the bytes are the same with any number of jobs', async () => {
    const [one, three] = await Promise.all(['1', '3'].map((jobs) => meshsim(['check', shop, '--cases', '60', '--jobs', jobs, '--failures', join(folder, `jobs-${jobs}`), '--json', '--quiet'])));
    expect([one!.code, three!.code]).toEqual([4, 4]);
    expect(three!.out.replaceAll('jobs-3', 'jobs-1')).toBe(one!.out);
    for (const name of readdirSync(join(folder, 'jobs-1'))) {
      expect(readFileSync(join(folder, 'jobs-3', name), 'utf8').replaceAll('jobs-3', 'jobs-1')).toBe(readFileSync(join(folder, 'jobs-1', name), 'utf8'));
    }
  });

  test('Ctrl-C tells what was tried by then', async () => {
    const child = spawn(process.execPath, [MAIN, 'check', shop, '--cases', '100000', '--time', '1h', '--only', 'invariants', '--failures', join(folder, 'stopped')]);
    let out = '';
    child.stdout.on('data', (more: Buffer) => (out += String(more)));
    child.stderr.once('data', () => setTimeout(() => child.kill('SIGINT'), 1500));
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(ExitCode.interrupted);
    expect(out).toMatch(/~ SO FAR NOTHING {3}[\d,]+ of 100,000 cases tried/);
  });
});
