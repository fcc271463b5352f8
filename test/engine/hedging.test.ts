import { describe, expect, it } from 'vitest';
import { Hedging } from '../../src/engine/hedge/hedging.ts';
import { TokenBudget } from '../../src/engine/retry/token-budget.ts';
import { WindowBudget } from '../../src/engine/retry/window-budget.ts';

const MS = 1e6;

describe('hedging', () => {
  it('sends its copies one delay apart, and no more than it may', () => {
    const hedging = new Hedging(3, 10 * MS, null);
    const call = { hedgeCount: 0 };
    const due = [hedging.begun(call, 0)];
    while (due.at(-1) !== Infinity && hedging.mayHedge(call, due.at(-1)!)) due.push(hedging.sent(call, due.at(-1)!));
    expect([due, call.hedgeCount]).toEqual([[10 * MS, 20 * MS, Infinity], 3]);
  });

  it('sends the next copy as one fails, unless the server asks for a wait or for none', () => {
    const hedging = new Hedging(5, 10 * MS, null);
    const call = { hedgeCount: 0 };
    hedging.begun(call, 0);
    expect([hedging.failed(call, null, 3), hedging.failed(call, 7 * MS, 3), hedging.failed(call, -1, 3), hedging.failed(call, null, 4)]).toEqual([3, 7 * MS + 3, Infinity, Infinity]);
  });

  it('stops for good where its budget refuses a copy', () => {
    const hedging = new Hedging(5, 10 * MS, new TokenBudget(2, 0.5));
    const call = { hedgeCount: 0 };
    hedging.begun(call, 0);
    hedging.failed(call, null, 1);
    expect([hedging.mayHedge(call, 1), hedging.failed(call, null, 2)]).toEqual([false, Infinity]);
  });

  it('under a share of calls sends that share of copies in the long run, and none at the start', () => {
    const hedging = new Hedging(2, 10 * MS, new WindowBudget(0.05, 0, 10e9));
    let copies = 0;
    for (let i = 0; i < 2000; i++) {
      const call = { hedgeCount: 0 };
      const due = hedging.begun(call, i * 10 * MS);
      if (hedging.mayHedge(call, due)) copies++;
      if (i === 18) expect(copies).toBe(0);
    }
    // What is left of a slice when it is forgotten is lost.
    expect(copies).toBeGreaterThanOrEqual(95);
    expect(copies).toBeLessThanOrEqual(100);
  });
});
