/** What a mesh leaves behind: nothing, however it ends. In processes of their own, which have to end by themselves. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync, readlinkSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MeshError } from '../../src/model/mesh-error.ts';
import { planFrom } from '../support/plan-from.ts';
import { RealMesh } from '../support/real-mesh.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';

const MAIN = 'dist/src/cli/main.js';
const folder = temporaryFolder();

/** Pools of both kinds, none at all, health checks, and faults that are on when it ends. */
const SCENARIO = {
  duration: '600ms',
  services: {
    front: { replicas: 2, latency: '1ms', calls: ['plain', 'pooled', 'streams'], policy: { timeout: '200ms', retries: { attempts: 1, on: ['5xx', 'reset', 'connectFailure'], perTryTimeout: '50ms' } } },
    plain: { replicas: 2, latency: '2ms', policy: { timeout: '100ms' } },
    pooled: { replicas: 2, latency: '2ms', policy: { timeout: '100ms', connectionPool: { idleTimeout: '1h' }, healthCheck: { interval: '100ms', timeout: '50ms', unhealthyThreshold: 1, healthyThreshold: 1, noTrafficInterval: '100ms' } } },
    streams: { replicas: 2, latency: '2ms', policy: { timeout: '100ms', connectionPool: { protocol: 'http2' } } },
  },
  traffic: [{ to: 'front', rate: '100/s' }],
  faults: [
    { at: '100ms', for: '50ms', repeat: { every: '100ms', times: 20 }, target: 'plain/0', crash: true },
    { at: '150ms', for: '50ms', repeat: { every: '100ms', times: 20 }, target: 'streams/0', crash: true },
    { at: '200ms', target: 'pooled/0', hang: true },
    { at: '200ms', target: 'pooled/1', reset: '20%' },
    { at: '200ms', target: 'streams/1', pause: true },
  ],
};
const file = scenarioFile(folder, 'all.yaml', JSON.stringify(SCENARIO));
const long = scenarioFile(folder, 'long.yaml', JSON.stringify({ ...SCENARIO, duration: '60s' }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, words, { timeout: 30_000 }, (error, out, err) => resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, out, err }));
  });
}

/** A program that runs the scenario and ends when nothing is left to wait for; prints what `end` gives, and what is left then. */
function program(path: string, control: string): Promise<Ended> {
  const url = JSON.stringify(pathToFileURL('dist/src/index.js').href);
  const text = `
    import { readFileSync } from 'node:fs';
    import { parseScenario, runReal } from ${url};
    const { plan } = parseScenario(readFileSync(${JSON.stringify(path)}, 'utf8'));
    // Standard output is a pipe, and opened when it is written to.
    const left = () => process.getActiveResourcesInfo().filter((what) => what !== 'PipeWrap');
    try { console.log('complete', (await runReal(plan, { control: { onProgress: ${control} } })).complete); }
    catch (error) { console.log('failed', error.message); }
    const startedAt = performance.now();
    while (left().length > 0 && performance.now() - startedAt < 5000) await new Promise((resolve) => setImmediate(resolve));
    console.log('left', left().join());`;
  return run(process.execPath, ['--input-type=module', '-e', text]);
}

describe('no handle, port or timer is left', () => {
  test.concurrent.each([
    ['when it has come to its end', file, '() => false', 'complete true'],
    ['when it is stopped', long, '({ nowNs }) => nowNs > 500e6', 'complete false'],
    ['when it is stopped before it has begun', long, '() => true', 'complete false'],
    ['when something throws in the middle of it', long, "({ nowNs }) => { if (nowNs > 500e6) throw new Error('injected'); return false; }", 'failed injected'],
  ])('%s', async (_, path, control, first) => {
    const { code, out, err } = await program(path, control);
    expect([code, out, err]).toEqual([0, `${first}\nleft \n`, '']);
  });

  test.concurrent.each([['SIGINT', 130], ['SIGTERM', 143]] as const)('by %s, which gives what was measured', async (signal, expected) => {
    const child = spawn(process.execPath, [MAIN, 'run', long, '--mode', 'real', '--json', '--no-progress']);
    let out = '';
    child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
    const ended = new Promise((resolve) => child.once('close', resolve));
    if (process.platform === 'linux') await listening(child.pid!);
    else await new Promise((resolve) => setTimeout(resolve, 2000));
    child.kill(signal);
    expect([await ended, (JSON.parse(out) as { complete: boolean }).complete]).toEqual([expected, false]);
  });

  test('nor anything that is only noticed at the next run in the same process', async () => {
    const plan = planFrom(SCENARIO);
    const first = await RealMesh.start(plan);
    await first.over;
    const port = first.portOf(0);
    // Somebody else may have it now.
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    const second = await RealMesh.start(plan);
    expect(await second.over).toBe(true);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('what this machine cannot give', () => {
  test.concurrent('more open files are one line that says so, and exit 2', async () => {
    const wide = scenarioFile(folder, 'wide.yaml', JSON.stringify({ duration: '1s', services: { web: { replicas: 100, latency: '1ms' } }, traffic: [{ to: 'web', rate: '10/s' }] }));
    const { code, out, err } = await run('bash', ['-c', `ulimit -n 100; exec ${process.execPath} ${MAIN} run ${wide} --mode real --quiet`]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^meshsim: [^\n]*open[^\n]*files[^\n]*ulimit -n[^\n]*\n$/);
  });

  test.concurrent('more open files in the middle of a run, likewise', async () => {
    const crowded = scenarioFile(folder, 'crowded.yaml', JSON.stringify({
      duration: '5s', services: { web: { latency: '1s', concurrency: 'unlimited', policy: { connectionPool: { maxConnections: 5000, maxPendingRequests: 5000, maxRequests: 5000 } } } }, traffic: [{ to: 'web', rate: '300/s' }],
    }));
    const { code, out, err } = await run('bash', ['-c', `ulimit -n 128; exec ${process.execPath} ${MAIN} run ${crowded} --mode real --quiet`]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^meshsim: [^\n]*open[^\n]*files[^\n]*ulimit -n[^\n]*\n$/);
  });

  const crashing = planFrom({
    duration: '2s', services: { web: { latency: '1ms' } }, traffic: [{ to: 'web', rate: '20/s' }], faults: [{ at: '200ms', for: '400ms', target: 'web', crash: true }],
  });

  test('the port of a crashed endpoint, which another process took, ends the run with words about it', async () => {
    const { mesh, release } = await taken();
    await expect(mesh.over).rejects.toThrow(MeshError);
    await expect(mesh.over).rejects.toThrow(/^web\/0 cannot listen on 127\.0\.0\.1:\d+: another program does/);
    await release();
  });

  test('that port for a moment only is waited for', async () => {
    const { mesh, release } = await taken();
    await mesh.reaches(620e6);
    await release();
    expect(await mesh.over).toBe(true);
  });

  async function taken(): Promise<{ readonly mesh: RealMesh; readonly release: () => Promise<unknown> }> {
    const mesh = await RealMesh.start(crashing);
    await mesh.reaches(300e6);
    // Callers connect to it as if it were the endpoint.
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(mesh.portOf(0), '127.0.0.1', resolve));
    expect((server.address() as AddressInfo).port).toBe(mesh.portOf(0)); // of a server that listens on a port
    return { mesh, release: () => new Promise((resolve) => server.close(resolve)) };
  }
});

// Read off /proc/net, which only Linux has.
test.runIf(process.platform === 'linux')('only 127.0.0.1 is ever listened on', async () => {
  const child = spawn(process.execPath, [MAIN, 'run', long, '--mode', 'real', '--quiet', '--summary', 'none']);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const addresses = await listening(child.pid!);
  child.kill('SIGINT');
  await ended;
  // An endpoint is crashed now and then; `streams` has a port more for each of its endpoints.
  expect(addresses.length).toBeGreaterThanOrEqual(8);
  expect(addresses.length).toBeLessThanOrEqual(10);
  expect(new Set(addresses)).toEqual(new Set(['0100007F']));
});

/** Addresses that a process listens on, as the kernel writes them (127.0.0.1 is 0100007F), once there are some. */
async function listening(pid: number): Promise<string[]> {
  for (;;) {
    const addresses = addressesOf(pid);
    if (addresses.length >= 8) return addresses;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function addressesOf(pid: number): string[] {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // It was closed meanwhile.
      return [];
    }
  }));
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1).flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      return state === '0A' && sockets.has(inode) ? [local.split(':')[0]!] : [];
    }));
}
