import { expect, test } from 'vitest';
import { type OwnPolicies, type Result, parseScenario, simulate } from '../../../src/index.ts';

// The fewest requests of ours in flight and, of those, the fastest last answer.
const policies: OwnPolicies = {
  balancers: {
    ours: ({ endpoints }) => {
      const lastMs = endpoints.map(() => 0);
      return {
        pick: (ready) => [...ready].sort((a, b) => a.active - b.active || lastMs[a.index]! - lastMs[b.index]!)[0]!.index,
        finished: (endpoint, { latencyMs }) => {
          lastMs[endpoint] = latencyMs;
        },
      };
    },
  },
};

function run(loadBalancer: string): Result {
  const text = `
    duration: 30s
    services:
      cart: { replicas: 5, concurrency: 4, latency: { p50: 8ms, p99: 60ms }, policy: { loadBalancer: ${loadBalancer} } }
    traffic: [ { to: cart, name: shop, rate: 400/s } ]
    faults: [ { name: slow, at: 10s, for: 10s, target: cart/4, latency: { multiply: 10 } } ]
  `;
  const { plan, problems } = parseScenario(text, { policies });
  if (plan === null) throw new Error(problems[0]!.message);
  return simulate(plan, { policies });
}

test('our balancer halves the p99 of round robin while a replica is slow', () => {
  expect(run('{ own: ours }').totals.latencyMs.p99).toBeLessThan(run('roundRobin').totals.latencyMs.p99! / 2);
});
