import { mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { ExitCode } from '../../src/cli/exit-codes.ts';
import type { CaseOutcome, FaultSweep } from '../../src/fault-sweep/fault-sweep.ts';
import type { Result } from '../../src/result/result.ts';
import { runMany } from '../../src/run/pool.ts';
import { runHere } from '../support/pool-here.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { type ShellChanges, type StringShell, stringShell } from '../support/string-shell.ts';

/** Stands the loss of an endpoint, and not that of a service. */
const SHOP = `# A shop.
name: shop
duration: 6s
services:
  web: { replicas: 3, latency: 2ms, calls: cart, policy: patient }
  cart: { replicas: 3, latency: 3ms, policy: patient }
policies:
  patient: { loadBalancer: leastRequest, timeout: 200ms, retries: { attempts: 2, on: [5xx, connectFailure, reset], avoidPrevious: true, backoff: 1ms } }
traffic: [ { to: web, name: browse, rate: 60/s } ]
faults: [ { name: own, at: 1s, target: web, crash: true } ]
thresholds:
  - errors rate < 1%
  - latency{phase:own} p(99) < 100ms
  - { expr: "latency p(99) < 150ms", abort: true }
`;

let folder = '';
let file = '';
beforeAll(() => {
  folder = temporaryFolder();
  file = scenarioFile(folder, 'shop.yaml', SHOP);
});

async function check(words: readonly string[], changes: ShellChanges = {}): Promise<{ readonly code: ExitCode; readonly shell: StringShell }> {
  const shell = stringShell({ env: { LANG: 'C.UTF-8' }, columns: 120, ...changes });
  return { code: await dispatch(['check', file, '--sweep-faults', ...words], shell), shell };
}

async function sweepOf(...words: string[]): Promise<FaultSweep> {
  const { code, shell } = await check(['--json', ...words]);
  expect([code, shell.err()]).toEqual([ExitCode.ok, expect.not.stringContaining('meshsim:')]);
  return JSON.parse(shell.out()) as FaultSweep;
}

describe('meshsim check --sweep-faults', () => {
  test('ranks what breaks a threshold, and folds what is stood into one line', async () => {
    const { code, shell } = await check([]);
    expect(code).toBe(ExitCode.ok);
    const sweep = await sweepOf();
    const { cases } = sweep.singles;
    const harmful = cases.filter(({ harm }) => harm > 0);
    expect(cases.map(({ harm }) => harm)).toEqual(cases.map(({ harm }) => harm).toSorted((a, b) => b - a));
    expect(harmful.map(({ id }) => id)).toEqual(expect.arrayContaining(['crash:web', 'crash:cart', 'cut:web->cart']));
    expect(harmful.map(({ id }) => id)).not.toEqual(expect.arrayContaining(['crash:web/0']));
    expect(sweep).toMatchObject({ complete: true, window: { fromMs: 2000, toMs: 4000 }, baseline: { id: 'nothing', harm: 0 }, own: { faults: ['own'], thresholds: ['latency{phase:own} p(99) < 100ms'] } });
    expect(sweep.thresholds).toEqual(['errors rate < 1%', 'latency{phase:fault} p(99) < 100ms', 'latency p(99) < 150ms']);

    const rows = shell.out().split('\n').filter((line) => /^ {2}[✓✗] /.test(line));
    expect(rows.map((line) => line.split(/\s+/)[2])).toEqual([...harmful.map(({ id }) => id), 'nothing']);
    expect(shell.out()).toContain(`✗ BREAKS   ${harmful.length} of ${cases.length} single faults break a threshold`);
    expect(shell.out()).toContain(`no harm by ${cases.length - harmful.length} of ${cases.length} faults; nearest to a limit:`);
    for (const line of shell.out().split('\n')) if (!/^ {2}(again|go on): /.test(line)) expect([...line].length).toBeLessThanOrEqual(120);
  });

  test('writes a scenario that, run by itself, says what the table says', async () => {
    const written = join(folder, 'case.yaml');
    const worst = (await sweepOf('--break', 'cut:web->cart', '--write', written)).singles.cases[0]!;
    expect((await check(['--break', 'cut:web->cart', '--write', written], { columns: 300 })).shell.out()).toContain(`  scenario ${written}    again: `);
    expect(worst.id).toBe('cut:web->cart');
    expect(readFileSync(written, 'utf8')).toMatch(/^# cut:web->cart: the network web->cart is cut, from 2s to 4s\.\n# A shop\.\n/);
    const shell = stringShell();
    expect(await dispatch(['run', written, '--json'], shell)).toBe(ExitCode.thresholdFailed);
    const { thresholds } = JSON.parse(shell.out()) as Result;
    expect(thresholds.map(({ value }) => value)).toEqual(worst.thresholds.map(({ value }) => value));
  });

  test('gives values that `run` takes by `--set`, of pairs as well', async () => {
    const sweep = await sweepOf('--break', 'slow:cart+surge:browse', '--reps', '2');
    const pair = sweep.pairs!.cases[0]!;
    expect(pair).toMatchObject({ id: 'slow:cart+surge:browse', what: 'all of cart is 3 times as slow, and the traffic browse doubles' });
    expect(sweep.singles.cases.map(({ id }) => id).sort()).toEqual(['slow:cart', 'surge:browse']);
    const shell = stringShell();
    await dispatch(['run', file, '--json', '--reps', '2', ...pair.set.flatMap((value) => ['--set', value])], shell);
    const { thresholds } = JSON.parse(shell.out()) as Result;
    expect(thresholds.map(({ value, pass }) => [value, pass])).toEqual(pair.thresholds.map(({ value, pass }) => [value, pass]));
  });

  test('has the same bytes with any number of threads, and in the files of --out', async () => {
    const outs = [1, 3].map(async (jobs) => {
      const out = join(folder, `out-${jobs}`);
      const { code, shell } = await check(['--json', '--pairs', '--limit', '5', '--break', 'crash', '--jobs', String(jobs), '--out', out], { runMany: async (tasks, options) => runMany(tasks, options) });
      expect([code, shell.err()]).toEqual([ExitCode.ok, expect.anything()]);
      return [shell.out(), readFileSync(join(out, 'fault-sweep.json'), 'utf8'), readFileSync(join(out, 'fault-sweep.csv'), 'utf8')];
    });
    const [one, three] = await Promise.all(outs);
    expect(three).toEqual(one);
    expect(one![0]).toBe(one![1]);
    expect(readdirSync(join(folder, 'out-1')).sort()).toEqual(['fault-sweep.csv', 'fault-sweep.json']);
    const sweep = JSON.parse(one![0]!) as FaultSweep;
    expect(sweep.pairs).toMatchObject({ planned: 5 });
    expect(sweep.pairs!.possible).toBeGreaterThan(5);
    expect(sweep.pairs!.cases).toHaveLength(5);
    for (const { alone, harm } of sweep.pairs!.cases) expect([alone, harm].every(Number.isFinite)).toBe(true);
  });

  test('lists only the files that it wrote', async () => {
    const out = join(folder, 'full');
    mkdirSync(out);
    symlinkSync('/dev/full', join(out, 'fault-sweep.json'));
    const { code, shell } = await check(['--break', 'lag', '--out', out, '--write', '/dev/full', '--quiet'], { columns: 300 });
    expect([code, shell.err()]).toEqual([ExitCode.usage, `meshsim: cannot write /dev/full: no space left on the device\nmeshsim: cannot write ${out}/fault-sweep.json: no space left on the device\n`]);
    expect(shell.out()).toContain(`  csv ${out}/fault-sweep.csv    again: `);
  });

  test('overwrites nothing that it reads', async () => {
    const { code, shell } = await check(['--break', 'lag', '--write', file]);
    expect([code, shell.err()]).toEqual([ExitCode.usage, expect.stringContaining(`--write ${file} would overwrite what is read`)]);
    expect(readFileSync(file, 'utf8')).toBe(SHOP);
  });

  test('says what it leaves out', async () => {
    const { shell } = await check(['--pairs', '--limit', '2', '--break', 'crash']);
    expect(shell.out()).toMatch(/! 2 of \d+ pairs were to be run: first those of which each alone does no/);
    expect(shell.out()).toContain("! the file's own faults are left out (own); what has to hold in the time of one of them is asked of each");
  });

  test('judges thresholds that already fail by what else breaks, and says so', async () => {
    const { code, shell } = await check(['--break', 'crash', '--threshold', 'requests count > 1000000', '--fail-on', 'harm']);
    expect(code).toBe(ExitCode.thresholdFailed);
    expect(shell.out()).toContain('✗ UNWELL   1 of 4 thresholds fail when nothing breaks');
    expect(shell.out()).toContain('not counted, since nothing has to break for it to fail: requests count > 1000000');
    expect(shell.out()).toMatch(/crash:web +1\.\d\d +1 of 4/);
  });

  test('where every threshold fails anyway, says that nothing can be told', async () => {
    const { shell } = await check(['--break', 'crash:web', '--set', 'thresholds=[ "requests count > 1000000" ]']);
    expect(shell.out()).toContain('✗ UNWELL   1 of 1 threshold fail when nothing breaks, so no fault could break one');
    expect(shell.out()).not.toContain('no harm');
  });

  test('--fail-on harm is about any case, and passes where all is stood', async () => {
    expect((await check(['--break', 'crash:web', '--fail-on', 'harm'])).code).toBe(ExitCode.thresholdFailed);
    const { code, shell } = await check(['--break', 'crash:web/1', '--fail-on', 'harm']);
    expect(code).toBe(ExitCode.ok);
    expect(shell.out()).toContain('✓ STANDS   every threshold holds under');
  });

  test('stopped, it shows what was run and what was not', async () => {
    let runs = 0;
    const shell: StringShell = stringShell({
      env: { LANG: 'C.UTF-8' },
      runMany: async (tasks) => runHere(tasks, async () => {
        if (++runs === 4) shell.signal('SIGINT');
      }),
    });
    const pools = await dispatch(['check', file, '--sweep-faults', '--pairs', '--out', join(folder, 'partial')], shell);
    expect(pools).toBe(ExitCode.interrupted);
    expect(shell.out()).toMatch(/! PARTIAL {3}stopped after \d of \d\d cases; the others were not run/);
    const sweep = JSON.parse(readFileSync(join(folder, 'partial', 'fault-sweep.json'), 'utf8')) as FaultSweep;
    expect(sweep.complete).toBe(false);
    expect(sweep.singles.cases.length).toBeLessThan(sweep.singles.planned);
  });

  test('takes a pair of endpoints that a person names', async () => {
    const { pairs, singles } = await sweepOf('--break', 'crash:cart/0+crash:cart/1');
    expect([singles.cases.map(({ id }) => id).sort(), pairs!.cases.map(({ id }) => id)]).toEqual([['crash:cart/0', 'crash:cart/1'], ['crash:cart/0+crash:cart/1']]);
  });

  test('takes a pair in any order, and of two endpoints with faults of their own', async () => {
    expect((await sweepOf('--break', 'surge:browse+slow:cart')).pairs!.cases.map(({ id }) => id)).toEqual(['slow:cart+surge:browse']);
    expect((await sweepOf('--break', 'slow:cart/1+crash:cart/0')).pairs!.cases.map(({ id }) => id)).toEqual(['slow:cart/1+crash:cart/0']);
  });

  test('writes both of a pair, though one of them alone does more harm', async () => {
    const written = join(folder, 'pair.yaml');
    const { pairs, singles } = await sweepOf('--break', 'lag:browse->web+cut:web->cart', '--write', written);
    expect(singles.cases[0]!.harm).toBeGreaterThan(pairs!.cases[0]!.harm);
    expect(readFileSync(written, 'utf8')).toContain(`# ${pairs!.cases[0]!.id}: `);
  });

  test('as CSV has a line for each case', async () => {
    const { shell } = await check(['--csv', '--break', 'crash:web', '--break', 'crash:cart']);
    const [header, ...lines] = shell.out().trimEnd().split('\r\n');
    expect(header).toMatch(/^kind,case,what,harm,.*,errors rate < 1%,.*,set$/);
    expect(lines.map((line) => line.split(',')[1]).sort()).toEqual(['crash:cart', 'crash:web', 'nothing']);
  });

  test('fits a terminal of 50 columns, without colour or Unicode', async () => {
    const { shell } = await check(['--break', 'crash', '--pairs', '--limit', '3'], { env: {}, columns: 50 });
    expect(shell.out()).toMatch(/^[\x20-\x7e\n]*$/);
    for (const line of shell.out().split('\n')) if (!/^ {2}(again|go on): /.test(line)) expect(line.length).toBeLessThanOrEqual(50);
  });

  test.each([
    [['--break', 'crahs'], '--break crahs: there is no such fault, target or case; did you mean `crash`?'],
    [['--break', 'crash:web/7'], '--break crash:web/7: there is no such fault'],
    [['--break', 'crash+slow'], '--break crash+slow: `crash` is no case, and a pair is of two, such as crash:web/0+surge:browse; --pairs --break crash --break slow tries all there are of these'],
    [['--break', 'crash:web/0+slow:web/0', '--fail-on', 'harm'], 'both are of web, and a pair is of different things'],
    [['--break', 'cut:web->cart+cut:web->cart'], 'both are of web->cart'],
    [['--break', 'crash:cart/0+crash:cart/1', '--set', 'services.cart.replicas=2'], 'two endpoints of a service that has others left'],
    [['--break', 'crash:web+crash:cart+surge:browse'], 'a pair is of two cases'],
    [['--pairs', '--break', 'crash:web/0'], '--pairs: no two of these are of different things'],
    [['--limit', '3'], '--limit goes with --pairs'],
    [['--pairs', '--limit', '0'], '--limit 0: write a whole number'],
    [['--at', '6s'], '--at 6s: nothing arrives any more after 6s'],
    [['--for', '0'], '--for 0: a fault that is never on breaks nothing'],
    [['--for', 'soon'], '--for soon: a time such as 20s'],
    [['--json', '--csv'], '--json and --csv'],
    [['--cases', '10'], '--cases goes without --sweep-faults'],
    [['--set', 'warmup=auto'], '`warmup: auto` would find another for each'],
    [['--set', 'thresholds=[]'], 'nothing could be harmed: the file has no thresholds'],
  ])('%j is a mistake that is named', async (words, message) => {
    const { code, shell } = await check(words);
    expect([code, shell.err()]).toEqual([ExitCode.usage, expect.stringContaining(message)]);
  });

  test('a flag of it does not go with a search', async () => {
    const shell = stringShell();
    expect(await dispatch(['check', file, '--pairs'], shell)).toBe(ExitCode.usage);
    expect(shell.err()).toContain('--pairs goes with --sweep-faults');
  });

  test('a threshold of a flag may be about the fault, and about no other', async () => {
    const wrong = await check(['--threshold', 'recovery{phase:fualt} max < 1s', '--json']);
    expect(wrong.code).toBe(ExitCode.usage);
    expect(wrong.shell.err()).toContain('did you mean `fault`?');
    const sweep = await sweepOf('--break', 'crash:web/0', '--threshold', 'recovery{phase:fault} max < 1s');
    const recovery = (one: CaseOutcome) => one.thresholds.find(({ expr }) => expr.startsWith('recovery'));
    expect(recovery(sweep.singles.cases[0]!)).toMatchObject({ unit: 'ms', limit: 1000 });
  });
});
