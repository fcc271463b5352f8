/**
 * One wake-up for everything that is due: timers, work, arrivals, messages. `setTimeout` cuts fractions of a millisecond off and
 * fires up to 0.9 ms early, 0.3 at the median; so it only brings us near, and the rest is spent in turns of the event
 * loop, in which sockets are served as ever: 5 to 10 us late at the median. That costs 0.5 to 0.6 ms of processor for each wait, where
 * `setTimeout` alone costs 0.06 to 0.11 (coming near by 1.5 ms instead of 0.25: 1.3 ms, and no more precise). What is due
 * all the time keeps one core busy. Measured by `npm run bench -- real`, on two cores that others used as well.
 */
import type { Clock } from './clock.ts';

/** `setTimeout` is hardly ever later than this while the processor is free. */
const NEAR_MS = 0.25;
/** Longest wait that `setTimeout` takes. */
const LONGEST_MS = 2 ** 31 - 1;

export class Alarm {
  private readonly clock: Clock;
  private readonly ring: () => void;
  private due: number = Infinity;
  private timeout: NodeJS.Timeout | null = null;
  /** When `timeout` fires, should it be on time. */
  private timeoutAt: number = Infinity;
  private turn: NodeJS.Immediate | null = null;

  /** @param ring  called when the time has come, or is near, and has to set the alarm anew */
  constructor(clock: Clock, ring: () => void) {
    this.clock = clock;
    this.ring = ring;
  }

  /** Ring at `due` instead of the time it was set to until now, perhaps some time before as well; Infinity is never. */
  set(due: number): void {
    if (due === this.due) return;
    this.due = due;
    // A turn is on its way and will look at the time that counts then; so will a timeout that comes in time.
    if (this.turn !== null || due >= this.timeoutAt) return;
    this.clearTimeout();
    this.approach();
  }

  clear(): void {
    this.due = Infinity;
    this.clearTimeout();
    if (this.turn !== null) clearImmediate(this.turn);
    this.turn = null;
  }

  private clearTimeout(): void {
    if (this.timeout !== null) clearTimeout(this.timeout);
    this.timeout = null;
    this.timeoutAt = Infinity;
  }

  private approach(): void {
    if (this.due === Infinity) return;
    const ms = this.clock.msUntil(this.due) - NEAR_MS;
    if (ms >= 1) {
      this.timeout = setTimeout(this.near, Math.min(Math.floor(ms), LONGEST_MS));
      this.timeoutAt = this.due;
    } else this.turn = setImmediate(this.look);
  }

  /** What was to come may have moved meanwhile, and need not be waited for that closely. */
  private readonly near = (): void => {
    this.clearTimeout();
    this.due = Infinity;
    this.ring();
  };

  private readonly look = (): void => {
    this.turn = null;
    if (this.clock.msUntil(this.due) > 0) {
      this.approach();
      return;
    }
    this.due = Infinity;
    this.ring();
  };
}
