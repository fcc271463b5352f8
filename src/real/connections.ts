/**
 * The callers' side of the sockets. Where the engine keeps the books of connections, each of them is one socket that it asked
 * for, used and closed when it says so. Everywhere else a caller endpoint has one pool of undici for each endpoint that it
 * calls, which opens what it needs. undici's own timeouts are off: time limits are the engine's.
 */
import { type Socket, connect } from 'node:net';
import { type buildConnector, Client, type Dispatcher, Pool } from 'undici';
import { LOOPBACK } from '../http/loopback.ts';
import type { EndpointId } from '../model/ids.ts';
import { Http2Client } from './http2-client.ts';
import { exhaustionOf } from './outcomes.ts';
import type { Ports } from './part.ts';
import { CHECK_HEADER } from './wire.ts';

/** Longer than any run: idle connections stay, so that no request pays for a handshake that nobody configured. */
const FOR_EVER_MS = 2 ** 30;
const TIMEOUTS_OFF = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: FOR_EVER_MS, keepAliveMaxTimeout: FOR_EVER_MS, keepAliveTimeoutThreshold: 0 } as const;

/** A socket of the engine's books, and the client that speaks HTTP on it. */
interface Connection {
  readonly socket: Socket;
  readonly isHttp2: boolean;
  client: Client | Http2Client | null;
  requests: number;
  /** Since when it has nothing to do, ns; Infinity while it has. */
  idleSince: number;
  /** For how long it may have nothing to do, ns. */
  idleNs: number;
  /** Somebody will look whether it has been idle for too long. */
  isWatched: boolean;
}

export class Connections {
  private readonly ports: Ports;
  private readonly pools: Map<number, Pool> = new Map();
  /** By outbound and connection. */
  private readonly connections: Map<string, Connection> = new Map();
  private readonly watched: Connection[] = [];
  private readonly freeHandles: number[] = [];
  private readonly endpoints: number;

  /** @param ports  by endpoint */
  constructor(ports: Ports) {
    this.ports = ports;
    this.endpoints = ports.http1.length;
  }

  /** The pool of a caller endpoint for an endpoint. */
  poolOf(outbound: number, endpoint: EndpointId): Dispatcher {
    const key = outbound * this.endpoints + endpoint;
    const known = this.pools.get(key);
    if (known !== undefined) return known;
    const pool = new Pool(originOf(this.ports.http1[endpoint]!), { connections: null, pipelining: 1, ...TIMEOUTS_OFF });
    this.pools.set(key, pool);
    return pool;
  }

  /**
   * Open a socket for a connection of the engine.
   * @param done  hears the error that kept it from being open, or null
   */
  open(outbound: number, connection: number, endpoint: EndpointId, isHttp2: boolean, done: (error: Error | null) => void): void {
    const socket = connect({ host: LOOPBACK, port: (isHttp2 ? this.ports.http2 : this.ports.http1)[endpoint]!, noDelay: true });
    this.connections.set(keyOf(outbound, connection), { socket, isHttp2, client: null, requests: 0, idleSince: Infinity, idleNs: Infinity, isWatched: false });
    const settle = (error: Error | null): void => {
      socket.off('connect', opened);
      socket.off('error', failed);
      // What happens to it from here on is the client's to tell, or nobody's as long as it is idle.
      socket.on('error', () => undefined);
      done(error);
    };
    const opened = (): void => settle(null);
    const failed = (error: Error): void => settle(error);
    socket.once('connect', opened);
    socket.once('error', failed);
  }

  /** A request is going to be sent on it. */
  occupy(outbound: number, connection: number): void {
    const row = this.connections.get(keyOf(outbound, connection))!;
    row.requests++;
    row.idleSince = Infinity;
  }

  clientOf(outbound: number, connection: number): Dispatcher | Http2Client {
    const row = this.connections.get(keyOf(outbound, connection))!;
    row.client ??= row.isHttp2 ? new Http2Client(row.socket, originOf(row.socket.remotePort ?? 1)) : clientOn(row.socket);
    return row.client;
  }

  /** One of its requests is over. @returns a handle to call `closeIdle` with after `idleNs`, unless that is going to happen anyway */
  rest(outbound: number, connection: number, idleNs: number, now: number): number | null {
    const row = this.connections.get(keyOf(outbound, connection));
    if (row === undefined || --row.requests > 0) return null;
    row.idleSince = now;
    row.idleNs = idleNs;
    if (row.isWatched) return null;
    row.isWatched = true;
    const handle = this.freeHandles.pop() ?? this.watched.length;
    this.watched[handle] = row;
    return handle;
  }

  /** Close it if it has been idle for long enough. @returns when to look again, null for not at all */
  closeIdle(handle: number, now: number): number | null {
    const row = this.watched[handle]!;
    const { idleNs, idleSince, socket } = row;
    if (!socket.destroyed && now < idleSince + idleNs) return (idleSince === Infinity ? now : idleSince) + idleNs;
    this.freeHandles.push(handle);
    row.isWatched = false;
    void destroy(row);
    return null;
  }

  /** The engine has no more use for it. */
  close(outbound: number, connection: number): void {
    const key = keyOf(outbound, connection);
    const row = this.connections.get(key);
    if (row === undefined) return;
    this.connections.delete(key);
    // Not from within a callback of the parser that still has it in hand.
    setImmediate(() => destroy(row));
  }

  /** Close everything; resolves when it is closed. */
  async closeAll(): Promise<void> {
    const rows = [...this.connections.values()];
    this.connections.clear();
    await Promise.all([...[...this.pools.values()].map((pool) => pool.destroy()), ...rows.map(destroy)]);
  }

  /** Put a health check to the endpoint. @throws the error that kept it from being answered */
  async check(outbound: number, endpoint: EndpointId): Promise<void> {
    const { body } = await this.poolOf(outbound, endpoint).request({ method: 'GET', path: '/', headers: { [CHECK_HEADER]: '1' } });
    await body.dump();
  }

  /** Open `count` sockets of the pool, by as many checks at once. @throws MeshError when this machine has no more of them */
  async warm(outbound: number, endpoint: EndpointId, count: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: count }, () => this.check(outbound, endpoint)));
    } catch (cause) {
      const exhaustion = exhaustionOf(cause);
      if (exhaustion !== null) throw exhaustion;
      // Whatever else is wrong with an endpoint, its callers will find out.
    }
  }
}

/** HTTP/1 on a socket that is open already, and on no other. */
function clientOn(socket: Socket): Client {
  let isTaken = false;
  const take: buildConnector.connector = (_, callback) =>
    // Not at once: the client would miss an answer that comes while it is still asking.
    queueMicrotask(() => {
      if (isTaken || socket.destroyed) {
        callback(Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' }), null);
        return;
      }
      isTaken = true;
      callback(null, socket);
    });
  return new Client(originOf(socket.remotePort ?? 1), { pipelining: 1, ...TIMEOUTS_OFF, connect: take });
}

async function destroy({ client, socket }: Connection): Promise<void> {
  await client?.destroy();
  socket.destroy();
}

function originOf(port: number): string {
  return `http://${LOOPBACK}:${port}`;
}

function keyOf(outbound: number, connection: number): string {
  return `${outbound}/${connection}`;
}
