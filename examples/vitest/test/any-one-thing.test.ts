/** What if any one thing breaks? Each fault of meshsim's standard set, on everything it can happen to, is a test of its own. */
import { readFileSync } from 'node:fs';
import { anyOneFault, runScenario } from 'meshsim/testing';
import { describe, expect, test } from 'vitest';

const shop = readFileSync(new URL('../shop.yaml', import.meta.url), 'utf8');

/**
 * What we know that we do not stand, and live with. A list, so that whatever joins it is a decision that somebody reviews: a test fails
 * when something else breaks us, and also when something here no longer does.
 */
const KNOWN = new Set([
  // Without web or the cart there is no shop; ads it can do without.
  'crash:web', 'hang:web', 'restart:web', 'cut:shoppers->web',
  'crash:cart', 'hang:cart', 'restart:cart', 'cut:web->cart',
]);

describe('our objectives hold', () => {
  for (const { id, what, scenario } of anyOneFault(shop)) {
    test(`although ${what} (${id})`, () => {
      const { result, violations } = runScenario(scenario);
      // What must hold in any run, such as that every request ends exactly once.
      expect(violations).toEqual([]);
      const broken = result.thresholds.filter(({ pass }) => !pass).map(({ expr, value }) => `${expr}: ${value}`);
      if (KNOWN.has(id)) expect(broken).not.toEqual([]);
      else expect(broken).toEqual([]);
    });
  }
});
