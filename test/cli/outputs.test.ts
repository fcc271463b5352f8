/** Files that `run`, `compare` and `report` write by flags of their own. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { junitFaultsOf } from '../support/junit-schema.ts';
import { runHere } from '../support/pool-here.ts';
import { SCENARIO, scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { type ShellChanges, type StringShell, stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', `${SCENARIO}thresholds: [ latency p(99) < 250ms ]\n`);
const broken = scenarioFile(folder, 'broken.yaml', `${SCENARIO}trafic: []\n`);
const FAILING = ['--threshold', 'latency p(99) < 0.1ms'];

async function meshsim(words: readonly string[], changes: ShellChanges = {}): Promise<{ code: number; out: string; err: string; shell: StringShell }> {
  const shell = stringShell(changes);
  const code = await dispatch([...words, '--quiet'], shell);
  return { code, out: shell.out(), err: shell.err(), shell };
}

/** Paths in a folder of their own. */
function filesIn(name: string): { readonly flags: string[]; readonly read: (format: string) => string; readonly at: string } {
  const at = join(folder, name);
  return { at, flags: ['result', 'html', 'markdown', 'junit', 'csv'].flatMap((format) => [`--${format}`, join(at, format)]), read: (format) => readFileSync(join(at, format), 'utf8') };
}

describe('run', () => {
  test('writes each format to its file, and says so', async () => {
    const { flags, read, at } = filesIn('each');
    const { code, out } = await meshsim(['run', shop, ...flags]);
    expect(code).toBe(0);
    for (const format of ['result', 'html', 'markdown', 'junit', 'csv']) expect(out).toContain(`${format} ${join(at, format)}`);
    expect(JSON.parse(read('result'))).toMatchObject({ schema: 'meshsim/result/1', env: { command: `meshsim run ${shop} --seed 1` } });
    expect(read('markdown')).toContain('**PASSED**');
    expect(read('junit')).toContain('failures="0"');
    expect(read('csv')).toContain('shop,1,totals,,requests,count,');
  });

  test('is the same to the byte whatever the terminal', async () => {
    const [narrow, wide] = [filesIn('narrow'), filesIn('wide')];
    await meshsim(['run', shop, ...narrow.flags, '--out', join(narrow.at, 'out')], { columns: 40 });
    await meshsim(['run', shop, ...wide.flags, '--out', join(wide.at, 'out')], { columns: 200, isTTY: true, env: { LANG: 'C.UTF-8', FORCE_COLOR: '1' } });
    for (const format of ['html', 'markdown', 'junit', 'csv', 'out/report.md']) expect(wide.read(format)).toBe(narrow.read(format));
  });

  test.each(['junit', 'markdown', 'csv', 'result'])('--%s - prints it instead of the summary', async (format) => {
    const { flags, read } = filesIn(`printed-${format}`);
    await meshsim(['run', shop, ...flags]);
    const { code, out } = await meshsim(['run', shop, `--${format}`, '-']);
    const plain = (text: string): string => text.replace(/"wallMs": \d+/, '');
    expect([code, plain(out)]).toEqual([0, plain(read(format))]);
  });

  test.each([
    [['--csv', '-', '--json'], 'one of them can be printed'],
    [['--csv', '-', '--junit', '-'], 'one of them can be printed'],
    [['--csv', shop], 'would overwrite what is read'],
    [['--csv', join(folder, 'x'), '--junit', `${folder}/./x`], 'would overwrite what --junit writes'],
    [['--csv', join(folder, 'o', 'result.json'), '--out', join(folder, 'o')], 'would overwrite what --csv writes'],
    [['--junit', join(folder, 'x'), '--save-baseline', join(folder, 'x')], 'would overwrite what --save-baseline writes'],
    [['--csv', folder], 'it is a folder'],
    [['--csv', join(shop, 'x.csv')], 'cannot write to the folder'],
    [['--csv', '/proc/nowhere/x.csv'], 'cannot write to the folder'],
  ])('%j is noticed before the run', async (flags, said) => {
    const { code, out, err } = await meshsim(['run', shop, ...flags], { runMany: () => Promise.reject(new Error('it ran')) });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
  });

  test('a file that cannot be written keeps neither the others nor the verdict', async () => {
    const whole = filesIn('whole');
    const flags = ['--junit', '/dev/full', '--csv', join(whole.at, 'csv')];
    const held = await meshsim(['run', shop, ...flags]);
    expect([held.code, held.err]).toEqual([2, 'meshsim: cannot write /dev/full: no space left on the device\n']);
    expect(held.out).toContain('PASSED');
    expect(whole.read('csv')).not.toBe('');
    expect((await meshsim(['run', shop, ...flags, ...FAILING])).code).toBe(99);
  });

  test('a link stays one, a pipe is written to, and no half file is left', async () => {
    const at = join(folder, 'links');
    mkdirSync(at);
    writeFileSync(join(at, 'real.csv'), 'old');
    symlinkSync('real.csv', join(at, 'link.csv'));
    await meshsim(['run', shop, '--csv', join(at, 'link.csv'), '--markdown', '/dev/null']);
    expect(readFileSync(join(at, 'real.csv'), 'utf8')).toMatch(/^scenario,/);
    expect(readdirSync(at).sort()).toEqual(['link.csv', 'real.csv']);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('an invalid scenario is told in the files that jobs read', async () => {
    const { flags, read, at } = filesIn('invalid');
    const { code, out, err } = await meshsim(['run', broken, ...flags]);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain('error[unknown-key]');
    expect(readdirSync(at).sort()).toEqual(['junit', 'markdown', 'result']);
    expect(await junitFaultsOf([read('junit')])).toEqual([]);
    expect(read('junit')).toMatch(/tests="1" failures="0" errors="1"[\s\S]*<error type="invalid-scenario" message="1 error">[\s\S]*unknown-key/);
    expect(read('markdown')).toContain('**INVALID**');
    expect(JSON.parse(read('result'))).toMatchObject({ valid: false });
    expect((await meshsim(['run', broken, '--junit', '-'])).out).toBe(read('junit'));
  });

  test('--policy calls every service by one policy of the file', async () => {
    const both = scenarioFile(folder, 'both.yaml', 'duration: 2s\nservices: { web: { latency: 20ms, policy: calm } }\npolicies: { calm: { timeout: 1s }, hasty: { timeout: 1ms } }\ntraffic: [{ to: web, rate: 50/s }]\n');
    const errorsBy = async (...flags: string[]): Promise<number> => (JSON.parse((await meshsim(['run', both, '--json', ...flags])).out) as { totals: { errorRate: number } }).totals.errorRate;
    expect(await errorsBy()).toBe(0);
    expect(await errorsBy('--policy', 'hasty')).toBe(1);
    expect(await errorsBy('--policy', 'none')).toBe(0);
    expect((await meshsim(['run', both, '--policy', 'hastyy'])).err).toContain('did you mean `hasty`?');
    expect((await meshsim(['run', both, '--policy', 'hasty'])).out).toContain('--policy hasty');
    expect((await meshsim(['compare', both, both, '--policy', 'hasty', '--reps', '2', '--json'])).out).toContain('timeout');
  });
});

describe('compare', () => {
  test('writes each format to its file', async () => {
    const { flags, read, at } = filesIn('compared');
    const { code, out } = await meshsim(['compare', shop, '--vary', 'services.web.latency=1ms,2ms', '--reps', '6', ...flags]);
    expect(code).toBe(5);
    for (const format of ['result', 'html', 'markdown', 'junit', 'csv']) expect(out).toContain(`${format} ${join(at, format)}`);
    expect(read('markdown')).toContain('**WORSE**');
    expect(await junitFaultsOf([read('junit')])).toEqual([]);
    expect(read('junit')).toContain('name="latency p50: 2ms against 1ms"');
    expect(JSON.parse(read('result'))).toMatchObject({ schema: 'meshsim/comparison/1', failOn: 'worse' });
  });

  test('an invalid side is a case of its own', async () => {
    const { flags, read } = filesIn('invalid-side');
    expect((await meshsim(['compare', shop, broken, ...flags])).code).toBe(3);
    expect(read('junit')).toContain('broken.yaml is valid');
    expect(read('junit')).toContain('tests="1"');
  });
});

describe('report', () => {
  const FORMATS = ['html', 'markdown', 'junit', 'csv'];

  async function rebuilt(run: ReturnType<typeof filesIn>, name: string): Promise<{ code: number; out: string; files: ReturnType<typeof filesIn> }> {
    const files = filesIn(name);
    const { code, out } = await meshsim2(['report', join(run.at, 'result'), ...files.flags.slice(2), '--out', join(files.at, 'out')]);
    return { code, out, files };
  }

  /** It has nothing to be quiet about. */
  async function meshsim2(words: readonly string[], changes: ShellChanges = {}): Promise<{ code: number; out: string; err: string }> {
    const shell = stringShell(changes);
    return { code: await dispatch(words, shell), out: shell.out(), err: shell.err() };
  }

  test.each([
    ['one run', []],
    ['replications', ['--reps', '3', '--threshold', 'latency p(50) < 1.01ms']],
    ['a run that failed', FAILING],
    ['a run with a baseline', ['--baseline', join(folder, 'base.json')]],
  ])('writes of %s what the run wrote, to the byte', async (name, flags) => {
    await meshsim(['run', shop, '--reps', '6', '--save-baseline', join(folder, 'base.json')]);
    const run = filesIn(`run ${name}`);
    const printed = (await meshsim(['run', shop, ...flags, ...run.flags, '--out', join(run.at, 'out')])).out;
    const { code, out, files } = await rebuilt(run, `again ${name}`);
    expect(code).toBe(0);
    for (const format of FORMATS) expect(files.read(format)).toBe(run.read(format));
    for (const file of readdirSync(join(files.at, 'out'))) expect(files.read(join('out', file))).toBe(run.read(join('out', file)));
    expect(out.split('\n').slice(0, 12)).toEqual(printed.split('\n').slice(0, 12));
  });

  test('of a comparison too', async () => {
    const run = filesIn('comparison');
    await meshsim(['compare', shop, '--vary', 'services.web.latency=1ms,2ms', '--reps', '6', '--fail-on', 'different', ...run.flags, '--out', join(run.at, 'out')]);
    const { files } = await rebuilt(run, 'comparison again');
    for (const format of FORMATS) expect(files.read(format)).toBe(run.read(format));
    for (const file of ['out/comparison.md', 'out/report.html']) expect(files.read(file)).toBe(run.read(file));
  });

  test('of a run that was stopped', async () => {
    const run = filesIn('stopped');
    const shell = stringShell({ runMany: async (tasks) => runHere(tasks, () => new Promise((resolve) => setTimeout(resolve, 20))) });
    setTimeout(() => shell.signal('SIGINT'), 5);
    expect(await dispatch(['run', shop, '--reps', '50', ...run.flags], shell)).toBe(130);
    const { out, files } = await rebuilt(run, 'stopped again');
    expect(out).toContain('PARTIAL');
    for (const format of FORMATS) expect(files.read(format)).toBe(run.read(format));
    expect(files.read('junit')).toMatch(/<testcase [^>]*name="the run is complete">\s*<error type="partial"/);
  });

  test('reads standard input, and the reference results, which have no environment', async () => {
    const text = readFileSync('reports/quickstart/result.json', 'utf8');
    expect((await meshsim2(['report', '-'], { stdin: text })).out).toContain('again: meshsim run FILE --seed');
    expect((await meshsim2(['report', '-', '--csv', '-'], { stdin: text })).out).toMatch(/^scenario,seed,/);
    expect((await meshsim2(['report', '-', '--summary', 'none'], { stdin: text })).out).toBe('');
  });

  test.each([
    ['', 'the file is empty'],
    ['{"schema": "meshsim/res', 'not JSON, or not all of it'],
    ['3', 'a single value'],
    ['services: {}', 'not JSON'],
    ['{}', 'no `schema`'],
    ['{"schema":"meshsim/baseline/1"}', 'no result of a run but meshsim/baseline/1'],
    ['{"schema":"meshsim/result/9"}', 'meshsim/result/9'],
    ['{"schema":"meshsim/result/1"}', '`meshsim` is missing'],
    ['{"schema":"meshsim/comparison/1"}', '`meshsim` is missing'],
  ])('of %j it says what is wrong', async (stdin, said) => {
    const { code, out, err } = await meshsim2(['report', '-'], { stdin });
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^meshsim: standard input: .*\n$/);
    expect(err).toContain(said);
  });
});
