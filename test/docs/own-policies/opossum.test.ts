import CircuitBreaker from 'opossum';
import { expect, test } from 'vitest';
import { type OwnPolicies, parseScenario, repeatable, simulateAsync } from '../../../src/index.ts';
import { opossum } from '../../../src/opossum.ts';

async function timeoutsWith(options: CircuitBreaker.Options): Promise<number> {
  const policies: OwnPolicies = { wrappers: { ours: opossum((action) => new CircuitBreaker(action, options)) } };
  const text = `
    duration: 30s
    services: { cart: { replicas: 2, concurrency: 10, latency: 10ms, policy: { wrapper: ours } } }
    traffic: [ { to: cart, name: shop, rate: 100/s } ]
    faults: [ { name: hang, at: 10s, for: 10s, target: cart, hang: true } ]
  `;
  const { plan } = parseScenario(text, { policies });
  const { totals } = await repeatable(() => simulateAsync(plan!, { policies }));
  return totals.causes['timeout']!;
}

test('a breaker with the default window of 10 s takes five of them to notice that a service hangs', async () => {
  expect(await timeoutsWith({ timeout: 50, resetTimeout: 30_000 })).toBeGreaterThan(400);
  expect(await timeoutsWith({ timeout: 50, resetTimeout: 30_000, rollingCountTimeout: 1000 })).toBeLessThan(100);
});
