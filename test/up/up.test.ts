/** `meshsim up` as somebody uses it: a process, called over its sockets. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Result } from '../../src/result/result.ts';
import type { EdgeDetail, EdgeState, FaultState, ServiceState } from '../../src/up/states.ts';
import type { Status } from '../../src/up/mesh.ts';
import { type Answer, type Asking, type UpProcess, ask, askJson, posting, until, up, upInVain } from '../support/up-process.ts';
import { stringShell } from '../support/string-shell.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';

const SCENARIO = `
name: shop
duration: 1s
services:
  web:   { replicas: 3, latency: 1ms, calls: [ cart ], policy: careful }
  cart:  { replicas: 2, latency: 1ms, policy: ejecting }
  slow:  { latency: 1ms, policy: { timeout: 200ms, retries: { attempts: 1, perTryTimeout: 100ms, on: [ timeout ], backoff: { base: 1ms } } } }
policies:
  careful:
    loadBalancer: roundRobin
    retries: { attempts: 2, on: [ reset, connectFailure ], backoff: { base: 1ms }, avoidPrevious: true }
  ejecting:
    outlierDetection: { consecutive5xx: 1, maxEjectionPercent: 100%, baseEjectionTime: 1h }
    retries: { attempts: 1, on: [ 5xx ], backoff: { base: 1ms }, budget: 20% }
    connectionPool: { maxConnections: 10 }
traffic: [ { to: web, name: browse, rate: 200/s, requests: [ { name: list, path: /list }, { name: buy, method: POST, path: "/buy/{{string.uuid}}" } ] } ]
faults:
  - { name: one-gone, target: web/1, crash: true }
  - { name: all-gone, target: web, crash: true }
  - { name: sick, target: cart/0, errors: 100% }
  - { name: stuck, target: slow, hang: true }
`;
const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', SCENARIO);

describe('a mesh that is up', () => {
  let mesh: UpProcess;
  let web: string;
  beforeAll(async () => {
    mesh = await up([shop]);
    web = mesh.urls['web']!;
  });
  afterAll(() => mesh.end('SIGTERM'));

  const status = (): Promise<Status> => askJson(`${mesh.admin}/status`);
  const result = (): Promise<Result> => askJson(`${mesh.admin}/result`);
  const fault = async (name: string): Promise<FaultState | undefined> => (await askJson<FaultState[]>(`${mesh.admin}/faults`)).find((one) => one.name === name);
  const start = (name: string, how = '{}'): Promise<FaultState> => askJson(`${mesh.admin}/faults/${name}`, posting(how));
  const stop = (name: string): Promise<FaultState> => askJson(`${mesh.admin}/faults/${name}`, { method: 'DELETE' });

  test('has a URL for each service and says that it is well', async () => {
    expect(Object.keys(mesh.urls)).toEqual(['web', 'cart', 'slow', 'admin']);
    expect(await askJson(`${mesh.admin}/healthz`)).toMatchObject({ status: 'ok' });
    const { services } = await askJson<{ services: readonly { name: string; url: string }[] }>(mesh.admin);
    expect(Object.fromEntries(services.map(({ name, url }) => [name, url]))).toEqual(Object.fromEntries(Object.entries(mesh.urls).filter(([name]) => name !== 'admin')));
  });

  test("sends nothing of itself, and does what it is asked under the service's policy", async () => {
    expect((await result()).totals.requests).toBe(0);
    const answer = await ask(`${web}/list`);
    expect(answer).toMatchObject({ status: 200, headers: { 'meshsim-outcome': 'ok', 'meshsim-attempts': '1' } });
    expect(answer.headers['meshsim-endpoint']).toMatch(/^web\/[012]$/);
    expect(JSON.parse(answer.text)).toMatchObject({ outcome: 'ok', status: 200, attempts: 1 });
    const { edges, traffic, totals } = await result();
    expect([totals.requests, totals.ok, traffic['browse']!.requests, edges['browse->web']!.requests, edges['web->cart']!.requests]).toEqual([1, 1, 1, 1, 1]);
  });

  test('counts a request for the class whose method and path it has', async () => {
    const before = await result();
    await ask(`${web}/buy/1b4e28ba?x=1`, { method: 'POST', body: 'one' });
    await ask(`${web}/list`, { method: 'HEAD' });
    const { traffic } = await result();
    const grown = (name: string): number => traffic['browse']!.classes[name]!.requests - before.traffic['browse']!.classes[name]!.requests;
    expect([grown('buy'), grown('list')]).toEqual([1, 1]);
  });

  test('retries where an endpoint is gone, and uses it again when it is back', async () => {
    expect(await start('one-gone')).toMatchObject({ on: true, targets: ['web/1'], changesInMs: null });
    const answers: Answer[] = [];
    for (let i = 0; i < 9; i++) answers.push(await ask(web));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.some(({ headers }) => headers['meshsim-attempts'] === '2')).toBe(true);
    expect(answers.map(({ headers }) => headers['meshsim-endpoint'])).not.toContain('web/1');
    const services = await askJson<ServiceState[]>(`${mesh.admin}/services`);
    expect(services[0]!.endpoints.map(({ state }) => state)).toEqual(['up', 'down', 'up']);
    expect((await status()).faults).toEqual(['one-gone']);
    expect(await ask(`${mesh.admin}/faults/one-gone`, posting(''))).toMatchObject({ status: 409 });
    expect(await stop('one-gone')).toMatchObject({ on: false });
    await until(() => ask(web), ({ headers }) => headers['meshsim-endpoint'] === 'web/1');
    expect((await result()).events.flatMap(({ fault: name, kind }) => (name === 'one-gone' ? [kind] : []))).toEqual(['faultOn', 'faultOff']);
  });

  test('answers as a proxy would where nobody is left, until the time of the fault is over', async () => {
    await start('all-gone', 'for: 400ms');
    expect(await ask(web)).toMatchObject({ status: 503, headers: { 'meshsim-outcome': 'connectFailure', 'meshsim-attempts': '3' } });
    await until(() => ask(web), (answer) => answer.status === 200);
    expect(await fault('all-gone')).toMatchObject({ on: false });
  });

  test('answers 504 in time where an endpoint hangs', async () => {
    await start('stuck');
    expect(await ask(mesh.urls['slow']!)).toMatchObject({ status: 504, headers: { 'meshsim-outcome': 'timeout' } });
    await stop('stuck');
  });

  test('shows what the policies have come to', async () => {
    await start('sick');
    const cart = mesh.urls['cart']!;
    await until(() => ask(cart), ({ headers }) => headers['meshsim-attempts'] === '2');
    expect((await status()).outOfUse).toEqual({ 'cart/0': 1 });
    const [edge] = (await askJson<EdgeState[]>(`${mesh.admin}/edges`)).filter(({ name }) => name === 'ingress-cart->cart');
    expect(edge).toMatchObject({ to: 'cart', policy: 'ejecting', callers: 1, outOfUse: { 'cart/0': 1 } });
    const { states } = await askJson<EdgeDetail>(`${mesh.admin}/edges/ingress-cart->cart`);
    expect(states).toMatchObject([{ caller: 'ingress-cart/0', inFlight: 0, outOfUse: { 'cart/0': ['outlierDetection'] }, breaker: null }]);
    expect(states[0]!.pool!.connections).toBeGreaterThan(0);
    expect(states[0]!.budget).toBeGreaterThan(0);
    await stop('sick');
  });

  test('takes a fault in the words of the file, and forgets it when it is over', async () => {
    const yaml = 'name: cold\ntarget: web/0\nhang: true\n';
    expect(await ask(`${mesh.admin}/faults`, posting(yaml, 'application/yaml'))).toMatchObject({ status: 201 });
    expect(await fault('cold')).toMatchObject({ on: true, added: true, effects: ['hang'], targets: ['web/0'] });
    expect(await ask(`${mesh.admin}/faults`, posting(yaml, 'application/yaml'))).toMatchObject({ status: 400, text: expect.stringContaining('duplicate-name') });
    await stop('cold');
    expect(await fault('cold')).toBeUndefined();
    await askJson(`${mesh.admin}/faults`, posting('{ "target": "browse->web", "latency": { "add": "1ms" }, "at": "100ms", "for": "100ms" }'));
    await until(() => fault('added-1'), (state) => state === undefined);
  });

  test('says where a fault is wrong, and what would be right', async () => {
    const answer = await ask(`${mesh.admin}/faults`, posting('target: web/7\ncrsh: true\n', 'text/yaml'));
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({
      valid: false,
      problems: [
        { code: 'unknown-reference', line: 1, column: 9, path: 'target', hint: expect.stringContaining('`web/0` to `web/2`') },
        { code: 'unknown-key', line: 2, column: 1, hint: 'did you mean `crash`?' },
      ],
    });
    expect(await ask(`${mesh.admin}/faults/one-gone`, posting('{"for": 5}'))).toMatchObject({ status: 400, text: expect.stringContaining('missing-unit') });
    expect(await fault('one-gone')).toMatchObject({ on: false });
  });

  const port = (): string => new URL(mesh.admin).port;
  const refused: readonly (readonly [string, string, () => Asking, number])[] = [
    ['another Host', '/status', () => ({ headers: { host: `evil.example:${port()}` } }), 403],
    ['a Host of another port', '/status', () => ({ headers: { host: '127.0.0.1' } }), 403],
    ['another Origin', '/faults', () => ({ ...posting('{}'), headers: { 'content-type': 'application/json', origin: 'http://evil.example' } }), 403],
    ['a page without an origin', '/status', () => ({ headers: { origin: 'null' } }), 403],
    ['a page of another site', '/result', () => ({ headers: { 'sec-fetch-site': 'cross-site' } }), 403],
    ['what a form may send', '/faults', () => posting('target=web', 'text/plain'), 415],
    ['a POST without a type', '/faults/one-gone', () => ({ method: 'POST' }), 415],
    ['asking beforehand', '/faults', () => ({ method: 'OPTIONS', headers: { origin: 'http://evil.example' } }), 403],
    ['a long body', '/faults', () => posting(`# ${'x'.repeat(70_000)}`), 413],
    ['another method', '/faults', () => ({ method: 'PUT' }), 405],
    ['what is not there', '/fautls', () => ({}), 404],
    ['a fault that is not there', '/faults/one-gnoe', () => posting(''), 404],
  ];
  test.each(refused)('the API refuses %s', async (_, path, asking, expected) => {
    const { headers, status: code } = await ask(mesh.admin + path, asking());
    expect([code, headers['access-control-allow-origin']]).toEqual([expected, undefined]);
    expect(await fault('one-gone')).toMatchObject({ on: false });
  });

  test('may be called by the name localhost', async () => {
    expect(await ask(`${mesh.admin}/healthz`, { headers: { host: `localhost:${port()}`, origin: `http://localhost:${port()}` } })).toMatchObject({ status: 200 });
  });

  test('an ingress passes on what is sound and bounded, and nothing that speaks for the mesh', async () => {
    const strange = { 'meshsim-check': '1', 'meshsim-work': '1 2 3 4 5', 'meshsim-deadline': '1', 'x-own': 'yes', te: 'trailers', expect: '100-continue' };
    expect(await ask(`${web}/any?q=1`, { method: 'PUT', headers: strange, body: Buffer.alloc(500_000) })).toMatchObject({ status: 200, headers: { 'meshsim-outcome': 'ok' } });
    expect(await ask(web, { method: 'POST', body: Buffer.alloc(2 ** 20 + 1) })).toMatchObject({ status: 413 });
    expect(await ask(web, { headers: { 'x-long': 'x'.repeat(9000) } })).toMatchObject({ status: 431 });
  });

  test('a caller that hangs up is missed nowhere', async () => {
    const before = await result();
    await askJson(`${mesh.admin}/faults`, posting('{ "name": "mute", "target": "web", "hang": true }'));
    const leaving = new AbortController();
    const gone = fetch(web, { signal: leaving.signal }).catch(() => 'gone');
    await until(status, ({ inFlight }) => inFlight > 0);
    leaving.abort();
    expect(await gone).toBe('gone');
    await until(status, ({ inFlight }) => inFlight === 0);
    await stop('mute');
    const { totals, warnings } = await result();
    expect([totals.requests - before.totals.requests, totals.causes.unfinished]).toEqual([1, 1]);
    expect(warnings.map(({ code }) => code)).not.toContain('unfinished');
    expect(await ask(web)).toMatchObject({ status: 200 });
  });

  test('its result so far is a result', async () => {
    const one = await result();
    await ask(web);
    const other = await until(result, ({ window }) => window.endMs > one.window.endMs);
    expect(other).toMatchObject({ schema: 'meshsim/result/1', mode: 'real', scenario: { name: 'shop', resolved: { name: 'shop' } }, window: { warmupMs: 0 } });
    expect(other.window.durationMs).toBe(other.window.endMs);
    expect(other.totals.requests).toBe(one.totals.requests + 1);
    const { failed, ok, requests, stepMs } = other.series;
    const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
    expect([sum(requests), sum(ok) + sum(failed)]).toEqual([other.totals.requests, other.totals.requests]);
    expect(requests.length).toBe(Math.floor(other.window.endMs / stepMs) + 1);
  });

  // Read off proc(5), which only Linux has.
  test.runIf(process.platform === 'linux')('costs next to nothing while nobody calls', async () => {
    // Hundredths of a second that the process has had: fields 14 and 15 of proc(5).
    const ticks = (): number => {
      const fields = readFileSync(`/proc/${mesh.child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return Number(fields[11]) + Number(fields[12]);
    };
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(ticks() - before).toBeLessThanOrEqual(10);
  });
});

describe('beginning and end', () => {
  test('Ctrl-C prints what was measured and leaves nothing behind; two at once keep out of the way of each other', async () => {
    const [one, other] = await Promise.all([up([shop, '--traffic']), up([shop, '--traffic', '--faults', '--set', 'faults[0].at=100ms'])]);
    await until(() => askJson<Status>(`${one.admin}/status`), ({ lastSecond }) => lastSecond.requests > 10);
    await until(() => askJson<Status>(`${other.admin}/status`), ({ faults }) => faults.includes('one-gone'));
    const taken = new URL(one.admin).port;
    expect(await upInVain([shop, '--port', taken])).toMatchObject({ code: 2, err: expect.stringContaining(`the admin API cannot listen on 127.0.0.1:${taken}: another program does`) });
    const [ended, terminated] = await Promise.all([one.end('SIGINT'), other.end('SIGTERM')]);
    expect([ended.code, terminated.code]).toEqual([130, 143]);
    expect(ended.out).toContain('REQUESTS');
    expect(ended.out.trimEnd().split('\n').at(-1)).toBe(`  again: meshsim up ${shop} --seed 1 --traffic`);
    await expect(ask(one.urls['web']!)).rejects.toThrow('ECONNREFUSED');
    await expect(ask(one.admin)).rejects.toThrow('ECONNREFUSED');
  });

  test.each([
    [['--port', '70000'], 2, 'whole number up to 65535'],
    [['--port', '65534'], 2, '3 services follow it'],
    [['--port', 'x'], 2, 'a port is a whole number'],
    [['--set', 'trafic=1'], 2, 'unknown-path'],
    [['--duration', '5s'], 2, 'unknown option'],
  ])('%j is refused before anything listens', async (words, code, said) => {
    const shell = stringShell();
    expect([await dispatch(['up', shop, ...words], shell), shell.out()]).toEqual([code, '']);
    expect(shell.err()).toContain(said);
  });
});
