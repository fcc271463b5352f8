/** What really is on the wire, as the servers get it: methods, paths, headers, bodies, deadlines, attempts, and on which connections. */
import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { runReal } from '../../src/run/run.ts';
import { ATTEMPT_HEADER, CHECK_HEADER, DEADLINE_HEADER, WORK_HEADER } from '../../src/real/wire.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  body: string;
  /** Which connection it came on, and that connection's server. */
  readonly connection: number;
  readonly port: number;
  /** Connections that were open then, at the servers. */
  readonly open: number;
}

interface Watched {
  /** Health checks and those that warm the mesh up apart. */
  readonly requests: readonly Seen[];
  /** Connections that the servers accepted. */
  readonly sockets: readonly Socket[];
  readonly result: Awaited<ReturnType<typeof runReal>>;
}

/**
 * Runs it, and keeps what Node tells of every request and connection of a server in this process.
 * @param enough  requests that end it
 */
async function watched(scenario: ScenarioObject, enough: number = Infinity): Promise<Watched> {
  const requests: Seen[] = [];
  const sockets: Socket[] = [];
  const onRequest = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage }; // what Node documents of this channel
    if (request.headers[CHECK_HEADER] !== undefined) return;
    const seen: Seen = { method: request.method!, path: request.url!, headers: request.headers, body: '', connection: request.socket.remotePort!, port: request.socket.localPort!, open: sockets.filter(({ destroyed }) => !destroyed).length };
    request.on('data', (piece: Buffer) => (seen.body += piece.toString()));
    requests.push(seen);
  };
  const onSocket = (message: unknown): void => void sockets.push((message as { readonly socket: Socket }).socket); // likewise
  channel('http.server.request.start').subscribe(onRequest);
  channel('net.server.socket').subscribe(onSocket);
  try {
    return { requests, sockets, result: await runReal(planFrom(scenario), { control: { onProgress: () => requests.length >= enough } }) };
  } finally {
    channel('http.server.request.start').unsubscribe(onRequest);
    channel('net.server.socket').unsubscribe(onSocket);
  }
}

describe('a request', () => {
  test('has the method, path, headers and body of its class, templates filled in', async () => {
    const { requests } = await watched({
      duration: '300ms',
      services: { web: { latency: '1ms' } },
      traffic: [{
        to: 'web', rate: '100/s', requests: [
          { name: 'list', method: 'GET', path: '/products', headers: { 'X-User': '{{internet.username}}' } },
          { name: 'buy', method: 'POST', path: '/orders/{{string.uuid}}', headers: { 'content-type': 'application/json' }, body: '{"name":"{{person.firstName}}","ä":1}' },
        ],
      }],
    });
    const lists = requests.filter(({ method }) => method === 'GET');
    const buys = requests.filter(({ method }) => method === 'POST');
    expect(lists.length).toBeGreaterThan(0);
    expect(buys.length).toBeGreaterThan(0);
    for (const { body, headers, path } of lists) {
      expect([path, body]).toEqual(['/products', '']);
      expect(headers['x-user']).toMatch(/^[\w.'-]+$/);
    }
    for (const { body, headers, path } of buys) {
      expect(path).toMatch(/^\/orders\/[0-9a-f-]{36}$/);
      expect(headers['content-type']).toBe('application/json');
      expect(body).toMatch(/^\{"name":"[^{}"]+","ä":1\}$/);
      expect(Number(headers['content-length'])).toBe(Buffer.byteLength(body));
    }
    expect(new Set(buys.map(({ path }) => path)).size).toBeGreaterThan(1);
  });

  test('says which attempt it is, until when somebody waits, and what it is', async () => {
    const { requests, result } = await watched({
      duration: '400ms',
      services: {
        web: { latency: '1ms', calls: ['cart'], policy: { timeout: '300ms', deadline: 'propagate' } },
        cart: { latency: '1ms', errors: { rate: '100%', status: 503 }, policy: { timeout: '200ms', deadline: 'propagate', retries: { attempts: 2, on: ['5xx'], backoff: { base: '1ms', max: '1ms', jitter: 'none' } } } },
      },
      traffic: [{ to: 'web', rate: '50/s' }],
    });
    const byAttempt = [1, 2, 3].map((number) => requests.filter(({ headers }) => headers[ATTEMPT_HEADER] === String(number)));
    expect(byAttempt[0]!.length).toBe(result.totals.requests + result.services['cart']!.requests);
    expect(byAttempt[1]!.length).toBeGreaterThan(0);
    expect(byAttempt[2]!.length).toBeGreaterThan(0);
    expect(byAttempt.flat().length).toBe(requests.length);
    for (const { headers } of requests) {
      expect(Number(headers[DEADLINE_HEADER])).toBeLessThan(result.window.endMs * 1e6 + 300e6);
      expect(headers[WORK_HEADER]).toMatch(/^-?\d+( -?\d+){4}$/);
    }
    // What a service calls has no more time than it has itself.
    const deadlines = (port: number): number => Math.max(...requests.filter((request) => request.port === port).map(({ headers }) => Number(headers[DEADLINE_HEADER])));
    const [web, cart] = [requests[0]!.port, requests.find(({ headers }) => headers[ATTEMPT_HEADER] === '2')!.port];
    expect(deadlines(cart)).toBeLessThanOrEqual(deadlines(web));
  });

  test('of somebody who waits for ever has no deadline', async () => {
    const { requests } = await watched({ duration: '100ms', services: { web: { latency: '1ms', policy: { deadline: 'propagate' } } }, traffic: [{ to: 'web', rate: '50/s' }] });
    expect(requests.length).toBeGreaterThan(0);
    for (const { headers } of requests) expect(headers).not.toHaveProperty(DEADLINE_HEADER);
  });
});

describe('a connection', () => {
  const pooled = (pool: object, more: object = {}): ScenarioObject => ({
    duration: '500ms', services: { web: { latency: '1ms', policy: { connectionPool: pool }, ...more } }, traffic: [{ to: 'web', rate: '150/s', arrivals: 'uniform' }],
  });
  /** Never more in flight than users, however late the machine is. */
  const closed = (pool: object, users: number, thinkTime: string): ScenarioObject => ({ ...pooled(pool), duration: '60s', traffic: [{ to: 'web', users, thinkTime }] });
  /** Apart from what was under way when it ended. */
  const causesOf = ({ totals: { causes } }: Watched['result']): string[] => Object.keys(causes).filter((cause) => cause !== 'unfinished');

  test('over HTTP/1 carries as many requests as it may, and no more', async () => {
    const { requests, result } = await watched(closed({ maxRequestsPerConnection: 7 }, 3, '5ms'), 100);
    const counts = countsOf(requests);
    expect(causesOf(result)).toEqual([]);
    expect(Math.max(...counts)).toBe(7);
    expect(counts.length).toBeGreaterThanOrEqual(requests.length / 7);
  });

  test('over HTTP/1 is used again and again where nothing limits it', async () => {
    const { requests, sockets } = await watched(closed({}, 3, '5ms'), 100);
    const counts = countsOf(requests);
    expect(Math.max(...counts)).toBeGreaterThan(7);
    // One that was opened for a request that another freed one has served meanwhile stays for the next.
    expect(sockets.length).toBeLessThan(requests.length / 7);
  });

  test('is closed when it has been idle for long enough', async () => {
    // A request some 150 ms after the last answer, and a connection may be idle for 20 ms.
    const hasty = await watched(closed({ idleTimeout: '20ms' }, 1, '150ms'), 4);
    expect(causesOf(hasty.result)).toEqual([]);
    expect(hasty.requests.map(({ open }) => open)).toEqual(hasty.requests.map(() => 1));
    expect(hasty.sockets.length).toBe(hasty.requests.length);
    const patient = await watched(closed({ idleTimeout: '1h' }, 1, '150ms'), 4);
    expect(patient.sockets.length).toBe(1);
  });

  test('over HTTP/2 carries requests side by side, as many as it may', async () => {
    const http2 = (more: object): ScenarioObject => ({ ...pooled({ protocol: 'http2', ...more }, { latency: '30ms' }) });
    const one = await watched(http2({ maxConnections: 1 }));
    expect([one.result.totals.failed, one.sockets.length]).toEqual([0, 1]);
    const few = await watched(http2({ maxRequestsPerConnection: 10 }));
    expect(few.result.totals.failed).toBe(0);
    expect(few.sockets.length).toBeGreaterThanOrEqual(few.result.totals.requests / 10);
  });

  test('goes to 127.0.0.1 and comes from there', async () => {
    const { sockets } = await watched({ duration: '100ms', services: { web: { replicas: 2, latency: '1ms' } }, traffic: [{ to: 'web', rate: '50/s' }] });
    expect(sockets.length).toBeGreaterThan(0);
    // Node forgets the address of a socket that is closed, but not whose it was.
    for (const { localAddress, remoteAddress } of sockets) expect([localAddress ?? '127.0.0.1', remoteAddress ?? '127.0.0.1']).toEqual(['127.0.0.1', '127.0.0.1']);
  });
});

/** Requests on each connection. */
function countsOf(requests: readonly Seen[]): number[] {
  const counts = new Map<number, number>();
  for (const { connection } of requests) counts.set(connection, (counts.get(connection) ?? 0) + 1);
  return [...counts.values()];
}
