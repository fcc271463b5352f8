/**
 * Each fault as whoever connects to an endpoint meets it, while it is on and afterwards. One mesh has all of them at the same time,
 * each on a service of its own; the strangers are this test's own sockets.
 */
import { type Socket, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runReal } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';
import { RealMesh } from '../support/real-mesh.ts';

const ON = 300e6;
const OFF = 1300e6;
/** Some time into the fault, and into what follows it. */
const DURING = 450e6;
const AFTER = 1450e6;
const WINDOW = { at: `${ON / 1e6}ms`, for: `${(OFF - ON) / 1e6}ms` };

const SERVICES = ['whole', 'crashed', 'hung', 'paused', 'resetting', 'failing', 'slow', 'narrow', 'waking'] as const;
type Service = (typeof SERVICES)[number];

const PLAN = planFrom({
  // Long enough for a slow machine to ask everybody before it is over.
  duration: '6s',
  services: { ...Object.fromEntries(SERVICES.map((name) => [name, { latency: '2ms' }])), narrow: { concurrency: 2, latency: '300ms' } },
  traffic: [{ to: 'whole', rate: '20/s' }],
  faults: [
    { ...WINDOW, target: 'crashed', crash: true },
    { ...WINDOW, target: 'hung', hang: true },
    { ...WINDOW, target: 'paused', pause: true },
    { ...WINDOW, target: 'resetting', reset: '100%' },
    { ...WINDOW, target: 'failing', errors: { rate: '100%', status: 503 } },
    { ...WINDOW, target: 'slow', latency: { add: '150ms' } },
    { ...WINDOW, target: 'narrow', capacity: '50%' },
    { ...WINDOW, target: 'waking', firstCalls: 2 },
  ],
});

let mesh: RealMesh;
/** Opened before anything happens. */
const early = new Map<Service, Stranger>();

beforeAll(async () => {
  mesh = await RealMesh.start(PLAN);
  await mesh.reaches(1e6);
  for (const service of SERVICES) early.set(service, strangerTo(service));
  await Promise.all([...early.values()].map((stranger) => stranger.connected));
});

afterAll(async () => {
  for (const stranger of early.values()) stranger.socket.destroy();
  await mesh.over;
});

describe.concurrent('while it is on,', () => {
  test('a crash resets who is connected, and refuses everybody else', async () => {
    const before = early.get('crashed')!;
    await mesh.reaches(DURING);
    expect(await before.closed).toBe('ECONNRESET');
    expect(await strangerTo('crashed').closed).toBe('ECONNREFUSED');
  });

  test('a hung endpoint accepts and never answers', async () => {
    await mesh.reaches(DURING);
    const stranger = strangerTo('hung');
    stranger.ask();
    await stranger.connected;
    await mesh.reaches(OFF - 100e6);
    expect([stranger.heard, stranger.socket.destroyed]).toEqual(['', false]);
    stranger.socket.destroy();
  });

  test('a paused endpoint accepts, keeps its answers, and lets them out later', async () => {
    await mesh.reaches(DURING);
    const stranger = strangerTo('paused');
    stranger.ask();
    await stranger.connected;
    await mesh.reaches(OFF - 100e6);
    expect(stranger.heard).toBe('');
    expect(await stranger.status).toBe(200);
    expect(mesh.now).toBeGreaterThanOrEqual(OFF);
    stranger.socket.destroy();
  });

  test('a reset comes in the middle of the answer', async () => {
    await mesh.reaches(DURING);
    const stranger = strangerTo('resetting');
    stranger.ask();
    expect(await stranger.closed).toBe('ECONNRESET');
  });

  test('errors are answers with their status', async () => {
    await mesh.reaches(DURING);
    expect(await answerOf('failing')).toBe(503);
  });

  test('added latency is waited for', async () => {
    await mesh.reaches(DURING);
    const askedAt = mesh.now;
    expect(await answerOf('slow')).toBe(200);
    expect(mesh.now - askedAt).toBeGreaterThanOrEqual(150e6);
  });

  test('with half the capacity, two requests are served one after the other', async () => {
    await mesh.reaches(DURING);
    const answeredAt = await Promise.all([0, 1].map(async () => {
      await answerOf('narrow');
      return mesh.now;
    }));
    // 300 ms of work each; side by side they would be answered at the same time.
    expect(Math.abs(answeredAt[0]! - answeredAt[1]!)).toBeGreaterThan(100e6);
  });

  test('the first calls fail, and then no more', async () => {
    await mesh.reaches(DURING);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push(await answerOf('waking'));
    expect(statuses.map((status) => status < 400)).toEqual([false, false, true, true]);
  });

  test('others do not notice', async () => {
    await mesh.reaches(DURING);
    expect(await answerOf('whole')).toBe(200);
  });
});

describe('afterwards', () => {
  test.each(SERVICES)('%s is whole again, on the same port', async (service) => {
    await mesh.reaches(AFTER);
    expect(await answerOf(service)).toBe(200);
  });

  test('who was connected all the time still is, where nobody crashed', async () => {
    await mesh.reaches(AFTER);
    await Promise.all(SERVICES.filter((service) => service !== 'crashed').map(async (service) => {
      const stranger = early.get(service)!;
      stranger.ask();
      expect(await Promise.race([stranger.status, stranger.closed]), service).toBe(200);
    }));
  });
});

describe('on an edge', () => {
  const edgeFault = async (effect: object, policy: object = {}): Promise<Awaited<ReturnType<typeof runReal>>> => runReal(planFrom({
    duration: '1500ms',
    services: { web: { latency: '1ms', policy } },
    traffic: [{ to: 'web', name: 'users', rate: '60/s' }],
    faults: [{ name: 'fault', at: '300ms', for: '700ms', target: 'users->web', ...effect }],
    thresholds: ['errors{phase:fault} rate < 1%', 'latency{phase:fault} min > 50ms', 'latency{phase:fault} max > 190ms', 'errors{phase:after:fault} rate == 0', 'latency{phase:after:fault} med < 50ms'],
  }));
  /** In the order of the thresholds; latencies in ms. */
  const valuesOf = ({ thresholds }: Awaited<ReturnType<typeof runReal>>): readonly (number | null)[] => thresholds.map(({ value }) => value);

  test.concurrent('latency is added', async () => {
    const [errors, min, , errorsAfter, after] = valuesOf(await edgeFault({ latency: { add: '50ms' } }));
    expect([errors, errorsAfter]).toEqual([0, 0]);
    expect(min).toBeGreaterThan(50);
    expect(after).toBeLessThan(50);
  });

  test.concurrent('what is lost is sent again, and is late', async () => {
    const [errors, , max, errorsAfter] = valuesOf(await edgeFault({ loss: '30%' }));
    expect([errors, errorsAfter]).toEqual([0, 0]);
    expect(max).toBeGreaterThan(190);
  });

  test.concurrent('resets are resets', async () => {
    const result = await edgeFault({ reset: '100%' });
    const [errors, , , errorsAfter] = valuesOf(result);
    expect(errors).toBeGreaterThan(0.8);
    expect(result.totals.causes).toHaveProperty('reset');
    expect(errorsAfter).toBe(0);
  });

  test.concurrent('a partition holds requests until it is over', async () => {
    const [errors, , max, errorsAfter] = valuesOf(await edgeFault({ partition: true }));
    expect([errors, errorsAfter]).toEqual([0, 0]);
    expect(max).toBeGreaterThan(500);
  });

  test.concurrent('a partition is a timeout to who cannot wait, and connections open when it is over', async () => {
    const result = await edgeFault({ partition: true }, { timeout: '100ms', connectionPool: { maxConnections: 20 } });
    const [errors, , , errorsAfter] = valuesOf(result);
    expect(errors).toBeGreaterThan(0.7);
    expect(Object.keys(result.totals.causes)).toEqual(['timeout']);
    expect(errorsAfter).toBe(0);
  });
});

/** Somebody with a socket, and what became of it. */
interface Stranger {
  readonly socket: Socket;
  readonly connected: Promise<void>;
  /** Of the answer to `ask`. */
  readonly status: Promise<number>;
  /** Code of the error that it was closed with, or null. */
  readonly closed: Promise<string | null>;
  readonly heard: string;
  ask(): void;
}

function strangerTo(service: Service): Stranger {
  const socket = connect({ host: '127.0.0.1', port: mesh.portOf(PLAN.services.find(({ name }) => name === service)!.firstEndpoint) });
  let heard = '';
  let code: string | null = null;
  socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? error.message));
  return {
    socket,
    connected: new Promise((resolve) => socket.once('connect', resolve)),
    closed: new Promise((resolve) => socket.once('close', () => resolve(code))),
    status: new Promise((resolve) => {
      socket.on('data', (piece: Buffer) => {
        heard += piece.toString();
        const status = /^HTTP\/1.1 (\d+) [\s\S]*\r\n\r\n/.exec(heard);
        if (status !== null) resolve(Number(status[1]));
      });
    }),
    get heard() {
      return heard;
    },
    ask: () => socket.write('GET / HTTP/1.1\r\nhost: mesh\r\n\r\n'),
  };
}

async function answerOf(service: Service): Promise<number> {
  const stranger = strangerTo(service);
  stranger.ask();
  const status = await Promise.race([stranger.status, stranger.closed]);
  stranger.socket.destroy();
  if (typeof status !== 'number') throw new Error(`no answer from ${service}: ${status ?? 'it hung up'}`);
  return status;
}
