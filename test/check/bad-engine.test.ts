/** Engines with a known defect: the search finds it by itself, and what it shows is small. */
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { expectedRequests } from '../../src/check/simplify/size.ts';
import { arbScenario, holds, INVARIANT_NAMES } from '../../src/testing.ts';
import { breakIt } from '../support/broken-engine/break.ts';
import { DEFECTS } from '../support/broken-engine/defects.ts';

let undo: () => void = () => {};
afterEach(() => undo());

test.each(['call retried once too often', 'deadline that grows', 'breaker that permits one probe too many'])('%s', (name) => {
  const { breaks, found } = DEFECTS[name]!;
  undo = breakIt(breaks);
  const { counterexample, errorInstance, failed, numRuns } = fc.check(fc.property(arbScenario(), holds(INVARIANT_NAMES)), { seed: 7, numRuns: 2000 });
  expect([failed, numRuns < 1000]).toEqual([true, true]);
  expect((errorInstance as Error).message).toMatch(new RegExp(`^invariant broken: ${found}\n`));
  const [{ faults = [], services, ...scenario }] = counterexample!;
  expect(Object.keys(services).length).toBeLessThanOrEqual(3);
  expect(faults.length).toBeLessThanOrEqual(2);
  expect(expectedRequests(scenario)).toBeLessThanOrEqual(50);
});
