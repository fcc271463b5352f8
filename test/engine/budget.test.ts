import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EndpointSet } from '../../src/engine/endpoints.ts';
import { AdaptiveRate, MeasuredRate } from '../../src/engine/retry/adaptive-rate.ts';
import { ConcurrencyBudget } from '../../src/engine/retry/concurrency-budget.ts';
import { Ended } from '../../src/engine/retry/budget.ts';
import { QuotaBudget } from '../../src/engine/retry/quota-budget.ts';
import { RetryCause } from '../../src/engine/retry/retry-cause.ts';
import { TokenBudget } from '../../src/engine/retry/token-budget.ts';
import { TowerBudget } from '../../src/engine/retry/tower-budget.ts';
import { WindowBudget } from '../../src/engine/retry/window-budget.ts';

const S = 1e9;

/** Retries that a budget grants at once. */
function granted(budget: { withdraw(now: number): boolean }, now: number, most = 100_000): number {
  let count = 0;
  while (count < most && budget.withdraw(now)) count++;
  return count;
}

describe('a window budget', () => {
  it.each([
    { ratio: 0.2, perSecond: 10, ttl: 10, calls: 0, retries: 100 },
    { ratio: 0.2, perSecond: 0, ttl: 10, calls: 100, retries: 20 },
    { ratio: 0.1, perSecond: 1, ttl: 5, calls: 50, retries: 10 },
    { ratio: 0, perSecond: 2, ttl: 10, calls: 1000, retries: 20 },
    { ratio: 1, perSecond: 0, ttl: 1, calls: 7, retries: 7 },
  ])('of $ratio and $perSecond a second over $ttl s grants $retries after $calls calls', ({ ratio, perSecond, ttl, calls, retries }) => {
    const budget = new WindowBudget(ratio, perSecond, ttl * S);
    for (let i = 0; i < calls; i++) budget.called(0);
    expect(granted(budget, 0)).toBe(retries);
  });

  it('never grants more than its share of the calls, plus the reserve, in any stretch of ttl', () => {
    const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { maxLength: 300 });
    fc.assert(
      fc.property(fc.constantFrom(0.1, 0.2, 0.5), fc.constantFrom(0, 1, 3), fc.constantFrom(1, 2), history, (ratio, perSecond, ttl, list) => {
        const budget = new WindowBudget(ratio, perSecond, ttl * S);
        const calls: number[] = [];
        const retries: number[] = [];
        let now = 0;
        for (const [stepMs, isCall] of list) {
          now += stepMs * 1e6;
          if (isCall) {
            budget.called(now);
            calls.push(now);
          } else if (budget.withdraw(now)) retries.push(now);
          // Deposits live for up to one slice more than a ttl.
          const since = (times: readonly number[], from: number): number => times.filter((at) => at > from).length;
          const window = ttl * S;
          expect(since(retries, now - 0.9 * window)).toBeLessThanOrEqual(ratio * since(calls, now - 2 * window) + perSecond * ttl + 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('forgets calls after its ttl, and withdrawals as well', () => {
    const budget = new WindowBudget(0.2, 1, 10 * S);
    for (let i = 0; i < 100; i++) budget.called(0);
    expect(granted(budget, 0)).toBe(30);
    expect(granted(budget, 5 * S)).toBe(0);
    expect(granted(budget, 25 * S)).toBe(10);
  });

  it('grants no less after one more call', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.constantFrom(0.1, 0.25, 0.3), (calls, ratio) => {
        const grantedAfter = (count: number): number => {
          const budget = new WindowBudget(ratio, 1, 10 * S);
          for (let i = 0; i < count; i++) budget.called(i * 1e6);
          return granted(budget, count * 1e6);
        };
        expect(grantedAfter(calls + 1)).toBeGreaterThanOrEqual(grantedAfter(calls));
      }),
    );
  });
});

describe('a concurrency budget', () => {
  it('allows the share of active and pending with the one that asks, cut to whole retries, and never fewer than the minimum', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 }), (percent, least, active, pending) => {
        const load = { set: new EndpointSet([1], 0), pending, elsewhere: 0, asking: 1, retries: 0 };
        load.set.activeTotal = active;
        const budget = new ConcurrencyBudget(percent / 100, least, load);
        while (budget.withdraw(0)) load.retries++;
        expect(load.retries).toBe(Math.max(Math.trunc((percent / 100) * (active + pending + 1)), least));
      }),
    );
  });

  it('grants no less with more going on', () => {
    const budget = new ConcurrencyBudget(0.2, 3, { set: new EndpointSet([1], 0), pending: 0, elsewhere: 0, asking: 1, retries: 0 });
    for (let load = 0; load < 200; load++) expect(budget.limit(load + 1)).toBeGreaterThanOrEqual(budget.limit(load));
  });
});

describe('a token budget', () => {
  it('is full at the start, never above that and never below nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1000 }).map((thousandths) => thousandths / 1000), fc.array(fc.boolean(), { maxLength: 200 }), (max, ratio, results) => {
        const budget = new TokenBudget(max, ratio);
        let tokens = max * 1000;
        expect(budget.withdraw(0)).toBe(true);
        for (const failed of results) {
          budget.ended(failed ? Ended.retriable : Ended.well);
          tokens = failed ? Math.max(0, tokens - 1000) : Math.min(max * 1000, tokens + Math.trunc(ratio * 1000 + 1e-9));
          expect(budget.withdraw(0)).toBe(tokens > max * 500);
        }
      }),
    );
  });
});

describe('a tower budget', () => {
  it('forgets deposits and withdrawals after eleven slots at the latest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.record({ after: fc.integer({ min: 0, max: 20e9 }), deposits: fc.boolean() }), { maxLength: 60 }), (ttl, ops) => {
        const budget = new TowerBudget(0.2, 3, ttl * S);
        let now = 0;
        for (const { after, deposits } of ops) {
          now += after;
          if (deposits) budget.deposit(now);
          else budget.withdraw(now);
        }
        budget.deposit(now + 1.1 * ttl * S + 1);
        expect(budget.balance).toBe(budget.reserve + 1);
      }),
    );
  });

  it('costs a whole number of deposits, cut in single precision', () => {
    expect([0.1, 0.2, 0.3, 0.4, 0.7, 1].map((ratio) => new TowerBudget(ratio, 0, S).withdrawAmount)).toEqual([10, 5, 3, 2, 1, 1]);
  });
});

describe('an AWS quota', () => {
  const costs = { capacity: 20, retryCost: 5, timeoutCost: 10, throttleCost: 5, refund: 1 };

  it('never holds less than nothing or more than its capacity', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('retry', 'timeout', 'succeed', 'give up'), { maxLength: 100 }), (ops) => {
        const quota = new QuotaBudget(costs);
        let last: RetryCause = RetryCause.none;
        for (const op of ops) {
          if (op === 'retry' && quota.withdraw(0, RetryCause.transient)) last = RetryCause.transient;
          else if (op === 'timeout' && quota.withdraw(0, RetryCause.timeout)) last = RetryCause.timeout;
          else if (op === 'succeed' || op === 'give up') {
            if (op === 'succeed') quota.ended(Ended.well, 0, last);
            last = RetryCause.none;
          }
          expect(quota.balance).toBeGreaterThanOrEqual(0);
          expect(quota.balance).toBeLessThanOrEqual(20);
        }
      }),
    );
  });
});

describe('an AWS adaptive rate', () => {
  it('lets everything pass until an answer is throttled, then its rate', () => {
    const rate = new AdaptiveRate();
    expect([rate.waitNs(0), rate.waitNs(0)]).toEqual([0, 0]);
    rate.answered(true, 10, 0);
    expect(rate.applied).toBe(7);
    const waits = [rate.waitNs(0), rate.waitNs(S), rate.waitNs(S)];
    expect(waits[0]).toBe(Math.ceil(S / 7));
    expect(waits.slice(1)).toEqual([0, 0]);
  });

  it('measures what is asked in half-second buckets', () => {
    const measured = new MeasuredRate();
    let rate = 0;
    for (let i = 1; i <= 100; i++) rate = measured.record(i * 0.1 * S);
    expect(rate).toBeCloseTo(10, 0);
  });
});
