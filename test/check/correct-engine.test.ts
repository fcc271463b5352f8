/**
 * The search that finds broken engines finds nothing in the one that ships: ten thousand cases with `npm run test:check`, of which half are of shipped scenarios under
 * the loads and faults of `meshsim check`, a fifth of those of the museum, and the others of meshes and policies that are drawn as well. `npm test` tries forty.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shippedScenarios } from '../../scripts/shipped.ts';
import { BATCH } from '../../src/check/cases.ts';
import { INVARIANT_NAMES } from '../../src/invariant/registry.ts';
import { searchBatch } from '../../src/run/check.ts';
import { documentOf } from '../../src/scenario/document.ts';
import { arbScenario, holds } from '../../src/testing.ts';

const IS_FULL: boolean = process.env['MESHSIM_CHECK'] === 'full';
/** Another one draws other cases. */
const SEED = Number(process.env['MESHSIM_CHECK_SEED'] ?? 1);

const EVERYDAY = 'test/support/broken-engine/everyday.yaml';
const shipped = shippedScenarios().map(({ name, text }) => ({ name, text, cases: 500 }));
const museum = shippedScenarios('.', 'scenarios/museum').map(({ name, text }) => ({ name, text, cases: 100 }));
const all = [{ name: 'everyday', text: readFileSync(EVERYDAY, 'utf8'), cases: 1000 }, ...shipped, ...museum];
const ALTOGETHER = 10_000;
const DRAWN = ALTOGETHER - all.reduce((sum, { cases }) => sum + cases, 0);

test.each(IS_FULL ? all : all.slice(0, 1).map((file) => ({ ...file, cases: 20 })))('$name breaks no invariant in $cases cases', { timeout: 3_600_000 }, ({ cases, text }) => {
  const document = documentOf(text);
  const options = { seed: SEED, most: cases, faults: 2, invariants: true, thresholds: true };
  let tried = 0;
  for (let batch = 0; batch * BATCH < cases; batch++) {
    const { cases: ofBatch, found } = searchBatch(document, batch, options, INVARIANT_NAMES);
    tried += ofBatch;
    expect(found.filter(({ failure }) => failure.kind === 'invariant')).toEqual([]);
  }
  expect(tried).toBe(cases);
});

test('neither does any scenario that is drawn', { timeout: 3_600_000 }, () => {
  expect(DRAWN).toBeGreaterThan(1000);
  fc.assert(fc.property(arbScenario(), holds(INVARIANT_NAMES)), { seed: SEED, numRuns: IS_FULL ? DRAWN : 20 });
});
