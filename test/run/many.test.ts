/** The library's replications and comparisons. */
import { expect, test } from 'vitest';
import { comparePlans, simulate, simulateMany } from '../../src/index.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Result } from '../../src/result/result.ts';
import { planFrom } from '../support/plan-from.ts';

function shop(loadBalancer: string, changes: object = {}): Plan {
  return planFrom({
    name: 'shop', duration: '2s', services: { web: { replicas: 3, concurrency: 2, latency: { exponential: '2ms' }, policy: { loadBalancer } } }, traffic: [{ to: 'web', rate: '500/s' }],
    faults: [{ at: '0s', for: '2s', target: 'web/0', latency: { multiply: 8 } }], thresholds: ['latency p(99) < 1s'], ...changes,
  });
}

function lasting({ env: _, ...rest }: Result): object {
  return JSON.parse(JSON.stringify(rest)) as object;
}

test('one replication is a single run, and more of them have intervals; threads change nothing', async () => {
  const plan = shop('roundRobin');
  expect(lasting(await simulateMany(plan, { jobs: 1 }))).toEqual(lasting(simulate(plan)));
  const [one, two] = await Promise.all([simulateMany(plan, { reps: 3, jobs: 1, seed: 7 }), simulateMany(plan, { reps: 3, jobs: 2, seed: 7 })]);
  expect(lasting(one)).toEqual(lasting(two));
  expect(one.reps.map(({ seed }) => seed)[0]).toBe(7);
  expect(one.intervals['totals.latencyMs.p99']).toHaveLength(2);
  expect(one.thresholds[0]).toMatchObject({ pass: true });
});

test('plans are compared replication by replication', async () => {
  const { caveats, counts, rows, sides } = await comparePlans([{ label: 'today', plan: shop('roundRobin') }, { label: 'tomorrow', plan: shop('leastRequest') }], { reps: 6, minEffect: 0.02 });
  expect(sides.map(({ label, pairing, replications }) => [label, pairing, replications])).toEqual([['today', 'reference', 6], ['tomorrow', 'paired', 6]]);
  expect(rows.find(({ metric }) => metric === 'latency p99')!.changes[0]).toMatchObject({ verdict: 'better' });
  expect(counts.worse).toBe(0);
  expect(caveats).toEqual([expect.stringContaining('requests in a replication')]);
});

test('sides that find their warm-up share the longest', async () => {
  const plan = (loadBalancer: string): Plan => shop(loadBalancer, { duration: '20s', warmup: 'auto', faults: [] });
  const { sides: [one, other] } = await comparePlans([{ label: 'a', plan: plan('roundRobin') }, { label: 'b', plan: plan('leastRequest') }], { reps: 2 });
  expect(one!.warmupMs).toBe(other!.warmupMs);
});

test('what cannot be is said', async () => {
  await expect(simulateMany(shop('random'), { reps: 0 })).rejects.toThrow('reps: 0 is no whole number from 1 on');
  await expect(comparePlans([{ label: 'alone', plan: shop('random') }])).rejects.toThrow('two plans or more, and these are 1');
});
