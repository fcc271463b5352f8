/**
 * A change of 5 % in the p99 of a shipped scenario is found at the default number of replications, in at least 95 of 100 tries. The
 * scenario is the one with the noisiest p99: one replica is slow, and which requests meet it is luck. The change is one of policy, a
 * shorter memory of the balancer. `npm test` makes two tries, `npm run test:theory` a hundred.
 */
import { expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import { compareSides } from '../../src/compare/compare.ts';
import { REPLICATIONS_DEFAULT } from '../../src/run/task.ts';
import { replicated, seedBlock } from '../support/replicated.ts';

const IS_FULL: boolean = process.env['MESHSIM_THEORY'] === 'full';
const TRIES = IS_FULL ? 100 : 2;

test(`a change of 5 % in p99 is found in ${TRIES} tries`, { timeout: 1_800_000 }, () => {
  const scenario = shippedScenarios().find(({ name }) => name === 'slow-replica')!;
  const [a, b] = [{}, { 'policies.steer.loadBalancer': '{ type: peakEwma, decay: 575ms }' }].map((set) => planOf(scenario, set).plan) as [ReturnType<typeof planOf>['plan'], ReturnType<typeof planOf>['plan']];
  const changes = Array.from({ length: TRIES }, (_, attempt) => {
    const seeds = seedBlock(attempt, REPLICATIONS_DEFAULT);
    const { rows } = compareSides([replicated('a', a, seeds), replicated('b', b, seeds)], { minEffect: null });
    return rows.find(({ metric }) => metric === 'latency p99')!.changes[0]!;
  });
  const found = changes.filter(({ verdict }) => verdict === 'worse').length;
  const mean = changes.reduce((sum, { estimate }) => sum + estimate!, 0) / TRIES;
  const detectable = changes.reduce((sum, change) => sum + change.detectable!, 0) / TRIES;
  console.log(`p99 ${(100 * mean).toFixed(2)} % worse, found ${found} times of ${TRIES}; the table says it can see ${(100 * detectable).toFixed(1)} %`);
  expect(found / TRIES).toBeGreaterThanOrEqual(0.95);
  // That it is 5 % which was found.
  expect(Math.abs(mean - 0.05)).toBeLessThan(IS_FULL ? 0.0025 : 0.015);
});
