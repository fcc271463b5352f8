/**
 * Each fault as whoever connects to an endpoint meets it, while it is on and afterwards. One mesh has all of them at the same time,
 * each on a service of its own; the strangers are this test's own sockets. The faults are switched by hand, when the strangers are where
 * they are to be: by a schedule, a machine that is busy elsewhere has them over before anybody is connected.
 */
import { type Socket, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runReal } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';
import { RealMesh } from '../support/real-mesh.ts';

/** In which an endpoint that answers would have, ms. */
const LONG_MS = 300;
/** In which a crashed endpoint listens again. */
const RECOVERED_NS = 150e6;

const SERVICES = ['whole', 'crashed', 'hung', 'paused', 'resetting', 'failing', 'slow', 'narrow', 'waking'] as const;
type Service = (typeof SERVICES)[number];

const PLAN = planFrom({
  // Ended when the tests have.
  duration: '60s',
  services: { ...Object.fromEntries(SERVICES.map((name) => [name, { latency: '2ms' }])), narrow: { concurrency: 2, latency: '300ms' } },
  traffic: [{ to: 'whole', rate: '20/s' }],
  faults: [
    { at: '59s', target: 'crashed', crash: true },
    { at: '59s', target: 'hung', hang: true },
    { at: '59s', target: 'paused', pause: true },
    { at: '59s', target: 'resetting', reset: '100%' },
    { at: '59s', target: 'failing', errors: { rate: '100%', status: 503 } },
    { at: '59s', target: 'slow', latency: { add: '150ms' } },
    { at: '59s', target: 'narrow', capacity: '50%' },
    { at: '59s', target: 'waking', firstCalls: 2 },
  ],
});

let mesh: RealMesh;
let isDone = false;
let areOn = false;
let endedAt = Infinity;
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
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    const { heard, socket } = stranger;
    const isOpen = !socket.destroyed;
    socket.destroy();
    return [heard, isOpen];
  },
  /** Over when the faults are. */
  async paused() {
    const stranger = strangerTo('paused');
    stranger.ask();
    const status = await stranger.status;
    stranger.socket.destroy();
    return [status, areOn];
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
    await Promise.all([answerOf('narrow'), answerOf('narrow')]);
    // Not by the time that it took: a stall would take as long.
    return mesh.longestQueueAt('narrow');
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
  mesh.beginFaults();
  areOn = true;
  for (const service of SERVICES) seen.set(service, OBSERVATIONS[service]());
  const { paused, ...others } = Object.fromEntries(seen);
  await Promise.allSettled(Object.values(others));
  areOn = false;
  endedAt = mesh.now;
  mesh.endFaults();
  await Promise.allSettled([paused]);
});

afterAll(async () => {
  for (const stranger of early.values()) stranger.socket.destroy();
  isDone = true;
  await mesh.over;
});

test.each<readonly [string, Service, unknown]>([
  ['a crash resets who is connected, and refuses everybody else', 'crashed', ['ECONNRESET', 'ECONNREFUSED']],
  ['a hung endpoint accepts and never answers', 'hung', ['', true]],
  ['a paused endpoint accepts, keeps its answers, and lets them out later', 'paused', [200, false]],
  ['a reset breaks the answer off', 'resetting', 'ECONNRESET'],
  ['errors are answers with their status', 'failing', 503],
  ['added latency is waited for', 'slow', [200, true]],
  ['with half the capacity, two requests are served one after the other', 'narrow', 1],
  ['the first calls fail, and then no more', 'waking', [false, false, true, true]],
  ['others do not notice', 'whole', 200],
])('%s', async (_, service, expected) => {
  expect(await seen.get(service)).toEqual(expected);
});

describe('afterwards', () => {
  test.each(SERVICES)('%s is whole again, on the same port', async (service) => {
    await mesh.reaches(endedAt + RECOVERED_NS);
    expect(await answerOf(service)).toBe(200);
  });

  test('who was connected all the time still is, where nobody crashed', async () => {
    await mesh.reaches(endedAt + RECOVERED_NS);
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
    thresholds: ['errors{phase:fault} rate < 1%', 'latency{phase:fault} min > 200ms', 'latency{phase:fault} max > 190ms', 'errors{phase:after:fault} rate == 0', 'latency{phase:after:fault} med < 200ms'],
  }));
  /** In the order of the thresholds; latencies in ms. */
  const valuesOf = ({ thresholds }: Awaited<ReturnType<typeof runReal>>): readonly (number | null)[] => thresholds.map(({ value }) => value);

  test.concurrent('latency is added', async () => {
    const [errors, min, , errorsAfter, after] = valuesOf(await edgeFault({ latency: { add: '200ms' } }));
    expect([errors, errorsAfter]).toEqual([0, 0]);
    expect(min).toBeGreaterThan(200);
    expect(after).toBeLessThan(200);
  });

  test.concurrent('what is lost is sent again, and is late', async () => {
    const [errors, , max, errorsAfter] = valuesOf(await edgeFault({ loss: '30%' }));
    expect([errors, errorsAfter]).toEqual([0, 0]);
    expect(max).toBeGreaterThan(190);
  });

  test.concurrent('resets are resets', async () => {
    const result = await edgeFault({ reset: '100%' });
    const [, , , errorsAfter] = valuesOf(result);
    expect(Object.keys(result.totals.causes)).toEqual(['reset']);
    expect(errorsAfter).toBe(0);
  });

  test.concurrent('while that lasts, nobody gets an answer', async () => {
    // To its end: what a busy machine reads late is read after the fault, and no longer reset.
    const { thresholds, totals } = await runReal(planFrom({
      duration: '800ms', services: { web: { latency: '1ms' } }, traffic: [{ to: 'web', name: 'users', rate: '60/s' }],
      faults: [{ name: 'fault', at: '300ms', target: 'users->web', reset: '100%' }], thresholds: ['errors{phase:fault} rate == 1'],
    }));
    expect(thresholds.map(({ value }) => value)).toEqual([1]);
    expect(totals.ok).toBeGreaterThan(0);
  });

  test.concurrent('a partition holds requests until it is over', async () => {
    const [errors, , max, errorsAfter] = valuesOf(await edgeFault({ partition: true }));
    expect([errors, errorsAfter]).toEqual([0, 0]);
    expect(max).toBeGreaterThan(500);
  });

  test.concurrent('a partition is a timeout to who cannot wait, and connections open when it is over', async () => {
    const result = await edgeFault({ partition: true }, { timeout: '300ms', connectionPool: { maxConnections: 20 } });
    const [errors, , , errorsAfter] = valuesOf(result);
    expect(errors).toBeGreaterThan(0.4);
    expect(Object.keys(result.totals.causes)).toEqual(['timeout']);
    // A busy machine may make somebody wait as long.
    expect(errorsAfter).toBeLessThan(0.2);
  });
});

// Node 20 cannot be told that it is none: `RESETS_UNLIMITED` of endpoint-server.ts.
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
