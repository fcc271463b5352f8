/**
 * Linkerd's timeouts of one stream (linkerd2-proxy: linkerd/http/stream-timeouts): `request` over all of it, `response`
 * from the last byte of the request to the last of the answer, `idle` between frames. Nobody watches for idleness
 * while the request is sent and no header has come. None of them is retried; the one that is limits only
 * the wait for headers.
 */
export const StreamTimeout = { request: 0, response: 1, idle: 2, headers: 3 } as const;
export type StreamTimeout = (typeof StreamTimeout)[keyof typeof StreamTimeout];

/** ns; Infinity for none. */
export interface StreamLimits {
  readonly requestNs: number;
  readonly responseNs: number;
  readonly idleNs: number;
  /** From the last byte of the request to the headers of the answer; takes the place of `responseNs` that long. */
  readonly headersNs: number;
}

export class StreamTimeouts {
  /** When the stream is to be given up; Infinity for never. */
  dueAt: number = Infinity;
  /** Which of them that is. */
  due: StreamTimeout = StreamTimeout.request;
  private readonly limits: StreamLimits;
  /** When the whole call must be over, retries included. */
  private readonly endsAt: number;
  private sentAt: number = Infinity;
  private hasHeaders: boolean = false;
  private activeAt: number;

  /** @param begunAt  when the call began, which an earlier attempt may have been part of */
  constructor(limits: StreamLimits, begunAt: number, now: number) {
    this.limits = limits;
    this.endsAt = begunAt + limits.requestNs;
    this.activeAt = now;
    this.arm();
  }

  requestSent(now: number): void {
    // An answer may begin before the request has ended: its own limit then ran from there.
    if (!this.hasHeaders) this.sentAt = now;
    this.activeAt = now;
    this.arm();
  }

  headersCame(now: number): void {
    this.hasHeaders = true;
    this.sentAt = Math.min(this.sentAt, now);
    this.activeAt = now;
    this.arm();
  }

  frameCame(now: number): void {
    this.activeAt = now;
    this.arm();
  }

  private arm(): void {
    const { headersNs, idleNs, responseNs } = this.limits;
    this.dueAt = this.endsAt;
    this.due = StreamTimeout.request;
    if (this.sentAt !== Infinity) {
      if (!this.hasHeaders && headersNs !== Infinity) this.limit(this.sentAt + headersNs, StreamTimeout.headers);
      else this.limit(this.sentAt + responseNs, StreamTimeout.response);
    }
    const isRead = this.hasHeaders || this.sentAt === Infinity;
    if (isRead) this.limit(this.activeAt + idleNs, StreamTimeout.idle);
  }

  private limit(at: number, which: StreamTimeout): void {
    if (at >= this.dueAt) return;
    this.dueAt = at;
    this.due = which;
  }
}
