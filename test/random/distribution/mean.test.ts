import { describe, expect, it } from 'vitest';
import type { LawPlan } from '../../../src/model/plan.ts';
import { meanNs } from '../../../src/random/distribution/mean.ts';

const mean = (law: LawPlan, bounds: { minNs?: number; maxNs?: number; shiftNs?: number } = {}): number => meanNs({ law, minNs: 0, maxNs: Infinity, shiftNs: 0, ...bounds });

describe('the mean of a distribution', () => {
  it.each<[LawPlan, number]>([
    [{ kind: 'constant', valueNs: 5 }, 5],
    [{ kind: 'exponential', meanNs: 5 }, 5],
    [{ kind: 'lognormal', mu: 1, sigma: 2 }, Math.exp(3)],
    [{ kind: 'uniform', lowNs: 1, highNs: 9 }, 5],
    [{ kind: 'weibull', scaleNs: 10, shape: 1 }, 10],
    [{ kind: 'weibull', scaleNs: 10, shape: 2 }, 5 * Math.sqrt(Math.PI)],
    [{ kind: 'weibull', scaleNs: 10, shape: 0.5 }, 20],
    [{ kind: 'pareto', minNs: 1, shape: 3, maxNs: Infinity }, 1.5],
    [{ kind: 'pareto', minNs: 1, shape: 1, maxNs: Infinity }, Infinity],
    // Truncated: integral of x f(x) from 1 to 2, shape 1: ln 2 / (1 - 1/2); shape 2: 2 (1 - 1/2) / (1 - 1/4).
    [{ kind: 'pareto', minNs: 1, shape: 1, maxNs: 2 }, 2 * Math.LN2],
    [{ kind: 'pareto', minNs: 1, shape: 2, maxNs: 2 }, 4 / 3],
    [{ kind: 'hyperexponential', phases: [{ probability: 0.9, meanNs: 1 }, { probability: 0.1, meanNs: 51 }] }, 6],
    [{ kind: 'empirical', valuesNs: [1, 2, 9] }, 4],
    [{ kind: 'buckets', buckets: [{ leNs: 10, count: 3 }, { leNs: 20, count: 4 }] }, (3 * 5 + 15) / 4],
    [{ kind: 'mixture', parts: [{ weight: 3, of: { law: { kind: 'constant', valueNs: 1 }, minNs: 0, maxNs: Infinity, shiftNs: 1 } }, { weight: 1, of: { law: { kind: 'constant', valueNs: 6 }, minNs: 0, maxNs: Infinity, shiftNs: 0 } }] }, 3],
  ])('of %j', (law, expected) => {
    if (expected === Infinity) expect(mean(law)).toBe(Infinity);
    else expect(mean(law)).toBeCloseTo(expected, 9);
  });

  it('is held between the bounds and shifted', () => {
    expect(mean({ kind: 'exponential', meanNs: 5 }, { minNs: 7, shiftNs: 2 })).toBe(9);
  });
});
