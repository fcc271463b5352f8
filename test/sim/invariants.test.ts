import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import type { Plan } from '../../src/model/plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { violationsOf } from '../support/invariants.ts';
import { randomScenario, type ScenarioObject } from '../support/random-scenario.ts';

function planFrom(scenario: ScenarioObject): Plan {
  const { plan, problems, notSimulated } = parseScenario(JSON.stringify(scenario), { file: 'generated.yaml' });
  if (plan === null || notSimulated.length > 0) throw new Error(`not a valid scenario: ${problems.map(({ message, path }) => `${path}: ${message}`).join('; ')}`);
  return plan;
}

describe('the books balance', () => {
  test.each(shippedScenarios())('$name', (scenario) => {
    expect(violationsOf(planOf(scenario).plan)).toEqual([]);
  });

  test('in generated scenarios', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(randomScenario, (scenario) => {
        expect(violationsOf(planFrom(scenario))).toEqual([]);
      }),
      { numRuns: Number(process.env['MESHSIM_RUNS'] ?? 60) },
    );
  });
});
