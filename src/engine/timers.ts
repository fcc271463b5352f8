/**
 * Timer handles: the kind in the low bits, the subject's row above. Nothing is allocated to arm one, and
 * a subject has at most one timer of each kind.
 */
import type { TimerId } from '../model/ids.ts';

export const TimerKind = {
  /** Subject: call. The whole call has taken too long. */
  callTimeout: 0,
  /** Subject: attempt. This attempt has taken too long. */
  attemptTimeout: 1,
  /** Subject: call. Its next attempt is due. */
  backoff: 2,
  /** Subject: outbound. A sweep, a breaker, a health check or a failfast has something to do. */
  outbound: 3,
} as const;
export type TimerKind = (typeof TimerKind)[keyof typeof TimerKind];

const KIND_BITS = 2;

export function timerOf(kind: TimerKind, subject: number): TimerId {
  return (subject << KIND_BITS) | kind;
}

export function kindOf(timer: TimerId): TimerKind {
  // The low bits were put there by `timerOf`.
  return (timer & ((1 << KIND_BITS) - 1)) as TimerKind;
}

export function subjectOf(timer: TimerId): number {
  return timer >> KIND_BITS;
}
