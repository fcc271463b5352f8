/** The page of invariants is what their registry says, and tells of all of them. */
import { expect, test } from 'vitest';
import { INVARIANTS_PAGE, invariantsPage } from '../../scripts/invariants-page.ts';
import { differenceIn } from '../../scripts/reference-reports.ts';
import { INVARIANTS } from '../../src/invariant/registry.ts';

test('docs/invariants.md is up to date', () => {
  expect(differenceIn({ path: INVARIANTS_PAGE, text: invariantsPage() }), 'npm run docs').toBeNull();
});

test.each(Object.entries(INVARIANTS))('%s says what holds, why, and where it comes from', (name, { doc, why, source, checks, judge }) => {
  expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  for (const sentence of [doc, why]) expect(sentence).toMatch(/^[A-Z].*\.$/);
  expect(source.length).toBeGreaterThan(10);
  expect(checks === undefined || judge === undefined).toBe(true);
});
