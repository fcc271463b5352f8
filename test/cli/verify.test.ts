import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Task, Want } from '../../src/run/task.ts';
import { later } from '../../src/verify/calibration.ts';
import type { Verification } from '../../src/verify/verification.ts';
import { runHere } from '../support/pool-here.ts';
import { SCENARIO, scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { type ShellChanges, type StringShell, stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', SCENARIO.replace('1ms', '20ms').replace('10/s', '100/s').replace('5s', '1s'));
const long = scenarioFile(folder, 'long.yaml', SCENARIO.replace('5s', '900s'));
/** Without calibration, which takes seconds. */
const QUICK = ['--reps', '2', '--no-calibrate', '--quiet'];

async function meshsim(words: readonly string[], changes: ShellChanges = {}): Promise<{ code: number; shell: StringShell }> {
  const shell = stringShell(changes);
  return { code: await dispatch(words, shell), shell };
}

/** What a machine under test is up to is its own affair: any verdict, but its code. */
const CODES = { agree: 0, disagree: 6, inconclusive: 7, unknown: 7 } as const;

test.concurrent('prints one JSON document whose verdict is the exit code', async () => {
  const { code, shell } = await meshsim(['verify', shop, '--json', ...QUICK]);
  const verification = JSON.parse(shell.out()) as Verification;
  expect(verification).toMatchObject({ schema: 'meshsim/verification/1', scenario: { name: 'shop' }, seed: 1, repetitions: 2, complete: true, timeScale: 1, overhead: null });
  expect(code).toBe(CODES[verification.verdict]);
  expect(verification.rows.map(({ name }) => name)).toEqual(['throughput', 'latency p50', 'latency p90', 'latency p99', 'errors', ...verification.rows.slice(5).map(({ name }) => name)]);
  for (const { difference, real, sim, tolerance } of verification.rows) {
    expect(difference).toBeCloseTo(sim - real, 9);
    expect(tolerance).toBeGreaterThanOrEqual(0);
  }
});

/** Those in real time as simulations of a changed plan. */
function* changed<W extends Want>(tasks: Iterable<Task<W> | null>, change: (plan: Plan) => Plan): Generator<Task<W> | null> {
  for (const task of tasks) yield task?.mode?.kind === 'real' ? { ...task, mode: { kind: 'sim' }, job: { ...task.job, plan: change(task.job.plan) } } : task;
}

describe('where the real world is another simulator', () => {
  /** @param change  what is wrong with it */
  const insteadOfReal = (change: (plan: Plan) => Plan): ShellChanges => ({
    runMany: async <W extends Want>(tasks: Iterable<Task<W> | null>) => runHere(changed(tasks, change)),
  });
  const verified = async (change: (plan: Plan) => Plan): Promise<{ readonly code: number; readonly out: string }> => {
    const { code, shell } = await meshsim(['verify', shop, ...QUICK], insteadOfReal(change));
    return { code, out: shell.out() };
  };

  test('the same one agrees, exit 0', async () => {
    const { code, out } = await verified((plan) => plan);
    expect(code).toBe(0);
    expect(out).toContain('AGREE');
  });

  test('one whose requests take longer disagrees, exit 6, and says in what', async () => {
    const { code, out } = await verified((plan) => later(plan, 5e6));
    expect(code).toBe(6);
    expect(out).toContain('DISAGREE');
    expect(out).toMatch(/FAIL latency p50 /);
  });
});

test.concurrent('what the file says of proxies is in both worlds', async () => {
  const { shell } = await meshsim(['verify', shop, '--json', ...QUICK, '--time-scale', '2', '--set', 'policies={ p: { proxy: { overhead: 5ms } } }', '--set', 'traffic[0].policy=p']);
  const { real, sim } = (JSON.parse(shell.out()) as Verification).rows.find(({ name }) => name === 'latency p50')!;
  expect([sim >= 24.9, real >= 24.9]).toEqual([true, true]);
});

test.concurrent.each([60, 80, 140])('prints a table of at most %i columns that ends with the command', async (columns) => {
  const { shell } = await meshsim(['verify', shop, ...QUICK, '--duration', '300ms'], { columns });
  const lines = shell.out().trimEnd().split('\n');
  expect(lines.at(-1)).toBe(`  again: meshsim verify ${shop} --seed 1 --reps 2 --duration 300ms --no-calibrate`);
  for (const line of lines.slice(0, -1)) expect([...line].length).toBeLessThanOrEqual(columns);
  expect(shell.out()).toContain('not calibrated');
});

describe('mistakes', () => {
  test.each([
    [['--reps', '1'], 'it takes two at least'],
    [['--reps', 'many'], 'a whole number'],
    [['--time-scale', '0.5'], 'a number from 1'],
    [['--mode', 'real'], 'unknown option'],
  ])('%j is a usage error', async (words, said) => {
    const { code, shell } = await meshsim(['verify', shop, ...words]);
    expect([code, shell.out()]).toEqual([2, '']);
    expect(shell.err()).toContain(said);
  });

  test('a scenario that is invalid is refused with its problems', async () => {
    const { code, shell } = await meshsim(['verify', scenarioFile(folder, 'broken.yaml', `${SCENARIO}trafic: []\n`), '--json']);
    expect([code, (JSON.parse(shell.out()) as { valid: boolean }).valid]).toEqual([3, false]);
    expect(shell.err()).toContain('traffic');
  });
});

test.concurrent('a signal stops it, and what there is is marked as partial', async () => {
  const child = spawn(process.execPath, ['dist/src/cli/main.js', 'verify', long, '--json', '--no-progress', '--no-calibrate']);
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  setTimeout(() => child.kill('SIGINT'), 1500);
  const [code] = (await once(child, 'close')) as [number];
  const { complete, repetitions, verdict } = JSON.parse(out) as Verification;
  expect([code, complete, repetitions, verdict]).toEqual([130, false, 0, 'unknown']);
});
