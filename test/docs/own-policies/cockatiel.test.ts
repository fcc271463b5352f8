import { ConsecutiveBreaker, ExponentialBackoff, TimeoutStrategy, circuitBreaker, handleAll, retry, timeout, wrap } from 'cockatiel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cockatiel } from '../../../src/cockatiel.ts';
import { type OwnPolicies, parseScenario, simulateAsync } from '../../../src/index.ts';

// What the application ships, one for each of its instances.
const policies: OwnPolicies = {
  wrappers: {
    payments: cockatiel(() =>
      wrap(
        retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff({ initialDelay: 50 }) }),
        circuitBreaker(handleAll, { halfOpenAfter: 2000, breaker: new ConsecutiveBreaker(5) }),
        timeout(200, TimeoutStrategy.Aggressive),
      ),
    ),
  },
};

test('our breaker keeps an outage from multiplying the load, whenever it comes and however long it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 10 }), async (at, length) => {
      const text = `
        duration: 20s
        services:
          checkout: { replicas: 3, latency: 5ms, calls: [ payments ] }
          payments: { replicas: 2, latency: { p50: 20ms, p99: 90ms }, policy: { wrapper: payments } }
        traffic: [ { to: checkout, name: shop, rate: 60/s } ]
        faults: [ { name: outage, at: ${at}s, for: ${length}s, target: payments, errors: 100% } ]
      `;
      const { plan } = parseScenario(text, { policies });
      const { edges } = await simulateAsync(plan!, { policies });
      expect(edges['checkout->payments']!.amplification).toBeLessThan(1.2);
    }),
    { numRuns: 20 },
  );
});
