/**
 * What the end of a request over sockets means: the only place that knows error codes of Node and undici.
 *
 * Codes: errno(3) as Node names them (`nodejs.org/api/errors.html#common-system-errors`), undici's in
 * `docs/api/Errors.md` of undici 7.
 */
import { Outcome } from '../model/outcome.ts';
import { MeshError } from '../model/mesh-error.ts';
import { outcomeOfName } from './wire.ts';

const { connectFailure, error, ok, rejected, reset } = Outcome;

/** Errors before or instead of an answer. */
export const OUTCOME_OF_CODE: Readonly<Record<string, Outcome>> = {
  // The connection could not be opened: nobody listens, or nobody in time.
  ECONNREFUSED: connectFailure,
  ETIMEDOUT: connectFailure,
  EHOSTUNREACH: connectFailure,
  ENETUNREACH: connectFailure,
  UND_ERR_CONNECT_TIMEOUT: connectFailure,
  // It was lost before the answer was complete.
  ECONNRESET: reset,
  ECONNABORTED: reset,
  EPIPE: reset,
  UND_ERR_SOCKET: reset,
  UND_ERR_CLOSED: reset,
  UND_ERR_DESTROYED: reset,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: reset,
  HPE_INVALID_EOF_STATE: reset,
  // HTTP/2: the stream, or the session it was on.
  ERR_HTTP2_STREAM_ERROR: reset,
  ERR_HTTP2_STREAM_CANCEL: reset,
  ERR_HTTP2_INVALID_STREAM: reset,
  ERR_HTTP2_SESSION_ERROR: reset,
  ERR_HTTP2_GOAWAY_SESSION: reset,
  ERR_HTTP2_INVALID_SESSION: reset,
  UND_ERR_INFO: reset,
};

/** Of this machine, not of the mesh: they end the run. */
export const EXHAUSTED: Readonly<Record<string, string>> = {
  EMFILE: 'this process may not open more files; raise its limit (`ulimit -n`), or use fewer clients, replicas or connections',
  ENFILE: 'this machine may not open more files; close other programs, or use fewer clients, replicas or connections',
  EADDRNOTAVAIL: 'all local ports are in use; wait a minute for old connections to be forgotten, or set fewer new connections a second',
  ENOBUFS: 'this machine has no memory left for sockets; use fewer clients, replicas or connections',
  ENOMEM: 'this machine has no memory left; use fewer clients, replicas or connections',
};

/**
 * @throws MeshError when the error is this machine's and none of the mesh
 */
export function outcomeOfError(cause: unknown): Outcome {
  const exhaustion = exhaustionOf(cause);
  if (exhaustion !== null) throw exhaustion;
  const code = codeOf(cause);
  const outcome = OUTCOME_OF_CODE[code];
  if (outcome === undefined) throw cause;
  return outcome;
}

/** The error as one of this machine; null when it is one of the mesh. */
export function exhaustionOf(cause: unknown): MeshError | null {
  const code = codeOf(cause);
  const exhausted = EXHAUSTED[code];
  return exhausted === undefined ? null : new MeshError(`${exhausted} (${code})`);
}

/** @param named  what the endpoint holds its answer to be, where it says so */
export function outcomeOfStatus(status: number, named: string | null): Outcome {
  const outcome = outcomeOfName(named);
  if (outcome === ok || outcome === error || outcome === rejected) return outcome;
  return status < 400 ? ok : error;
}

function codeOf(cause: unknown): string {
  // Node collects what went wrong with each address of a host.
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  if (!(cause instanceof Error)) return '';
  const { code } = cause as NodeJS.ErrnoException;
  return code ?? (cause.cause === undefined ? '' : codeOf(cause.cause));
}
