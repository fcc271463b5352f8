/** opossum as it ships, under virtual time. */
import { bulkhead, timeout, TimeoutStrategy, wrap } from 'cockatiel';
import fc from 'fast-check';
import CircuitBreaker from 'opossum';
import { describe, expect, it } from 'vitest';
import { cockatiel } from '../../src/cockatiel.ts';
import type { Attempt, WrapperFactory } from '../../src/index.ts';
import { opossum } from '../../src/opossum.ts';
import { EPOCH_MS } from '../../src/own/virtual-time.ts';
import { line, runWaiting } from './support.ts';

const nowMs = (): number => Date.now() - EPOCH_MS;
const run = (ours: WrapperFactory, scenario: object) => runWaiting(line({ policy: { wrapper: 'ours' }, ...scenario }), { wrappers: { ours } });
const gone = (at: string, length: string): object => ({ name: 'gone', at, for: length, target: 'cart', crash: true });

interface Seen {
  readonly states: [number, string][];
  readonly ours: WrapperFactory;
}

function watched(options: CircuitBreaker.Options<[Attempt]>): Seen {
  const states: [number, string][] = [];
  const ours = opossum((action) => {
    const breaker = new CircuitBreaker(action, options);
    for (const state of ['open', 'halfOpen', 'close'] as const) breaker.on(state as 'open', () => states.push([nowMs(), state]));
    return breaker;
  });
  return { states, ours };
}

describe('a breaker of opossum', () => {
  it('opens when more than half of its rolling window failed, half-opens after resetTimeout, and closes after one trial', async () => {
    const { ours, states } = watched({ timeout: false, errorThresholdPercentage: 50, rollingCountTimeout: 3000, rollingCountBuckets: 3, resetTimeout: 2000 });
    const { totals } = await run(ours, { every: '100ms', duration: '12s', faults: [gone('4950ms', '5s')] });
    // A request every 100 ms, and three buckets of 1 s. From 5 to 5.9 s ten of thirty fail. At 6 s a bucket of successes has left the window: 11 of 21.
    expect(states).toEqual([[6000, 'open'], [8000, 'halfOpen'], [8000, 'open'], [10_000, 'halfOpen'], [10_010, 'close']]);
    expect(totals.causes).toEqual({ connectFailure: 12, breakerOpen: 38 });
  });

  it('lets exactly one call through while it is half-open', async () => {
    const { ours, states } = watched({ timeout: false, resetTimeout: 1000 });
    const { endpoints, totals } = await run(ours, { every: '10ms', duration: '2s', service: { latency: '200ms', concurrency: 'unlimited' }, faults: [gone('5ms', '995ms')] });
    // Nothing but one failure is in its window at 10 ms.
    expect(states).toEqual([[10, 'open'], [1010, 'halfOpen'], [1210, 'close']]);
    expect(totals.causes).toEqual({ connectFailure: 1, breakerOpen: 99 + 19 });
    expect(endpoints['cart/0']!.attempts).toBe(totals.requests - 99 - 19);
  });

  it('opens on the first failure of a quiet service, unless it has a volumeThreshold', async () => {
    const scenario = { every: '100ms', duration: '3s', faults: [gone('50ms', '100ms')] };
    expect((await run(watched({ timeout: false, resetTimeout: 1000 }).ours, scenario)).totals.causes).toEqual({ connectFailure: 1, breakerOpen: 9 });
    expect((await run(watched({ timeout: false, resetTimeout: 1000, volumeThreshold: 5 }).ours, scenario)).totals.causes).toEqual({ connectFailure: 1 });
  });
});

describe('the timeout of opossum', () => {
  it('ends the call and not the work', async () => {
    const { endpoints, totals } = await run(watched({ timeout: 20, errorThresholdPercentage: 100 }).ours, { every: '50ms', service: { latency: '100ms', concurrency: 1, onCancel: 'stop' } });
    expect(totals.causes).toEqual({ timeout: totals.requests });
    expect(totals.latencyMs.max).toBe(20);
    expect(endpoints['cart/0']!.busy).toBeGreaterThan(0.97);
  });

  it('lets more into the service than its capacity: a property finds the pause that does it', async () => {
    const CAPACITY = 4;
    /** The most attempts that the caller had in flight at once. */
    const mostInFlight = async (wrapper: (counted: (attempt: Attempt) => Attempt) => WrapperFactory, pauseMs: number): Promise<number> => {
      let inFlight = 0;
      let most = 0;
      const counted = (attempt: Attempt): Attempt => (options) => {
        most = Math.max(most, ++inFlight);
        return attempt(options).finally(() => inFlight--);
      };
      await run(wrapper(counted), { every: '10ms', duration: '2s', service: { latency: '5ms' }, faults: [{ name: 'pause', at: '500ms', for: `${pauseMs}ms`, target: 'cart', pause: true }] });
      return most;
    };
    const theirs = (counted: (attempt: Attempt) => Attempt): WrapperFactory =>
      opossum(() => new CircuitBreaker((attempt: Attempt) => counted(attempt)(), { capacity: CAPACITY, timeout: 50, errorThresholdPercentage: 100 }));
    const cancelling = (counted: (attempt: Attempt) => Attempt): WrapperFactory => {
      const make = cockatiel(() => wrap(bulkhead(CAPACITY), timeout(50, TimeoutStrategy.Cooperative)));
      return (about) => {
        const inner = make(about);
        return { ...inner, call: (attempt, request) => inner.call(counted(attempt), request) };
      };
    };
    const pauses = fc.integer({ min: 1, max: 1000 });
    const { counterexample } = await fc.check(fc.asyncProperty(pauses, async (pauseMs) => (await mostInFlight(theirs, pauseMs)) <= CAPACITY), { seed: 1, numRuns: 20 });
    // The request of 500 ms would be answered at 551 ms, and has timed out at 550 ms: its place goes to a fifth.
    expect(counterexample).toEqual([46]);
    await fc.assert(fc.asyncProperty(pauses, async (pauseMs) => (await mostInFlight(cancelling, pauseMs)) <= CAPACITY), { seed: 1, numRuns: 20 });
  });
});
