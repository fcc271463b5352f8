/** One attempt on its way over a socket, from being sent until its answer, or the news that there is none, has come back. */
import type { Dispatcher } from 'undici';
import type { AttemptRow } from '../engine/calls.ts';
import type { AttemptId, EdgeId, EndpointId } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import { Http2Client, type Http2Request, type StreamOwner } from './http2-client.ts';
import { outcomeOfError, outcomeOfStatus } from './outcomes.ts';
import { OUTCOME_HEADER } from './wire.ts';

export interface ExchangeOwner {
  /** The exchange is over. */
  exchanged(exchange: Exchange, outcome: Outcome, status: number): void;
  /** Something happened that is no outcome. */
  fail(cause: unknown): void;
}

const ABORTED: Error = Object.assign(new Error('the caller gave up'), { code: 'UND_ERR_ABORTED' });

/** Handles what undici says in the words of its own core: a handler of the newer kind is wrapped, headers made an object (5 % of a client's time). */
export class Exchange implements Dispatcher.DispatchHandler, StreamOwner {
  readonly attempt: AttemptId;
  readonly edge: EdgeId;
  readonly endpoint: EndpointId;
  /** Of the engine's books; NONE where it keeps none. */
  readonly outbound: number;
  readonly connection: number;
  /** Of its call; below 0 it is not counted. */
  readonly tag: number;
  /** What the attempt is, for keyed randomness. */
  readonly keyHi: number;
  readonly keyLo: number;
  readonly options: Omit<Dispatcher.DispatchOptions, 'body'> & Http2Request;
  /** Its caller no longer waits. */
  isGivenUp: boolean = false;
  /** It has not been handed to a socket yet. */
  isHeld: boolean = true;
  /** It has been, and is not back yet. */
  isOnWire: boolean = false;
  private readonly owner: ExchangeOwner;
  private abortRequest: ((cause: Error) => void) | null = null;
  private abortStream: (() => void) | null = null;
  private isAborted: boolean = false;
  private status: number = 0;
  private named: string | null = null;

  constructor(owner: ExchangeOwner, { id, call, connection, outbound }: AttemptRow, endpoint: EndpointId, keyHi: number, keyLo: number, options: Exchange['options']) {
    this.owner = owner;
    this.attempt = id;
    this.edge = outbound.edge;
    this.endpoint = endpoint;
    this.outbound = outbound.index;
    this.connection = connection;
    this.tag = call.tag;
    this.keyHi = keyHi;
    this.keyLo = keyLo;
    this.options = options;
  }

  /** Hand it to a socket. */
  dispatch(client: Dispatcher | Http2Client): void {
    this.isHeld = false;
    this.isOnWire = true;
    if (client instanceof Http2Client) client.request(this.options, this);
    else client.dispatch(this.options, this);
  }

  /** Take it off its socket, which over HTTP/1 closes that; not before it is sent, for this is news that follows the request. */
  abort(): void {
    this.isAborted = true;
    if (this.abortRequest !== null) abortSoon(this.abortRequest);
    this.abortStream?.();
  }

  streamOpened(abort: () => void): void {
    this.abortStream = abort;
  }

  streamAnswered(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.status = status;
    const named = headers[OUTCOME_HEADER];
    this.named = typeof named === 'string' ? named : null;
  }

  streamClosed(error: Error | null): void {
    if (error === null) this.onComplete();
    else this.onError(error);
  }

  onConnect(abort: (cause?: Error) => void): void {
    this.abortRequest = abort;
    if (this.isAborted) abortSoon(abort);
  }

  onHeaders(status: number, headers: readonly Buffer[]): boolean {
    this.status = status;
    this.named = namedIn(headers);
    return true;
  }

  onData(): boolean {
    // The bytes of a synthetic answer mean nothing.
    return true;
  }

  onComplete(): void {
    this.end(outcomeOfStatus(this.status, this.named), this.status);
  }

  onError(cause: Error): void {
    if (this.isAborted) {
      this.end(Outcome.unfinished, 0);
      return;
    }
    try {
      this.end(outcomeOfError(cause), 0);
    } catch (unknown) {
      this.owner.fail(unknown);
    }
  }

  private end(outcome: Outcome, status: number): void {
    if (!this.isOnWire) return;
    this.isOnWire = false;
    this.owner.exchanged(this, outcome, status);
  }
}

/** What the endpoint holds its answer to be: names and values in turn. */
function namedIn(headers: readonly Buffer[]): string | null {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    if (name.length === OUTCOME_HEADER.length && name.toString('latin1') === OUTCOME_HEADER) return headers[i + 1]!.toString('latin1');
  }
  return null;
}

/** The request is written in this turn of the event loop, if it is not yet. */
function abortSoon(abort: (cause: Error) => void): void {
  setImmediate(() => abort(ABORTED));
}
