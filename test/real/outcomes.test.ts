/** Every way in which a request over a socket can end, and what it is to the engine. */
import { createServer as createHttpServer } from 'node:http';
import { constants, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { H2CClient, Pool } from 'undici';
import { describe, expect, test } from 'vitest';
import { MeshError } from '../../src/model/mesh-error.ts';
import { OUTCOME_NAMES, type OutcomeName } from '../../src/model/outcome.ts';
import { EXHAUSTED, OUTCOME_OF_CODE, outcomeOfError, outcomeOfStatus } from '../../src/real/outcomes.ts';

const MEANINGS: readonly (readonly [code: string, outcome: OutcomeName])[] = [
  ['ECONNREFUSED', 'connectFailure'],
  ['ETIMEDOUT', 'connectFailure'],
  ['EHOSTUNREACH', 'connectFailure'],
  ['ENETUNREACH', 'connectFailure'],
  ['UND_ERR_CONNECT_TIMEOUT', 'connectFailure'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['UND_ERR_CLOSED', 'reset'],
  ['UND_ERR_DESTROYED', 'reset'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'reset'],
  ['HPE_INVALID_EOF_STATE', 'reset'],
  ['ERR_HTTP2_STREAM_ERROR', 'reset'],
  ['ERR_HTTP2_STREAM_CANCEL', 'reset'],
  ['ERR_HTTP2_INVALID_STREAM', 'reset'],
  ['ERR_HTTP2_SESSION_ERROR', 'reset'],
  ['ERR_HTTP2_GOAWAY_SESSION', 'reset'],
  ['ERR_HTTP2_INVALID_SESSION', 'reset'],
  ['UND_ERR_INFO', 'reset'],
];
const MACHINE = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'];

function coded(code: string): Error {
  return Object.assign(new Error('the text says nothing'), { code });
}

function nameOf(error: unknown): OutcomeName {
  return OUTCOME_NAMES[outcomeOfError(error)]!;
}

describe('an error', () => {
  test.each(MEANINGS)('%s is %s', (code, outcome) => {
    expect(nameOf(coded(code))).toBe(outcome);
    // As undici and Node wrap them.
    expect(nameOf(new Error('fetch failed', { cause: coded(code) }))).toBe(outcome);
    expect(nameOf(new AggregateError([coded(code)]))).toBe(outcome);
  });

  test.each(MACHINE)('%s is this machine’s: it ends the run with words about it', (code) => {
    expect(() => outcomeOfError(coded(code))).toThrow(MeshError);
    expect(() => outcomeOfError(coded(code))).toThrow(code);
  });

  test('that nobody knows is no outcome', () => {
    const unknown = coded('UND_ERR_INVALID_ARG');
    for (const error of [unknown, new Error('x'), new TypeError('x'), 'text', undefined]) expect(() => outcomeOfError(error)).toThrow();
    // Itself, so that its stack says where.
    expect(() => outcomeOfError(unknown)).toThrow(unknown);
  });

  test('each in the tables is tested here', () => {
    expect(MEANINGS.map(([code]) => code)).toEqual(Object.keys(OUTCOME_OF_CODE));
    expect(MACHINE).toEqual(Object.keys(EXHAUSTED));
  });
});

describe('an answer', () => {
  test.each([
    [200, 'ok', 'ok'],
    [404, null, 'error'],
    [399, null, 'ok'],
    [400, null, 'error'],
    [503, 'rejected', 'rejected'],
    [503, 'error', 'error'],
    [500, null, 'error'],
    // What an endpoint of the mesh never says is not believed.
    [200, 'timeout', 'ok'],
    [500, 'nonsense', 'error'],
  ] as const)('%d that says %j is %s', (status, named, outcome) => {
    expect(OUTCOME_NAMES[outcomeOfStatus(status, named)]).toBe(outcome);
  });
});

describe('over HTTP/1, a server that', () => {
  test.each<readonly [string, (socket: Socket) => void]>([
    ['hangs up without a word', (socket) => socket.end()],
    ['resets without a word', (socket) => socket.resetAndDestroy()],
    ['hangs up in the middle of the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-')],
    ['hangs up in the middle of the body', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')],
    ['resets in the middle of the body', (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', () => socket.resetAndDestroy())],
    ['hangs up in the middle of a chunk', (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf')],
  ])('%s is a reset', async (_, answer) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    expect(nameOf(await errorOf(server))).toBe('reset');
  });

  test('talks nonsense is a failure of ours, and no outcome', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.end('nonsense\r\n\r\n')));
    const error = await errorOf(server);
    expect(() => outcomeOfError(error)).toThrow(error as Error);
  });

  test('listens no more is a failure to connect', async () => {
    const server = createHttpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(nameOf(await failureOf(new Pool(`http://127.0.0.1:${port}`)))).toBe('connectFailure');
  });
});

describe('over HTTP/2, a server that', () => {
  test.each<readonly [string, (stream: ServerHttp2Stream, socket: Socket) => void]>([
    ['resets the stream', (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
    ['cancels the stream', (stream) => stream.close(constants.NGHTTP2_CANCEL)],
    ['refuses the stream', (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)],
    ['goes away', (stream) => stream.session!.goaway(constants.NGHTTP2_INTERNAL_ERROR)],
    ['destroys the session', (stream) => stream.session!.destroy()],
    ['resets the connection', (_, socket) => socket.resetAndDestroy()],
    ['closes the connection', (_, socket) => socket.destroy()],
  ])('%s is a reset', async (_, answer) => {
    const server = createHttp2Server();
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));
    server.on('session', (session) => session.on('error', () => undefined));
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      answer(stream, sockets[0]!);
    });
    const port = await listening(server);
    try {
      expect(nameOf(await failureOf(new H2CClient(`http://127.0.0.1:${port}`)))).toBe('reset');
    } finally {
      server.close();
    }
  });
});

async function errorOf(server: Server): Promise<unknown> {
  const port = await listening(server);
  try {
    return await failureOf(new Pool(`http://127.0.0.1:${port}`, { connections: 1 }));
  } finally {
    server.close();
  }
}

async function failureOf(client: Pool | H2CClient): Promise<unknown> {
  try {
    const { body } = await client.request({ method: 'GET', path: '/' });
    await body.text();
  } catch (error) {
    return error;
  } finally {
    await client.destroy();
  }
  throw new Error('it was answered');
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port; // of a server that listens on a port
}
