/**
 * The HTTP server of one endpoint. It knows nothing of queues and work: a request becomes a job of the station behind it, whose
 * answer is written when the station says so. A crash closes the listeners and resets every connection; a restart listens on
 * the same ports again. Callers that speak HTTP/2 have a port of their own: without TLS nobody negotiates.
 */
import { createServer } from 'node:http';
import { type Http2Session, createServer as createHttp2Server } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { LOOPBACK, listenOnce, refusalOf } from '../http/loopback.ts';
import { outsideOfHttp2 } from './http2-client.ts';
import { MeshError } from '../model/mesh-error.ts';
import { Http1Reply, Http2Reply, type Reply } from './reply.ts';
import { resetConnection } from './reset.ts';

export interface ServerOwner {
  /** A request has come. @param headers  names and values in turn */
  received(server: EndpointServer, headers: readonly string[], reply: Reply): void;
  /** The caller is gone before the answer was given. */
  leftBy(reply: Reply): void;
}

/** Another process took the port of a crashed endpoint: how often to try again, and how long to wait in between. */
const LISTEN_TRIES = 50;
const LISTEN_AGAIN_MS = 10;

/**
 * Callers that give up reset their streams, and how many do so is their policy. Node takes more than 33 a second, after a burst of
 * 1000, for an attack and hangs up, unless it is told otherwise (`nodejs.org/api/http2.html`, createServer); Node 20 cannot be told.
 */
const RESETS_UNLIMITED: object = { streamResetBurst: 2 ** 30, streamResetRate: 2 ** 30 };

/** One port: what listens there, and how to cut off whoever is connected. */
interface Listener {
  readonly server: Server;
  readonly cutOff: (isReset: boolean) => void;
  port: number;
  /** While somebody is bringing it up. */
  opening: Promise<void> | null;
  /** Ends the wait for a port that is taken. */
  endWait: () => void;
}

export class EndpointServer {
  readonly endpoint: number;
  /** Of its endpoint, for messages. */
  readonly name: string;
  private readonly owner: ServerOwner;
  private readonly http1: Listener;
  private readonly http2: Listener | null;
  private isUp: boolean = false;

  constructor(endpoint: number, name: string, speaksHttp2: boolean, owner: ServerOwner) {
    this.endpoint = endpoint;
    this.name = name;
    this.owner = owner;
    this.http1 = this.overHttp1();
    this.http2 = speaksHttp2 ? this.overHttp2() : null;
  }

  get port(): number {
    return this.http1.port;
  }

  /** 0 where it does not speak HTTP/2. */
  get http2Port(): number {
    return this.http2?.port ?? 0;
  }

  /** @throws MeshError when nobody may listen there */
  async listen(): Promise<void> {
    this.isUp = true;
    await Promise.all(this.listeners.map((listener) => (listener.opening ??= this.bringUp(listener))));
  }

  /** Close the listeners and reset all connections, as the system does for a process that is gone. */
  crash(): void {
    this.isUp = false;
    for (const { cutOff, server } of this.listeners) {
      // This also closes, and does not reset, who is idle: a caller that is about to send there connects anew, and is refused.
      if (server.listening) server.close();
      cutOff(true);
    }
  }

  async close(): Promise<void> {
    this.isUp = false;
    for (const { cutOff, endWait } of this.listeners) {
      cutOff(false);
      endWait();
    }
    // What is coming up goes down by itself; whether it could not has been told to who wanted it.
    await Promise.allSettled(this.listeners.map(({ opening }) => opening));
    await Promise.all(this.listeners.map(({ server }) => (server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : null)));
  }

  private get listeners(): readonly Listener[] {
    return this.http2 === null ? [this.http1] : [this.http1, this.http2];
  }

  /** One at a time for each listener: it may crash again, and be wanted again, before it is up. */
  private async bringUp(listener: Listener): Promise<void> {
    await null;
    try {
      for (let tries = 1; this.isUp && !listener.server.listening; tries++) {
        const { code, port } = await listenOnce(listener.server, listener.port);
        if (code === undefined) {
          listener.port = port;
          if (!this.isUp) listener.server.close();
          continue;
        }
        if (code !== 'EADDRINUSE' || listener.port === 0 || tries >= LISTEN_TRIES) throw new MeshError(`${this.name} cannot listen on ${LOOPBACK}:${listener.port}: ${refusalOf(code)}`);
        await pause(listener);
      }
    } finally {
      listener.opening = null;
    }
  }

  private overHttp1(): Listener {
    // No limits of its own: how long to wait is the callers' policy.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true });
    /** What each connection waits for. */
    const waiting = new Map<Socket, Http1Reply | null>();
    server.on('connection', (socket: Socket) => {
      waiting.set(socket, null);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        const reply = waiting.get(socket) ?? null;
        waiting.delete(socket);
        if (reply?.isOpen === true) this.owner.leftBy(reply);
      });
    });
    server.on('request', (request, response) => {
      // A body is read and forgotten, so that the connection can carry the next request.
      request.resume();
      const reply = new Http1Reply(response);
      waiting.set(request.socket, reply);
      this.owner.received(this, request.rawHeaders, reply);
    });
    const cutOff = (isReset: boolean): void => {
      for (const socket of waiting.keys()) isReset ? resetConnection(socket) : socket.destroy();
    };
    return { server, cutOff, port: 0, opening: null, endWait: () => undefined };
  }

  private overHttp2(): Listener {
    const server = createHttp2Server(RESETS_UNLIMITED);
    const sessions = new Set<Http2Session>();
    server.on('session', (session) => {
      sessions.add(session);
      session.on('error', () => undefined);
      session.once('close', () => sessions.delete(session));
    });
    server.on('stream', (stream, headers) => {
      stream.resume();
      stream.on('error', () => undefined);
      const reply = new Http2Reply(stream);
      stream.once('close', () => outsideOfHttp2(() => {
        if (reply.isOpen) this.owner.leftBy(reply);
      }));
      const fields = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
      outsideOfHttp2(() => this.owner.received(this, fields, reply));
    });
    const cutOff = (): void => {
      const doomed = [...sessions];
      outsideOfHttp2(() => {
        for (const session of doomed) session.destroy();
      });
    };
    return { server, cutOff, port: 0, opening: null, endWait: () => undefined };
  }
}

function pause(listener: Listener): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(resolve, LISTEN_AGAIN_MS);
    listener.endWait = () => {
      clearTimeout(timeout);
      resolve();
    };
  });
}
