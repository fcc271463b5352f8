import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { runMany } from '../../src/run/pool.ts';
import type { CapacityOutcome, PolicyOutcome } from '../../src/search/outcome.ts';
import { runHere } from '../support/pool-here.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { type ShellChanges, type StringShell, stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const SHOP = `# Every tenth call fails.
name: shop
duration: 2s
services:
  web: { latency: 1ms, calls: cart }
  cart:                # behind the web
    replicas: 4
    latency: { p50: 4ms, p99: 30ms }
    errors: 10%
    policy: careful
policies:
  careful: { retries: { attempts: 0, on: [5xx], backoff: 0 } }   # none yet
traffic: [ { to: web, rate: 200/s } ]
thresholds:
  - errors rate < 1.5%
`;
const shop = scenarioFile(folder, 'shop.yaml', SHOP);
const ATTEMPTS = 'policies.careful.retries.attempts=0..4';
const TIMEOUT = 'policies.careful.timeout=5ms..500ms:8';
const FEW = ['--reps', '3', '--over', ATTEMPTS, '--over', TIMEOUT];

async function search(words: readonly string[], changes: ShellChanges = {}): Promise<{ code: number; shell: StringShell; text: string }> {
  const shell = stringShell({ env: { LANG: 'C.UTF-8' }, columns: 100, ...changes });
  const code = await dispatch(['search', ...words], shell);
  return { code, shell, text: shell.out() };
}

async function found(words: readonly string[]): Promise<PolicyOutcome> {
  const { code, shell, text } = await search([shop, ...FEW, ...words, '--json', '--quiet']);
  expect([shell.err(), code]).toEqual(['', 0]);
  return JSON.parse(text) as PolicyOutcome;
}

describe('meshsim search', () => {
  test('finds the values that meet the goals at the least work, and tells of them', async () => {
    const { code, text } = await search([shop, ...FEW, '--goal', 'errors rate < 1.5%']);
    expect(code).toBe(0);
    expect(text).toMatch(/^search {2}shop {3}seed 1 · \d+ runs to search, \d+ to make sure · 120 in the grid\n\n✓ FOUND {3}attempts 2\.\d\d per request; 1 of 1 goal met on 3 new seeds\n/);
    expect(text).toMatch(/VALUES +found +searched\n {2}policies.careful.retries.attempts +[2-4] /);
    for (const part of ['✓ errors rate < 1.5%', '✓ found  ', "✗ the file's own values", '90% of the load', '110% of the load', 'FRONT', 'again: meshsim search']) expect(text).toContain(part);
  });

  test('takes the thresholds of the file where there are no goals, and leaves the rest of the file alone', async () => {
    const file = join(folder, 'better.yaml');
    const outcome = await found(['--write', file, '--set', 'services.cart.replicas=5']);
    expect(outcome).toMatchObject({ kind: 'policy', status: 'found', complete: true, goals: ['errors rate < 1.5%'], reps: 3 });
    const [attempts, timeout] = outcome.best!.explored.values;
    const written = readFileSync(file, 'utf8');
    expect(written).toBe(SHOP.replace('replicas: 4', 'replicas: 5').replace('attempts: 0', `attempts: ${attempts}`).replace('backoff: 0 } }', `backoff: 0 }, timeout: ${timeout} }`));
    const again = await dispatch(['run', file, '--seed', String(outcome.confirmationSeed), '--reps', '3', '--json', '--quiet'], stringShell());
    expect(again).toBe(0);
  });

  test('overwrites nothing that it reads', async () => {
    const { code, shell } = await search([shop, ...FEW, '--write', shop]);
    expect([code, shell.err()]).toEqual([2, expect.stringContaining(`--write ${shop} would overwrite what is read`)]);
    expect(readFileSync(shop, 'utf8')).toBe(SHOP);
  });

  test('says what the runs that confirm say again', async () => {
    const outcome = await found([]);
    const values = outcome.over.flatMap(({ path }, i) => ['--set', `${path}=${outcome.best!.explored.values[i]!}`]);
    const shell = stringShell();
    await dispatch(['run', shop, ...values, '--seed', String(outcome.confirmationSeed), '--reps', '3', '--json', '--quiet'], shell);
    expect((JSON.parse(shell.out()) as { thresholds: unknown }).thresholds).toEqual(outcome.best!.confirmed!.thresholds);
  });

  test('gives the same bytes whatever the number of threads', async () => {
    const through = (jobs: string): Promise<{ text: string }> => search([shop, ...FEW, '--jobs', jobs, '--json', '--quiet'], { runMany: async (tasks, options) => runMany(tasks, options) });
    const one = await through('1');
    expect((await through('3')).text).toBe(one.text);
    expect((await search([shop, ...FEW, '--json', '--quiet'])).text).toBe(one.text);
  });

  test('keeps to its runs', async () => {
    const { runs } = await found(['--runs', '60']);
    expect(runs.search + runs.confirmation).toBeLessThanOrEqual(60);
  });

  test('says by how much a goal is missed where nothing meets it', async () => {
    const { code, text, shell } = await search([shop, ...FEW, '--goal', 'latency p(99) < 2ms', '--goal', 'errors rate < 50%', '--write', join(folder, 'none.yaml'), '--quiet']);
    expect([code, existsSync(join(folder, 'none.yaml'))]).toEqual([99, false]);
    expect(text).toMatch(/✗ NOTHING MEETS THE GOALS {3}at best `latency p\(99\) < 2ms` is missed by \d+%/);
    expect(text).toContain('nearest');
    expect(shell.err()).toContain('none.yaml was not written: nothing was found that surely meets the goals');
  });

  test('takes metrics of thresholds to keep small, and units as they are', async () => {
    const { best, minimise } = await found(['--minimise', 'latency{service:cart} p(99)']);
    expect(minimise).toEqual({ expr: 'latency{service:cart} p(99)', unit: 'ms' });
    expect(best!.explored.objective).toBeGreaterThan(1);
    expect(best!.explored.objective).toBeLessThan(500);
  });

  test('leaves out what makes no scenario, and says so', async () => {
    const { code, text } = await search([shop, '--reps', '2', '--set', 'policies.careful.retries.backoff={ base: 10ms, max: 20ms }', '--over', 'policies.careful.retries.backoff.base=1ms..20ms:5', '--over', 'policies.careful.retries.backoff.max=10ms,20ms,40ms', '--goal', 'errors rate < 50%', '--quiet']);
    expect(code).toBe(0);
    expect(text).toMatch(/! \d combinations? make no scenario and (was|were) left out, such as base \S+ms, max 10ms: /);
  });

  test('tells what was best when it is stopped', async () => {
    let runs = 0;
    const shell: StringShell = stringShell({ env: { LANG: 'C.UTF-8' }, runMany: async (tasks) => runHere(tasks, async () => void (++runs === 40 && shell.signal('SIGINT'))) });
    const code = await dispatch(['search', shop, ...FEW, '--write', join(folder, 'partial.yaml')], shell);
    expect([code, existsSync(join(folder, 'partial.yaml'))]).toEqual([130, false]);
    expect(shell.out()).toMatch(/! PARTIAL {3}stopped; this is the best so far\n~ SO FAR {3}1 of 1 goal met on the seeds of the search; not tried on others\n/);
    expect(shell.err()).toContain('partial.yaml was not written: the search was stopped before it was sure');
  });

  test.each([
    [[], 2, 'say what may change'],
    [['--over', ATTEMPTS, '--over', ATTEMPTS], 2, 'the path is there twice'],
    [['--over', ATTEMPTS, '--capacity', 'web'], 2, '--over goes without --capacity'],
    [['--capacity', 'web', '--minimise', 'retries'], 2, '--minimise goes without --capacity'],
    [['--over', ATTEMPTS, '--runs', '5'], 2, '--runs 5 is too few'],
    [['--over', ATTEMPTS, '--reps', '1'], 2, 'write 2 or more'],
    [['--over', 'policies.careful.timeout=1..2s'], 2, 'did you mean `1s`?'],
    [['--over', 'policies.carefull.timeout=1s..2s'], 2, 'did you mean `careful`?'],
    [['--over', 'policies.careful.timeout=1s,soon'], 2, '--over policies.careful.timeout=soon'],
    [['--over', ATTEMPTS, '--goal', 'errors rat < 1%'], 2, '--goal errors rat < 1%'],
    [['--over', ATTEMPTS, '--minimise', 'retires'], 2, 'did you mean `retries`?'],
    [['--over', ATTEMPTS, '--minimise', 'latency{service:crat}'], 2, 'did you mean `cart`?'],
    [['--over', ATTEMPTS, '--set', 'warmup=auto'], 2, 'give a time, such as --set warmup=10s'],
    [['--over', 'warmup=1s,auto'], 2, 'give a time, such as --set warmup=10s'],
    [['--capacity', 'cart', '--goal', 'goodput rate > 300/s'], 2, '`goodput rate > 300/s` is a goal that more load helps to meet'],
    [['--capacity', 'cart', '--goal', 'requests count >= 10'], 2, 'give goals that load can break'],
    [['--capacity', 'carts'], 2, 'no traffic is called so'],
  ])('%j is a mistake that says what would be right', async (words, expected, said) => {
    const { code, shell } = await search([shop, ...words]);
    expect(code).toBe(expected);
    expect(shell.err()).toContain(said);
    expect(shell.out()).toBe('');
  });

  test('asks for goals where there are none', async () => {
    const { code, shell } = await search([scenarioFile(folder, 'free.yaml', SHOP.slice(0, SHOP.indexOf('thresholds:'))), '--over', ATTEMPTS]);
    expect(code).toBe(2);
    expect(shell.err()).toContain('add --goal');
  });
});

describe('meshsim search --capacity', () => {
  const SMALL = scenarioFile(folder, 'small.yaml', 'name: small\nduration: 4s\nservices: { web: { concurrency: 4, latency: 20ms } }\ntraffic: [{ to: web, name: users, rate: 50/s, arrivals: uniform }]\nthresholds: [latency p(99) < 50ms]\n');
  const capacityOf = async (words: readonly string[]): Promise<CapacityOutcome> => JSON.parse((await search([SMALL, '--reps', '3', ...words, '--json', '--quiet'])).text) as CapacityOutcome;

  test('finds the load at which a goal begins to fail', async () => {
    // 4 slots of 20 ms are 200 a second; evenly spaced requests wait only above that, and for 4 s a wait of 30 ms takes 0.8 % more.
    for (const name of ['users', 'web']) {
      const { fails, knee, status, verdicts } = await capacityOf(['--capacity', name]);
      expect(status).toBe('found');
      expect(knee.value).toBeGreaterThanOrEqual(199);
      expect(fails).toBeLessThan(204);
      expect(knee.low).toBeLessThanOrEqual(knee.value!);
      expect(knee.high).toBeGreaterThanOrEqual(fails!);
      expect(verdicts.find(({ load }) => load === 50)).toMatchObject({ pass: true, thresholds: [{ expr: 'latency p(99) < 50ms', value: 20 }] });
    }
  });

  test('tells it, with the verdict at each load', async () => {
    const { code, text } = await search([SMALL, '--reps', '3', '--capacity', 'users', '--quiet']);
    expect(code).toBe(0);
    expect(text).toMatch(/^capacity {2}users in small {3}seed 1 · 3 reps · \d+ runs · 50\.0\/s in the file\n\n✓ KNEE {3}20\d\/s \[\d+, \d+\] meets the goal; 20\d\/s does not\n/);
    expect(text).toMatch(/LOAD +latency p\(99\) < 50ms\n/);
  });

  test.each([
    [['--goal', 'latency p(99) < 19ms'], 99, 'none', /✗ NO LOAD {3}meets the goal: not even 0\.781\/s does/],
    [['--goal', 'latency p(99) < 1h'], 0, 'unbounded', /✓ NO LIMIT {3}the goal met at every load up to 3,200\/s/],
    [['--runs', '7'], 7, 'unfinished', /~ NOT FOUND {3}100\/s meets the goal; no load is known that does not/],
  ])('%j: %d %s', async (words, expected, status, said) => {
    const { code, text } = await search([SMALL, '--reps', '3', '--capacity', 'users', ...words, '--quiet']);
    expect(code).toBe(expected);
    expect(text).toMatch(said);
    expect(await capacityOf(['--capacity', 'users', ...words])).toMatchObject({ status });
  });

  test('counts users of closed loops, who are whole', async () => {
    const closed = scenarioFile(folder, 'closed.yaml', 'name: closed\nduration: 4s\nservices: { web: { concurrency: 4, latency: 20ms } }\ntraffic: [{ to: web, users: 10, thinkTime: 80ms }]\nthresholds: [latency p(99) < 50ms]\n');
    const { text } = await search([closed, '--reps', '2', '--capacity', 'web', '--quiet']);
    expect(text).toMatch(/KNEE {3}\d+ users/);
    const { fails, knee, range, verdicts } = JSON.parse((await search([closed, '--reps', '2', '--capacity', 'web', '--json', '--quiet'])).text) as CapacityOutcome;
    expect(fails).toBe(knee.value! + 1);
    expect(range).toEqual({ low: 1, high: 640 });
    expect(verdicts.every(({ load }) => Number.isInteger(load))).toBe(true);
  });
});
