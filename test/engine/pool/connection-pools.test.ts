import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndpointSet } from '../../../src/engine/endpoints.ts';
import { ConnectionPools, Place } from '../../../src/engine/pool/connection-pools.ts';
import type { ConnectionPoolPlan } from '../../../src/model/plan.ts';

const S = 1e9;
const LIMITS: ConnectionPoolPlan = {
  maxConnections: Infinity, maxPendingRequests: Infinity, maxRequests: Infinity, maxRetries: 3, connectTimeoutNs: Infinity, idleTimeoutNs: Infinity,
  maxRequestsPerConnection: Infinity, protocol: 'http1', maxConcurrentStreams: Infinity, perUpstreamPreconnectRatio: 1,
};

/** Pools with queues as a caller keeps them, and connections that open when the test says so. */
class Bench {
  readonly limits: ConnectionPoolPlan;
  readonly set: EndpointSet;
  readonly pools: ConnectionPools;
  now: number = 0;
  /** Requests by number: where they are. */
  readonly states: Map<number, 'waiting' | 'overflow' | 'failed' | 'left' | 'done' | { readonly connection: number }> = new Map();
  readonly queues: number[][];
  readonly opening: Map<number, number> = new Map();
  /** By connection in being: its endpoint, and requests it was given. */
  readonly open: Map<number, { readonly endpoint: number; given: number }> = new Map();
  /** Connections that went with their endpoint. */
  private readonly gone: Set<number> = new Set();
  private readonly endpoints: Map<number, number> = new Map();
  private count: number = 0;
  private readonly openAtOnce: boolean;

  /** Numbers that are given away. */
  private readonly inUse: Set<number> = new Set();

  constructor(limits: Partial<ConnectionPoolPlan>, { endpoints = 2, openAtOnce = false } = {}) {
    this.limits = { ...LIMITS, ...limits };
    this.openAtOnce = openAtOnce;
    this.queues = Array.from({ length: endpoints }, () => []);
    this.set = new EndpointSet(Array.from({ length: endpoints }, () => 1), 0);
    this.pools = new ConnectionPools(this.limits, this.set, {
      open: (connection, endpoint) => {
        if (this.inUse.has(connection) || this.on(connection) > 0) throw new Error('a connection in use was opened again');
        this.inUse.add(connection);
        this.open.delete(connection);
        this.gone.delete(connection);
        if (this.openAtOnce) this.open.set(connection, { endpoint, given: 0 });
        else this.opening.set(connection, endpoint);
        return this.openAtOnce;
      },
      closed: (connection) => {
        if (!this.inUse.delete(connection) || this.on(connection) > 0) throw new Error('a connection was closed twice, or with a request on it');
      },
    });
  }

  request(endpoint: number): number {
    const number = this.count++;
    const place = this.pools.request(endpoint, this.now);
    if (place === Place.attached) this.attached(number, endpoint);
    else if (place === Place.overflow) this.states.set(number, 'overflow');
    else {
      this.states.set(number, 'waiting');
      this.queues[endpoint]!.push(number);
      this.serve(endpoint);
    }
    return number;
  }

  opened(connection: number): void {
    const endpoint = this.opening.get(connection)!;
    this.opening.delete(connection);
    this.open.set(connection, { endpoint, given: 0 });
    this.pools.opened(connection, this.now);
    this.serve(endpoint);
  }

  openFailed(connection: number): void {
    const endpoint = this.opening.get(connection)!;
    this.opening.delete(connection);
    this.pools.openFailed(connection, this.now);
    for (const number of this.queues[endpoint]!.splice(0)) {
      this.pools.purged();
      this.states.set(number, 'failed');
    }
  }

  lost(endpoint: number): void {
    for (const [connection, its] of this.open) if (its.endpoint === endpoint) this.gone.add(connection);
    this.pools.lost(endpoint, this.now);
    this.serve(endpoint);
  }

  finish(number: number, keep = true): void {
    const state = this.states.get(number)!;
    if (typeof state === 'string') throw new Error(state);
    const endpoint = this.endpointOf(number);
    this.states.set(number, 'done');
    this.pools.finished(state.connection, keep, this.now);
    this.serve(endpoint);
  }

  leave(number: number, endpoint: number): void {
    this.queues[endpoint]!.splice(this.queues[endpoint]!.indexOf(number), 1);
    this.states.set(number, 'left');
    this.pools.leave(endpoint);
  }

  on(connection: number): number {
    return [...this.states.values()].filter((state) => typeof state === 'object' && state.connection === connection).length;
  }

  get running(): number[] {
    return [...this.states].filter(([, state]) => typeof state === 'object').map(([number]) => number);
  }

  /** Of a request that is on a connection. */
  endpointOf(number: number): number {
    return this.endpoints.get(number)!;
  }

  private serve(endpoint: number): void {
    for (;;) {
      const place = this.pools.next(endpoint, this.now);
      if (place === Place.nobody) return;
      const first = this.queues[endpoint]!.shift()!;
      if (place === Place.attached) this.attached(first, endpoint);
      else this.states.set(first, 'overflow');
    }
  }

  private attached(number: number, endpoint: number): void {
    const connection = this.pools.attached;
    const its = this.open.get(connection);
    if (its === undefined) throw new Error('a request overtook the handshake');
    expect(its.endpoint).toBe(endpoint);
    expect(this.gone.has(connection)).toBe(false);
    its.given++;
    this.endpoints.set(number, endpoint);
    this.states.set(number, { connection });
  }
}

describe('connection pools', () => {
  it('open one connection for each request that waits, and serve them oldest first', () => {
    const bench = new Bench({});
    const [a, b] = [bench.request(0), bench.request(0)];
    expect([bench.opening.size, bench.pools.pending, bench.pools.active]).toEqual([2, 2, 0]);
    bench.opened([...bench.opening.keys()][1]!);
    expect([bench.states.get(a), bench.states.get(b)]).toEqual([{ connection: 1 }, 'waiting']);
  });

  it('give a connection that is freed first to the oldest, and the new one to whoever comes', () => {
    const bench = new Bench({});
    const first = bench.request(0);
    bench.opened(0);
    const second = bench.request(0);
    bench.finish(first);
    expect(bench.states.get(second)).toEqual({ connection: 0 });
    bench.opened(1);
    expect(bench.states.get(bench.request(0))).toEqual({ connection: 1 });
  });

  it('let HTTP/2 requests wait for the handshake, then share the connection', () => {
    const bench = new Bench({ protocol: 'http2', maxConcurrentStreams: 2 });
    const three = [0, 0, 0].map((endpoint) => bench.request(endpoint));
    expect([three.map((number) => bench.states.get(number)), bench.opening.size]).toEqual([['waiting', 'waiting', 'waiting'], 2]);
    bench.opened(0);
    expect(three.map((number) => bench.states.get(number))).toEqual([{ connection: 0 }, { connection: 0 }, 'waiting']);
  });

  it('use the connection that became ready last', () => {
    const bench = new Bench({}, { openAtOnce: true });
    const [a, b] = [bench.request(0), bench.request(0)];
    bench.finish(b);
    bench.finish(a);
    expect(bench.states.get(bench.request(0))).toEqual({ connection: 0 });
  });

  it('fail all who wait for an endpoint when one connection to it cannot be opened', () => {
    const bench = new Bench({});
    const [a, b, other] = [bench.request(0), bench.request(0), bench.request(1)];
    bench.openFailed(0);
    expect([a, b, other].map((number) => bench.states.get(number))).toEqual(['failed', 'failed', 'waiting']);
    expect(bench.pools.pending).toBe(1);
  });

  it.each(['http1', 'http2'] as const)('use no connection of %s that went with its endpoint, and open others for those who wait', (protocol) => {
    const bench = new Bench({ protocol, maxConcurrentStreams: 1, maxConnections: 2 });
    const [busy, other] = [bench.request(0), bench.request(0)];
    bench.opened(0);
    bench.opened(1);
    const waiting = bench.request(0);
    bench.lost(0);
    expect([bench.opening.size, bench.pools.connections]).toEqual([1, 1]);
    // Its answer was on the way.
    bench.finish(busy);
    bench.finish(other, false);
    expect(bench.states.get(waiting)).toEqual('waiting');
    bench.opened([...bench.opening.keys()][0]!);
    expect(bench.states.get(waiting)).toEqual({ connection: 2 });
  });

  it('count those who fail one by one as pending until each has', () => {
    const bench = new Bench({});
    for (let i = 0; i < 3; i++) bench.request(0);
    bench.pools.openFailed(0, 0);
    expect(bench.pools.pending).toBe(3);
    // A newcomer is not one of them.
    bench.pools.request(0, 0);
    bench.pools.purged();
    expect(bench.pools.pending).toBe(3);
  });

  it('refuse one who waited, when its connection comes and too many requests are active', () => {
    const bench = new Bench({ maxRequests: 1 });
    const waiting = bench.request(0);
    bench.request(1);
    bench.opened(1);
    bench.opened(0);
    expect(bench.states.get(waiting)).toBe('overflow');
    expect([bench.pools.pending, bench.pools.active]).toEqual([0, 1]);
  });

  it('open nothing beyond maxConnections but a first connection to an endpoint', () => {
    const bench = new Bench({ maxConnections: 1 });
    bench.request(0);
    bench.request(0);
    bench.request(1);
    bench.request(1);
    expect([bench.pools.connections, bench.pools.connectionOverflows]).toEqual([2, 3]);
  });

  it('leave open what was begun for a request that gave up', () => {
    const bench = new Bench({});
    bench.leave(bench.request(0), 0);
    bench.opened(0);
    expect(bench.states.get(bench.request(0))).toEqual({ connection: 0 });
  });

  it.each(['http1', 'http2'] as const)('close a connection of %s after its last allowed request', (protocol) => {
    const bench = new Bench({ protocol, maxRequestsPerConnection: 2 }, { openAtOnce: true });
    bench.finish(bench.request(0));
    const last = bench.request(0);
    expect(bench.states.get(last)).toEqual({ connection: 0 });
    expect(bench.states.get(bench.request(0))).toEqual({ connection: 1 });
    bench.finish(last);
    expect(bench.pools.connections).toBe(1);
  });

  it.each(['http1', 'http2'] as const)('close a connection of %s that was idle for idleTimeout', (protocol) => {
    const bench = new Bench({ protocol, idleTimeoutNs: 5 * S, maxConnections: 1 }, { openAtOnce: true });
    bench.finish(bench.request(0));
    bench.now = 5 * S - 1;
    const reused = bench.request(0);
    expect(bench.states.get(reused)).toEqual({ connection: 0 });
    bench.finish(reused);
    bench.now += 5 * S;
    // Room for another endpoint, whose first connection is no overflow then.
    bench.request(1);
    expect([bench.pools.connections, bench.pools.connectionOverflows]).toEqual([1, 0]);
  });

  it('open ahead what the ratio says, but not to an endpoint that is not ready', () => {
    const ahead = new Bench({ perUpstreamPreconnectRatio: 2 });
    ahead.request(0);
    expect(ahead.opening.size).toBe(2);
    const unready = new Bench({ perUpstreamPreconnectRatio: 2 });
    unready.set.setReady(0, false);
    unready.request(0);
    expect(unready.opening.size).toBe(1);
  });

  it('open another one ahead after a refusal, but not in the instant of the refusal', () => {
    const bench = new Bench({ perUpstreamPreconnectRatio: 3 });
    bench.request(0);
    const [first] = [...bench.opening.keys()];
    bench.opened(first!);
    const refused = [...bench.opening.keys()];
    for (const connection of refused) bench.openFailed(connection);
    expect([refused.length, bench.opening.size]).toEqual([2, 0]);
    bench.request(0);
    const [later] = [...bench.opening.keys()];
    bench.now = 1;
    bench.openFailed(later!);
    expect(bench.opening.size).toBeGreaterThan(0);
  });

  it('keep every limit and lose nobody, whatever happens in which order', () => {
    const limits = fc.record({
      protocol: fc.constantFrom('http1' as const, 'http2' as const),
      maxConnections: fc.constantFrom(1, 2, 4, Infinity),
      maxPendingRequests: fc.constantFrom(0, 1, 3, Infinity),
      maxRequests: fc.constantFrom(1, 3, Infinity),
      maxRequestsPerConnection: fc.constantFrom(1, 3, Infinity),
      maxConcurrentStreams: fc.constantFrom(1, 2, Infinity),
      idleTimeoutNs: fc.constantFrom(1 * S, Infinity),
      perUpstreamPreconnectRatio: fc.constantFrom(1, 1.5, 3),
    });
    const step = fc.record({ kind: fc.constantFrom('request' as const, 'request' as const, 'open' as const, 'fail' as const, 'finish' as const, 'reset' as const, 'leave' as const, 'lost' as const, 'pass' as const), index: fc.nat() });
    fc.assert(
      fc.property(limits, fc.boolean(), fc.array(step, { maxLength: 120 }), (given, openAtOnce, steps) => {
        const bench = new Bench(given, { openAtOnce });
        const streams = given.protocol === 'http1' ? 1 : given.maxConcurrentStreams;
        for (const { kind, index } of steps) {
          const pick = <T>(list: readonly T[]): T | undefined => list[index % Math.max(1, list.length)];
          if (kind === 'request') bench.request(index % 2);
          else if (kind === 'open' || kind === 'fail') {
            const connection = pick([...bench.opening.keys()]);
            if (connection === undefined) continue;
            if (kind === 'open') bench.opened(connection);
            else bench.openFailed(connection);
          } else if (kind === 'finish' || kind === 'reset') {
            const number = pick(bench.running);
            if (number !== undefined) bench.finish(number, kind === 'finish');
          } else if (kind === 'leave') {
            const number = pick(bench.queues[index % 2]!);
            if (number !== undefined) bench.leave(number, index % 2);
          } else if (kind === 'lost') bench.lost(index % 2);
          else bench.now += 0.4 * S;
          const { pools } = bench;
          expect(pools.active).toBe(bench.running.length);
          expect(pools.pending).toBe(bench.queues[0]!.length + bench.queues[1]!.length);
          expect(pools.active).toBeLessThanOrEqual(given.maxRequests);
          expect(pools.pending).toBeLessThanOrEqual(given.maxPendingRequests);
          // One more for the endpoint that had none.
          expect(pools.connections).toBeLessThanOrEqual(given.maxConnections + 1);
          for (const connection of bench.open.keys()) expect(bench.on(connection)).toBeLessThanOrEqual(streams);
          // Whoever waits has something to wait for.
          for (const [endpoint, queue] of bench.queues.entries()) {
            const isBusy = bench.running.some((number) => bench.endpointOf(number) === endpoint);
            if (queue.length > 0) expect(isBusy || [...bench.opening.values()].includes(endpoint)).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
