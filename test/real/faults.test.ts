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
  // Ended when the tests have.
  duration: '20s',
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
let isDone = false;
/** Opened before anything happens. */
const early = new Map<Service, Stranger>();

/** What strangers see while the faults are on, all at the same time. */
const OBSERVATIONS = {
  async crashed() {
    const before = await early.get('crashed')!.closed;
    return [before, await strangerTo('crashed').closed];
  },
  async hung() {
    const stranger = strangerTo('hung');
    stranger.ask();
    await stranger.connected;
    await mesh.reaches(OFF - 100e6);
    const { heard, socket } = stranger;
    const isOpen = !socket.destroyed;
    socket.destroy();
    return [heard, isOpen];
  },
  async paused() {
    const stranger = strangerTo('paused');
    stranger.ask();
    await stranger.connected;
    await mesh.reaches(OFF - 100e6);
    const heardBefore = stranger.heard;
    const status = await stranger.status;
    stranger.socket.destroy();
    return [heardBefore, status, mesh.now >= OFF];
  },
  async resetting() {
    const stranger = strangerTo('resetting');
    stranger.ask();
    return stranger.closed;
  },
  failing: () => answerOf('failing'),
  async slow() {
    const askedAt = mesh.now;
    const status = await answerOf('slow');
    return [status, mesh.now - askedAt >= 150e6];
  },
  async narrow() {
    const answeredAt = await Promise.all([0, 1].map(async () => {
      await answerOf('narrow');
      return mesh.now;
    }));
    // 300 ms of work each; side by side they would be answered at the same time.
    return Math.abs(answeredAt[0]! - answeredAt[1]!) > 100e6;
  },
  async waking() {
    const isGood: boolean[] = [];
    for (let i = 0; i < 4; i++) isGood.push((await answerOf('waking')) < 400);
    return isGood;
  },
  whole: () => answerOf('whole'),
} as const;
const seen = new Map<Service, Promise<unknown>>();

beforeAll(async () => {
  mesh = await RealMesh.start(PLAN, () => !isDone);
  await mesh.reaches(1e6);
  for (const service of SERVICES) early.set(service, strangerTo(service));
  await Promise.all([...early.values()].map((stranger) => stranger.connected));
  await mesh.reaches(DURING);
  for (const service of SERVICES) seen.set(service, OBSERVATIONS[service]());
  await Promise.allSettled(seen.values());
});

afterAll(async () => {
  for (const stranger of early.values()) stranger.socket.destroy();
  isDone = true;
  await mesh.over;
});

test.each<readonly [string, Service, unknown]>([
  ['a crash resets who is connected, and refuses everybody else', 'crashed', ['ECONNRESET', 'ECONNREFUSED']],
  ['a hung endpoint accepts and never answers', 'hung', ['', true]],
  ['a paused endpoint accepts, keeps its answers, and lets them out later', 'paused', ['', 200, true]],
  ['a reset breaks the answer off', 'resetting', 'ECONNRESET'],
  ['errors are answers with their status', 'failing', 503],
  ['added latency is waited for', 'slow', [200, true]],
  ['with half the capacity, two requests are served one after the other', 'narrow', true],
  ['the first calls fail, and then no more', 'waking', [false, false, true, true]],
  ['others do not notice', 'whole', 200],
])('%s', async (_, service, expected) => {
  expect(await seen.get(service)).toEqual(expected);
});

describe('afterwards', () => {
  test.each(SERVICES)('%s is whole again, on the same port', async (service) => {
    await mesh.reaches(AFTER);
    expect(await answerOf(service)).toBe(200);
  });

  test('who was connected all the time still is, where nobody crashed', async () => {
    await mesh.reaches(AFTER);
    const statuses = SERVICES.filter((service) => service !== 'crashed').map((service) => {
      const stranger = early.get(service)!;
      stranger.ask();
      return Promise.race([stranger.status, stranger.closed]);
    });
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]));
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
    expect(errors).toBeGreaterThan(0.4);
    expect(Object.keys(result.totals.causes)).toEqual(['timeout']);
    // A busy machine may make somebody wait as long.
    expect(errorsAfter).toBeLessThan(0.2);
  });
});

// Node 20 cannot be told.
test.runIf(Number(process.versions.node.split('.')[0]) >= 22)('a hung endpoint is a timeout to everybody, also over HTTP/2, where giving up is a reset that Node would count as an attack', async () => {
  const { totals } = await runReal(planFrom({
    duration: '2500ms',
    services: { web: { latency: '1ms', concurrency: 'unlimited', policy: { timeout: '100ms', connectionPool: { protocol: 'http2', maxConnections: 1, maxRequests: 5000, maxPendingRequests: 5000 } } } },
    traffic: [{ to: 'web', rate: '600/s', arrivals: 'uniform' }],
    faults: [{ at: '0s', for: '2s', target: 'web', hang: true }],
  }));
  expect(Object.keys(totals.causes)).toEqual(['timeout']);
  // More than Node's burst of 1000.
  expect(totals.failed).toBeGreaterThan(1050);
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
