/** Engines with a known defect: the search finds it by itself, and what it shows is small. */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { expectedRequests } from '../../src/check/simplify/size.ts';
import { CircuitBreaker } from '../../src/engine/breaker/circuit-breaker.ts';
import { Engine } from '../../src/engine/engine.ts';
import { RetryGate } from '../../src/engine/retry/retry-gate.ts';
import { arbScenario, holds, INVARIANT_NAMES, type InvariantName } from '../../src/testing.ts';

type Methods = Record<string, (this: Record<string, unknown>, ...args: unknown[]) => unknown>;

/** The class, its method, and what it does instead. */
type Defect = readonly [type: { readonly prototype: object }, method: string, instead: (original: Methods[string]) => Methods[string]];

afterEach(() => {
  vi.restoreAllMocks();
});

test.each<readonly [string, InvariantName, Defect]>([
  ['a call that is retried once too often', 'attempts-limit', [RetryGate, 'decide', (original) => function retried(...args) {
    const [call] = args as [{ retriesLeft: number }]; // of the engine
    if (call.retriesLeft === 0) call.retriesLeft = 1;
    return original.apply(this, args);
  }]],
  ['a deadline that grows', 'deadline-never-grows', [Engine, 'deadlineOf', (original) => function grown(...args) {
    return Number(original.apply(this, args)) + 1e6;
  }]],
  ['a breaker that lets one probe too many through', 'half-open-permits', [CircuitBreaker, 'toHalfOpen', (original) => function opened(...args) {
    original.apply(this, args);
    this['permits'] = Number(this['permits']) + 1;
    return undefined;
  }]],
])('%s', (_, invariant, [{ prototype }, method, instead]) => {
  const methods = prototype as Methods; // engines are patched where they cannot be told to be wrong
  const original = methods[method]!;
  vi.spyOn(methods, method).mockImplementation(instead(original));
  const { counterexample, errorInstance, failed, numRuns } = fc.check(fc.property(arbScenario(), holds(INVARIANT_NAMES)), { seed: 7, numRuns: 2000 });
  expect([failed, numRuns < 1000]).toEqual([true, true]);
  expect((errorInstance as Error).message).toMatch(new RegExp(`^invariant broken: ${invariant}\n`));
  const [{ faults = [], services, ...scenario }] = counterexample!;
  expect(Object.keys(services).length).toBeLessThanOrEqual(3);
  expect(faults.length).toBeLessThanOrEqual(2);
  expect(expectedRequests(scenario)).toBeLessThanOrEqual(50);
});
