/**
 * What keeps the gates honest: each of these small mistakes must turn some reference value red. All are made
 * from outside, by a scenario or a random sequence, so that the engine stays as it is.
 */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';
import { answerDirectly } from './direct.ts';
import { run } from './measure.ts';
import { type Case, readFamilies } from './reference.ts';
import { measure, planOf } from './suite.ts';
import { judge, type Verdict } from './tolerance.ts';
import { translate } from './translate.ts';

const cases: readonly Case[] = readFamilies().flatMap((family) => family.cases);

function find(wanted: (one: Case) => boolean): Case {
  const found = cases.find(wanted);
  if (found === undefined) throw new Error('the reference files have no such case');
  return found;
}

function verdicts(theCase: Case, plans: readonly Plan[]): readonly Verdict[] {
  const runs = plans.map((plan, i) => run(plan, i + 1));
  return theCase.expected.flatMap((expected) => {
    const measured = measure(expected.metric, runs, theCase);
    return measured === null ? [] : [judge(expected, measured)];
  });
}

function reds(theCase: Case, plans: readonly Plan[]): number {
  return verdicts(theCase, plans).filter(({ kind }) => kind === 'failed').length;
}

describe('a gate turns red when', () => {
  it('the warm-up is left out', () => {
    const whole = find(({ name }) => name === 'mm1-rho0.8');
    // Means only: the percentiles of short runs are biased by themselves.
    const theCase: Case = { ...whole, expected: whole.expected.filter(({ metric }) => /mean|p_wait/.test(metric)) };
    const short = (warmupS?: number): Plan[] =>
      Array.from({ length: 600 }, (_, i) => planOf(translate(theCase, { n: 100, seed: i, ...(warmupS === undefined ? {} : { warmupS }) }).variants[0]!, i));
    expect(reds(theCase, short())).toBe(0);
    expect(reds(theCase, short(0))).toBeGreaterThan(2);
  });

  it('distinct samples are swapped for samples with replacement, and the other way round', () => {
    const sampling = (text: string) => (one: Case): boolean => (one.scenario.lb as { sampling?: string } | undefined)?.sampling?.startsWith(text) === true && one.scenario.endpoints === 2 && one.scenario.speeds === undefined && one.scenario.topology !== undefined;
    const pair = [find(sampling('distinct')), find(sampling('with replacement'))] as const;
    for (const [own, other] of [pair, [pair[1], pair[0]]] as const) {
      const plan = planOf(translate(other, { n: 150_000, seed: 1 }).variants[0]!, 1);
      expect(reds(own, [plan])).toBeGreaterThan(0);
      expect(reds(other, [plan])).toBe(0);
    }
  });

  it('one retry in a hundred is dropped', () => {
    const theCase = find(({ name }) => name === 'retries-p0.5-r3');
    const { text } = translate(theCase, { n: 400_000, seed: 1 }).variants[0]!;
    const mutated = JSON.parse(text) as { traffic: [{ requests?: unknown; policy: { retries: { methods?: unknown } } }] };
    // One request in a hundred has a method that is not retried.
    mutated.traffic[0].requests = [{ name: 'retried', weight: 99, method: 'GET' }, { name: 'dropped', weight: 1, method: 'POST' }];
    mutated.traffic[0].policy.retries.methods = ['GET'];
    expect(reds(theCase, [parseScenario(text).plan!])).toBe(0);
    expect(reds(theCase, [parseScenario(JSON.stringify(mutated)).plan!])).toBeGreaterThan(0);
  });

  it('ties go to the first endpoint', () => {
    const theCase = find(({ scenario }) => scenario['state'] !== undefined && scenario.endpoints === 3);
    /** Always the first of what it may choose from. */
    class FirstChoice extends Sequence {
      override below(_n: number): number {
        return 0;
      }
    }
    const judged = (random?: Sequence): readonly Verdict[] => {
      const answers = answerDirectly(theCase, { seed: 1, ...(random === undefined ? {} : { random }) })!;
      return theCase.expected.map((expected) => judge(expected, answers[expected.metric]!));
    };
    expect(judged().every(({ kind }) => kind === 'passed')).toBe(true);
    expect(judged(new FirstChoice(new Stream(1, 'pick'), 0)).some(({ kind }) => kind === 'failed')).toBe(true);
  });
});
