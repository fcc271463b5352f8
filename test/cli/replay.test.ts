/** `run --record` and `replay` as people use them. */
import { execFile, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Instant } from '../../src/result/instant.ts';
import type { Result } from '../../src/result/result.ts';
import { SCENARIO, scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const MAIN = 'dist/src/cli/main.js';
const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml');
const tape = join(folder, 'shop.tape');

async function meshsim(...words: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const shell = stringShell();
  const code = await dispatch(words, shell);
  return { code, out: shell.out(), err: shell.err() };
}

test('what was recorded is the same once more', async () => {
  const recorded = await meshsim('run', shop, '--record', tape);
  expect(recorded.code).toBe(0);
  expect(recorded.out).toContain(`recording ${tape}`);
  expect(recorded.out).not.toContain('--record');
  const { code, out, err } = await meshsim('replay', tape);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^shop +sim - seed 1 - \d+ inputs, \d+ decisions/);
  expect(out).toContain('SAME DECISIONS');
});

test('the first decision that differs is named, with exit code 6', async () => {
  await meshsim('run', shop, '--record', tape);
  const lines = readFileSync(tape, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes(' attemptDone ')) + 1;
  lines[line - 1] = lines[line - 1]!.replace('ok 200', 'error 503');
  const changed = join(folder, 'changed.tape');
  writeFileSync(changed, lines.join('\n'));

  const { code, out } = await meshsim('replay', changed);
  expect(code).toBe(6);
  expect(out).toMatch(new RegExp(`DIVERGED +at input \\d+ \\(line ${line}\\), [\\d.]+ s, web->web, caller web/0, call 0`));
  expect(out).toContain('then  settle: call 0, outcome ok, status 200');
  expect(out).toContain('now   settle: call 0, outcome error, status 503');

  const asJson = await meshsim('replay', changed, '--json');
  expect([asJson.code, JSON.parse(asJson.out)]).toMatchObject([6, { same: false, scenario: 'shop', divergence: { line, place: { edge: 'web->web', caller: 'web/0', call: 0 } } }]);
});

describe('a saved result', () => {
  const out = join(folder, 'out');
  const saved = join(out, 'result.json');

  test.each([['one run', ['--seed', '7']], ['replications', ['--reps', '3', '--seed', '8', '--duration', '1s']]])('of %s is run again, and is the same', async (_, words) => {
    await meshsim('run', shop, ...words, '--out', out, '--quiet');
    const { digest } = JSON.parse(readFileSync(saved, 'utf8')) as Result;
    const { code, err, out: text } = await meshsim('replay', saved, '--quiet');
    expect([code, err]).toEqual([0, '']);
    expect(text).toMatch(new RegExp(`SAME RUN +digest ${digest}`));
    expect(text).toContain('REQUESTS');
  });

  test('of something else is another run, with exit code 6', async () => {
    await meshsim('run', shop, '--out', out, '--quiet');
    const result = JSON.parse(readFileSync(saved, 'utf8')) as Result;
    writeFileSync(saved, JSON.stringify({ ...result, seed: 99 }));
    const { code, err, out: text } = await meshsim('replay', saved, '--json');
    expect([code, JSON.parse(text)]).toEqual([6, expect.objectContaining({ same: false, digest: result.digest })]);
    expect(err).toContain(`the run is not the one of ${saved}`);
  });

  test('can be looked at at any instant', async () => {
    const queue = scenarioFile(folder, 'queue.yaml', `
name: queue
duration: 2s
services: { s: { replicas: 2, concurrency: 1, latency: 10s, queue: 9, policy: p } }
policies: { p: { timeout: 30s, loadBalancer: roundRobin } }
traffic: [{ to: s, name: users, rate: 10/s, arrivals: uniform, policy: p }]
faults: [{ name: slow, at: 300ms, for: 100ms, target: s/0, latency: { multiply: 2 } }]
`);
    await meshsim('run', queue, '--out', out, '--quiet');
    const at = async (time: string): Promise<Instant> => (JSON.parse((await meshsim('replay', saved, '--at', time, '--quiet', '--json')).out) as { readonly instant: Instant }).instant;
    // One each 100 ms, and nobody is done before 10 s.
    const early = await at('350ms');
    const arrived = (JSON.parse((await meshsim('run', queue, '--duration', '350ms', '--json', '--quiet')).out) as Result).totals.requests;
    expect(arrived).toBeGreaterThan(2);
    expect(early.underWay).toBe(arrived);
    expect(early.endpoints).toEqual([expect.objectContaining({ name: 's/0', busy: 1, outFor: 0, callers: 1 }), expect.objectContaining({ name: 's/1', busy: 1, outFor: 0, callers: 1 })]);
    expect(early.endpoints.reduce((sum, { busy, waiting }) => sum + busy + waiting, 0)).toBe(arrived);
    expect(early.oldest.map(({ request }) => request)).toEqual(Array.from({ length: arrived }, (_, i) => i));
    expect(early.decisions[0]).toMatchObject({ isDecision: false, word: 'begin', edge: 'users->s', words: 'begin: edge users->s, caller 0, deadline never' });
    expect(early.decisions[0]!.atMs).toBeGreaterThanOrEqual(350);
    expect(early.decisions[0]!.atMs).toBeLessThan(450);
    // The first two are done, the others wait.
    expect(await at('10.05s')).toMatchObject({ underWay: 19 });

    const { code, out: text } = await meshsim('replay', saved, '--at', '350ms', '--quiet');
    expect(code).toBe(0);
    expect(text).toContain(`At 350 ms: ${arrived} requests under way; on: slow.`);
  });

  test.each([
    ['no unit', '25', 'a time needs its unit: 25s or 25ms?'],
    ['no time', 'noon', 'a time since the start of the run, such as'],
    ['a time after the end', '1h', 'the run was over after'],
  ])('has no instant of %s', async (_, time, said) => {
    await meshsim('run', shop, '--out', out, '--quiet');
    const { code, err } = await meshsim('replay', saved, '--at', time);
    expect([code, err]).toEqual([2, expect.stringContaining(`--at ${time}: ${said}`)]);
  });

  test('that ended early, or has no scenario, is refused', async () => {
    await meshsim('run', shop, '--out', out, '--quiet');
    const result = JSON.parse(readFileSync(saved, 'utf8')) as Result;
    for (const [change, said] of [[{ complete: false }, 'ended early'], [{ mode: 'real' }, 'on sockets cannot be had again'], [{ scenario: { ...result.scenario, resolved: null } }, 'its scenario is not in the file']] as const) {
      writeFileSync(saved, JSON.stringify({ ...result, ...change }));
      const { code, err } = await meshsim('replay', saved);
      expect([code, err]).toEqual([2, expect.stringContaining(said)]);
    }
  });
});

describe('a usage error', () => {
  test.each([
    ['an instant of a recording', ['replay', shop, '--at', '1s'], '--at is for a result.json'],
    ['no recording', ['replay', shop], 'this is no recording'],
    ['no such file', ['replay', join(folder, 'nothing')], 'no such file or directory'],
    ['a folder', ['replay', folder], 'is a directory'],
    ['a recording over the scenario', ['run', shop, '--record', shop], 'would overwrite what is read'],
    ['a recording of many runs', ['run', shop, '--record', tape, '--reps', '2'], 'these are 2: add --reps 1'],
    ['a recording into nowhere', ['run', shop, '--record', join(folder, 'nowhere', 'x')], 'no such file or directory'],
    ['a recording on a full disk', ['run', shop, '--record', '/dev/full'], 'no space left on the device'],
  ])('%s is one line', async (_, words, said) => {
    const { code, out, err } = await meshsim(...words, ...(words[0] === 'run' ? ['--quiet'] : []));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^meshsim: [^\n]*\n$/);
    expect(err).toContain(said);
  });
});

test('a disk that is full in the middle of a real run is one line and exit 2', async () => {
  const ended = await new Promise<{ readonly code: unknown; readonly err: string }>((resolve) => {
    const busy = scenarioFile(folder, 'busy.yaml', SCENARIO.replace('10/s', '500/s'));
    execFile('bash', ['-c', `ulimit -f 64; exec ${process.execPath} ${MAIN} run ${busy} --mode real --quiet --record ${join(folder, 'limited.tape')}`], (error, _, err) => resolve({ code: error?.code, err }));
  });
  expect(ended).toEqual({ code: 2, err: expect.stringMatching(/^meshsim: cannot write the recording [^\n]*\n$/) });
});

describe('a run that is stopped', () => {
  const long = scenarioFile(folder, 'long.yaml', SCENARIO.replace('5s', '90000s').replace('10/s', '2000/s'));

  test.each([
    ['SIGINT', 'sim', 130, true],
    ['SIGINT', 'real', 130, true],
    ['SIGKILL', 'sim', null, false],
  ] as const)('by %s in mode %s leaves a recording that agrees up to its end', async (signal, mode, expected, isWhole) => {
    const path = join(folder, `${signal}-${mode}.tape`);
    const child = spawn(process.execPath, [MAIN, 'run', long, '--mode', mode, '--quiet', '--record', path]);
    const ended = new Promise((resolve) => child.once('close', resolve));
    while ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < 200_000) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill(signal);
    expect(await ended).toBe(expected);
    // Some seconds of virtual time are many lines.
    const some = join(folder, 'some.tape');
    if (isWhole) copyFileSync(path, some);
    else writeFileSync(some, readFileSync(path, 'utf8').slice(0, 3_000_000));
    const { code, out, err } = await meshsim('replay', some);
    expect([code, err]).toEqual([0, '']);
    expect(out.includes('the recording breaks off')).toBe(!isWhole);
  });
});
