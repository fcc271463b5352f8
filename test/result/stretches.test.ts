import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { Segments } from '../../src/result/segments.ts';
import { Stretches } from '../../src/result/stretches.ts';

/** Measured from 10 to 100, with a fault from 20 to 30 and again from 50 to 60. */
const segments = (): Segments => new Segments({ warmupNs: 10, durationNs: 100, faults: [{ name: 'bad', windows: [{ fromNs: 20, toNs: 30 }, { fromNs: 50, toNs: 60 }] }] } as unknown as Plan);

describe('how long things were on', () => {
  it('is counted inside the measured window, up to now for what is still on', () => {
    const stretches = new Stretches(segments());
    stretches.begin('a', 7, 0);
    stretches.end('a', 15);
    stretches.begin('b', 7, 90);
    expect(stretches.totals(95).get(7)).toBe(10);
    // Asking changes nothing.
    expect(stretches.totals(200).get(7)).toBe(15);
    stretches.end('b', 300);
    expect([stretches.totals(300).get(7), stretches.totals(300).get(8)]).toEqual([15, undefined]);
  });

  it('is cut where phases begin and end', () => {
    const stretches = new Stretches(segments());
    stretches.begin('a', 0, 25);
    stretches.end('a', 55);
    // Beside it, during it, after it.
    expect([...stretches.bySegment(100).get(0)!]).toEqual([20, 10, 0]);
  });

  it('adds up over keys, and counts several holders of one key once', () => {
    const stretches = new Stretches(segments());
    stretches.begin('a', 0, 20, 1);
    stretches.begin('a', 0, 25, 8);
    stretches.end('a', 30, 1);
    stretches.begin('b', 0, 30, 1);
    stretches.end('a', 40, 8);
    stretches.end('b', 35, 1);
    expect(stretches.totals(100).get(0)).toBe(25);
  });
});
