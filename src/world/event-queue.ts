/**
 * The pending events, in two parts, because two kinds of event live very different lives.
 *
 * Events that always happen (work done, a message arrives) sit in an exact 4-ary heap of columns:
 * due time, order of scheduling, payload. Timers (a timeout is armed for every attempt and almost always
 * disarmed) wait in a hierarchical wheel with O(1) arm and disarm and only enter the heap when their slot
 * comes up, so order stays exact: by (time, order of scheduling).
 *
 * Cancelled timers left in the heap instead would double the time of a run (bench W3).
 */
import { bit as bitOf } from '../model/bit.ts';
import { DOUBLE } from '../model/columns.ts';
import { NS_MAX } from '../model/units.ts';

/** Low bits of a payload are the kind, the rest is the handle. */
export const KIND_BITS = 4;
const SHIFT = KIND_BITS;

// Local names for constants: see engine/calls.ts.
const bit = bitOf;

export class EventQueue {
  /** Time of the event that `pop` took last, ns. */
  now: number = DOUBLE;
  private due: Float64Array = new Float64Array(16 + 4).fill(Infinity);
  private order: Float64Array = new Float64Array(16 + 4);
  private payload: Int32Array = new Int32Array(16 + 4);
  private size: number = 0;
  /** A pop leaves the root empty; the next push usually fills it, which saves one walk. */
  private hole: boolean = false;
  private scheduled: number = 0;
  private readonly timerKind: number;
  readonly wheel: TimerWheel = new TimerWheel();

  /** @param timerKind  the payload kind that due timers come out with */
  constructor(timerKind: number) {
    this.timerKind = timerKind;
    this.now = 0;
  }

  /** Schedule an event that will not be taken back. `due` below `now` is an error of the caller. */
  at(due: number, kind: number, handle: number): void {
    this.push(due, this.scheduled++, (handle << SHIFT) | kind);
  }

  /** Arm a timer; arming it again moves it. */
  arm(timer: number, due: number): void {
    this.wheel.disarm(timer);
    if (due >= NS_MAX) return;
    if (this.wheel.count === 0) this.wheel.skipTo(this.now);
    const order = this.scheduled++;
    if (!this.wheel.arm(timer, due, order)) this.push(due, order, (timer << SHIFT) | this.timerKind);
  }

  disarm(timer: number): void {
    this.wheel.disarm(timer);
  }

  /**
   * Due time of the next event, or something not below `limit` when none is due before it. Moves timers that
   * come up until then into the heap.
   */
  peek(limit: number): number {
    if (this.hole) this.fillHole();
    let next = this.due[0]!;
    // An empty wheel stands still: `arm` sets it to the present time.
    while (this.wheel.count > 0 && next >= this.wheel.horizon && limit >= this.wheel.horizon) {
      this.expire(this.wheel.advance());
      if (this.hole) this.fillHole();
      next = this.due[0]!;
    }
    return next;
  }

  /** Take the event that `peek` saw; returns its payload. */
  pop(): number {
    this.now = this.due[0]!;
    this.hole = true;
    return this.payload[0]!;
  }

  /** After `pop`: the payload of the event that comes next, unless one is scheduled before it; where none is left, of one that was. */
  upcoming(): number {
    const { due, payload } = this;
    const left = 1 + bit(due[2]! < due[1]!);
    const right = 3 + bit(due[4]! < due[3]!);
    return payload[left + ((right - left) & -bit(due[right]! < due[left]!))]!;
  }

  /** Of a timer that `pop` has just taken: whether it is still armed as it was then; consumes it. */
  fires(timer: number): boolean {
    return this.wheel.fires(timer, this.order[0]!);
  }

  private push(due: number, order: number, payload: number): void {
    if (this.size + 5 > this.due.length) this.grow();
    const dues = this.due;
    const orders = this.order;
    const payloads = this.payload;
    let i = this.size;
    if (this.hole) {
      this.hole = false;
      dues[i] = due;
      orders[i] = order;
      payloads[i] = payload;
      this.sink();
      return;
    }
    this.size = i + 1;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const above = dues[parent]!;
      const orderAbove = orders[parent]!;
      // Equal times keep their order: what was scheduled earlier stays above.
      if (above < due || (bit(above === due) & bit(orderAbove < order)) === 1) break;
      dues[i] = above;
      orders[i] = orderAbove;
      payloads[i] = payloads[parent]!;
      i = parent;
    }
    dues[i] = due;
    orders[i] = order;
    payloads[i] = payload;
  }

  private fillHole(): void {
    this.hole = false;
    this.due[0] = Infinity;
    if (--this.size > 0) this.sink();
  }

  /**
   * Take the event in the cell after the last one and walk it down from the root. Cells beyond that hold
   * `Infinity`, so no bounds are checked. Which child is least is a coin's toss, so it is computed, not branched on;
   * and the rare tie leaves the loop for good, because a call inside would make every turn of it load and check all
   * three arrays again (8 % of bench W2 together). What is to be sunk stays in its cell for that: handed over, its times would be
   * put on the heap before every walk (1 %).
   */
  private sink(): void {
    const dues = this.due;
    const orders = this.order;
    const payloads = this.payload;
    const size = this.size;
    const due = dues[size]!;
    const order = orders[size]!;
    const payload = payloads[size]!;
    dues[size] = Infinity;
    let i = 0;
    for (let first = 1; first < size; first = (i << 2) | 1) {
      const a = dues[first]!;
      const b = dues[first + 1]!;
      const c = dues[first + 2]!;
      const d = dues[first + 3]!;
      const left = first + bit(b < a);
      const right = first + 2 + bit(d < c);
      const leastLeft = dues[left]!;
      const leastRight = dues[right]!;
      if (a === b || c === d || leastLeft === leastRight) {
        dues[size] = due;
        this.sinkTied(i);
        return;
      }
      const child = left + ((right - left) & -bit(leastRight < leastLeft));
      const least = dues[child]!;
      if (due < least || (bit(due === least) & bit(order < orders[child]!)) === 1) break;
      dues[i] = least;
      orders[i] = orders[child]!;
      payloads[i] = payloads[child]!;
      i = child;
    }
    dues[i] = due;
    orders[i] = order;
    payloads[i] = payload;
  }

  /** The rest of a walk of what is in the cell after the last one, from `from` down, by due time and order. */
  private sinkTied(from: number): void {
    const due = this.due[this.size]!;
    const order = this.order[this.size]!;
    const payload = this.payload[this.size]!;
    this.due[this.size] = Infinity;
    let i = from;
    for (let first = (i << 2) | 1; first < this.size; first = (i << 2) | 1) {
      const end = Math.min(first + 4, this.size);
      let child = first;
      for (let other = first + 1; other < end; other++) if (this.isBefore(other, this.due[child]!, this.order[child]!)) child = other;
      if (!this.isBefore(child, due, order)) break;
      this.due[i] = this.due[child]!;
      this.order[i] = this.order[child]!;
      this.payload[i] = this.payload[child]!;
      i = child;
    }
    this.due[i] = due;
    this.order[i] = order;
    this.payload[i] = payload;
  }

  private isBefore(i: number, due: number, order: number): boolean {
    const ownDue = this.due[i]!;
    const ownOrder = this.order[i]!;
    return ownDue < due || (bit(ownDue === due) & bit(ownOrder < order)) === 1;
  }

  private expire(first: number): void {
    const { wheel } = this;
    for (let timer = first; timer >= 0; ) {
      const next = wheel.following(timer);
      this.push(wheel.dueOf(timer), wheel.release(timer), (timer << SHIFT) | this.timerKind);
      timer = next;
    }
  }

  private grow(): void {
    const length = (this.due.length - 4) * 2 + 4;
    const due = new Float64Array(length).fill(Infinity);
    due.set(this.due);
    this.due = due;
    this.order = enlarged(this.order, new Float64Array(length));
    this.payload = enlarged(this.payload, new Int32Array(length));
  }
}

/** One slot of the finest ring, ns: 2^20, about a millisecond. */
const TICK = 2 ** 20;
const SLOT_BITS = 8;
const SLOTS: number = 1 << SLOT_BITS;
const RINGS = 4;
const TOP_SHIFT: number = SLOT_BITS * (RINGS - 1);
/** From the shift of a ring to its first slot. */
const SLOTS_PER_SHIFT: number = SLOTS / SLOT_BITS;

/** As far ahead as the wheel looks, in ticks: 13 days. Who is due later waits as if due then, and is sorted in again from there. */
const FAR: number = 2 ** 30;
const FAR_NS: number = FAR * TICK;

/** Cells of the lists before those of timers: one for each slot. */
const HEADS: number = SLOTS * RINGS;
/** Each cell a ring of its own; what every wheel begins with. */
const NO_TIMERS: Int32Array = Int32Array.from({ length: HEADS + 16 }, (_, cell) => cell);

const IDLE = -1;
/** Released into the heap: disarming it only marks it, and the due event is then stale. */
const RELEASED = -2;

/**
 * Four rings of 256 slots; a slot of ring k spans 256^k ticks. A timer goes into the finest ring whose
 * range covers it and moves to a finer one when its slot comes up. The timers of a slot are a ring with the slot's own cell
 * in it, so that each has two neighbours and leaves without a question.
 *
 * Numbers of ticks have 32 bits and wrap around, which nothing that is compared notices: a shift is much cheaper than a
 * quotient and its floor (2 % of bench W3).
 */
export class TimerWheel {
  /** Timers in the wheel. */
  count: number = 0;
  /** Everything due before this has been released, ns. */
  horizon: number = DOUBLE;
  private tick: number = 1;
  private slot: Int32Array = new Int32Array(16).fill(IDLE);
  private next: Int32Array = NO_TIMERS.slice();
  private previous: Int32Array = NO_TIMERS.slice();
  private due: Float64Array = new Float64Array(16);
  private order: Float64Array = new Float64Array(16);

  constructor() {
    this.horizon = TICK;
  }

  /** False when it is due so soon that it belongs in the heap; it then counts as released. */
  arm(timer: number, due: number, order: number): boolean {
    while (timer >= this.slot.length) this.grow();
    this.due[timer] = due;
    this.order[timer] = order;
    if (due < this.horizon) {
      this.slot[timer] = RELEASED;
      return false;
    }
    this.insert(timer, due);
    this.count++;
    return true;
  }

  disarm(timer: number): void {
    if (timer >= this.slot.length) return;
    const slot = this.slot[timer]!;
    if (slot >= 0) {
      this.unlink(timer);
      this.count--;
    }
    this.slot[timer] = IDLE;
  }

  /** Whether a timer that came out of the heap is still the one that was armed, and not armed anew since then, be it for the same time; consumes it. */
  fires(timer: number, order: number): boolean {
    if (this.slot[timer] !== RELEASED || this.order[timer] !== order) return false;
    this.slot[timer] = IDLE;
    return true;
  }

  /** Move the horizon by one tick; returns the first of a list of timers to release, below 0 where there is none. */
  advance(): number {
    const { tick } = this;
    this.tick = (tick + 1) | 0;
    this.horizon += TICK;
    for (let ring = 1, shift = SLOT_BITS; ring < RINGS && (tick & ((1 << shift) - 1)) === 0; ring++, shift += SLOT_BITS) {
      this.cascade(ring, (tick >>> shift) & (SLOTS - 1));
    }
    return this.empty(tick & (SLOTS - 1));
  }

  /** Jump over time in which no timer was armed, to the present. */
  skipTo(now: number): void {
    const tick = Math.floor(now / TICK) + 1;
    this.tick = tick | 0;
    this.horizon = tick * TICK;
  }

  /** In a list that `advance` has returned; below 0 after the last. */
  following(timer: number): number {
    return this.next[HEADS + timer]! - HEADS;
  }

  dueOf(timer: number): number {
    return this.due[timer]!;
  }

  /** Mark as handed to the heap; returns its place in the order of scheduling. */
  release(timer: number): number {
    this.slot[timer] = RELEASED;
    this.count--;
    return this.order[timer]!;
  }

  private insert(timer: number, due: number): void {
    const from = this.tick;
    const ahead = due - this.horizon < FAR_NS ? (((due / TICK) | 0) - from) | 0 : FAR;
    let shift = 0;
    while (shift < TOP_SHIFT && ahead >>> shift >= SLOTS) shift += SLOT_BITS;
    // One that wraps around to the slot that is up now waits in the one before it, and is sorted in again from there.
    const slots = Math.min((((from + ahead) >>> shift) - (from >>> shift)) & (-1 >>> shift), SLOTS - 1);
    const slot = (shift * SLOTS_PER_SHIFT) | (((from >>> shift) + slots) & (SLOTS - 1));
    const { next, previous } = this;
    const cell = HEADS + timer;
    const first = next[slot]!;
    this.slot[timer] = slot;
    next[cell] = first;
    previous[cell] = slot;
    previous[first] = cell;
    next[slot] = cell;
  }

  private unlink(timer: number): void {
    const { next, previous } = this;
    const after = next[HEADS + timer]!;
    const before = previous[HEADS + timer]!;
    next[before] = after;
    previous[after] = before;
  }

  /** @returns the first of those that were there, below 0 where there was none; the last leads to no timer */
  private empty(slot: number): number {
    const first = this.next[slot]!;
    this.next[slot] = slot;
    this.previous[slot] = slot;
    return first - HEADS;
  }

  private cascade(ring: number, place: number): void {
    let timer = this.empty(ring * SLOTS + place);
    // `advance` has moved `tick` past the slot that is about to be released; sort relative to it.
    this.tick = (this.tick - 1) | 0;
    while (timer >= 0) {
      const next = this.following(timer);
      this.insert(timer, this.due[timer]!);
      timer = next;
    }
    this.tick = (this.tick + 1) | 0;
  }

  private grow(): void {
    const length = this.slot.length * 2;
    this.slot = enlarged(this.slot, new Int32Array(length).fill(IDLE));
    this.next = enlarged(this.next, new Int32Array(HEADS + length));
    this.previous = enlarged(this.previous, new Int32Array(HEADS + length));
    this.due = enlarged(this.due, new Float64Array(length));
    this.order = enlarged(this.order, new Float64Array(length));
  }
}

function enlarged<Column extends Float64Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
