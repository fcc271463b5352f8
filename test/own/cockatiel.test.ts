/** cockatiel as it ships, under virtual time. */
import {
  BrokenCircuitError, CircuitState, ConsecutiveBreaker, ConstantBackoff, ExponentialBackoff, TimeoutStrategy,
  bulkhead, circuitBreaker, decorrelatedJitterGenerator, fallback, fullJitterGenerator, handleAll, noJitterGenerator, retry, timeout, wrap,
} from 'cockatiel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CockatielPolicy, cockatiel } from '../../src/cockatiel.ts';
import { EPOCH_MS } from '../../src/own/virtual-time.ts';
import { line, runWaiting } from './support.ts';

const nowMs = (): number => Date.now() - EPOCH_MS;
const run = (make: () => CockatielPolicy, scenario: object) => runWaiting(line({ policy: { wrapper: 'ours' }, ...scenario }), { wrappers: { ours: cockatiel(make) } });
const gone = (at: string, length: string): object => ({ name: 'gone', at, for: length, target: 'cart', crash: true });

describe('a breaker of cockatiel', () => {
  it('opens after failures in a row, and half-opens and closes, at its times', async () => {
    const states: [number, string][] = [];
    const breaker = (): CockatielPolicy => {
      const policy = circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(3) });
      policy.onStateChange((state) => states.push([nowMs(), CircuitState[state]]));
      return policy;
    };
    const { totals } = await run(breaker, { every: '100ms', duration: '6s', faults: [gone('1950ms', '2s')] });
    // Requests come every 100 ms, and an answer takes 10 ms.
    expect(states).toEqual([[2200, 'Open'], [3200, 'HalfOpen'], [3200, 'Open'], [4200, 'HalfOpen'], [4210, 'Closed']]);
    expect(totals.causes).toEqual({ connectFailure: 4, breakerOpen: 18 });
  });

  it('lets those who come while its trial is on wait for it, and then go all at once', async () => {
    const breaker = (): CockatielPolicy => circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(1) });
    const { endpoints, totals } = await run(breaker, { every: '10ms', duration: '4s', service: { latency: '200ms', concurrency: 'unlimited' }, faults: [gone('5ms', '995ms')] });
    // The first is refused at 10 ms; at 1,010 ms the trial begins, and at 1,210 ms nineteen others follow it.
    expect(totals.causes).toEqual({ connectFailure: 1, breakerOpen: 99 });
    expect(totals.latencyMs.max).toBe(390);
    expect(endpoints['cart/0']!.attempts).toBe(totals.requests - 99);
  });
});

describe('retries of cockatiel', () => {
  it.each([
    ['no jitter', () => new ExponentialBackoff({ generator: noJitterGenerator, initialDelay: 100, maxDelay: 350 }), [100, 200, 350, 350]],
    ['a constant', () => new ConstantBackoff(70), [70, 70, 70, 70]],
    ['full jitter', () => new ExponentialBackoff({ generator: fullJitterGenerator, initialDelay: 100 }), null],
    ['decorrelated jitter', () => new ExponentialBackoff({ generator: decorrelatedJitterGenerator, initialDelay: 100 }), null],
  ] as const)('wait as long as their own generator says: %s', async (_, backoff, waits) => {
    const said: number[] = [];
    const begun: number[] = [];
    const policy = (): CockatielPolicy => {
      const retries = retry(handleAll, { maxAttempts: 4, backoff: backoff() });
      retries.onRetry(({ delay }) => said.push(Math.max(1, Math.trunc(delay ?? 0))));
      return {
        execute: (act, signal) => retries.execute((context) => {
          begun.push(nowMs());
          return act(context);
        }, signal),
      };
    };
    const { totals } = await run(policy, { every: '60000ms', duration: '61s', service: { errors: '100%', latency: '10ms' } });
    expect(totals.attempts).toBe(5);
    expect(begun.slice(1).map((at, i) => at - begun[i]! - 10)).toEqual(said);
    expect(said).toHaveLength(4);
    if (waits !== null) expect(said).toEqual(waits);
    else expect(new Set(said).size).toBeGreaterThan(1);
  });

  it('without a budget multiply the load of an outage: a property finds it, and says how little it takes', async () => {
    const amplificationOf = async (failing: number, maxAttempts: number): Promise<number> => {
      const { totals } = await run(() => retry(handleAll, { maxAttempts, backoff: new ConstantBackoff(20) }), { every: '50ms', duration: '5s', service: { errors: `${failing}%` } });
      return totals.amplification!;
    };
    const never = fc.asyncProperty(fc.integer({ min: 0, max: 100 }), async (failing) => (await amplificationOf(failing, 3)) <= 2);
    const { counterexample, failed } = await fc.check(never, { seed: 1, numRuns: 30 });
    expect(failed).toBe(true);
    // 1 + p + p^2 + p^3 is 2 at 54 %.
    expect(counterexample![0]).toBeGreaterThan(45);
    expect(counterexample![0]).toBeLessThan(62);
    expect(await amplificationOf(100, 3)).toBe(4);
  });
});

describe('what cockatiel refuses', () => {
  it('is told apart: a full bulkhead, a timeout, an open breaker', async () => {
    const scenario = { every: '10ms', duration: '5s', service: { latency: '100ms', concurrency: 'unlimited' } };
    expect((await run(() => bulkhead(5, 2), scenario)).totals.causes).toMatchObject({ overflow: expect.any(Number) });
    const { totals } = await run(() => timeout(60, TimeoutStrategy.Aggressive), scenario);
    expect(totals.causes).toEqual({ timeout: totals.requests });
    expect(totals.latencyMs.max).toBe(60);
    expect((await run(() => ({ execute: () => Promise.reject(new BrokenCircuitError()) }), scenario)).totals.causes).toMatchObject({ breakerOpen: totals.requests });
  });

  it('is an answer where there is a fallback', async () => {
    const { totals } = await run(() => wrap(fallback(handleAll, 'cached'), timeout(60, TimeoutStrategy.Aggressive)), { service: { latency: '100ms' } });
    expect(totals).toMatchObject({ ok: totals.requests, failed: 0 });
  });
});

it('cancels the attempt whose timeout has passed, where the signal is handed on', async () => {
  const scenario = { every: '50ms', duration: '10s', service: { latency: '100ms', concurrency: 1, onCancel: 'stop' } };
  const handedOn = await run(() => timeout(20, TimeoutStrategy.Cooperative), scenario);
  const dropped = await run(() => {
    const policy = timeout(20, TimeoutStrategy.Aggressive);
    return { execute: (act, signal) => policy.execute(() => act({ signal: new AbortController().signal }), signal) };
  }, scenario);
  expect(handedOn.totals.causes).toEqual({ timeout: handedOn.totals.requests });
  expect(handedOn.endpoints['cart/0']!.busy).toBeCloseTo(0.4, 1);
  expect(dropped.endpoints['cart/0']!.busy).toBeGreaterThan(0.97);
});

it('is refused where the factory hands out the same policy twice', async () => {
  const shared = retry(handleAll, { maxAttempts: 1 });
  await run(() => shared, {});
  await expect(run(() => shared, {})).rejects.toThrow('a policy that it has returned before');
});
