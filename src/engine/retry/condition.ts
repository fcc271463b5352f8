/**
 * When an attempt is retried: the words a file may use under `retries.on`, and their meaning as one
 * table look-up per finished attempt.
 *
 * The words are Envoy's (docs of `x-envoy-retry-on`, `source/common/router/retry_state_impl.cc`,
 * 1.38): `5xx` and `gatewayError` include attempts that never got an answer, `retriable4xx` is 409 only,
 * an overflow of the caller's own limits is never retried. `timeout` and `overload` are ours.
 */
import { Outcome } from '../../model/outcome.ts';
import type { RetryWord } from '../../model/plan.ts';

// Local names for constants: see engine/calls.ts.
const { connectFailure: ENDED_CONNECT_FAILURE, error: ENDED_ERROR, rejected: ENDED_REJECTED, reset: ENDED_RESET, timeout: ENDED_TIMEOUT } = Outcome;

export const RETRY_WORDS: Readonly<Record<string, string>> = {
  '5xx': 'any status 500-599, and every attempt that ended without an answer',
  gatewayError: 'status 502, 503 or 504, and every attempt that ended without an answer',
  reset: 'no answer: reset, timed out, or not connected',
  connectFailure: 'the connection could not be opened',
  timeout: 'the per-try timeout fired',
  overload: 'refused by the endpoint because its queue was full',
  retriable4xx: 'status 409',
  refusedStream: 'an HTTP/2 stream that the endpoint refused before working on it',
  cancelled: 'an answer with this `grpc-status` in its headers; ours have none',
  unavailable: 'an answer with this `grpc-status` in its headers; ours have none',
};

const STATUS_LIMIT = 600;
/** Cells after the statuses, for attempts that have none or where the cause says more than the status. */
const RESET = STATUS_LIMIT;
const CONNECT_FAILURE = STATUS_LIMIT + 1;
const TIMEOUT = STATUS_LIMIT + 2;
const REJECTED = STATUS_LIMIT + 3;

/** The conditions of one policy. Stateless; shared by all callers of the policy. */
export class RetryCondition {
  private readonly retriable: Uint8Array = new Uint8Array(REJECTED + 1);

  constructor(words: readonly RetryWord[]) {
    for (const word of words) {
      if (typeof word === 'number') this.retriable[word] = 1;
      else this.allow(word);
    }
    // A rejection is a 503 with a cause: the status alone is enough to retry it.
    if (this.retriable[503] === 1) this.retriable[REJECTED] = 1;
  }

  allows(outcome: Outcome, status: number): boolean {
    switch (outcome) {
      case ENDED_ERROR:
        return this.retriable[status] === 1;
      case ENDED_RESET:
        return this.retriable[RESET] === 1;
      case ENDED_CONNECT_FAILURE:
        return this.retriable[CONNECT_FAILURE] === 1;
      case ENDED_TIMEOUT:
        return this.retriable[TIMEOUT] === 1;
      case ENDED_REJECTED:
        return this.retriable[REJECTED] === 1;
      default:
        return false;
    }
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
      case 'retriable4xx':
        this.retriable[409] = 1;
        return;
      case 'refusedStream':
      case 'cancelled':
      case 'unavailable':
        // Neither world answers with REFUSED_STREAM or a gRPC status: both speak HTTP/1 between proxies.
        return;
      default:
        throw new Error(`unknown retry word ${word}`);
    }
  }
}
