/**
 * When an attempt is retried: the words a file may use under `retries.on`, and their meaning as one
 * table look-up per finished attempt.
 *
 * The words are Envoy's (docs of `x-envoy-retry-on`, `source/common/router/retry_state_impl.cc`,
 * 1.38): `5xx` and `gatewayError` include attempts that never got an answer, `retriable4xx` is 409 only,
 * an overflow of the caller's own limits is never retried. gRPC's names in Envoy's spelling look at the
 * `grpc-status` of the answer's headers; in gRPC's own spelling they are what a gRPC client makes of any
 * failure. `failfast` is Linkerd's (linkerd2-proxy: policy/route/retry.rs). `timeout` and `overload` are ours.
 *
 * Left out: 425 counts as retriable also where it answers early data, HTTP/3 has no words of its own.
 */
import { OUTCOME_COUNT, Outcome } from '../../model/outcome.ts';
import type { RetryWord } from '../../model/plan.ts';
import { GrpcStatus, type GrpcStatusName, grpcOfHttp } from '../grpc-status.ts';

/** Envoy's names of statuses that stand in the headers of an answer. */
const GRPC_HEADER_WORDS = { cancelled: 1, deadlineExceeded: 4, internal: 13, resourceExhausted: 8, unavailable: 14 } as const;

export const RETRY_WORDS: Readonly<Record<string, string>> = {
  '5xx': 'any status 500-599, and every attempt that ended without an answer',
  gatewayError: 'status 502, 503 or 504, and every attempt that ended without an answer',
  reset: 'no answer: reset, timed out, or not connected',
  resetBeforeRequest: 'no answer, and no attempt of the call has reached an endpoint',
  connectFailure: 'the connection could not be opened',
  timeout: 'the per-try timeout fired',
  overload: 'refused by the endpoint because its queue was full',
  failfast: 'the wait for a ready endpoint (`failfast`) was in vain',
  retriable4xx: 'status 409',
  retriableHeaders: 'an answer with one of the headers that say so; here answers have no headers',
  envoyRatelimited: 'an answer with `x-envoy-ratelimited`, which no other word retries; here answers have no headers',
  refusedStream: 'an HTTP/2 stream that the endpoint refused before working on it',
  ...Object.fromEntries(Object.entries(GRPC_HEADER_WORDS).map(([word, code]) => [word, `an answer with \`grpc-status\` ${code} in its headers; here answers have no headers`])),
  ...Object.fromEntries(Object.keys(GrpcStatus).filter((name) => name !== 'OK').map((name) => [name, seenByGrpc(name as GrpcStatusName)])),
};

/** What a gRPC client takes for this. */
function seenByGrpc(name: GrpcStatusName): string {
  switch (name) {
    case 'UNAVAILABLE':
      return 'as a gRPC client sees it: status 429, 502, 503 or 504, a reset, a connection that failed';
    case 'DEADLINE_EXCEEDED':
      return 'as a gRPC client sees it: the per-try timeout fired';
    case 'UNKNOWN':
      return 'as a gRPC client sees it: a status that no other name stands for';
    default: {
      const status = [400, 401, 403, 404].find((candidate) => grpcOfHttp(candidate) === GrpcStatus[name]);
      return status === undefined ? 'as a gRPC client sees it: nothing that an endpoint answers here' : `as a gRPC client sees it: status ${status}`;
    }
  }
}

/** Statuses from one to another, as Linkerd's annotations have them: only answers, where `5xx` is every failure. */
export const STATUS_RANGE: RegExp = /^([1-5]\d\d)-([1-5]\d\d)$/;

/** How an attempt without an answer ended; Envoy's `StreamResetReason`. */
export const ResetReason = {
  overflow: 0,
  localConnectionFailure: 1,
  remoteConnectionFailure: 2,
  connectionTimeout: 3,
  connectionTermination: 4,
  remoteReset: 5,
  remoteRefusedStream: 6,
  /** The per-try timeout, among others. */
  localReset: 7,
  protocolError: 8,
} as const;
export type ResetReason = (typeof ResetReason)[keyof typeof ResetReason];

/** What of an answer's headers may decide. */
export interface Answer {
  readonly status: number;
  /** In the headers; null without. */
  readonly grpcStatus: number | null;
  readonly headers: Readonly<Record<string, string>>;
}

const RATE_LIMITED_HEADER = 'x-envoy-ratelimited';
const STATUS_LIMIT = 600;
/** Cells after the statuses, for attempts that have none or where the cause says more than the status. */
const RESET = STATUS_LIMIT;
const CONNECT_FAILURE = STATUS_LIMIT + 1;
const TIMEOUT = STATUS_LIMIT + 2;
const REJECTED = STATUS_LIMIT + 3;
const REFUSED_STREAM = STATUS_LIMIT + 4;
const FAILFAST = STATUS_LIMIT + 5;
const NEVER = STATUS_LIMIT + 6;
const CELLS = STATUS_LIMIT + 7;
/** No cell: the status of the answer is one. */
const OF_STATUS = -1;

/** By outcome. */
const CELL_OF: Int16Array = Int16Array.from({ length: OUTCOME_COUNT }, () => NEVER);
CELL_OF[Outcome.error] = OF_STATUS;
CELL_OF[Outcome.reset] = RESET;
CELL_OF[Outcome.connectFailure] = CONNECT_FAILURE;
CELL_OF[Outcome.timeout] = TIMEOUT;
CELL_OF[Outcome.rejected] = REJECTED;
CELL_OF[Outcome.noEndpoint] = FAILFAST;

/** The conditions of one policy. Stateless; shared by all callers of the policy. */
export class RetryCondition {
  private readonly retriable: Uint8Array = new Uint8Array(CELLS);
  private readonly retriableGrpc: Uint8Array = new Uint8Array(Object.keys(GrpcStatus).length);
  private readonly headers: readonly string[];
  private retriesUnsent: boolean = false;
  private retriesRateLimited: boolean = false;
  private retriesHeaders: boolean = false;

  /** @param headers  that make an answer retriable, under `retriableHeaders` */
  constructor(words: readonly RetryWord[], headers: readonly string[] = []) {
    this.headers = headers.map((name) => name.toLowerCase());
    for (const word of words) {
      if (typeof word === 'number') this.retriable[word] = 1;
      else this.allow(word);
    }
    // A rejection is a 503 with a cause: the status alone is enough to retry it.
    if (this.retriable[503] === 1) this.retriable[REJECTED] = 1;
  }

  /** @param hasBeenSent  whether any attempt of the call has reached an endpoint */
  allows(outcome: Outcome, status: number, hasBeenSent: boolean = outcome !== Outcome.connectFailure): boolean {
    // Without a branch for each outcome, whose first one would find code that was compiled without it.
    const cell = CELL_OF[outcome]!;
    return this.retriable[cell === OF_STATUS ? status : cell] === 1 || (this.retriesUnsent && !hasBeenSent && cell >= RESET && cell <= TIMEOUT);
  }

  allowsAnswer({ status, grpcStatus, headers }: Answer): boolean {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    if (names.includes(RATE_LIMITED_HEADER)) return this.retriesRateLimited;
    if (this.retriable[status] === 1) return true;
    if (grpcStatus !== null && this.retriableGrpc[grpcStatus] === 1) return true;
    return this.retriesHeaders && names.some((name) => this.headers.includes(name));
  }

  /** @param hasBeenSent  as above */
  allowsReset(reason: ResetReason, hasBeenSent: boolean): boolean {
    switch (reason) {
      case ResetReason.overflow:
        return false;
      case ResetReason.localConnectionFailure:
      case ResetReason.remoteConnectionFailure:
      case ResetReason.connectionTimeout:
        return this.allowsEnd(CONNECT_FAILURE, hasBeenSent);
      case ResetReason.remoteRefusedStream:
        return this.allowsEnd(REFUSED_STREAM, hasBeenSent);
      case ResetReason.localReset:
        return this.allowsEnd(TIMEOUT, hasBeenSent);
      case ResetReason.connectionTermination:
      case ResetReason.remoteReset:
      case ResetReason.protocolError:
        return this.allowsEnd(RESET, hasBeenSent);
      default:
        return reason satisfies never;
    }
  }

  private allowsEnd(cell: number, hasBeenSent: boolean): boolean {
    return this.retriable[cell] === 1 || (this.retriesUnsent && !hasBeenSent);
  }

  private allow(word: string): void {
    switch (word) {
      case '5xx':
        this.retriable.fill(1, 500, STATUS_LIMIT);
        this.allow('reset');
        return;
      case 'gatewayError':
        this.retriable.fill(1, 502, 505);
        this.allow('reset');
        return;
      case 'reset':
        this.retriable.fill(1, RESET, TIMEOUT + 1);
        this.allow('refusedStream');
        return;
      case 'resetBeforeRequest':
        this.retriesUnsent = true;
        return;
      case 'connectFailure':
        this.retriable[CONNECT_FAILURE] = 1;
        return;
      case 'timeout':
        this.retriable[TIMEOUT] = 1;
        return;
      case 'overload':
        this.retriable[REJECTED] = 1;
        return;
      case 'failfast':
        this.retriable[FAILFAST] = 1;
        return;
      case 'retriable4xx':
        this.retriable[409] = 1;
        return;
      case 'retriableHeaders':
        this.retriesHeaders = true;
        return;
      case 'envoyRatelimited':
        this.retriesRateLimited = true;
        return;
      case 'refusedStream':
        // Neither world ends an attempt so: both speak HTTP/1 between proxies.
        this.retriable[REFUSED_STREAM] = 1;
        return;
      default:
        this.allowOther(word);
    }
  }

  private allowOther(word: string): void {
    const range = STATUS_RANGE.exec(word);
    if (range !== null) {
      this.retriable.fill(1, Number(range[1]), Number(range[2]) + 1);
      return;
    }
    if (Object.hasOwn(GRPC_HEADER_WORDS, word)) {
      this.retriableGrpc[GRPC_HEADER_WORDS[word as keyof typeof GRPC_HEADER_WORDS]] = 1;
      return;
    }
    if (!Object.hasOwn(GrpcStatus, word)) throw new Error(`unknown retry word ${word}`);
    const code = GrpcStatus[word as GrpcStatusName];
    this.retriableGrpc[code] = 1;
    for (let status = 400; status < STATUS_LIMIT; status++) if (grpcOfHttp(status) === code) this.retriable[status] = 1;
    if (code === GrpcStatus.UNAVAILABLE) {
      this.retriable[RESET] = 1;
      this.retriable[CONNECT_FAILURE] = 1;
      this.retriable[REFUSED_STREAM] = 1;
    }
    if (code === GrpcStatus.DEADLINE_EXCEEDED) this.retriable[TIMEOUT] = 1;
  }
}
