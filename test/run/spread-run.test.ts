/** A real mesh over several threads. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../src/result/result.ts';
import { runReal } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';

const GRAPH = {
  name: 'graph',
  duration: '3s',
  services: {
    web: { replicas: 2, latency: '3ms', calls: [{ parallel: ['cart', 'user'] }], policy: 'p' },
    cart: { replicas: 3, latency: { exponential: '5ms' }, calls: ['db'], policy: 'p' },
    user: { replicas: 2, latency: '4ms', policy: 'p' },
    db: { replicas: 2, latency: '2ms', policy: 'p' },
  },
  policies: { p: { loadBalancer: 'roundRobin', timeout: '20s', retries: { attempts: 3, on: ['connectFailure', 'reset'] }, outlierDetection: { consecutive5xx: 3, maxEjectionPercent: '50%' } } },
  traffic: [{ to: 'web', name: 'client', rate: '100/s' }],
  faults: [{ name: 'dead', at: '1s', for: '500ms', target: 'cart/1', crash: true }],
};

describe('a mesh in one thread and over three', () => {
  let one: Result;
  let spread: Result;
  beforeAll(async () => {
    [one, spread] = await Promise.all([runReal(planFrom(GRAPH)), runReal(planFrom(GRAPH), { workers: 2 })]);
  }, 60_000);

  test('the same requests come, and all are answered', () => {
    expect(spread.complete).toBe(true);
    expect(spread.totals.requests).toBe(one.totals.requests);
    expect([one.totals.failed, spread.totals.failed]).toEqual([0, 0]);
  });

  test('each call and each attempt is counted once, wherever it was made', () => {
    for (const { edges, endpoints, totals: { requests } } of [one, spread]) {
      const calls = Object.entries(edges).map(([name, edge]) => [name, edge.requests]);
      // What the crash interrupts is done again.
      const again = edges['cart->db']!.requests - requests;
      expect(calls).toEqual([['client->web', requests], ['web->cart', requests], ['web->user', requests], ['cart->db', requests + again]]);
      expect(again).toBeLessThanOrEqual(edges['web->cart']!.retries);
      const served = (service: string): number => Object.entries(endpoints).reduce((sum, [name, endpoint]) => sum + (name.startsWith(`${service}/`) ? endpoint.requests : 0), 0);
      expect([served('web'), served('user')]).toEqual([edges['client->web']!.attempts, edges['web->user']!.attempts]);
      // One that was just being sent when its caller crashed may never have come.
      expect(served('db')).toBeGreaterThanOrEqual(requests);
      expect(served('db')).toBeLessThanOrEqual(edges['cart->db']!.attempts);
    }
  });

  test('the series has the attempts of all threads', () => {
    for (const { edges, series } of [one, spread]) {
      const attempts = Object.values(edges).reduce((sum, edge) => sum + edge.attempts, 0);
      expect(series.attempts.reduce((sum, count) => sum + count, 0)).toBe(attempts);
    }
  });

  test('every thread has the faults, and tells what its callers made of them', () => {
    for (const { events, edges, endpoints } of [one, spread]) {
      expect(edges['web->cart']!.retries).toBeGreaterThan(0);
      expect(events.filter(({ kind }) => kind === 'ejected').length).toBe(edges['web->cart']!.ejections);
      expect(edges['web->cart']!.ejections).toBeGreaterThan(0);
      expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).sort((a, b) => a - b));
      expect(endpoints['cart/1']!.ok).toBeLessThan(endpoints['cart/0']!.ok);
    }
  });
});

test('a run that is stopped says what it had counted, and leaves nothing open', async () => {
  const result = await runReal(planFrom({ ...GRAPH, duration: '60s' }), { workers: 2, control: { onProgress: ({ requests }) => requests >= 30 } });
  expect(result.complete).toBe(false);
  expect(result.totals.requests).toBeGreaterThanOrEqual(30);
  expect(result.services['db']!.requests).toBeGreaterThan(0);
  expect(process.getActiveResourcesInfo().filter((kind) => /TCP|MessagePort|Worker/.test(kind))).toEqual([]);
});

test('a threshold that may end the run is refused: nobody could judge it in time', async () => {
  const plan = planFrom({ ...GRAPH, thresholds: [{ expr: 'errors rate < 1%', abort: true }] });
  await expect(runReal(plan, { workers: 1 })).rejects.toThrow('`errors rate < 1%` may end the run');
});

describe('as a command', () => {
  const folder = temporaryFolder();
  const file = scenarioFile(folder, 'mesh.yaml', JSON.stringify({ ...GRAPH, duration: '30s' }));

  function meshsim(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ readonly code: number; readonly err: string }> {
    return new Promise((done) => {
      execFile(process.execPath, ['dist/src/cli/main.js', 'run', file, '--quiet', ...words], { env: { ...process.env, ...env } }, (error, _, err) => done({ code: error === null ? 0 : Number(error.code), err }));
    });
  }

  test.concurrent('a thread that ends, ends the run', async () => {
    const mortal = join(folder, 'mortal.cjs');
    writeFileSync(mortal, "const { workerData } = require('node:worker_threads'); if (workerData?.part?.index === 2) setTimeout(() => process.exit(3), 800);");
    const { code, err } = await meshsim(['--mode', 'real', '--workers', '2'], { NODE_OPTIONS: `--require ${mortal}` });
    expect([code, err.split('\n')[0]]).toEqual([1, 'meshsim: internal error: a thread of the mesh ended with code 3']);
  });

  test.concurrent.each([
    [['--workers', '2'], '--workers hosts real endpoints in threads; virtual time has none: add --mode real'],
    [['--mode', 'real', '--workers', '1.5'], '--workers 1.5: a whole number from 0 to 64, such as 2'],
  ])('%j is no use', async (words, message) => {
    expect(await meshsim(words)).toEqual({ code: 2, err: `meshsim: ${message}\n` });
  });
});
