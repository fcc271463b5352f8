/**
 * Each call deposits, each retry withdraws more, and both are forgotten after `ttl`; a constant reserve
 * lets a quiet caller retry too. Finagle's `RetryBudget` (twitter/finagle: finagle-core, RetryBudget.scala):
 * deposits of 1000, costs of 1000 / ratio cut to a whole number, ten slices.
 */
import { DOUBLE } from '../../model/columns.ts';
import { secondsOf } from '../../model/units.ts';
import type { Ended, RetryBudget } from './budget.ts';

const SLICES = 10;
const DEPOSIT = 1000;

export class WindowBudget implements RetryBudget {
  readonly deposit: number;
  readonly cost: number;
  /** Tokens that are always there. */
  readonly reserve: number;
  private readonly sliceNs: number;
  /** Nine closed slices; the open one is `open`. */
  private readonly slices: Float64Array = new Float64Array(SLICES - 1);
  private slice: number = 0;
  private closed: number = DOUBLE;
  private open: number = 0;
  private openedAt: number = DOUBLE;

  constructor(ratio: number, minPerSecond: number, ttlNs: number) {
    this.deposit = ratio === 0 ? 0 : DEPOSIT;
    this.cost = ratio === 0 ? 1 : Math.trunc(DEPOSIT / ratio);
    this.reserve = minPerSecond * Math.trunc(secondsOf(ttlNs)) * this.cost;
    this.sliceNs = ttlNs / SLICES;
    this.closed = 0;
    this.openedAt = -Infinity;
    this.turn(0);
  }

  called(now: number): void {
    this.turn(now);
    this.open += this.deposit;
  }

  ended(_how: Ended): void {}

  withdraw(now: number): boolean {
    this.turn(now);
    if (this.tokens < this.cost) return false;
    this.open -= this.cost;
    return true;
  }

  /** Retries that could be paid for as of the last deposit or withdrawal. */
  get balance(): number {
    return Math.trunc(this.tokens / this.cost);
  }

  get left(): number {
    return this.balance;
  }

  private get tokens(): number {
    return this.open + this.closed + this.reserve;
  }

  /** When its time is over, close the open slice, and forget one more for each further slice of time that has passed. */
  private turn(now: number): void {
    if (now - this.openedAt < this.sliceNs) return;
    const passed = Math.min(SLICES, Math.floor((now - this.openedAt) / this.sliceNs));
    this.store(this.open);
    for (let i = 1; i < passed; i++) this.store(0);
    this.open = 0;
    this.openedAt = now;
  }

  private store(value: number): void {
    this.closed += value - this.slices[this.slice]!;
    this.slices[this.slice] = value;
    this.slice = (this.slice + 1) % this.slices.length;
  }
}
