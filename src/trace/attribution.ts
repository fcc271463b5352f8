/**
 * Where the time of a request went: each nanosecond of it to one part and one edge, along the way that its end came by.
 *
 * The way is followed backwards. A call ended because an attempt was answered or given up; that attempt began because the call did, because
 * an earlier one had failed and a backoff was over, or because a hedge was due; inside it an answer was sent when the work was
 * done or the last of its calls had ended, and so on. What runs beside that way (hedges that lost, parallel calls that ended
 * earlier) costs work but no time. A piece of time is only ever taken off the end of what is left, so the pieces sum to
 * the latency.
 *
 * While a call waits for an attempt that will time out, the time goes to `timedOut` at the edge where that attempt is stuck: it is
 * followed to where it is at that moment, however deep.
 */
import { type EdgeId, type EndpointId, NONE } from '../model/ids.ts';
import { Part } from './part.ts';
import { type AttemptSpan, type CallSpan, type RequestSpan, Turn } from './spans.ts';

interface Where {
  readonly edge: EdgeId;
  readonly endpoint?: EndpointId;
}

/** Takes the pieces. */
export interface Pieces {
  /** Never of length 0. @param endpoint  where it is spent, or what a message goes to; NONE between attempts */
  add(part: Part, edge: EdgeId, endpoint: EndpointId, fromNs: number, toNs: number): void;
}

/** @param request  that is over */
export function attribute(request: RequestSpan, pieces: Pieces): void {
  new Attribution(pieces).call(request, request.endedAt, null);
}

class Attribution {
  private readonly pieces: Pieces;

  constructor(pieces: Pieces) {
    this.pieces = pieces;
  }

  /**
   * From the beginning of the call up to `until`, when it is over or is looked at.
   * @param as  the part that all of it counts as; null is each piece as its own
   */
  call(call: CallSpan, until: number, as: Part | null): void {
    let cursor = until;
    let before = Infinity;
    let isLate = false;
    while (cursor > call.begunAt) {
      const attempt = waitedForAt(call, cursor, before);
      if (attempt === null) {
        this.between(call, call.begunAt, cursor, as);
        return;
      }
      const end = Math.min(attempt.overAt, cursor);
      this.between(call, end, cursor, as);
      const isInVain = (attempt.isGivenUp && attempt.gaveUpAt === end) || (isLate && attempt.overAt > cursor);
      this.attempt(attempt, end, as ?? (isInVain ? Part.timedOut : null));
      cursor = this.beginning(attempt, as);
      before = attempt.number;
      // A hedge began because those before it took long.
      for (let rival = inFlightAt(call, cursor, before); rival !== null && decisionBefore(call, cursor) === null; rival = inFlightAt(call, cursor, before)) {
        this.piece(Part.hedgeWait, call, rival.sentAt, cursor, as);
        cursor = this.beginning(rival, as);
        before = rival.number;
      }
      const decidedAt = decisionBefore(call, cursor);
      isLate = decidedAt !== null;
      if (decidedAt === null) continue;
      this.piece(Part.backoff, call, decidedAt, cursor, as);
      cursor = decidedAt;
    }
  }

  /** What came before the attempt was sent. @returns when it began */
  private beginning({ beganAt, call, pickedAt, sentAt }: AttemptSpan, as: Part | null): number {
    this.piece(Part.connection, call, pickedAt, sentAt, as);
    this.piece(Part.ready, call, beganAt, pickedAt, as);
    return beganAt;
  }

  /** A stretch of a call in which no attempt was in flight. */
  private between(call: CallSpan, from: number, to: number, as: Part | null): void {
    const { turns } = call;
    const waiting = call.endedUnready && to === call.endedAt ? Part.ready : Part.connection;
    let cursor = to;
    let i = turns.length - 2;
    for (; i >= 0 && turns[i + 1]! >= from; i -= 2) {
      const at = turns[i + 1]!;
      if (at >= cursor) continue;
      this.piece(turns[i] === Turn.backoff ? Part.backoff : waiting, call, at, cursor, as);
      cursor = at;
    }
    // What began before and is not over by then: the first attempt, where none was sent yet, or a backoff; else the next copy is not due yet.
    const isFirst = i < 0 && from <= call.begunAt;
    this.piece(isFirst ? waiting : turns[i] === Turn.backoff ? Part.backoff : Part.hedgeWait, call, from, cursor, as);
  }

  /** From when it was sent up to `until`. */
  private attempt(attempt: AttemptSpan, until: number, as: Part | null): void {
    const { answeredAt, arrivedAt, sentAt, startedAt } = attempt;
    let cursor = until;
    const take = (part: Part, from: number): void => {
      // Clocks of different sockets may be a little apart.
      const at = Math.min(cursor, Math.max(sentAt, from));
      this.piece(part, attempt, at, cursor, as);
      cursor = at;
    };
    if (answeredAt < cursor) take(Part.network, answeredAt);
    if (startedAt < cursor) {
      const floor = Math.max(sentAt, startedAt);
      let isFirst = true;
      for (let call = lastCallOf(attempt, cursor, isFirst); call !== null && call.begunAt >= floor; call = lastCallOf(attempt, cursor, isFirst)) {
        const end = call.endedAt < cursor ? call.endedAt : cursor;
        take(Part.service, end);
        this.call(call, end, as);
        cursor = call.begunAt;
        isFirst = false;
      }
      take(Part.service, floor);
    }
    if (arrivedAt < cursor) take(Part.queue, arrivedAt);
    take(Part.network, sentAt);
  }

  private piece(part: Part, { edge, endpoint }: Where, from: number, to: number, as: Part | null): void {
    if (to > from) this.pieces.add(as ?? part, edge, endpoint ?? NONE, from, to);
  }
}

/** The attempt that the call waited for up to `at`, or the last one before that; of those numbered below `before`. */
function waitedForAt({ attempts }: CallSpan, at: number, before: number): AttemptSpan | null {
  let best: AttemptSpan | null = null;
  let bestRank = -1;
  for (const attempt of attempts) {
    if (attempt.number >= before || attempt.sentAt >= at) continue;
    const { overAt } = attempt;
    // Answered just then; given up just then; still in flight; over before.
    const rank = overAt === at ? (attempt.isGivenUp ? 2 : 3) : overAt > at ? 1 : 0;
    if (rank > bestRank || (rank === 0 && bestRank === 0 && overAt > best!.overAt)) {
      best = attempt;
      bestRank = rank;
    }
  }
  return best;
}

/** The last attempt begun before `before` that was in flight at `at`. */
function inFlightAt({ attempts }: CallSpan, at: number, before: number): AttemptSpan | null {
  let last: AttemptSpan | null = null;
  for (const attempt of attempts) if (attempt.number < before && attempt.sentAt < at && attempt.overAt > at && (last === null || attempt.number > last.number)) last = attempt;
  return last;
}

/** When the retry was granted that began at `at`; null where what began then was none. */
function decisionBefore({ turns }: CallSpan, at: number): number | null {
  for (let i = turns.length - 2; i >= 2; i -= 2) if (turns[i] === Turn.attempt && turns[i + 1] === at) return turns[i - 2] === Turn.backoff ? turns[i - 1]! : null;
  return null;
}

/** The call whose end the job waited for last before `at`: at first also one that goes on, then what came before a call began. */
function lastCallOf({ calls }: AttemptSpan, at: number, isFirst: boolean): CallSpan | null {
  let last: CallSpan | null = null;
  let lastEnd = -1;
  for (const call of calls) {
    const end = Number.isNaN(call.endedAt) ? Infinity : call.endedAt;
    if (call.begunAt >= at || (!isFirst && end > at) || end <= lastEnd) continue;
    last = call;
    lastEnd = end;
  }
  return last;
}
