/** The engine as it is breaks no invariant, whatever the scenario (`MESHSIM_RUNS=5000` for more of them). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';
import type { Plan } from '../../src/model/plan.ts';
import { INVARIANT_NAMES } from '../../src/invariant/registry.ts';
import { audited } from '../../src/run/audited.ts';
import { carryOut } from '../../src/run/carry-out.ts';
import { planFrom } from '../support/plan-from.ts';
import { randomScenario } from '../support/random-scenario.ts';

/** As runs are with and without. */
test('a run that is looked after is the same run', () => {
  const { plan } = planOf(shippedScenarios().find(({ name }) => name === 'slow-replica')!);
  expect(audited(plan).run.digest).toBe(carryOut(plan, plan.seed).digest);
});

test('a system that stays down after its fault is found where it is given a time', () => {
  const { plan } = planOf(shippedScenarios().find(({ name }) => name === 'retry-storm')!);
  const names = [...INVARIANT_NAMES, 'recovers'] as const;
  const [violation, ...others] = audited(plan, plan.seed, names, undefined, { recoverWithinNs: 30e9 }).violations;
  expect(violation?.message).toMatch(/^recovers: .* it never was again what it was before; 30 s were given$/);
  expect(others).toEqual([]);
  expect(audited(plan, plan.seed, names).violations).toEqual([]);
});

const numRuns = Number(process.env['MESHSIM_RUNS'] ?? 100);
const messagesOf = (plan: Plan, seed?: number): string[] => audited(plan, seed).violations.map(({ message }) => message);

describe('no invariant is broken', () => {
  test.each(shippedScenarios())('in $name', (scenario) => {
    const { plan } = planOf(scenario);
    expect(messagesOf(plan)).toEqual([]);
    expect(messagesOf(plan, 20_161)).toEqual([]);
  });
  test.each(shippedScenarios('.', 'scenarios/museum'))('in the museum: $name', (scenario) => expect(messagesOf(planOf(scenario).plan)).toEqual([]));
  test.each(shippedScenarios())('in $name, stopped on its way', (scenario) => {
    const { plan } = planOf(scenario);
    let looks = 0;
    const { run, violations } = audited(plan, plan.seed, INVARIANT_NAMES, { onProgress: () => ++looks > 1 });
    expect(violations.map(({ message }) => message)).toEqual([]);
    expect(run.ending === 'complete').toBe(looks === 1 || run.world.events < 16_384);
  });
  test('in generated scenarios', { timeout: 30_000 + numRuns * 100 }, () => {
    fc.assert(fc.property(randomScenario, (scenario) => {
      expect(messagesOf(planFrom(scenario))).toEqual([]);
    }), { numRuns });
  });
});
