import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/compare/comparison.ts';
import { saveBaseline } from '../../src/cli/baseline.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Why, WhyExample } from '../../src/result/why.ts';
import { exampleResult } from '../support/example-result.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import type { ShellChanges, StringShell } from '../support/string-shell.ts';
import { stringShell } from '../support/string-shell.ts';

/** A replica is slow, which one balancer notices and another does not; 200 requests. */
const TEXT = `
name: shop
duration: 200ms
services: { web: { replicas: 3, concurrency: 2, latency: { exponential: 1ms }, errors: 2%, policy: p } }
policies: { p: { loadBalancer: roundRobin, timeout: 50ms } }
traffic: [{ to: web, rate: 1000/s }]
faults: [{ name: slow, at: 0s, for: 200ms, target: web/0, latency: { multiply: 10 } }]
`;
const VARY = ['--vary', 'policies.p.loadBalancer=roundRobin,leastRequest'];

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', TEXT);
const better = scenarioFile(folder, 'better.yaml', TEXT.replace('loadBalancer: roundRobin', 'loadBalancer: leastRequest').replace('name: shop', 'name: better'));
const broken = scenarioFile(folder, 'broken.yaml', 'duration: 5\nservicse: {}\n');

async function meshsim(words: readonly string[], changes?: ShellChanges): Promise<{ readonly code: number; readonly shell: StringShell; readonly out: string; readonly err: string }> {
  const shell = stringShell({ env: { LANG: 'C.UTF-8' }, ...changes });
  const code = await dispatch(words, shell);
  return { code, shell, out: shell.out(), err: shell.err() };
}

async function compared(words: readonly string[], changes?: ShellChanges): Promise<Comparison> {
  return JSON.parse((await meshsim(['compare', ...words, '--json', '--quiet'], changes)).out) as Comparison;
}

function estimates({ rows }: Comparison): (number | null)[] {
  return rows.flatMap(({ changes }) => changes.map(({ estimate }) => estimate));
}

/** But that there are few requests, as there are here. */
const but = (caveats: readonly string[]): string[] => caveats.filter((caveat) => !caveat.includes('requests in a replication'));

describe('sides', () => {
  test('two files, and the values of one path, are the same question', async () => {
    const [files, values] = [await compared([shop, better]), await compared([shop, ...VARY])];
    expect(estimates(values)).toEqual(estimates(files));
    expect(files.sides.map(({ label, pairing, replications }) => [label, pairing, replications])).toEqual([['shop', 'reference', 20], ['better', 'paired', 20]]);
    expect(values.sides.map(({ label }) => label)).toEqual(['roundRobin', 'leastRequest']);
    expect(but(files.caveats)).toEqual(['better differs from shop in policies.p.loadBalancer']);
    expect(but(values.caveats)).toEqual([]);
  });

  test('values may be maps, and --set changes every side', async () => {
    const { sides, rows } = await compared([shop, '--vary', 'policies.p.loadBalancer=roundRobin,{ type: leastRequest, choices: 3 },random', '--set', 'policies.p.timeout=none', '--reps', '6']);
    expect(sides.map(({ label }) => label)).toEqual(['roundRobin', '{ type: leastRequest, choices: 3 }', 'random']);
    expect(rows.filter(({ cause }) => cause !== null).map(({ cause }) => cause)).toEqual(['error']);
  });

  test('several paths vary together', async () => {
    const both = await compared([shop, ...VARY, '--vary', 'policies.p.timeout=50ms,20ms', '--reps', '6']);
    expect(both.sides.map(({ label }) => label)).toEqual(['roundRobin, 50ms', 'leastRequest, 20ms']);
    expect(estimates(both)).toEqual(estimates(await compared([shop, scenarioFile(folder, 'both.yaml', readFileSync(better, 'utf8').replace('timeout: 50ms', 'timeout: 20ms')), '--reps', '6'])));
  });

  test('saved results and baselines give what running them would have given', async () => {
    const [out, baseline] = [join(folder, 'saved'), join(folder, 'baselines', 'shop.json')];
    await meshsim(['run', shop, '--reps', '12', '--out', out, '--save-baseline', baseline, '--quiet']);
    const ran = await compared([shop, better, '--reps', '12']);
    for (const file of [join(out, 'result.json'), baseline]) {
      const saved = await compared([file, better]);
      expect(estimates(saved), file).toEqual(estimates(ran));
      expect(saved.sides[1]).toMatchObject({ pairing: 'paired', replications: 12 });
    }
    expect((await compared([baseline, better])).caveats.join()).toContain('hashes differ');
    expect(but((await compared([join(out, 'result.json'), better])).caveats)).toEqual(['better differs from result in policies.p.loadBalancer']);
  });

  test('other seeds than a saved side has are not paired', async () => {
    const baseline = join(folder, 'seeded.json');
    await meshsim(['run', shop, '--save-baseline', baseline, '--quiet']);
    const { sides, caveats } = await compared([baseline, shop, '--seed', '99']);
    expect(sides[1]?.pairing).toBe('unpaired');
    expect(caveats).toContain('shop ran with other seeds: nothing is paired, and changes carry the luck of both sides');
  });

  test('the same scenario twice is the same, and says so', async () => {
    const twin = scenarioFile(folder, 'twin.yaml', `# a comment\n${TEXT}`);
    const { code, out } = await meshsim(['compare', shop, twin, '--reps', '6', '--quiet']);
    expect(code).toBe(0);
    expect(out).toContain('twin and shop are the same system under the same load');
    expect(out).toContain('better 0   same 9   worse 0');
  });

  test('a threshold that would cut a run short does not', async () => {
    const cut = scenarioFile(folder, 'cut.yaml', `${TEXT}thresholds: [{ expr: errors rate < 0.001%, abort: true }]\n`);
    expect((await meshsim(['compare', shop, cut, '--reps', '6', '--quiet'])).out).toContain('same 9');
  });
});

test('the same command gives the same bytes, and another seed others', async () => {
  const text = async (...more: string[]): Promise<string> => (await meshsim(['compare', shop, ...VARY, '--json', '--quiet', ...more])).out;
  expect(await text()).toBe(await text());
  expect(await text('--seed', '5')).not.toBe(await text());
});

describe('exit codes', () => {
  const reversed = ['--vary', 'policies.p.loadBalancer=leastRequest,roundRobin'];
  test.each([
    [0, [...VARY, '--min-effect', '100%']],
    [5, [...VARY]],
    [5, [...VARY, '--fail-on', 'different']],
    [5, reversed],
    [5, [...reversed, '--min-effect', '100%']],
    [0, [...VARY, '--reps', '5', '--fail-on', 'different']],
    [5, [...VARY, '--reps', '5', '--fail-on', 'inconclusive']],
  ])('%d for %j', async (code, words) => {
    const { code: found, out } = await meshsim(['compare', shop, '--quiet', ...words]);
    expect(found, out).toBe(code);
    expect(out).toContain(`exit ${code}`);
  });
});

describe('mistakes', () => {
  test.each([
    [['compare', shop], 'at least two files, or one file and --vary'],
    [['compare', shop, better, ...VARY], '--vary takes one file'],
    [['compare', shop, ...VARY, '--vary', 'duration=1s,2s,3s'], '3 values, and 2 of policies.p.loadBalancer'],
    [['compare', shop, '--vary', 'seed=1,2'], 'all sides have the same seed'],
    [['compare', shop, '--vary', 'policies.p.loadBalancer=random'], 'at least two values'],
    [['compare', shop, '--vary', 'policies.p.timeout=1s'], 'such as policies.p.timeout=1s,2s'],
    [['compare', shop, '--vary', 'policies.p.loadBalancer=random,'], 'at least two values'],
    [['compare', shop, '--vary', 'policies.p.loadBalancer=random,random'], 'a value is there twice'],
    [['compare', shop, ...VARY, ...VARY], 'the path is there twice'],
    [['compare', shop, ...VARY, '--set', 'policies.p.loadBalancer=random'], '--vary policies.p.loadBalancer: the path is there twice'],
    [['compare', shop, '--vary', 'policies.p.loadBalancer'], 'write path=value'],
    [['compare', shop, better, '--min-effect', '2'], 'write a share up to 100%, such as 2% or 0.02'],
    [['compare', shop, better, '--reps', 'many'], 'a whole number'],
    [['compare', shop, better, '--fail-on', 'never'], 'worse'],
    [['compare', '-', '-'], 'read once'],
    [['compare', shop, join(folder, 'nowhere.yaml')], 'no such file'],
    [['run', shop, '--min-effect', '2%'], '--min-effect goes with --baseline'],
    [['run', shop, '--baseline', join(folder, 'nowhere.json')], 'no such file'],
    [['run', shop, '--baseline', shop], 'neither a baseline nor a result.json'],
  ])('%j', async (words, message) => {
    const { code, err } = await meshsim([...words, '--quiet']);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test('a file that says it is ours and is not whole', async () => {
    const files = { old: { schema: 'meshsim/baseline/0' }, torn: { schema: 'meshsim/baseline/1', meshsim: '1' }, result: { schema: 'meshsim/result/1', complete: true, reps: [{}] }, partial: { schema: 'meshsim/result/1', complete: false, scenario: {}, window: {}, reps: [] } };
    for (const [name, document] of Object.entries(files)) {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, JSON.stringify(document));
      const { code, err } = await meshsim(['compare', path, shop, '--quiet']);
      expect([name, code]).toEqual([name, 2]);
      expect(err).toContain(path);
    }
  });

  test('in a scenario are told once, with the flag that made them', async () => {
    expect((await meshsim(['compare', shop, broken])).code).toBe(3);
    const { code, err, out } = await meshsim(['compare', shop, '--vary', 'policies.p.loadBalancer=roundRobin,leastReqest', '--json']);
    expect(code).toBe(2);
    expect(err).toContain('--vary policies.p.loadBalancer=leastReqest');
    expect(err).toContain('did you mean `leastRequest`?');
    expect(JSON.parse(out)).toMatchObject({ valid: false });
  });
});

test('--why is in everything that is written', async () => {
  const out = join(folder, 'why');
  const { out: text } = await meshsim(['compare', shop, ...VARY, '--reps', '6', '--why', '--quiet', '--out', out, '--markdown', join(out, 'comment.md')]);
  const { why } = JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8')) as Comparison;
  const { examples: [{ reference }], sides } = why![0] as Why & { readonly examples: readonly [WhyExample] };
  expect(sides).toEqual(['roundRobin', 'leastRequest']);
  const first = 'another endpoint than web/0 was picked';
  const example = `request ${reference.request} of web`;
  for (const file of ['comparison.md', 'comment.md', 'report.html']) expect(readFileSync(join(out, file), 'utf8'), file).toContain(first);
  for (const file of ['comparison.md', 'comment.md']) {
    const markdown = readFileSync(join(out, file), 'utf8');
    expect(markdown).toMatch(new RegExp(`${example}: .*\n\n\`\`\`\nroundRobin: [\\d.]+ ms.*\n  web/\\d .*\nleastRequest: [\\d.]+ ms\n  web/\\d .*\n\`\`\``));
  }
  expect(text).toContain(first);
  // What is told again of the file is the same.
  const again = join(folder, 'why-again');
  await meshsim(['report', join(out, 'comparison.json'), '--out', again, '--markdown', join(again, 'comment.md')]);
  for (const file of ['comparison.md', 'comment.md', 'report.html']) expect(readFileSync(join(again, file), 'utf8'), file).toBe(readFileSync(join(out, file), 'utf8'));
});

test.each([
  ['why', [{ seed: 1 }], 'why'],
  ['why', 5, 'why'],
  ['invariants', { checked: 1, broken: 1, violations: [{}] }, 'invariants'],
])('a damaged `%s` of a comparison is told', async (key, damage, said) => {
  const { out } = await meshsim(['compare', shop, ...VARY, '--reps', '2', '--quiet', '--json']);
  const path = join(folder, 'damaged.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(out) as object), [key]: damage }));
  const { code, err } = await meshsim(['report', path]);
  expect([code, err]).toEqual([2, expect.stringContaining(`\`${said}`)]);
});

describe('run --baseline', () => {
  const baseline = join(folder, 'base.json');

  test('finds what changed since, and exits 5 on a regression', async () => {
    await meshsim(['run', better, '--save-baseline', baseline, '--quiet']);
    expect(readFileSync(baseline).length).toBeLessThan(50_000);
    const same = await meshsim(['run', better, '--baseline', baseline, '--quiet']);
    expect([same.code, same.out]).toEqual([0, expect.stringContaining('better 0   same 9   worse 0')]);
    const worse = await meshsim(['run', shop, '--baseline', baseline, '--quiet']);
    expect([worse.code, worse.out]).toEqual([5, expect.stringContaining('baseline → this run')]);
    expect(worse.out).toContain('their hashes differ');
    expect((await meshsim(['run', shop, '--baseline', baseline, '--quiet', '--threshold', 'errors rate < 0.001%'])).code).toBe(99);
  });

  test('prints one JSON document, and writes the comparison beside the result', async () => {
    await meshsim(['run', better, '--save-baseline', baseline, '--quiet']);
    const out = join(folder, 'with-baseline');
    const { out: text } = await meshsim(['run', shop, '--baseline', baseline, '--json', '--quiet', '--out', out]);
    const document = JSON.parse(text) as { readonly comparison: Comparison; readonly totals: unknown };
    expect(document.comparison.counts.worse).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(out, 'comparison.json'), 'utf8'))).toMatchObject(document.comparison);
    expect(existsSync(join(out, 'comparison.md'))).toBe(true);
    expect(document.totals).toBeDefined();
  });

  test('the last line makes as many replications as the baseline asked for', async () => {
    const { out } = await meshsim(['run', shop, '--save-baseline', baseline, '--quiet']);
    expect(out.trimEnd().split('\n').at(-1)).toContain('--seed 1 --reps 20');
    expect((await meshsim(['run', shop, '--reps', '7', '--save-baseline', baseline, '--quiet'])).out).toContain('--reps 7');
  });

  test('too many replications for a small file are refused', () => {
    const { totals } = exampleResult();
    const reps = Array.from({ length: 1000 }, (_, i) => ({ seed: 2 ** 47 + i, totals, load: { attempts: 648_000, busiest: 1 / 3, imbalance: 4 / 3 } }));
    const path = join(folder, 'large.json');
    expect(() => saveBaseline(exampleResult({ reps }), path)).toThrow(/1000 replications make \d+ bytes of at most 50000; \d+ would fit/);
    expect(existsSync(path)).toBe(false);
    const fitting = Number(/(\d+) would fit/.exec(messageOf(() => saveBaseline(exampleResult({ reps }), path)))![1]);
    saveBaseline(exampleResult({ reps: reps.slice(0, fitting - 5) }), path);
    expect(readFileSync(path).length).toBeLessThanOrEqual(50_000);
  });

  test('a run that ended early is no baseline', () => {
    expect(() => saveBaseline(exampleResult({ complete: false }), join(folder, 'half.json'))).toThrow('ended early');
  });
});

function messageOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return '';
}

test('a stop gives the pairs that are complete, and the exit code of the signal', async () => {
  const { runHere } = await import('../support/pool-here.ts');
  let begun = 0;
  const shell: StringShell = stringShell({
    env: {},
    runMany: async (tasks) => runHere(tasks, async () => {
      if (++begun === 16) shell.signal('SIGINT');
    }),
  });
  expect(await dispatch(['compare', shop, ...VARY, '--quiet'], shell)).toBe(130);
  expect(shell.out()).toContain('PARTIAL: stopped with 7 of 20 replications complete');
  expect(shell.out()).toContain('exit 130');
});
