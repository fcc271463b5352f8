import { describe, expect, it } from 'vitest';
import { EndpointSet } from '../../src/engine/endpoints.ts';
import { Admission, ConnectionPool } from '../../src/engine/pool/connection-pool.ts';
import type { ConnectionPoolPlan } from '../../src/model/plan.ts';

const S = 1e9;
const LIMITS: ConnectionPoolPlan = {
  maxConnections: Infinity, maxPendingRequests: Infinity, maxRequests: Infinity, maxRetries: 3,
  connectTimeoutNs: Infinity, idleTimeoutNs: Infinity, maxRequestsPerConnection: Infinity, protocol: 'http1',
  maxConcurrentStreams: Infinity, perUpstreamPreconnectRatio: 1,
};

/** A pool towards endpoints of which requests are counted as the engine counts them. */
class Bench {
  readonly set: EndpointSet;
  readonly pool: ConnectionPool;

  constructor(limits: Partial<ConnectionPoolPlan>, endpoints = 2) {
    this.set = new EndpointSet(Array.from({ length: endpoints }, () => 1), 0);
    this.pool = new ConnectionPool({ ...LIMITS, ...limits }, this.set);
  }

  /** The admission, and the connection it is on. */
  request(endpoint: number, now = 0): { readonly admission: Admission; readonly connection: number } {
    const admission = this.pool.admit(endpoint, now);
    if (admission === Admission.reused || admission === Admission.fresh) this.count(endpoint, 1);
    if (admission === Admission.waiting) this.pool.pending++;
    return { admission, connection: this.pool.attached };
  }

  release(endpoint: number, connection: number, keep = true, now = 0): void {
    this.count(endpoint, -1);
    this.pool.release(endpoint, connection, keep, now);
  }

  private count(endpoint: number, by: number): void {
    this.set.active[endpoint]! += by;
    this.set.activeTotal += by;
  }
}

describe('an HTTP/1 pool', () => {
  it('opens a connection for each request at once, and uses the most recently used idle one', () => {
    const bench = new Bench({});
    const [a, b] = [bench.request(0), bench.request(0)];
    expect([a.admission, b.admission]).toEqual([Admission.fresh, Admission.fresh]);
    bench.release(0, a.connection, true, 1);
    bench.release(0, b.connection, true, 2);
    expect(bench.request(0, 3)).toEqual({ admission: Admission.reused, connection: b.connection });
  });

  it('never lends the connection of one endpoint to another', () => {
    const bench = new Bench({});
    bench.release(0, bench.request(0).connection);
    expect(bench.request(1).admission).toBe(Admission.fresh);
  });

  it('lets requests wait beyond maxConnections, but an endpoint without any may open one', () => {
    const bench = new Bench({ maxConnections: 1 });
    expect(bench.request(0).admission).toBe(Admission.fresh);
    expect(bench.request(0).admission).toBe(Admission.waiting);
    expect(bench.request(1).admission).toBe(Admission.fresh);
    expect(bench.request(1).admission).toBe(Admission.waiting);
  });

  it('refuses what would wait beyond maxPendingRequests', () => {
    const bench = new Bench({ maxConnections: 1, maxPendingRequests: 1 });
    bench.request(0);
    expect(bench.request(0).admission).toBe(Admission.waiting);
    expect(bench.request(0).admission).toBe(Admission.overflow);
  });

  it('with no pending request allowed refuses all that finds no open connection, as Envoy does', () => {
    expect(new Bench({ maxPendingRequests: 0 }).request(0).admission).toBe(Admission.overflow);
  });

  it('refuses beyond maxRequests, and gives the connection back', () => {
    const bench = new Bench({ maxRequests: 2 });
    const first = bench.request(0);
    bench.release(0, first.connection);
    bench.request(1);
    bench.request(1);
    expect(bench.request(0).admission).toBe(Admission.overflow);
    bench.release(1, 1);
    expect(bench.request(0)).toEqual({ admission: Admission.reused, connection: first.connection });
  });

  it('serves a waiting request on a freed connection, or on a new one after a reset', () => {
    for (const keep of [true, false]) {
      const bench = new Bench({ maxConnections: 1 });
      const { connection } = bench.request(0);
      bench.request(0);
      expect(bench.pool.nextFor(0, 0)).toBe(Admission.waiting);
      bench.release(0, connection, keep);
      expect(bench.pool.nextFor(0, 0)).toBe(keep ? Admission.reused : Admission.fresh);
    }
  });

  it('closes a connection after maxRequestsPerConnection, and when it was idle for idleTimeout', () => {
    const worn = new Bench({ maxRequestsPerConnection: 2 });
    const { connection } = worn.request(0);
    worn.release(0, connection);
    expect(worn.request(0).admission).toBe(Admission.reused);
    worn.release(0, connection);
    expect(worn.request(0).admission).toBe(Admission.fresh);

    const idle = new Bench({ idleTimeoutNs: 5 * S });
    idle.release(0, idle.request(0, 0).connection, true, 1 * S);
    expect(idle.request(0, 5.9 * S).admission).toBe(Admission.reused);
    idle.release(0, 0, true, 6 * S);
    expect(idle.request(0, 11 * S).admission).toBe(Admission.fresh);
  });

  it('forgets idle connections of an endpoint that went away, and counts them as closed', () => {
    const bench = new Bench({ maxConnections: 2 });
    const [a, b] = [bench.request(0), bench.request(0)];
    bench.release(0, a.connection);
    bench.release(0, b.connection);
    bench.pool.dropIdle(0);
    expect([bench.request(0).admission, bench.request(0).admission, bench.request(0).admission]).toEqual([Admission.fresh, Admission.fresh, Admission.waiting]);
  });
});

describe('an HTTP/2 pool', () => {
  it('puts all requests to an endpoint on one connection until it is lost', () => {
    const bench = new Bench({ protocol: 'http2', maxConnections: 1 });
    expect([0, 0, 0].map((endpoint) => bench.request(endpoint).admission)).toEqual([Admission.fresh, Admission.reused, Admission.reused]);
    bench.release(0, -1, false);
    expect(bench.request(0).admission).toBe(Admission.fresh);
  });

  it('keeps to maxRequests', () => {
    const bench = new Bench({ protocol: 'http2', maxRequests: 2 });
    expect([0, 0, 0].map((endpoint) => bench.request(endpoint).admission)).toEqual([Admission.fresh, Admission.reused, Admission.overflow]);
  });
});
