/** Before a change goes to production: is it better, under the same requests and the same bad luck? */
import { readFileSync } from 'node:fs';
import { parseScenario, simulate } from 'meshsim';
import { expect, test } from 'vitest';

const shop = readFileSync(new URL('../shop.yaml', import.meta.url), 'utf8');
const SLOW_CART = '[ { name: slow, at: 6s, for: 6s, target: cart/0, latency: { multiply: 10 } } ]';

/** p99 while a cart endpoint is slow, ms. Equal seeds meet equal requests, whatever the policy. */
function p99(balancer: string, seed: number): number {
  const { plan, problems } = parseScenario(shop, {
    set: [
      { path: 'policies.inside.loadBalancer', value: balancer },
      { path: 'faults', value: SLOW_CART },
    ],
  });
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  const [slow] = simulate(plan, { seed }).faults;
  return slow!.during.latencyMs.p99!;
}

test('peak EWMA halves the tail while an endpoint is slow, on every one of ten days', () => {
  for (let seed = 1; seed <= 10; seed++) expect(p99('peakEwma', seed)).toBeLessThan(p99('roundRobin', seed) / 2);
});
