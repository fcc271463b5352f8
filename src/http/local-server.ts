/** An HTTP server on this machine's own address, for programs and people on this machine. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { LOOPBACK, listenOnce, refusalOf } from './loopback.ts';
import { MeshError } from '../model/mesh-error.ts';

/** Of a request line and its headers together; what is longer is answered 431. */
const HEADER_BYTES_MAX = 8192;

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

export class LocalServer {
  port: number = 0;
  private readonly what: string;
  private readonly server: Server;

  /** @param what  it is, for messages */
  constructor(what: string, handle: Handle) {
    this.what = what;
    this.server = createServer({ maxHeaderSize: HEADER_BYTES_MAX, noDelay: true }, handle);
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}`;
  }

  /**
   * @param port  0 leaves the choice to the system
   * @throws MeshError when nobody may listen there
   */
  async listen(port: number): Promise<void> {
    const listening = await listenOnce(this.server, port);
    if (listening.code !== undefined) throw new MeshError(`${this.what} cannot listen on ${LOOPBACK}:${port}: ${refusalOf(listening.code)}`);
    this.port = listening.port;
    // A connection that could not be accepted is its caller's to try again.
    this.server.on('error', () => undefined);
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}

/**
 * The whole body, or null where `mayHold` refuses more of it; the rest is then read and dropped. Never resolves for a client that
 * leaves in the middle.
 */
export function bodyOf(request: IncomingMessage, mayHold: (bytes: number) => boolean): Promise<Buffer | null> {
  return new Promise((resolve) => {
    let chunks: Buffer[] | null = [];
    request.on('data', (chunk: Buffer) => {
      if (chunks === null) return;
      if (mayHold(chunk.length)) chunks.push(chunk);
      else {
        chunks = null;
        resolve(null);
      }
    });
    request.on('end', () => resolve(chunks === null ? null : Buffer.concat(chunks)));
    request.on('error', () => undefined);
  });
}

/** @param headers  names and values in turn */
export function answerJson(response: ServerResponse, status: number, body: unknown, headers: readonly string[] = []): void {
  if (response.destroyed) return;
  const text = `${JSON.stringify(body, null, 2)}\n`;
  response.writeHead(status, ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(text)), ...headers]);
  response.end(text);
}
