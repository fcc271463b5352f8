/** `meshsim explain`, `run --trace` and `compare --why` as a person uses them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Result } from '../../src/result/result.ts';
import type { TraceLine } from '../../src/trace/sample.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { type ShellChanges, type StringShell, stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', `
name: shop
duration: 20s
warmup: 2s
replications: 2
services:
  web: { replicas: 2, concurrency: unlimited, latency: 2ms, calls: [cart] }
  cart: { replicas: 3, concurrency: 4, latency: { exponential: 5ms }, policy: { timeout: 200ms, retries: { attempts: 1, on: timeout, perTryTimeout: 80ms } } }
traffic: [{ name: users, to: web, rate: 200/s }]
faults: [{ at: 5s, for: 3s, target: cart/1, hang: true }]
`);
const out = join(folder, 'out');

async function meshsim(words: readonly string[], changes: ShellChanges = {}): Promise<{ code: number; shell: StringShell }> {
  const shell = stringShell(changes);
  return { code: await dispatch(words, shell), shell };
}

async function resultOf(...words: readonly string[]): Promise<Result> {
  expect((await meshsim(['run', shop, '--out', out, '--summary', 'none', ...words])).code).toBe(0);
  return JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
}

describe('a run whose result is written', () => {
  test('is traced, without changing anything else', async () => {
    const { tail, ...result } = await resultOf();
    const { shell } = await meshsim(['run', shop, '--json']);
    const plain = JSON.parse(shell.out()) as Result;
    expect(plain.tail).toBeUndefined();
    expect({ ...result, env: null }).toEqual({ ...plain, env: null });
    expect(tail!.requests).toBe(result.reps[0]!.totals.requests);
  });

  test('tells nothing of its tail with nobody in it', async () => {
    expect((await resultOf('--set', 'traffic[0].rate=1/s', '--set', 'faults=[]', '--duration', '2001ms')).tail).toBeUndefined();
  });
});

describe('meshsim explain', () => {
  test('names part, service and endpoint, and shows requests', async () => {
    await resultOf();
    const { code, shell } = await meshsim(['explain', join(out, 'result.json')], { env: { LANG: 'C.UTF-8' } });
    expect(code).toBe(0);
    expect(shell.out()).toMatch(/attempt that timed out at cart +\d+ ms +0 ms/);
    expect(shell.out()).toContain('cart/1 alone has');
    expect(shell.out()).toMatch(/cart\/1 +░+ +80\.0 ms timeout\n +cart\/\d retry/);
    expect(shell.out()).toContain('`outlierDetection`');
    expect(shell.out().split('\n').length).toBeLessThan(40);
    expect(shell.err()).toBe('');
  });

  test('has one line for a wait at a service, whoever calls it', async () => {
    const file = scenarioFile(folder, 'two-callers.yaml', `
duration: 20s
services: { cart: { concurrency: 2, latency: { exponential: 5ms } } }
traffic: [{ name: shoppers, to: cart, rate: 150/s }, { name: robots, to: cart, rate: 150/s }]
`);
    const { shell } = await meshsim(['explain', file, '--quiet']);
    expect(shell.out().match(/(queue|service)(?= at cart +[\d.]+ ms)/g)).toEqual(['queue', 'service']);
  });

  test('fits a narrow terminal without UTF-8', async () => {
    const { shell } = await meshsim(['explain', shop, '--quiet'], { env: { LANG: 'C' }, columns: 60 });
    expect(Math.max(...shell.out().split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(shell.out()).toMatch(/^[\x00-\x7f]*$/);
  });

  test('says the same of a scenario, of its result, and of a result that was not traced', async () => {
    const { tail, ...untraced } = await resultOf('--reps', '1');
    const plain = join(folder, 'plain.json');
    writeFileSync(plain, JSON.stringify(untraced));
    const told = [];
    for (const words of [[shop], [join(out, 'result.json')], [plain]]) {
      const { code, shell } = await meshsim(['explain', ...words, '--json']);
      expect(code).toBe(0);
      told.push(JSON.parse(shell.out()) as object);
      if (words[0] === plain) expect(shell.err()).toContain(`the same run: digest ${untraced.digest}`);
    }
    expect(told[0]).toEqual({ scenario: 'shop', seed: 1, digest: untraced.digest, tail });
    expect([told[1], told[2]]).toEqual([told[0], told[0]]);
  });

  test('confirms the first of several replications by its totals', async () => {
    const { tail: _, ...untraced } = await resultOf();
    const plain = join(folder, 'several.json');
    writeFileSync(plain, JSON.stringify(untraced));
    const { code, shell } = await meshsim(['explain', plain]);
    expect([code, shell.err().includes('the totals of its first replication agree')]).toEqual([0, true]);
  });

  test('does not explain another run', async () => {
    const { tail: _, ...untraced } = await resultOf('--reps', '1');
    const other = join(folder, 'other.json');
    writeFileSync(other, JSON.stringify({ ...untraced, digest: 'c0ffee' }));
    const { code, shell } = await meshsim(['explain', other]);
    expect([code, shell.out()]).toEqual([6, '']);
    expect(shell.err()).toContain('the run is not the one of');
  });

  test.each([
    ['a baseline', { schema: 'meshsim/baseline/1' }, 'explain reads meshsim/result/1 and scenarios'],
    ['half a result', { schema: 'meshsim/result/1', seed: 1 }, 'figures are missing in it'],
    ['a real run that was not traced', { schema: 'meshsim/result/1', seed: 1, reps: [], scenario: { name: 's' }, mode: 'real' }, 'cannot be had again'],
  ])('refuses %s', async (_, document, said) => {
    const file = join(folder, 'odd.json');
    writeFileSync(file, JSON.stringify(document));
    const { code, shell } = await meshsim(['explain', file]);
    expect([code, shell.out()]).toEqual([2, '']);
    expect(shell.err()).toContain(said);
  });

  test('finds the problems of a scenario, and flags that do not go with a result', async () => {
    expect((await meshsim(['explain', shop, '--set', 'nothing=1'])).code).toBe(2);
    await resultOf();
    expect((await meshsim(['explain', join(out, 'result.json'), '--seed', '2'])).code).toBe(2);
  });
});

describe('run --trace', () => {
  const file = join(folder, 'trace.ndjson');

  async function linesOf(...words: readonly string[]): Promise<TraceLine[]> {
    expect((await meshsim(['run', shop, '--quiet', '--reps', '1', '--trace', file, ...words])).code).toBe(0);
    return readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as TraceLine);
  }

  test('writes a share of the requests, some that fail, and the slowest', async () => {
    const lines = await linesOf('--trace-sample', '10%');
    const kept = (of: TraceLine['kept']): TraceLine[] => lines.filter((line) => line.kept === of);
    expect(kept('sample').length / 3600).toBeCloseTo(0.1, 1);
    expect(kept('failed').every(({ outcome }) => outcome !== 'ok')).toBe(true);
    const slowest = lines.map(({ latencyMs }) => latencyMs).sort((one, other) => other - one).slice(0, 20);
    expect(slowest.at(-1)).toBeGreaterThan(80);
    for (const { latencyMs, parts } of lines) expect(Object.values(parts).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(latencyMs, 6);
    expect(new Set(lines.map(({ request }) => request)).size).toBe(lines.length);
  });

  test('chooses the same requests under another policy', async () => {
    const chosen = async (...words: readonly string[]): Promise<number[]> => (await linesOf(...words)).filter(({ kept }) => kept === 'sample').map(({ request }) => request).sort((one, other) => one - other);
    expect(await chosen('--set', 'services.cart.policy.timeout=100ms', '--set', 'services.cart.policy.retries=none')).toEqual(await chosen());
  });

  test('can write them all, or but few', async () => {
    const [all, few] = [(await linesOf('--trace-sample', '1')).length, (await linesOf('--trace-sample', '0')).length];
    expect([all > 3000, few < 150]).toEqual([true, true]);
  });

  test.each([
    [['--trace-sample', '5%'], 'goes with --trace'],
    [['--trace', file, '--trace-sample', '5'], 'a share up to 100%'],
    [['--trace', shop], 'would overwrite what is read'],
    [['--trace', file, '--mode', 'real', '--workers', '2'], 'leave out one of the two'],
  ])('%j is a usage error', async (words, said) => {
    const { code, shell } = await meshsim(['run', shop, ...words]);
    expect([code, shell.out()]).toEqual([2, '']);
    expect(shell.err()).toContain(said);
  });

  test('says what keeps it from being written', async () => {
    const { code, shell } = await meshsim(['run', shop, '--quiet', '--trace', join(folder, 'no', 'trace.ndjson')]);
    expect(code).not.toBe(0);
    expect(shell.err()).toContain('cannot write the trace');
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });
});

describe('compare --why', () => {
  const words = ['compare', shop, '--vary', 'services.cart.policy.retries=none,{ attempts: 1; on: timeout; perTryTimeout: 80ms }'.replaceAll(';', ','), '--reps', '2', '--quiet'];

  test('tells which requests differ and why, in both forms', async () => {
    const { code, shell } = await meshsim([...words, '--why', '--json']);
    expect(code).toBe(0);
    const [why] = (JSON.parse(shell.out()) as Comparison).why!;
    expect(why).toMatchObject({ seed: 1, threshold: 0.1 });
    expect(why!.sides).toHaveLength(2);
    expect(why!.causes.reduce((sum, { requests }) => sum + requests, why!.otherCauses)).toBe(why!.differing);
    expect(why!.causes.map(({ kind }) => kind)).toContain('gaveUpEarlier');
    expect((await meshsim([...words, '--why'], { env: { LANG: 'C.UTF-8' } })).shell.out()).toContain('What was decided differently first');
    expect((await meshsim(words)).shell.out()).not.toContain('Why:');
  });

  test('needs requests on both sides', async () => {
    await resultOf();
    const { code, shell } = await meshsim(['compare', join(out, 'result.json'), shop, '--why']);
    expect([code, shell.out()]).toEqual([2, '']);
    expect(shell.err()).toContain('a saved result has none');
  });
});
