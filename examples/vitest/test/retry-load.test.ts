/** Our retry policy never more than doubles the load, whatever fails. */
import { readFileSync } from 'node:fs';
import { checkPolicy, type ScenarioRun } from 'meshsim/testing';
import { expect, test } from 'vitest';

const shop = readFileSync(new URL('../shop.yaml', import.meta.url), 'utf8');

/** Retries multiply down a chain of calls: what counts is what arrives at a service for each request of a user. */
function atMostDoublesTheLoad({ result }: ScenarioRun): void {
  for (const [name, { attempts }] of Object.entries(result.services)) {
    expect(attempts, `attempts at ${name}`).toBeLessThanOrEqual(2 * result.totals.requests);
  }
}

// Each searches through some hundred scenarios.
const TIMEOUT_MS = 60_000;

test('our retry policy never more than doubles the load, whatever fails', { timeout: TIMEOUT_MS }, () => {
  // Loads, faults and seeds are drawn anew each time; what fails is shrunk to the simplest scenario that still does, and the error is
  // its story, its file, and the seed and path that lead to it.
  checkPolicy(shop, atMostDoublesTheLoad, { numRuns: 200 });
});

test('with a retry at every hop it would be four times the load', { timeout: TIMEOUT_MS }, () => {
  const everywhere = shop.replace('  inside:\n', '  inside:\n    retries: { attempts: 1, on: [5xx, connectFailure, reset, timeout], perTryTimeout: 150ms }\n');
  expect(() => checkPolicy(everywhere, atMostDoublesTheLoad, { numRuns: 200, seed: 1 })).toThrow('attempts at cart');
});
