import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { dispatch } from '../../src/cli/dispatch.ts';
import { ExitCode } from '../../src/cli/exit-codes.ts';
import type { ProbeReport } from '../../src/probe/report.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { runHere } from '../support/pool-here.ts';
import { type StringShell, stringShell } from '../support/string-shell.ts';

/** Small and quick: a database of 60/s at 50/s, whose one retry doubles what is late. */
const STORM = `
name: small-storm
duration: 30s
services: { database: { concurrency: 6, queue: { limit: unlimited }, latency: { exponential: 100ms }, policy: impatient } }
policies: { impatient: { retries: { attempts: 1, on: timeout, perTryTimeout: 1s, backoff: 0 } } }
traffic: [{ to: database, name: app, rate: 50/s }]
faults: [{ name: cut, at: 10s, for: 5s, target: app->database, partition: true }]
`;

let folder = '';
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('meshsim probe', () => {
  test('has nothing to say of a system that is asked for nothing', async () => {
    const shell = stringShell();
    expect(await dispatch(['probe', scenarioFile(folder, 'idle.yaml', STORM.replace('rate: 50/s', 'rate: 0/s'))], shell)).toBe(ExitCode.usage);
    expect(shell.err()).toContain('no request ever arrives');
  });

  test('finds the push that is not recovered from, and the edge that keeps it down', async () => {
    const shell = stringShell();
    const file = scenarioFile(folder, 'storm.yaml', STORM);
    expect(await dispatch(['probe', file, '--trigger', 'cut', '--watch', '60s', '--longest', '10s', '--reps', '3', '--json', '--fail-on', 'metastable'], shell)).toBe(ExitCode.thresholdFailed);
    const report = JSON.parse(shell.out()) as ProbeReport;
    expect(report).toMatchObject({ verdict: 'metastable', rate: 50, runs: 3, sustainedBy: [{ edges: ['app->database'] }] });
    const [push] = report.pushes;
    expect(push!.staysDownFromMs! / push!.recoversFromMs!).toBeLessThan(1.2);
    // Twice what arrives is what the database can do: 30/s of 50/s.
    expect(report.load.safeUpTo).toBeGreaterThan(0.4);
    expect(report.load.safeUpTo).toBeLessThan(0.68);
    expect(report.load.downFrom).toBeGreaterThan(1);
  });

  test('lists only the files that it wrote', async () => {
    const out = join(folder, 'full');
    mkdirSync(out);
    symlinkSync('/dev/full', join(out, 'probe.json'));
    const shell = stringShell({ columns: 200 });
    const words = ['--set', 'traffic[0].rate=20/s', '--trigger', 'load:3', '--watch', '10s', '--longest', '1s', '--reps', '1', '--out', out, '--quiet'];
    expect(await dispatch(['probe', scenarioFile(folder, 'full.yaml', STORM), ...words], shell)).toBe(ExitCode.usage);
    expect(shell.err()).toBe(`meshsim: cannot write ${out}/probe.json: no space left on the device\n`);
    expect(shell.out()).toMatch(/report \S+report\.html/);
    expect(shell.out()).not.toContain('probe.json');
  });

  test('says so where every push is recovered from', async () => {
    const shell = stringShell();
    const file = scenarioFile(folder, 'calm.yaml', STORM);
    const words = ['probe', file, '--set', 'policies.impatient.retries.attempts=0', '--set', 'traffic.0.rate=20/s', '--trigger', 'load:3', '--watch', '60s', '--longest', '5s', '--reps', '1', '--fail-on', 'metastable'];
    expect(await dispatch(words, shell)).toBe(ExitCode.ok);
    expect(shell.out()).toContain('RECOVERS');
  });

  test('tells nothing but that it was stopped, and how to go again', async () => {
    const file = scenarioFile(folder, 'stopped.yaml', STORM);
    const stopped = async (...words: string[]): Promise<StringShell> => {
      let runs = 0;
      const shell: StringShell = stringShell({ runMany: async (tasks) => runHere(tasks, async () => void (++runs === 2 && shell.signal('SIGINT'))) });
      expect(await dispatch(['probe', file, '--watch', '10s', ...words], shell)).toBe(ExitCode.interrupted);
      return shell;
    };
    expect((await stopped()).out()).toBe(`probe  small-storm\n\n! PARTIAL   stopped before every push was tried, which tells nothing\n\n  again: meshsim probe ${file} --seed 1 --longest 60s --watch 10s --reps 5\n`);
    const json = await stopped('--json');
    expect([json.out(), json.err()]).toEqual(['', expect.stringContaining('nothing was printed')]);
  });

  test.each([
    [['--trigger', 'cat'], '--trigger cat: the file has no fault of that name; there are cut; or load:TIMES'],
    [['--trigger', 'load:1'], '--trigger load:1: a load above 1'],
    [['--watch', '5s'], '--watch 5s: a time from 10s to 3600s'],
    [['--longest', '5'], '--longest 5: a time from 0.1s to 600s'],
    [['--reps', '0'], '--reps 0: write a whole number from 1 to 100'],
  ])('%s is a mistake that is named', async (words, message) => {
    const shell = stringShell();
    expect(await dispatch(['probe', scenarioFile(folder, 'bad.yaml', STORM), ...words], shell)).toBe(ExitCode.usage);
    expect(shell.err()).toContain(message);
  });
});
