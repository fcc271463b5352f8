/** One attempt on its way over a socket, from being sent until its answer, or the news that there is none, has come back. */
import type { Dispatcher } from 'undici';
import type { AttemptRow } from '../engine/calls.ts';
import type { AttemptId, EdgeId, EndpointId } from '../model/ids.ts';
import { Outcome } from '../model/outcome.ts';
import { outcomeOfError, outcomeOfStatus } from './outcomes.ts';
import { OUTCOME_HEADER } from './wire.ts';

export interface ExchangeOwner {
  /** The exchange is over. */
  exchanged(exchange: Exchange, outcome: Outcome, status: number): void;
  /** Something happened that is no outcome. */
  fail(cause: unknown): void;
}

const ABORTED: Error = Object.assign(new Error('the caller gave up'), { code: 'UND_ERR_ABORTED' });

export class Exchange implements Dispatcher.DispatchHandler {
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
  readonly options: Dispatcher.DispatchOptions;
  /** Its caller no longer waits. */
  isGivenUp: boolean = false;
  /** It has been handed to a socket, and is not back yet. */
  isOnWire: boolean = false;
  private readonly owner: ExchangeOwner;
  private controller: Dispatcher.DispatchController | null = null;
  private isAborted: boolean = false;
  private status: number = 0;
  private named: unknown = undefined;

  constructor(owner: ExchangeOwner, { id, call, connection, outbound }: AttemptRow, endpoint: EndpointId, keyHi: number, keyLo: number, options: Dispatcher.DispatchOptions) {
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
  dispatch(dispatcher: Dispatcher): void {
    this.isOnWire = true;
    dispatcher.dispatch(this.options, this);
  }

  /** Take it off its socket, which over HTTP/1 closes that; not before it is sent, for this is news that follows the request. */
  abort(): void {
    this.isAborted = true;
    if (this.controller !== null) abortSoon(this.controller);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isAborted) abortSoon(controller);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.status = status;
    this.named = headers[OUTCOME_HEADER];
  }

  onResponseData(): void {
    // The bytes of a synthetic answer mean nothing.
  }

  onResponseEnd(): void {
    this.end(outcomeOfStatus(this.status, this.named), this.status);
  }

  onResponseError(_: Dispatcher.DispatchController | null, cause: unknown): void {
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

/** The request is written in this turn of the event loop, if it is not yet. */
function abortSoon(controller: Dispatcher.DispatchController): void {
  setImmediate(() => controller.abort(ABORTED));
}
