import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue, KIND_BITS } from '../../src/world/event-queue.ts';

const TIMER = 0;
const EVENT = 1;
const MASK = (1 << KIND_BITS) - 1;
const TICK = 2 ** 20;

/** What happens to the queue; delays are from the time of the last pop. */
type Step =
  | { readonly kind: 'at'; readonly delay: number }
  | { readonly kind: 'arm'; readonly timer: number; readonly delay: number }
  | { readonly kind: 'disarm'; readonly timer: number }
  | { readonly kind: 'pop' }
  /** Take everything up to a limit, as the world does between arrivals, then be there. */
  | { readonly kind: 'advance'; readonly delay: number };

interface Entry {
  readonly due: number;
  readonly order: number;
  readonly kind: number;
  readonly handle: number;
}

/** The same by a list that is searched in full. */
class SortedList {
  now: number = 0;
  private entries: Entry[] = [];
  private order: number = 0;

  at(due: number, handle: number): void {
    this.entries.push({ due, order: this.order++, kind: EVENT, handle });
  }

  arm(timer: number, due: number): void {
    this.disarm(timer);
    this.entries.push({ due, order: this.order++, kind: TIMER, handle: timer });
  }

  disarm(timer: number): void {
    this.entries = this.entries.filter(({ kind, handle }) => kind !== TIMER || handle !== timer);
  }

  pop(limit: number): Entry | null {
    const [first] = this.entries.sort((a, b) => a.due - b.due || a.order - b.order);
    if (first === undefined || first.due > limit) return null;
    this.entries.shift();
    this.now = first.due;
    return first;
  }
}

/** Takes the next event that is not a stale timer, as the world's dispatch does. */
function popLive(queue: EventQueue, limit: number): Omit<Entry, 'order'> | null {
  for (;;) {
    const due = queue.peek(limit === Infinity ? Infinity : limit + 1);
    if (due === Infinity || due > limit) return null;
    const payload = queue.pop();
    const kind = payload & MASK;
    const handle = payload >> KIND_BITS;
    if (kind !== TIMER || queue.fires(handle)) return { due, kind, handle };
  }
}

function compare(steps: readonly Step[], from = 0): void {
  const queue = new EventQueue(TIMER);
  const list = new SortedList();
  queue.now = list.now = from;
  let handle = 0;
  const takeOne = (limit: number): boolean => {
    const expected = list.pop(limit);
    const actual = popLive(queue, limit);
    expect(actual).toEqual(expected === null ? null : { due: expected.due, kind: expected.kind, handle: expected.handle });
    return expected !== null;
  };
  for (const step of steps) {
    switch (step.kind) {
      case 'at':
        queue.at(list.now + step.delay, EVENT, handle);
        list.at(list.now + step.delay, handle++);
        break;
      case 'arm':
        queue.arm(step.timer, list.now + step.delay);
        list.arm(step.timer, list.now + step.delay);
        break;
      case 'disarm':
        queue.disarm(step.timer);
        list.disarm(step.timer);
        break;
      case 'pop':
        takeOne(list.now + 1e15);
        break;
      case 'advance': {
        const until = list.now + step.delay;
        while (takeOne(until));
        queue.now = list.now = until;
      }
    }
  }
  while (takeOne(list.now + 2 ** 53));
}

// Many equal times, both sides of a slot's edge.
const delay = fc.oneof(
  fc.constantFrom(0, 0, 1, TICK - 1, TICK, TICK + 1, 256 * TICK, 256 * TICK - 1),
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 4 * TICK }),
  fc.integer({ min: 0, max: 600 * TICK }),
);
// Every ring of the wheel; the wheel turns tick by tick while a timer is armed, so few of them.
const longDelay = fc.oneof(delay, fc.constantFrom(65536 * TICK, 65535 * TICK, 2 ** 36 + 5), fc.integer({ min: 0, max: 2 ** 37 }));
const timer = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 5000 }));
const stepOf = (delay: fc.Arbitrary<number>): fc.Arbitrary<Step> => fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('at' as const), delay }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('arm' as const), timer, delay }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('disarm' as const), timer }) },
  { weight: 5, arbitrary: fc.constant({ kind: 'pop' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance' as const), delay }) },
);

describe('the event queue', () => {
  it('hands out events by time, then by order of scheduling, like a sorted list', () => {
    fc.assert(fc.property(fc.array(stepOf(delay), { maxLength: 200 }), (steps) => compare(steps)), { numRuns: 400 });
  });

  it('does so over minutes as well, through all rings of the wheel', () => {
    fc.assert(fc.property(fc.array(stepOf(longDelay), { maxLength: 60 }), (steps) => compare(steps)), { numRuns: 60 });
  });

  it('does so where the number of ticks wraps around', () => {
    const from = fc.tuple(fc.constantFrom(2 ** 31, 2 ** 32), fc.integer({ min: 0, max: 70_000 })).map(([tick, before]) => (tick - before) * TICK);
    fc.assert(fc.property(fc.array(stepOf(delay), { maxLength: 100 }), from, compare), { numRuns: 200 });
  });

  it.each([2 ** 50, 2 ** 51 - TICK, 2 ** 51, 2 ** 52, 2 ** 53 - 1])('keeps a timer of %d ns until it is due', (due) => {
    const queue = new EventQueue(TIMER);
    queue.arm(3, due);
    queue.arm(4, due - 1);
    // Beyond all rings but the last.
    expect(popLive(queue, 2 ** 46)).toBe(null);
    queue.disarm(3);
    queue.disarm(4);
    queue.arm(5, 2 ** 46 + 5);
    expect(popLive(queue, Infinity)).toEqual({ due: 2 ** 46 + 5, kind: TIMER, handle: 5 });
  });

  it('brings a timer of five hours on time', () => {
    const queue = new EventQueue(TIMER);
    queue.arm(3, 2 ** 44 + 7);
    queue.arm(4, 2 ** 44 + 6);
    expect(popLive(queue, 2 ** 44)).toBe(null);
    expect([popLive(queue, Infinity)!.handle, popLive(queue, Infinity)!.handle]).toEqual([4, 3]);
  });

  it('keeps the order of events at one instant, whether they waited in the heap or in the wheel', () => {
    const queue = new EventQueue(TIMER);
    const due = 5 * TICK + 3;
    for (let i = 0; i < 50; i++) {
      if (i % 2 === 0) queue.at(due, EVENT, i);
      else queue.arm(i, due);
    }
    const handles = Array.from({ length: 50 }, () => popLive(queue, Infinity)!.handle);
    expect(handles).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('moves a timer that is armed again, earlier or later', () => {
    const queue = new EventQueue(TIMER);
    queue.arm(1, 100 * TICK);
    queue.arm(1, 3 * TICK);
    expect(popLive(queue, Infinity)).toEqual({ due: 3 * TICK, kind: TIMER, handle: 1 });
    queue.arm(1, 4 * TICK);
    queue.arm(1, 900 * TICK);
    expect(popLive(queue, 800 * TICK)).toBe(null);
    expect(popLive(queue, Infinity)).toEqual({ due: 900 * TICK, kind: TIMER, handle: 1 });
    expect(popLive(queue, Infinity)).toBe(null);
  });

  it('moves a timer that is armed again for the same time behind what was armed meanwhile', () => {
    const queue = new EventQueue(TIMER);
    for (const timer of [1, 2, 1]) queue.arm(timer, 5);
    expect([popLive(queue, Infinity), popLive(queue, Infinity), popLive(queue, Infinity)].map((event) => event?.handle)).toEqual([2, 1, undefined]);
  });

  it('never fires a timer that was disarmed after its slot came up', () => {
    const queue = new EventQueue(TIMER);
    queue.arm(1, 2 * TICK + 10);
    queue.at(2 * TICK + 5, EVENT, 7);
    expect(popLive(queue, Infinity)).toMatchObject({ kind: EVENT, handle: 7 });
    queue.disarm(1);
    expect(popLive(queue, Infinity)).toBe(null);
  });

  it('takes timers that never fire', () => {
    const queue = new EventQueue(TIMER);
    queue.arm(1, Infinity);
    queue.arm(2, 2 ** 53);
    expect(popLive(queue, Infinity)).toBe(null);
  });

  it('holds more events than it began with room for', () => {
    const queue = new EventQueue(TIMER);
    const dues = Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 10_007);
    for (const [i, due] of dues.entries()) queue.at(due, EVENT, i);
    const taken = dues.map(() => popLive(queue, Infinity)!.due);
    expect(taken).toEqual(dues.toSorted((a, b) => a - b));
  });
});
