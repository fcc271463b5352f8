/** The answer that an endpoint owes a caller, in either version of HTTP. */
import type { ServerResponse } from 'node:http';
import { type ServerHttp2Stream, constants } from 'node:http2';
import { resetConnection } from './reset.ts';
import { OUTCOME_HEADER } from './wire.ts';

export interface Reply {
  /** No answer was given yet. */
  readonly isOpen: boolean;
  /** Of the station, once it has one. */
  job: number;
  /** @param outcome  its name */
  answer(status: number, outcome: string): void;
  /** Break off in the middle of the answer. */
  reset(): void;
  /** The caller is gone: give no answer. */
  drop(): void;
}

const NO_JOB = -1;

export class Http1Reply implements Reply {
  isOpen: boolean = true;
  job: number = NO_JOB;
  private readonly response: ServerResponse;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  answer(status: number, outcome: string): void {
    this.isOpen = false;
    const { socket } = this.response;
    if (socket === null || socket.destroyed) return;
    // Nobody asks for the date; see `valueOf` in wire.ts.
    this.response.sendDate = false;
    this.response.writeHead(status, [OUTCOME_HEADER, outcome, 'content-length', '0']);
    this.response.end();
  }

  reset(): void {
    this.isOpen = false;
    const { socket } = this.response;
    if (socket === null || socket.destroyed) return;
    this.response.writeHead(200, ['content-length', '2']);
    this.response.write('o');
    resetConnection(socket);
  }

  drop(): void {
    this.isOpen = false;
    this.response.socket?.destroy();
  }
}

export class Http2Reply implements Reply {
  isOpen: boolean = true;
  job: number = NO_JOB;
  private readonly stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream) {
    this.stream = stream;
  }

  answer(status: number, outcome: string): void {
    this.isOpen = false;
    if (this.stream.destroyed || this.stream.closed) return;
    this.stream.respond({ ':status': status, [OUTCOME_HEADER]: outcome }, { endStream: true });
  }

  reset(): void {
    this.isOpen = false;
    if (!this.stream.destroyed) this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  drop(): void {
    this.isOpen = false;
    if (!this.stream.destroyed) this.stream.close(constants.NGHTTP2_CANCEL);
  }
}
