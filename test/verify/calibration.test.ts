import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { msOf } from '../../src/model/units.ts';
import { runReal, simulate } from '../../src/run/run.ts';
import { calibrationMetrics, calibrationPlan, onSockets, overheadFigures, overheadOf } from '../../src/verify/calibration.ts';
import { planFrom } from '../support/plan-from.ts';

const POOLED = planFrom({ name: 'pooled', duration: '5s', services: { s: { replicas: 2, latency: '10ms' } }, policies: { p: { connectionPool: { protocol: 'http1', maxRequestsPerConnection: 1 } } }, traffic: [{ to: 's', rate: '50/s', policy: 'p' }] });
const CHAIN = planFrom({ name: 'chain', duration: '5s', services: { a: { latency: '10ms', calls: ['b'] }, b: { latency: '5ms' } }, traffic: [{ to: 'a', rate: '50/s' }] });

/** As if every run had measured these latencies, by service. */
function measured(plan: Plan, ms: Readonly<Record<string, number>>): (number | null)[] {
  return calibrationMetrics(plan).map(({ tags }) => ms[tags.service!]! * 1e6);
}

describe('the simulator on sockets', () => {
  test('adds the overhead once to each attempt', () => {
    const plan = onSockets(CHAIN, overheadOf(CHAIN, [measured(CHAIN, { pool: 5.25 })]), 1);
    const { totals } = simulate(plan);
    expect([totals.latencyMs.min, totals.latencyMs.max]).toEqual([15.5, 15.5]);
  });

  test('in time of the run, which a time scale makes longer than it is', () => {
    const plan = onSockets(CHAIN, overheadOf(CHAIN, [measured(CHAIN, { pool: 6 })]), 10);
    expect(simulate(plan).totals.latencyMs.max).toBeCloseTo(15.2, 9);
  });

  test('opens connections in the time that it takes, for attempts that need a new one', () => {
    const plan = onSockets(POOLED, overheadOf(POOLED, [measured(POOLED, { http1: 5.25, 'http1-opened': 5.75 })]), 1);
    expect(simulate(plan).totals.latencyMs.max).toBeCloseTo(10.75, 9);
  });

  test('changes no decision: the same requests meet the same work', () => {
    const plan = onSockets(CHAIN, overheadOf(CHAIN, [measured(CHAIN, { pool: 5 })]), 1);
    // Nothing to add is nothing added.
    expect(simulate(plan).digest).toBe(simulate(CHAIN).digest);
  });
});

test('of several runs the least counts, point by point', () => {
  const runs = [7, 5.3, 6].map((ms) => measured(CHAIN, { pool: ms }));
  expect(overheadFigures(overheadOf(CHAIN, runs))).toEqual([{ way: 'pool', attemptP50Ms: 0.3, attemptP99Ms: 0.3, openingP50Ms: null }]);
});

test('only ways that the plan has are measured', () => {
  const names = (plan: Plan): string[] => calibrationPlan(plan).services.map(({ name }) => name);
  expect(names(CHAIN)).toEqual(['pool']);
  expect(names(POOLED)).toEqual(['http1', 'http1-opened']);
  expect(names(planFrom({ name: 'far', duration: '1s', network: { latency: '1ms' }, services: { s: { latency: '1ms' } }, traffic: [{ to: 's', rate: '1/s' }] }))).toEqual(['http1', 'http1-opened']);
});

test('the plan runs on sockets', async () => {
  const plan = calibrationPlan(POOLED);
  const { complete, services, totals } = await runReal(plan);
  expect([complete, totals.failed]).toEqual([true, 0]);
  // Never less than the work itself.
  for (const { latencyMs } of Object.values(services)) expect(latencyMs.min).toBeGreaterThanOrEqual(msOf(5e6));
});
