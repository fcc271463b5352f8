/** SCENARIO_NAME.yaml in CI. `npm install --save-dev meshsim vitest`, then `npx vitest run`. */
import { readFileSync } from 'node:fs';
import { checkPolicy, type ScenarioRun } from 'meshsim/testing';
import { expect, test } from 'vitest';

const scenario = readFileSync(new URL('./SCENARIO_NAME.yaml', import.meta.url), 'utf8');

/** Retries multiply down a chain of calls: what counts is what arrives at a service for each request of a user. */
function atMostTriplesTheLoad({ result }: ScenarioRun): void {
  for (const [name, { attempts }] of Object.entries(result.services)) {
    expect(attempts, `attempts at ${name}`).toBeLessThanOrEqual(3 * result.totals.requests);
  }
}

// Loads, faults and seeds are drawn anew each time. What fails is shrunk to the simplest scenario that still does; the error is its
// story, its file, and the seed and path that lead to it.
test('our policies never more than triple the load, whatever fails', { timeout: 60_000 }, () => {
  checkPolicy(scenario, atMostTriplesTheLoad, { numRuns: 100 });
});
