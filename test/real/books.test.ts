/** Every attempt that leaves its caller is in the books of an endpoint, in the real world as in virtual time. */
import { describe, expect, test } from 'vitest';
import { runReal, simulate } from '../../src/run/run.ts';
import type { Result } from '../../src/result/result.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';

const SCENARIO = {
  duration: '1500ms', services: { s: { latency: '5ms' } }, policies: { p: { timeout: '200ms' } }, traffic: [{ to: 's', name: 'users', rate: '40/s', policy: 'p', arrivals: 'uniform' }],
} as const;

test('who gives up while his request is on its way takes its connection with him, and nothing breaks', async () => {
  const plan = planFrom({
    name: 'left', duration: '1s', network: { latency: '30ms' }, services: { s: { replicas: 2, latency: '5ms' } }, policies: { p: { retries: { attempts: 1, on: 'timeout', perTryTimeout: '20ms', backoff: 0 } } },
    traffic: [{ to: 's', name: 'users', rate: '50/s', policy: 'p' }], faults: [{ at: '300ms', for: '300ms', target: 's/0', crash: true }],
  } as unknown as ScenarioObject);
  const { totals } = await runReal(plan);
  expect([totals.ok, totals.failed]).toEqual([0, totals.requests]);
});

describe.each([
  // Who has given up meanwhile is served all the same: what was sent arrives when the network heals.
  ['what a cut holds back until its callers have left', { at: '300ms', for: '700ms', target: 'users->s', partition: true }],
  ['what a crashed endpoint refuses', { at: '300ms', for: '700ms', target: 's', crash: true }],
])('%s', (what, fault) => {
  const plan = planFrom({ ...SCENARIO, name: what, faults: [fault] } as unknown as ScenarioObject);
  const arrived = ({ endpoints }: Result): number => endpoints['s/0']!.requests;

  test('reaches the books of its endpoint', async () => {
    const [sim, real] = [simulate(plan), await runReal(plan)];
    expect(sim.totals.failed).toBeGreaterThan(20);
    expect(arrived(sim)).toBe(sim.totals.attempts);
    expect(real.totals.attempts).toBe(sim.totals.attempts);
    expect(arrived(real)).toBeLessThanOrEqual(real.totals.attempts);
    // Only what a crash resets on its way may be in nobody's books.
    expect(real.totals.attempts - arrived(real)).toBeLessThanOrEqual(real.totals.causes.reset ?? 0);
  });
});
