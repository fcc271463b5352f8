/**
 * The retry budget of Linkerd's service profiles: tower's `TpsBudget` (tower 0.5: tower/src/retry/budget/tps_budget.rs),
 * a port of Finagle's that differs in small numbers. Deposits of 1, a cost of 1 / ratio in single precision cut to a
 * whole number; ten slots and a writer beside them, so a deposit may live for eleven slots; the clock of the slots
 * restarts at each turn, and the slot that comes next keeps its old value until it is written.
 *
 * An answer that is not retried deposits, one that could be withdraws or ends the call; both when it ends.
 */
import { NS_PER_S } from '../../model/units.ts';
import { Ended, type RetryBudget } from './budget.ts';

const SLOTS = 10;
const SCALE = 1000;

export class TowerBudget implements RetryBudget {
  readonly depositAmount: number;
  readonly withdrawAmount: number;
  /** Tokens that are always there. */
  readonly reserve: number;
  private readonly slotNs: number;
  private readonly slots: Float64Array = new Float64Array(SLOTS);
  private slot: number = 0;
  private written: number = 0;
  private turnedAt: number = 0;

  /** @param ttlNs  1 s to 60 s  @param ratio  0 to 1000 */
  constructor(ratio: number, minPerSecond: number, ttlNs: number) {
    const single = Math.fround(ratio);
    const scale = ratio > 1 ? SCALE : 1;
    this.depositAmount = ratio === 0 ? 0 : scale;
    this.withdrawAmount = ratio === 0 ? 1 : Math.trunc(Math.fround(scale / single));
    this.reserve = minPerSecond * Math.trunc(ttlNs / NS_PER_S) * this.withdrawAmount;
    this.slotNs = Math.floor(ttlNs / SLOTS);
  }

  called(_now: number): void {}

  ended(how: Ended, now: number): void {
    if (how !== Ended.retriable) this.deposit(now);
  }

  deposit(now: number): void {
    this.turn(now);
    this.written += this.depositAmount;
  }

  withdraw(now: number): boolean {
    this.turn(now);
    if (this.balance < this.withdrawAmount) return false;
    this.written -= this.withdrawAmount;
    return true;
  }

  /** Tokens as of the last deposit or withdrawal. */
  get balance(): number {
    let sum = this.written + this.reserve;
    for (let i = 0; i < SLOTS; i++) sum += this.slots[i]!;
    return sum;
  }

  get left(): number {
    return Math.trunc(this.balance / this.withdrawAmount);
  }

  private turn(now: number): void {
    const passed = now - this.turnedAt;
    if (passed < this.slotNs) return;
    this.slots[this.slot] = this.written;
    this.written = 0;
    const skipped = Math.ceil(passed / this.slotNs) - 1;
    for (let i = 1; i <= Math.min(skipped, SLOTS); i++) this.slots[(this.slot + i) % SLOTS] = 0;
    this.slot = (this.slot + 1 + skipped) % SLOTS;
    this.turnedAt = now;
  }
}
