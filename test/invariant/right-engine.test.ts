/** The engine as it is breaks no invariant, whatever the scenario (`MESHSIM_RUNS=5000` for more of them). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import type { Plan } from '../../src/model/plan.ts';
import { audited } from '../../src/run/audited.ts';
import { planFrom } from '../support/plan-from.ts';
import { randomScenario } from '../support/random-scenario.ts';

const numRuns = Number(process.env['MESHSIM_RUNS'] ?? 100);
const messagesOf = (plan: Plan, seed?: number): string[] => audited(plan, seed).violations.map(({ message }) => message);

describe('no invariant is broken', () => {
  test.each(shippedScenarios())('in $name', (scenario) => {
    const { plan } = planOf(scenario);
    expect(messagesOf(plan)).toEqual([]);
    expect(messagesOf(plan, 20_161)).toEqual([]);
  });
  test('in generated scenarios', { timeout: 30_000 + numRuns * 100 }, () => {
    fc.assert(fc.property(randomScenario, (scenario) => {
      expect(messagesOf(planFrom(scenario))).toEqual([]);
    }), { numRuns });
  });
});
