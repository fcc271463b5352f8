/**
 * HTTP/2 on one socket that is open already, and on no other: a stream for each request, whatever becomes of it.
 *
 * Not undici's client: when a connection is lost, that fails one request, opens another connection for the rest, and breaks when the
 * caller sends or gives up one meanwhile. Which connection carries what is the engine's to say.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';

export interface Http2Request {
  readonly method: string;
  readonly path: string;
  /** Names, in lower case, and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | null;
}

/** Whoever sent a request. */
export interface StreamOwner {
  /** It is on its way. @param abort  takes it off the connection, which goes on */
  streamOpened(abort: () => void): void;
  streamAnswered(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  /** Once, last of all. @param error  why the answer is not complete; null when it is */
  streamClosed(error: Error | null): void;
}

/**
 * Act when Node's HTTP/2 is done with the frame at hand. Its events come from within the library that reads frames, where to close a
 * stream or a session is to free what is still in use (Node 20.20.2 dies in `nghttp2_session_close_stream`).
 */
export function outsideOfHttp2(act: () => void): void {
  setImmediate(act);
}

export class Http2Client {
  private readonly session: ClientHttp2Session;

  constructor(socket: Socket, origin: string) {
    this.session = connect(origin, { createConnection: () => socket });
    // Each stream hears of it.
    this.session.on('error', () => undefined);
  }

  request({ body, headers, method, path }: Http2Request, owner: StreamOwner): void {
    const fields: Record<string, string> = { ':method': method, ':path': path };
    for (let i = 0; i < headers.length; i += 2) fields[headers[i]!] = headers[i + 1]!;
    let stream: ClientHttp2Stream;
    try {
      stream = this.session.request(fields, { endStream: body === null });
    } catch (error) {
      // The session is gone, and the owner is in the middle of sending. What Node throws is an error.
      outsideOfHttp2(() => owner.streamClosed(error as Error));
      return;
    }
    let isAnswered = false;
    let failure: Error | null = null;
    stream.on('response', (answer) => {
      isAnswered = true;
      owner.streamAnswered(answer[':status'] ?? 0, answer);
    });
    stream.on('error', (error: Error) => (failure = error));
    // A stream that is reset in the middle of its answer ends, too; only when it is closed is it known how.
    stream.on('close', () => {
      const error = isAnswered && failure === null && stream.rstCode === constants.NGHTTP2_NO_ERROR ? null : (failure ?? BROKEN_OFF);
      outsideOfHttp2(() => owner.streamClosed(error));
    });
    stream.resume();
    owner.streamOpened(() => stream.close(constants.NGHTTP2_CANCEL));
    if (body !== null) stream.end(body);
  }

  destroy(): void {
    this.session.destroy();
  }
}

const BROKEN_OFF: Error = Object.assign(new Error('the stream was closed before its answer was complete'), { code: 'ERR_HTTP2_STREAM_ERROR' });
