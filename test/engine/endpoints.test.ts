import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndpointSet } from '../../src/engine/endpoints.ts';

function setWith(size: number, ready: number, panicThreshold: number): EndpointSet {
  const set = new EndpointSet(Array.from({ length: size }, () => 1), panicThreshold);
  for (let i = ready; i < size; i++) set.setReady(i, false);
  return set;
}

describe('an endpoint set', () => {
  it.each([
    // envoy.md: below the threshold, strictly.
    { size: 10, ready: 5, threshold: 0.5, panic: false },
    { size: 10, ready: 4, threshold: 0.5, panic: true },
    { size: 3, ready: 1, threshold: 0.33, panic: false },
    { size: 3, ready: 0, threshold: 0.33, panic: true },
    { size: 10, ready: 0, threshold: 0, panic: false },
    // No panic while 1.4 times the ready ones could serve it all.
    { size: 10, ready: 9, threshold: 1, panic: false },
    { size: 7, ready: 5, threshold: 1, panic: false },
    { size: 10, ready: 7, threshold: 1, panic: true },
    { size: 10, ready: 10, threshold: 1, panic: false },
    // Truncated to whole percent.
    { size: 1000, ready: 505, threshold: 0.509, panic: false },
    { size: 100, ready: 28, threshold: 0.29, panic: true },
    { size: 100, ready: 29, threshold: 0.29, panic: false },
  ])('$ready of $size ready under a threshold of $threshold: panic $panic', ({ size, ready, threshold, panic }) => {
    const set = setWith(size, ready, threshold);
    expect(set.panic).toBe(panic);
    expect(set.count).toBe(panic ? size : ready);
  });

  it('lists those that are ready in the order of the service, whatever the order of changes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.constantFrom(0, 0.5), fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 60 }), (size, threshold, changes) => {
        const set = new EndpointSet(Array.from({ length: size }, () => 1), threshold);
        const ready = new Array<boolean>(size).fill(true);
        for (const [which, isReady] of changes) {
          const wasPanic = set.panic;
          ready[which % size] = isReady;
          expect(set.setReady(which % size, isReady)).toBe(set.panic !== wasPanic);
          const expected = ready.flatMap((one, i) => (one ? [i] : []));
          const panic = 1.4 * expected.length < size && (100 * expected.length) / size < 100 * threshold;
          expect(set.panic).toBe(panic);
          expect([...set.list.slice(0, set.count)]).toEqual(panic ? ready.map((_, i) => i) : expected);
          expect(ready.map((_, i) => set.isReady(i))).toEqual(ready);
        }
      }),
    );
  });

  it('has parts that follow it when told, over the same counts', () => {
    const set = setWith(4, 4, 0.5);
    const part = set.part(Int32Array.of(1, 3), false);
    expect([...part.list.slice(0, part.count)]).toEqual([1, 3]);
    set.active[3] = 5;
    expect(part.active[3]).toBe(5);
    set.setReady(1, false);
    expect(part.count).toBe(2);
    part.refresh();
    expect([...part.list.slice(0, part.count)]).toEqual([3]);
    set.setReady(1, true);
    part.refresh();
    expect([...part.list.slice(0, part.count)]).toEqual([1, 3]);
  });

  it('has parts that stay as they are, for a panic', () => {
    const set = setWith(4, 4, 0.5);
    const part = set.part(Int32Array.of(1, 3), true);
    set.setReady(1, false);
    const before = part.version;
    part.refresh();
    expect([...part.list.slice(0, part.count)]).toEqual([1, 3]);
    expect([part.mayPick(1), part.version > before]).toEqual([true, true]);
  });

  it('tells with its version that the list may have changed', () => {
    const set = setWith(3, 3, 0);
    const before = set.version;
    set.setReady(1, false);
    expect(set.version).toBeGreaterThan(before);
  });
});
