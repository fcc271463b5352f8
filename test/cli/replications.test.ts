/** `meshsim run` with many replications, and with a warm-up that it finds. */
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Result } from '../../src/result/result.ts';
import { SCENARIO, scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { runHere } from '../support/pool-here.ts';
import { type ShellChanges, type StringShell, stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', SCENARIO.replace('latency: 1ms', 'latency: { exponential: 10ms }'));
const GATE = ['--threshold', 'latency avg < 1s'];

async function meshsim(words: readonly string[], changes: ShellChanges = {}): Promise<{ code: number; shell: StringShell }> {
  const shell = stringShell(changes);
  return { code: await dispatch(words, shell), shell };
}

async function resultOf(words: readonly string[]): Promise<Result> {
  return JSON.parse((await meshsim([...words, '--json'])).shell.out()) as Result;
}

describe('--reps', () => {
  test('makes so many, and goes before what the file says', async () => {
    const { reps, intervals, scenario } = await resultOf(['run', shop, '--reps', '3', '--set', 'replications=7']);
    expect(reps).toHaveLength(3);
    expect(intervals['totals.latencyMs.p99']).toHaveLength(2);
    expect(scenario.resolved).toMatchObject({ replications: 3 });
  });

  test('stands in the summary and in the line that runs it again', async () => {
    const { shell } = await meshsim(['run', shop, '--reps', '3', ...GATE], { env: { LANG: 'C.UTF-8' } });
    expect(shell.out()).toContain('3 reps × 5 s');
    expect(shell.out()).toMatch(/latency avg < 1s +\S+ ms +\[\S+, \S+\]/);
    expect(shell.out()).toMatch(/p99 \S+ ±\S+%/);
    expect(shell.out()).toContain(`again: meshsim run ${shop} --seed 1 --reps 3 --threshold`);
  });

  test('lists the replications in the full summary, each with a seed that runs it alone', async () => {
    const { reps } = await resultOf(['run', shop, '--reps', '3']);
    const { shell } = await meshsim(['run', shop, '--reps', '3', '--summary', 'full']);
    for (const { seed } of reps) expect(shell.out()).toMatch(new RegExp(`^ +${seed} `, 'm'));
    expect((await resultOf(['run', shop, '--seed', String(reps[2]!.seed)])).totals).toEqual(reps[2]!.totals);
  });
});

test.each([
  [['--reps', '0'], '--reps 0'],
  [['--reps', 'many'], '--reps many'],
  [['--jobs', '0'], '--jobs 0'],
  [['--jobs', '1000'], '--jobs 1000'],
  [['--precision', '5', ...GATE], '--precision 5'],
  [['--precision', '0%', ...GATE], '--precision 0%'],
  [['--precision', '5%'], 'there is no threshold'],
  [['--precision', '5%', '--threshold', 'latency max < 1s'], 'there is no threshold'],
  [['--precision', '5%', '--reps', '3', ...GATE], '--reps 3'],
  [['--precision', '5%', '--max-reps', '9', ...GATE], '--max-reps 9'],
  [['--max-reps', '9'], '--max-reps goes with --precision'],
  [['--strict'], '--strict goes with --precision'],
])('%j is a usage error', async (words, said) => {
  const { code, shell } = await meshsim(['run', shop, ...words]);
  expect([code, shell.out()]).toEqual([2, '']);
  expect(shell.err()).toMatch(/^meshsim: .*\n$/);
  expect(shell.err()).toContain(said);
});

describe('--precision', () => {
  test('makes as many replications as it takes', async () => {
    const { reps, thresholds } = await resultOf(['run', shop, '--precision', '6%', ...GATE]);
    expect(reps.length).toBeGreaterThan(10);
    expect((thresholds[0]!.high! - thresholds[0]!.low!) / 2).toBeLessThan(0.06 * thresholds[0]!.value!);
  });

  test('that is not reached is a warning, and exit 7 with --strict', async () => {
    const words = ['run', shop, '--precision', '0.1%', '--max-reps', '12', ...GATE];
    const { code, shell } = await meshsim(words);
    expect(code).toBe(0);
    expect(shell.out()).toMatch(/! after 12 replications `latency avg < 1s` is known to/);
    expect((await meshsim([...words, '--strict'])).code).toBe(7);
    expect((await meshsim([...words, '--strict', '--threshold', 'latency avg < 1us'])).code).toBe(99);
  });
});

describe('a threshold judged by its interval', () => {
  const strict = scenarioFile(folder, 'strict.yaml', `${SCENARIO}thresholds: [{ expr: 'latency avg < 1s', confidence: strict }]\n`);

  test('is refused with one replication, which has none', async () => {
    const { code, shell } = await meshsim(['run', strict]);
    expect(code).toBe(3);
    expect(shell.err()).toContain('error[no-interval]');
    expect((await meshsim(['validate', strict])).code).toBe(0);
  });

  test('is judged with more', async () => {
    expect((await meshsim(['run', strict, '--reps', '2'])).code).toBe(0);
  });
});

test('a replication that is lost twice is an internal error with its seed, after the figures of the others', async () => {
  const bug: ShellChanges = {
    runMany: async (tasks) => {
      const pool = runHere(tasks);
      return {
        ...pool,
        async *[Symbol.asyncIterator]() {
          let i = 0;
          for await (const outcome of pool) yield i++ === 1 ? { task: outcome.task, error: new Error('boom') } : outcome;
        },
      };
    },
  };
  const { code, shell } = await meshsim(['run', shop, '--reps', '4', '--no-progress'], bug);
  expect(code).toBe(1);
  expect(shell.out()).toContain('3 reps x 5 s');
  expect(shell.out()).toMatch(/PARTIAL/);
  expect(shell.err()).toMatch(/internal error: boom[\s\S]*seed \d{9,}/);
});

describe('--warmup auto', () => {
  test('finds the warm-up and shows it', async () => {
    const { window, scenario } = await resultOf(['run', shop, '--duration', '60s', '--warmup', 'auto']);
    expect(window.warmupMs).toBeGreaterThanOrEqual(0);
    expect(window.warmupMs).toBeLessThan(30_000);
    expect(scenario.resolved).toMatchObject({ warmup: 'auto' });
  });

  test('that finds nothing is a problem at its place, and no run', async () => {
    const overloaded = scenarioFile(folder, 'overloaded.yaml', SCENARIO.replace('latency: 1ms', 'latency: 500ms, concurrency: 1').replace('10/s', '100/s').replace('duration', 'warmup: auto\nduration'));
    const { code, shell } = await meshsim(['run', overloaded]);
    expect([code, shell.out()]).toEqual([3, '']);
    expect(shell.err()).toMatch(/error\[run-too-short\][\s\S]*overloaded.yaml:2:9/);
    const { shell: asJson } = await meshsim(['run', overloaded, '--json', '--quiet']);
    expect(JSON.parse(asJson.out())).toMatchObject({ valid: false, problems: [{ code: 'run-too-short', line: 2 }] });
  });
});
