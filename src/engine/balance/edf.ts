/**
 * Earliest-deadline-first: the weighted round robin of Envoy (`source/common/upstream/edf_scheduler.h`,
 * 1.38). Each endpoint has a deadline 1/weight after its last turn; the earliest is next, ties in the order
 * they were added. The weight is read anew when an endpoint is put back.
 *
 * Envoy advances a new schedule by a random number of picks so that its workers do not start in step;
 * so do we, with the same fast-forward.
 */
const PRE_PICK_LIMIT = 429496729;
const WEIGHT_EPSILON = 1e-13;

export class EdfScheduler {
  private readonly deadlines: Float64Array;
  private readonly orders: Float64Array;
  private readonly entries: Int32Array;
  private size: number = 0;
  private added: number = 0;
  private now: number = 0;

  constructor(capacity: number) {
    this.deadlines = new Float64Array(capacity);
    this.orders = new Float64Array(capacity);
    this.entries = new Int32Array(capacity);
  }

  /** Start anew with these entries and weights, as if `seed mod 429496729` picks had been made. */
  rebuild(list: Int32Array, count: number, weightOf: (endpoint: number) => number, seed: number): void {
    this.size = this.added = this.now = 0;
    const prePicks = (seed >>> 0) % PRE_PICK_LIMIT;
    let total = 0;
    for (let i = 0; i < count; i++) total += weightOf(list[i]!) + WEIGHT_EPSILON;
    let missing = prePicks;
    for (let i = 0; i < count; i++) {
      const weight = weightOf(list[i]!) + WEIGHT_EPSILON;
      let turns = Math.floor((weight * prePicks) / total);
      if (turns > 0 && turns / weight >= prePicks / total) turns--;
      missing -= turns;
      this.now = Math.max(this.now, turns / weight);
      this.insert(list[i]!, (turns + 1) / weight);
    }
    for (; missing > 0; missing--) this.pick(weightOf);
  }

  pick(weightOf: (endpoint: number) => number): number {
    const endpoint = this.entries[0]!;
    this.now = this.deadlines[0]!;
    this.size--;
    this.sink(this.deadlines[this.size]!, this.orders[this.size]!, this.entries[this.size]!);
    this.insert(endpoint, this.now + 1 / weightOf(endpoint));
    return endpoint;
  }

  private insert(endpoint: number, deadline: number): void {
    const order = this.added++;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      // A new entry has the highest order, so it stays below its equals.
      if (this.deadlines[parent]! <= deadline) break;
      this.move(parent, i);
      i = parent;
    }
    this.place(i, deadline, order, endpoint);
  }

  private sink(deadline: number, order: number, endpoint: number): void {
    let i = 0;
    for (let child = 1; child < this.size; child = 2 * i + 1) {
      if (child + 1 < this.size && this.isBefore(child + 1, child)) child++;
      const d = this.deadlines[child]!;
      if (deadline < d || (deadline === d && order < this.orders[child]!)) break;
      this.move(child, i);
      i = child;
    }
    this.place(i, deadline, order, endpoint);
  }

  private isBefore(a: number, b: number): boolean {
    const difference = this.deadlines[a]! - this.deadlines[b]!;
    return difference < 0 || (difference === 0 && this.orders[a]! < this.orders[b]!);
  }

  private move(from: number, to: number): void {
    this.place(to, this.deadlines[from]!, this.orders[from]!, this.entries[from]!);
  }

  private place(i: number, deadline: number, order: number, endpoint: number): void {
    this.deadlines[i] = deadline;
    this.orders[i] = order;
    this.entries[i] = endpoint;
  }
}
