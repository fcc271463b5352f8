import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import { ExitCode } from '../../src/cli/exit-codes.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import { estimateOf } from '../../src/sweep/estimates.ts';
import type { Sweep } from '../../src/sweep/sweep.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { runHere } from '../support/pool-here.ts';
import { type StringShell, stringShell } from '../support/string-shell.ts';

let folder = '';
let file = '';
beforeAll(() => {
  folder = temporaryFolder();
  file = scenarioFile(folder, 'shop.yaml');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const GRID = ['--set', 'traffic[0].rate=10/s..40/s:3', '--set', 'services.web.replicas=1,2', '--reps', '2', '--threshold', 'latency p(99) < 5ms'];

describe('meshsim sweep and merge', () => {
  test('the parts of a sweep become the bytes of the whole', async () => {
    const sweep = (...words: string[]): Promise<ExitCode> => dispatch(['sweep', file, ...GRID, ...words], stringShell());
    expect(await sweep('--out', join(folder, 'all'))).toBe(ExitCode.ok);
    for (const shard of [1, 2, 3, 4]) expect(await sweep('--shard', `${shard}/4`, '--out', join(folder, `part-${shard}`))).toBe(ExitCode.ok);
    const parts = [3, 1, 4, 2].map((shard) => join(folder, `part-${shard}`, 'sweep.json'));
    expect(await dispatch(['merge', ...parts, '--out', join(folder, 'merged')], stringShell())).toBe(ExitCode.ok);
    for (const name of ['sweep.json', 'sweep.csv']) expect(readFileSync(join(folder, 'merged', name), 'utf8')).toBe(readFileSync(join(folder, 'all', name), 'utf8'));
    expect(readFileSync(join(folder, 'all', 'sweep.csv'), 'utf8').trim().split('\r\n')).toHaveLength(1 + 6);
  });

  test('shows a row for each point and a column for each axis that varies', async () => {
    const shell = stringShell();
    expect(await dispatch(['sweep', file, '--set', 'traffic[0].rate=10/s,20/s', '--set', 'services.web.replicas=3', '--reps', '2'], shell)).toBe(ExitCode.ok);
    expect(shell.out()).toContain('2 points - 2 replications each');
    expect(shell.out()).toMatch(/rate +p50/);
    expect(shell.out()).not.toContain('replicas  ');
  });

  test('lists only the files that it wrote', async () => {
    const out = join(folder, 'full');
    mkdirSync(out);
    symlinkSync('/dev/full', join(out, 'sweep.csv'));
    const shell = stringShell({ columns: 200 });
    expect(await dispatch(['sweep', file, ...GRID, '--out', out, '--quiet'], shell)).toBe(ExitCode.usage);
    expect(shell.err()).toBe(`meshsim: cannot write ${out}/sweep.csv: no space left on the device\n`);
    expect(shell.out()).toMatch(/^ {2}json \S+sweep\.json {4}report \S+report\.html/m);
    expect(shell.out()).not.toContain('sweep.csv');
  });

  test('counts the attempts of the whole mesh, as a comparison does', async () => {
    const deep = scenarioFile(folder, 'deep.yaml', 'name: deep\nduration: 5s\nservices: { web: { latency: 1ms, calls: [db, db] }, db: { latency: 1ms } }\ntraffic: [{ to: web, rate: 10/s }]\n');
    const json = async (...words: string[]): Promise<string> => {
      const shell = stringShell();
      await dispatch([...words, '--reps', '2', '--json'], shell);
      return shell.out();
    };
    const { points } = JSON.parse(await json('sweep', deep, '--set', 'services.web.replicas=1,2')) as Sweep;
    expect(points.map((point) => estimateOf(point, 'attemptsPerRequest').mean)).toEqual([3, 3]);
    const { rows } = JSON.parse(await json('compare', deep, '--vary', 'services.web.replicas=1,2')) as Comparison;
    expect(rows.find(({ metric }) => metric === 'attempts/request')!.cells.map(({ mean }) => mean)).toEqual([expect.closeTo(3, 9), expect.closeTo(3, 9)]);
  });

  test('says how far it came when it is stopped', async () => {
    let runs = 0;
    const out = join(folder, 'stopped');
    const shell: StringShell = stringShell({ runMany: async (tasks) => runHere(tasks, async () => void (++runs === 5 && shell.signal('SIGINT'))) });
    expect(await dispatch(['sweep', file, ...GRID, '--out', out], shell)).toBe(ExitCode.interrupted);
    const { complete, points } = JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8')) as Sweep;
    expect([complete, points.length]).toEqual([false, 2]);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('stopped after 2 of 6 points');
    const merging = stringShell();
    expect(await dispatch(['merge', join(out, 'sweep.json')], merging)).toBe(ExitCode.usage);
    expect(merging.err()).toContain('4 points are missing');
    expect(shell.out()).toMatch(/^! PARTIAL {3}stopped after 2 of 6 points; the others were not run$/m);
    expect(shell.out()).toMatch(/again: meshsim sweep .*\n$/);
  });

  // The sixth run is the last of the third point, and the twelfth of all; 2,000 s are more than one look at whether to go on.
  test.each([[6, 2], [12, 5]])('a run that is stopped, here the %sth, is none of its point', async (last, whole) => {
    let runs = 0;
    const shell: StringShell = stringShell({ runMany: async (tasks) => runHere(tasks, async () => void (++runs === last && shell.signal('SIGINT'))) });
    expect(await dispatch(['sweep', file, ...GRID, '--duration', '2000s', '--json'], shell)).toBe(ExitCode.interrupted);
    const { complete, points } = JSON.parse(shell.out()) as Sweep;
    expect([complete, points.length]).toEqual([false, whole]);
    expect(points.flatMap(({ reps }) => reps).every((rep) => rep.complete)).toBe(true);
  });

  test('more points than anyone reads are in the CSV', async () => {
    const shell = stringShell();
    expect(await dispatch(['sweep', file, '--set', 'traffic[0].rate=1/s..70/s:70', '--duration', '1s', '--reps', '1'], shell)).toBe(ExitCode.ok);
    expect(shell.out()).toContain('and 11 more points: --csv\n');
  });

  test.each([
    [['--shard', '4/3'], ExitCode.usage, '--shard 4/3: write which part of how many'],
    [['--shard', '3/4', '--set', 'services.web.replicas=1,2'], ExitCode.usage, 'there are only 2 points'],
    [['--set', 'services.web.replicas=1,-2'], ExitCode.usage, '--set services.web.replicas=-2'],
    [['--set', 'traffic[0].rate=10/s..20/s'], ExitCode.usage, 'say how many values'],
    [['--reps', '0'], ExitCode.usage, '--reps 0'],
    [['--set', 'services.web.replicas=1,2', '--set', 'services.web.replicas=3'], ExitCode.usage, '--set services.web.replicas: the path is there twice'],
    [['--set', 'services.web={latency: 1ms},{latency: 2ms}', '--set', 'services.web.replicas=3,4'], ExitCode.usage, 'it and services.web are there, and one lies inside the other'],
    [['--set', 'traffic.0.rate=1/s,2/s', '--set', 'traffic[0]={to: web, rate: 3/s}'], ExitCode.usage, 'one lies inside the other'],
  ])('%j is a mistake that is named', async (words, code, message) => {
    const shell = stringShell();
    expect(await dispatch(['sweep', file, ...words], shell)).toBe(code);
    expect(shell.err()).toContain(message);
  });

  test('a file that is no part of a sweep is named', async () => {
    const shell = stringShell();
    expect(await dispatch(['merge', file], shell)).toBe(ExitCode.usage);
    expect(shell.err()).toContain('is no part of a sweep');
  });
});
