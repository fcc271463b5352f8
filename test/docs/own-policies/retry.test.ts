import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type OwnPolicies, parseScenario, simulate } from '../../../src/index.ts';

// Three retries with full jitter, out of a bucket that a tenth of the calls refill.
const policies: OwnPolicies = {
  retries: {
    ours: () => {
      let tokens = 10;
      return {
        called: () => {
          tokens = Math.min(10, tokens + 0.1);
        },
        decide: ({ attempt }, _now, random) => {
          if (attempt > 3 || tokens < 1) return null;
          tokens -= 1;
          return { retryAfterMs: 25 * 2 ** attempt * random() };
        },
      };
    },
  },
};

test('our retries add a fifth to the load at most, however much fails', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), (percent) => {
      const text = `
        duration: 20s
        services: { cart: { replicas: 3, latency: 10ms, errors: ${percent}%, policy: { retries: { own: ours } } } }
        traffic: [ { to: cart, name: shop, rate: 100/s } ]
      `;
      const { plan } = parseScenario(text, { policies });
      expect(simulate(plan!, { policies }).totals.amplification).toBeLessThan(1.2);
    }),
  );
});
