/**
 * Calls and good calls of the last while, in slots that are forgotten whole: memory does not grow with calls. A
 * slot is dropped once nothing in it can be young enough, so what is counted is between `windowNs` and one slot more.
 */
const SLOTS = 120;

export class RecentCalls {
  private readonly slotNs: number;
  /** The present slot and all that a call inside the window can be in. */
  private readonly calls: Float64Array = new Float64Array(SLOTS + 1);
  private readonly good: Float64Array = new Float64Array(SLOTS + 1);
  private slot: number = 0;
  private callTotal: number = 0;
  private goodTotal: number = 0;

  constructor(windowNs: number) {
    this.slotNs = windowNs / SLOTS;
  }

  countCall(now: number): void {
    const cell = this.turnTo(now);
    this.calls[cell]!++;
    this.callTotal++;
  }

  countGood(now: number): void {
    const cell = this.turnTo(now);
    this.good[cell]!++;
    this.goodTotal++;
  }

  callsAt(now: number): number {
    return this.callTotal - this.goneBy(now, this.calls);
  }

  goodAt(now: number): number {
    return this.goodTotal - this.goneBy(now, this.good);
  }

  /** The cell of the present slot, emptied of what stood there a window ago. */
  private turnTo(now: number): number {
    const slot = Math.floor(now / this.slotNs);
    if (slot !== this.slot) {
      const steps = Math.min(slot - this.slot, SLOTS + 1);
      for (let i = 1; i <= steps; i++) {
        const cell = (slot - steps + i) % (SLOTS + 1);
        this.callTotal -= this.calls[cell]!;
        this.goodTotal -= this.good[cell]!;
        this.calls[cell] = 0;
        this.good[cell] = 0;
      }
      this.slot = slot;
    }
    return slot % (SLOTS + 1);
  }

  /** What the slots hold that `now` leaves behind and no count has emptied yet. */
  private goneBy(now: number, counts: Float64Array): number {
    const slot = Math.floor(now / this.slotNs);
    const steps = Math.min(slot - this.slot, SLOTS + 1);
    let gone = 0;
    for (let i = 1; i <= steps; i++) gone += counts[(this.slot + i) % (SLOTS + 1)]!;
    return gone;
  }
}
